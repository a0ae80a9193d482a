"""The key ring: one file per purpose, so that a zone is given only the keys it needs.

`index` and `landing` belong to the identity zone, `token` to publishing, `digest` to everyone. Keys lie
in files of mode 0600 beside neither database. Every key carries a check value: a worker that loads
another key than its peers is stopped before it makes different pseudonyms.
Partners' public keys, to which identities are sealed, are read here too; the hub has no private one.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hub.errors import OperatorError

PURPOSES = ("index", "token", "digest", "landing")
LANDING_PUBLIC = "landing.pub"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of 32 bytes with its id (4 characters of a-z2-7) and its purpose."""

    kid: str
    purpose: str
    status: str
    created: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.purpose}, {self.kid}, {self.status})"

    @property
    def check_value(self) -> str:
        """First 4 bytes of HMAC(key, "kcv"), in hexadecimal: tells keys apart and gives nothing away."""
        return hmac.digest(self.secret, b"kcv", "sha256")[:4].hex()


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A partner's public key: identities are sealed to it, and only the partner opens them."""

    kid: str
    recipient: str
    public: X25519PublicKey


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The active key of each purpose."""

    folder: Path

    def active(self, purpose: str) -> Key:
        """The key in force for `purpose`. Raises OperatorError when there is none or it was altered."""
        for key in self.all(purpose):
            if key.status == "active":
                return key
        raise OperatorError(f"no active key for {purpose}: run `passerelle keys init`")

    def all(self, purpose: str) -> list[Key]:
        """Every key of `purpose`, the newest last."""
        path = self.folder / f"{purpose}.json"
        if not path.exists():
            return []
        return [_read_key(purpose, entry) for entry in json.loads(path.read_text())["keys"]]

    def digest(self, data: bytes) -> str:
        """HMAC-SHA-256 under the digest key: names content without making it guessable (rulings 9)."""
        return hmac.digest(self.active("digest").secret, data, "sha256").hex()

    def landing_private(self) -> X25519PrivateKey:
        """Opens what was landed; the identity zone alone may have it."""
        return X25519PrivateKey.from_private_bytes(self.active("landing").secret)

    def landing_public(self) -> X25519PublicKey:
        """Seals what is landed: all that a collector needs."""
        try:
            return X25519PublicKey.from_public_bytes(_unb64((self.folder / LANDING_PUBLIC).read_text()))
        except (OSError, ValueError):
            raise OperatorError("no public key for landing: run `passerelle keys init`") from None


def initialise(folder: Path, at: datetime, random: Callable[[int], bytes] = os.urandom) -> list[Key]:
    """Make the keys that are missing, and return those made; a key that exists is never replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    for purpose in PURPOSES:
        if not (folder / f"{purpose}.json").exists():
            key = Key(_new_kid(random), purpose, "active", at.date().isoformat(), random(32))
            _write_private(folder / f"{purpose}.json", json.dumps({"keys": [_entry(key)]}, indent=1))
            made.append(key)
    if not (folder / LANDING_PUBLIC).exists():
        public = KeyRing(folder).landing_private().public_key().public_bytes_raw()
        _write_private(folder / LANDING_PUBLIC, base64.urlsafe_b64encode(public).decode())
    return made


def initialise_ssh(path: Path) -> bool:
    """Make the key with which the hub logs in to its partners, unless there is one; True when made."""
    if path.exists():
        return False
    private = Ed25519PrivateKey.generate()
    openssh = (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".pub").write_bytes(public + b" passerelle\n")
    _write_private(path, private.private_bytes(*openssh).decode())
    return True


def read_partner_keys(folder: Path) -> dict[str, PartnerKey]:
    """The public key of each partner, by partner id; a file that does not fit is the operator's to mend."""
    keys = {}
    for path in sorted(folder.glob("*.pub")):
        try:
            entry = json.loads(path.read_text())
            public = X25519PublicKey.from_public_bytes(_unb64(entry["public"]))
            key = PartnerKey(entry["kid"], entry["recipient"], public)
        except (ValueError, KeyError, TypeError):
            raise OperatorError(f"{path.name} is not a partner's public key") from None
        if key.kid != public_key_id(public) or key.recipient != path.stem:
            raise OperatorError(f"{path.name} holds a key that is not the one it names")
        keys[key.recipient] = key
    return keys


def public_key_id(public: X25519PublicKey) -> str:
    """The first 8 characters of the base32 of the SHA-256 of the raw public key, in lower case."""
    digest = hashlib.sha256(public.public_bytes_raw()).digest()
    return base64.b32encode(digest).decode().lower()[:8]


def read_private_key(path: Path) -> tuple[str, str, X25519PrivateKey]:
    """A partner's own key file, as (kid, partner id, key); for `passerelle open`."""
    try:
        entry = json.loads(path.read_text())
        private = X25519PrivateKey.from_private_bytes(_unb64(entry["private"]))
        return entry["kid"], entry["recipient"], private
    except (OSError, ValueError, KeyError, TypeError):
        raise OperatorError("the key file cannot be read") from None


def _new_kid(random: Callable[[int], bytes]) -> str:
    return base64.b32encode(random(5)).decode().lower()[:4]


def _entry(key: Key) -> dict[str, str]:
    secret = base64.urlsafe_b64encode(key.secret).decode()
    return {
        "kid": key.kid,
        "status": key.status,
        "created": key.created,
        "kcv": key.check_value,
        "secret": secret,
    }


def _read_key(purpose: str, entry: dict[str, Any]) -> Key:
    key = Key(entry["kid"], purpose, entry["status"], entry["created"], _unb64(entry["secret"]))
    if key.check_value != entry["kcv"]:
        raise OperatorError(f"the key {key.kid} for {purpose} does not match its check value")
    return key


def _write_private(path: Path, content: str) -> None:
    temporary = path.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
