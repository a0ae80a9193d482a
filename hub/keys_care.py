"""What an operator does to the hub's keys: put another in force, take one back, destroy one. Each with a dry run.

No order of steps loses anything when it is cut short: a key is in the ring before anybody may use it, its check value
is recorded before any worker loads it as active, and the identity store names the key in force last. Running the
command again goes on from there. Workers go on meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub import keys_life as life
from hub.errors import OperatorError
from hub.key_files import KeyProvider
from hub.keys import Key, KeyRing, change, landing_key, new_key
from hub.keys_check import CHECKED, OF_IDENTITY, OF_LEDGER, differences, require_keys
from hub.stores.identity import IdentityStore
from hub.stores.key_checks import KeyChecks

Step = tuple[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Care:
    """The keys, and whatever may still need one of them. With `dry` nothing is changed, and everything is checked.

    `checks` is what the identity store knows of keys, `named` what the ledger knows of those that name files.
    `sealed_to` tells how many landed files a key opens, `received_until` how many files came until the end of a day.
    """

    where: Path | KeyProvider
    identity: IdentityStore
    checks: KeyChecks
    named: KeyChecks
    sealed_to: Callable[[X25519PrivateKey], int]
    received_until: Callable[[date], int]
    at: datetime
    dry: bool

    @property
    def ring(self) -> KeyRing:
        """The keys as their files are now."""
        return KeyRing(self.where)

    def checks_of(self, purpose: str) -> KeyChecks:
        """The record of the keys of `purpose`."""
        return self.named if purpose in OF_LEDGER else self.checks

    @property
    def day(self) -> str:
        """The day that is written beside a key."""
        return self.at.date().isoformat()


def rotate(care: Care, purpose: str, *, prepare: bool = False) -> list[str]:
    """Put the waiting key of `purpose` in force, or a new one, and retire the active one; what was done, in words.

    With `prepare` the new key only waits, so that it can first be given to other machines. A rotation that was cut
    short before everybody was told is finished, and no other key is made.
    """
    active = care.ring.active(purpose)
    _require_ours(care, purpose)
    if prepare:
        return _do(care, _preparing(care, purpose))
    if _is_unfinished(care, active):
        return _do(
            care, [(f"the key {active.kid} is put in force: an earlier rotation ends", partial(_force, care, purpose))]
        )
    steps = [] if life.waiting(care.ring.all(purpose)) else _preparing(care, purpose)
    if purpose == "token" and care.checks.in_force().get("token", active.kid) == active.kid:
        held = f"everybody known so far keeps the token key {active.kid}"
        steps.append((held, partial(care.identity.hold_tokens, active.kid, care.at)))
    steps.append((f"the key {active.kid} is retired, the one that waits is active", partial(_turn, care, purpose)))
    if purpose == "vault":
        steps.append(("every person's key is wrapped by the new key", partial(_rewrap, care)))
    if purpose in CHECKED:
        steps.append(("the new key is put in force for every worker", partial(_force, care, purpose)))
    return _do(care, steps)


def retire(care: Care, purpose: str, kid: str) -> list[str]:
    """Take back a key that waits and was never in force."""
    step = partial(life.retired, kid=kid, day=care.day)
    step(care.ring.all(purpose))
    if care.checks_of(purpose).in_force().get(purpose) == kid:
        raise OperatorError(f"the key {kid} is in force on another machine: rotate puts it in force here too")
    return _do(care, [(f"the key {kid} is retired", partial(change, care.where, purpose, step))])


def destroy(care: Care, purpose: str, kid: str) -> list[str]:
    """Remove the secret of a retired key; OperatorError while anything can still be found or opened by it alone."""
    step = partial(life.destroyed, kid=kid, day=care.day)
    step(care.ring.all(purpose))
    _require_unneeded(care, purpose, kid)
    steps: list[Step] = []
    if purpose == "vault":  # a worker that had read its ring before the rotation may have wrapped one more
        steps.append(("every person's key is wrapped by the key in force", partial(_rewrap, care)))
    if purpose == "index":
        steps.append((f"the index under the key {kid} is removed", partial(_forget, care, kid)))
    steps.append((f"the secret of the key {kid} is removed", partial(change, care.where, purpose, step)))
    return _do(care, steps)


def _do(care: Care, steps: Sequence[Step]) -> list[str]:
    for _, act in steps:
        if not care.dry:
            act()
    return [text for text, _ in steps]


def _preparing(care: Care, purpose: str) -> list[Step]:
    new = new_key(care.ring, purpose, "pre", care.at)
    life.prepared(care.ring.all(purpose), new)
    add = partial(change, care.where, purpose, partial(life.prepared, new=new))
    return [(f"a new key for {purpose} is made and waits", add)]


def _turn(care: Care, purpose: str) -> None:
    new = life.waiting(care.ring.all(purpose))
    if new and purpose in CHECKED:
        care.checks_of(purpose).record(new, care.at)
    change(care.where, purpose, partial(life.rotated, day=care.day))


def _force(care: Care, purpose: str) -> None:
    care.checks_of(purpose).put_in_force(care.ring.active(purpose))


def _rewrap(care: Care) -> None:
    care.identity.vault.rewrap(care.ring)


def _forget(care: Care, kid: str) -> None:
    if left := care.identity.forget_index(kid, _others(care, kid)):
        raise OperatorError(_only_by(left, kid))


def _require_ours(care: Care, purpose: str) -> None:
    """A ring that is not this installation's is mended first, not rotated. One never used yet is recorded."""
    if purpose not in CHECKED:
        return
    checks = care.checks_of(purpose)
    if not care.dry:
        require_keys(care.ring, care.checks, care.at, OF_IDENTITY)
        require_keys(care.ring, care.named, care.at, OF_LEDGER)
    in_force = checks.in_force()
    if purpose in in_force and (found := differences(care.ring, purpose, checks.recorded(), in_force)):
        raise OperatorError(f"{found[0]}: `passerelle keys doctor`")


def _is_unfinished(care: Care, active: Key) -> bool:
    kid = care.checks_of(active.purpose).in_force().get(active.purpose, active.kid)
    return kid != active.kid and care.ring.key(active.purpose, kid).status == "retired"


def _require_unneeded(care: Care, purpose: str, kid: str) -> None:
    if care.checks_of(purpose).in_force().get(purpose) == kid:
        raise OperatorError(f"the key {kid} is still in force: rotate again, the last rotation did not end")
    match purpose:
        case "index":
            if left := care.identity.only_by(kid, _others(care, kid)):
                raise OperatorError(_only_by(left, kid))
        case "token":
            if told := care.identity.told_by(kid):
                raise OperatorError(f"{told} people are told under the key {kid}: their tokens would change")
        case "landing":
            if sealed := care.sealed_to(landing_key(care.ring.key(purpose, kid))):
                raise OperatorError(f"{sealed} files in landing or quarantine are sealed to the key {kid}")
        case "digest":
            retired = date.fromisoformat(care.ring.key(purpose, kid).retired or care.day)
            if named := care.received_until(retired):
                raise OperatorError(f"{named} files may be named under the key {kid}, and would not be known again")


def _others(care: Care, kid: str) -> list[str]:
    return [key.kid for key in care.ring.usable("index") if key.kid != kid]


def _only_by(people: int, kid: str) -> str:
    return f"{people} people are known only by the key {kid}: each is known by the new one once a row names them again"
