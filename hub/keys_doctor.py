"""`passerelle keys doctor`: what is wrong with the keys, and the worker's check in full. Changes nothing."""

from collections.abc import Callable, Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub.errors import OperatorError
from hub.keys import PURPOSES, KeyRing
from hub.keys_check import OF_IDENTITY, OF_LEDGER, differences
from hub.stores.key_checks import USES, KeyChecks


def doctor(
    ring: KeyRing, checks: KeyChecks, named: KeyChecks, shut: Callable[[Sequence[X25519PrivateKey]], int]
) -> list[str]:
    """The problems, a sentence each. `checks` are those of the identity store, `named` those of the ledger.

    `shut` counts the landed files that no key opens.
    """
    sound = [purpose for purpose in PURPOSES if not list(_of_one(ring, purpose))]
    found = [*ring.provider.problems(), *(text for purpose in PURPOSES for text in _of_one(ring, purpose))]
    for store, purposes in ((checks, OF_IDENTITY), (named, OF_LEDGER)):
        found += _recorded(ring, store, [purpose for purpose in purposes if purpose in sound])
    found += [text for purpose in USES if purpose in sound for text in _used(ring, checks, purpose)]
    if "landing" in sound:
        found += _landing(ring, shut)
    return found


def _recorded(ring: KeyRing, checks: KeyChecks, purposes: Sequence[str]) -> Iterator[str]:
    recorded, in_force = checks.recorded(), checks.in_force()
    for purpose in (p for p in purposes if p in in_force):
        yield from differences(ring, purpose, recorded, in_force)
        if in_force[purpose] != ring.active(purpose).kid:
            yield f"the key {in_force[purpose]} for {purpose} is in force and not active: rotate again"


def _of_one(ring: KeyRing, purpose: str) -> Iterator[str]:
    try:
        statuses = [key.status for key in ring.all(purpose)]
    except OperatorError as error:
        yield str(error)
        return
    if statuses.count("active") != 1:
        yield f"{purpose} has {statuses.count('active')} active keys, and needs one"
    if statuses.count("pre") > 1:
        yield f"{purpose} has {statuses.count('pre')} keys that wait, and needs one at most"


def _used(ring: KeyRing, checks: KeyChecks, purpose: str) -> Iterator[str]:
    here = {key.kid for key in ring.usable(purpose)}
    for kid in sorted(checks.used(purpose) - here):
        yield f"the identity store holds people under the key {kid} for {purpose}, which is not in this key ring"


def _landing(ring: KeyRing, shut: Callable[[Sequence[X25519PrivateKey]], int]) -> Iterator[str]:
    public = ring.landing_private().public_key().public_bytes_raw()
    try:
        if ring.landing_public().public_bytes_raw() != public:
            yield "landing.pub is not the public half of the active key: `passerelle keys init` writes it anew"
    except OperatorError as error:
        yield str(error)
    if files := shut(ring.landing_privates()):
        yield f"{files} files in landing or quarantine open with no key: restore landing.json, or they were altered"
