"""Signed notes with Ed25519, as c2sp.org/signed-note words them: a text, a blank line, a line for each signature.

Pure. A note may carry signatures of others, as of a witness: they are passed over. Reading what is no note is None,
what is no key a ValueError.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"  # the type of key, in the specification's list
_DASH = "— "  # an em dash
_HASH = 4


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name of its owner; as text it is what a partner is given."""

    name: str
    public: Ed25519PublicKey

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{_b64(_ED25519 + self.public.public_bytes_raw())}"

    @property
    def hash(self) -> bytes:
        """What tells this key from others of its name; in every signature of it."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public.public_bytes_raw()).digest()[:_HASH]

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Whether this signature, without the hash before it, is of this key over this text."""
        try:
            self.public.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the name of its owner."""

    name: str
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"Signer({self.name})"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.private.public_key())

    def sign(self, text: str) -> str:
        """The note of a text, which ends with a newline."""
        signature = self.verifier.hash + self.private.sign(text.encode())
        return f"{text}\n{_DASH}{self.name} {_b64(signature)}\n"

    def encoded(self) -> str:
        """The private key as text; a secret."""
        key = _b64(_ED25519 + self.private.private_bytes_raw())
        return f"PRIVATE+KEY+{self.name}+{self.verifier.hash.hex()}+{key}"


def read_signer(text: str) -> Signer:
    """The private key in a text. Raises ValueError where there is none."""
    private, key, name, hashed, encoded = text.strip().split("+", 4)
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(_key(encoded)))
    _require((private, key) == ("PRIVATE", "KEY") and signer.verifier.hash.hex() == hashed)
    return signer


def read_verifier(text: str) -> Verifier:
    """The public key in a text. Raises ValueError where there is none, or where its hash is another's."""
    name, hashed, encoded = text.strip().split("+", 2)
    verifier = Verifier(name, Ed25519PublicKey.from_public_bytes(_key(encoded)))
    _require(bool(name) and not any(c.isspace() for c in name) and verifier.hash.hex() == hashed)
    return verifier


def split(note: str) -> tuple[str, list[str]] | None:
    """The text of a note and its signature lines; None where it is no note."""
    text, blank, rest = note.rpartition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    sound = blank and rest.endswith("\n") and all(line.startswith(_DASH) for line in lines)
    return (text + "\n", lines) if sound else None


def text_of(note: str, verifiers: Iterable[Verifier]) -> str | None:
    """The text of a note that one of these keys has signed; None where none has, or is said to and has not."""
    parts, known = split(note), {(key.name, key.hash): key for key in verifiers}
    if parts is None:
        return None
    text, lines = parts
    verdicts = [key.has_signed(text, rest) for line in lines for key, rest in _claims(line, known)]
    return text if verdicts and all(verdicts) else None


def _claims(line: str, known: dict[tuple[str, bytes], Verifier]) -> Iterable[tuple[Verifier, bytes]]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return
    if (key := known.get((name, raw[:_HASH]))) is not None:
        yield key, raw[_HASH:]


def _key(encoded: str) -> bytes:
    raw = base64.b64decode(encoded, validate=True)
    _require(raw[:1] == _ED25519 and len(raw) == 33)
    return raw[1:]


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _require(met: bool) -> None:
    if not met:
        raise ValueError("not a key of a signed note")
