"""What a key may become: pre, active, retired, destroyed, one after the other and never back. Pure.

Of each purpose exactly one key is active. A key that waits (`pre`) is handed to every machine before it is put in
force; a retired one still opens and finds what it made; a destroyed one keeps its id, check value and dates, so that
its id is not given again and a copy of it would be recognised. Whether something still needs a key is not decided
here, see `hub.keys_care`.
"""

from collections.abc import Iterable
from dataclasses import replace

from hub.errors import OperatorError
from hub.keys import Key

STATUSES = ("pre", "active", "retired", "destroyed")
ROTATED = ("index", "token", "landing", "vault")
"""Names made under `digest` are compared with those of years ago, so there is no second key: docs/keys.md."""


def require_rotated(purpose: str) -> None:
    """Raise OperatorError for a purpose whose key is never replaced."""
    if purpose not in ROTATED:
        raise OperatorError(f"the key for {purpose} is not replaced: what it named would not be known again")


def waiting(keys: Iterable[Key]) -> Key | None:
    """The key that waits to be put in force."""
    return next((key for key in keys if key.status == "pre"), None)


def prepared(keys: list[Key], new: Key) -> list[Key]:
    """With a new key that waits. OperatorError when one waits already."""
    if found := waiting(keys):
        raise OperatorError(f"the key {found.kid} waits already: rotate puts it in force")
    return [*keys, replace(new, status="pre")]


def rotated(keys: list[Key], day: str) -> list[Key]:
    """The waiting key is active, the one that was active is retired. OperatorError when none waits."""
    if waiting(keys) is None:
        raise OperatorError("no key waits to be put in force")
    return [_turned(key, day) for key in keys]


def retired(keys: list[Key], kid: str, day: str) -> list[Key]:
    """Without the waiting key `kid`: it was never in force and will not be."""
    key = _named(keys, kid)
    match key.status:
        case "pre":
            return _with(keys, replace(key, status="retired", retired=day))
        case "active":
            raise OperatorError(f"the key {kid} is active: rotate puts another in its place and retires it")
    raise OperatorError(f"the key {kid} is {key.status} already")


def destroyed(keys: list[Key], kid: str, day: str) -> list[Key]:
    """The retired key `kid` has no secret any more. OperatorError when it is not a retired one."""
    key = _named(keys, kid)
    match key.status:
        case "retired":
            return _with(keys, replace(key, status="destroyed", destroyed=day, kcv=key.check_value, secret=b""))
        case "destroyed":
            raise OperatorError(f"the key {kid} is destroyed already")
    raise OperatorError(f"the key {kid} is {key.status}: only a retired key is destroyed")


def _named(keys: Iterable[Key], kid: str) -> Key:
    for key in keys:
        if key.kid == kid:
            return key
    raise OperatorError("no key of this purpose has this id: `passerelle keys list`")


def _with(keys: Iterable[Key], changed: Key) -> list[Key]:
    return [changed if key.kid == changed.kid else key for key in keys]


def _turned(key: Key, day: str) -> Key:
    match key.status:
        case "pre":
            return replace(key, status="active")
        case "active":
            return replace(key, status="retired", retired=day)
    return key
