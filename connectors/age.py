"""age (age-encryption.org/v1) as an envelope, by pyrage: the optional dependency `age`.

An age file binds neither its name nor its sender: the signature beside it does.
"""

import io
from types import ModuleType

from connectors.errors import BadKey, NotInstalled, Tampered, TooLarge


def make() -> bytes:
    """A new identity, as age writes it."""
    return str(_pyrage().x25519.Identity.generate()).encode()


def public(secret: bytes) -> str:
    """The recipient `age1…` of an identity."""
    return str(_identity(secret).to_public())


def sealed(data: bytes, public_key: str, _context: bytes) -> bytes:
    """The file for one X25519 recipient. BadKey when it is none."""
    pyrage = _pyrage()
    try:
        recipient = pyrage.x25519.Recipient.from_str(public_key)
    except pyrage.RecipientError:
        raise BadKey("not a recipient of age") from None
    return bytes(pyrage.encrypt(data, [recipient]))


def opened(data: bytes, secret: bytes, _context: bytes, limit: int) -> bytes:
    """The file, whole; Tampered when any of it is not as it was sealed, TooLarge beyond `limit` bytes."""
    pyrage, identity = _pyrage(), _identity(secret)
    held = _Bounded(limit)
    try:
        pyrage.decrypt_io(io.BytesIO(data), held, [identity])
    except (pyrage.DecryptError, OSError, ValueError):
        raise Tampered("not sealed for this key, altered or cut") from None
    return held.getvalue()


class _Bounded(io.BytesIO):
    """Takes so many bytes and no more."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        if self.tell() + len(data) > self._limit:
            raise TooLarge("the file is larger than we agreed to take")
        return super().write(data)


def _identity(secret: bytes):  # type: ignore[no-untyped-def]
    pyrage = _pyrage()
    try:
        return pyrage.x25519.Identity.from_str(secret.decode())
    except (pyrage.IdentityError, ValueError):
        raise BadKey("not an identity of age") from None


def _pyrage() -> ModuleType:
    try:
        import pyrage
    except ImportError:
        raise NotInstalled("age needs the package pyrage: install passerelle[age]") from None
    return pyrage  # type: ignore[no-any-return]


def begins(data: bytes) -> bool:
    """Whether a file begins as age writes it, in binary or in ASCII armour."""
    return data.startswith((b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----"))
