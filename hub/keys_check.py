"""Whether a worker's keys are those of this installation: it starts with them, or not at all.

A worker with another key would make other people of everybody, or tell them under other tokens, without an error.
What this installation first used is recorded: in the identity store, and for `digest` in the ledger, since most who
name files do not enter the identity store. A zone is held to the keys that it was given.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from hub.errors import OperatorError
from hub.keys import Key, KeyRing
from hub.stores.key_checks import KeyChecks

OF_IDENTITY, OF_LEDGER = ("index", "token", "vault"), ("digest",)  # which store has the record
CHECKED = OF_IDENTITY + OF_LEDGER  # landing: what another key sealed does not open, and says so

Recorded = Mapping[tuple[str, str], str]


def require_keys(ring: KeyRing, checks: KeyChecks, at: datetime, purposes: Collection[str] = CHECKED) -> None:
    """Raise OperatorError when a key is not the one used before; at the first start, record those that are here."""
    here = [purpose for purpose in purposes if ring.has(purpose)]
    in_force = checks.in_force()
    if first := [purpose for purpose in here if purpose not in in_force]:
        _require_first(ring, checks, first)
        checks.record_first([ring.active(purpose) for purpose in first], at)
        in_force = checks.in_force()
    recorded = checks.recorded()
    for purpose in here:
        if problems := differences(ring, purpose, recorded, in_force):
            raise OperatorError(f"{problems[0]}: restore the key file, `passerelle keys doctor`")
    if "index" in here:
        _require_index(ring, checks, recorded)


def differences(ring: KeyRing, purpose: str, recorded: Recorded, in_force: Mapping[str, str]) -> list[str]:
    """In what the keys of `purpose` are not those recorded."""
    keys = ring.usable(purpose)
    other = [key.kid for key in keys if _other(key, recorded)]
    found = [f"the key {kid} for {purpose} is not the one used under this id" for kid in other]
    kid = ring.active(purpose).kid
    if (purpose, kid) not in recorded:
        found.append(f"the active key {kid} for {purpose} was never put in force here")
    needed = in_force.get(purpose)
    if needed and needed not in {key.kid for key in keys}:
        found.append(f"the key {needed} for {purpose} is in force and not in this key ring")
    return found


def _other(key: Key, recorded: Recorded) -> bool:
    return recorded.get((key.purpose, key.kid), key.check_value) != key.check_value


def _require_first(ring: KeyRing, checks: KeyChecks, purposes: list[str]) -> None:
    """An identity store made by an earlier version has rows and no record: the rows must be of these keys."""
    if "index" in purposes and (strange := checks.used("index") - {key.kid for key in ring.usable("index")}):
        raise OperatorError(f"people are indexed under the key {min(strange)}, which is not in this key ring")


def _require_index(ring: KeyRing, checks: KeyChecks, recorded: Recorded) -> None:
    """Without an old index key the people known only by it would get a second subject."""
    here = {key.kid for key in ring.usable("index")}
    for purpose, kid in recorded:
        if purpose == "index" and kid not in here and checks.is_used("index", kid):
            raise OperatorError(f"people are indexed under the key {kid}, which is not in this key ring")
