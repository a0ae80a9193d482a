"""The key ring: one file per purpose, so that a zone is given only the keys it needs.

`index`, `landing` and `vault` belong to the identity zone, `token` to publishing, `digest` to everyone. Keys lie
in files of mode 0600 beside neither database. Every key carries a check value: a worker that loads
another key than its peers is stopped before it makes different pseudonyms (`hub.keys_check`). A file is
read again at each use, so a rotation is seen by a run that is under way; what a key may become is in
`hub.keys_life`. Partners' public keys, to which identities are sealed, are read here too; the hub has no private one.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hub.errors import OperatorError

PURPOSES = ("index", "token", "digest", "landing", "vault")
LANDING_PUBLIC = "landing.pub"
USABLE = ("active", "pre", "retired")  # in the order in which they are tried


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of 32 bytes with its id (4 characters of a-z2-7), its purpose and its dates.

    A destroyed key has no secret any more; `kcv` is what its check value was.
    """

    kid: str
    purpose: str
    status: str
    created: str
    secret: bytes
    retired: str | None = None
    destroyed: str | None = None
    kcv: str = ""

    def __repr__(self) -> str:
        return f"Key({self.purpose}, {self.kid}, {self.status})"

    @property
    def check_value(self) -> str:
        """First 4 bytes of HMAC(key, "kcv"), in hexadecimal: tells keys apart and gives nothing away."""
        return self.kcv or hmac.digest(self.secret, b"kcv", "sha256")[:4].hex()


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A partner's public key: identities are sealed to it, and only the partner opens them."""

    kid: str
    recipient: str
    public: X25519PublicKey


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of each purpose, as their files are now."""

    folder: Path

    def has(self, purpose: str) -> bool:
        """Whether this zone was given the keys of `purpose`."""
        return self.path(purpose).exists()

    def path(self, purpose: str) -> Path:
        """The file of the keys of `purpose`."""
        return self.folder / f"{purpose}.json"

    def active(self, purpose: str) -> Key:
        """The key in force for `purpose`. Raises OperatorError when there is none or it was altered."""
        for key in self.all(purpose):
            if key.status == "active":
                return key
        raise OperatorError(f"no active key for {purpose}: run `passerelle keys init`")

    def all(self, purpose: str) -> list[Key]:
        """Every key of `purpose`, the newest last. Raises OperatorError when one was altered."""
        try:
            text = self.path(purpose).read_text()
        except FileNotFoundError:
            return []
        try:
            return [_read_key(purpose, entry) for entry in json.loads(text)["keys"]]
        except (ValueError, KeyError, TypeError):
            raise OperatorError(f"{purpose}.json cannot be read: restore it") from None

    def usable(self, purpose: str) -> list[Key]:
        """Every key of `purpose` that still has its secret: the active one, one to come, retired ones, newest first."""
        newest = reversed(self.all(purpose))
        return sorted((k for k in newest if k.status in USABLE), key=lambda k: USABLE.index(k.status))

    def key(self, purpose: str, kid: str) -> Key:
        """The key with this id, retired or not. Raises OperatorError when it is not here or was destroyed."""
        for key in self.usable(purpose):
            if key.kid == kid:
                return key
        raise OperatorError(f"the key {kid} for {purpose} is needed and not in this key ring: `passerelle keys doctor`")

    def digest(self, data: bytes) -> str:
        """HMAC-SHA-256 under the digest key: names content without making it guessable (rulings 9)."""
        return hmac.digest(self.active("digest").secret, data, "sha256").hex()

    def landing_private(self) -> X25519PrivateKey:
        """Opens what is landed now; the identity zone alone may have it."""
        return landing_key(self.active("landing"))

    def landing_privates(self) -> list[X25519PrivateKey]:
        """Every key that may open a landed file, that of today first: a sealed file does not name its key."""
        return [landing_key(key) for key in self.usable("landing")] or [self.landing_private()]

    def landing_public(self) -> X25519PublicKey:
        """Seals what is landed: all that a collector needs."""
        try:
            return X25519PublicKey.from_public_bytes(_unb64((self.folder / LANDING_PUBLIC).read_text()))
        except (OSError, ValueError):
            raise OperatorError("no public key for landing: run `passerelle keys init`") from None


def landing_key(key: Key) -> X25519PrivateKey:
    """The private half that a key for landing is."""
    return X25519PrivateKey.from_private_bytes(key.secret)


def initialise(folder: Path, at: datetime, random: Callable[[int], bytes] = os.urandom) -> list[Key]:
    """Make the keys that are missing, and return those made; a key that exists is never replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    with _alone(folder):
        for purpose in missing(folder):
            key = new_key(KeyRing(folder), purpose, "active", at, random)
            _write_keys(folder, purpose, [key])
            made.append(key)
        _write_landing_public(folder)
    return made


def missing(folder: Path) -> list[str]:
    """The purposes for which there is no key yet."""
    return [purpose for purpose in PURPOSES if not KeyRing(folder).has(purpose)]


def new_key(ring: KeyRing, purpose: str, status: str, at: datetime, random: Callable[[int], bytes] = os.urandom) -> Key:
    """A key whose id no other key of the ring has or had."""
    taken = {key.kid for other in PURPOSES for key in ring.all(other)}
    kid = _new_kid(random)
    while kid in taken:
        kid = _new_kid(random)
    return Key(kid, purpose, status, at.date().isoformat(), random(32))


def change(folder: Path, purpose: str, step: Callable[[list[Key]], list[Key]]) -> list[Key]:
    """Replace the keys of `purpose` by what `step` makes of them: whole or not at all, one change at a time."""
    with _alone(folder):
        keys = step(KeyRing(folder).all(purpose))
        _write_keys(folder, purpose, keys)
        if purpose == "landing":
            _write_landing_public(folder)
    return keys


def initialise_ssh(path: Path) -> bool:
    """Make the key with which the hub logs in to its partners, unless there is one; True when made."""
    if path.exists():
        return False
    private = Ed25519PrivateKey.generate()
    openssh = (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".pub").write_bytes(public + b" passerelle\n")
    write_private(path, private.private_bytes(*openssh).decode())
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


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process changes the keys meanwhile; readers need no lock, since a file is replaced whole."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_keys(folder: Path, purpose: str, keys: list[Key]) -> None:
    write_private(KeyRing(folder).path(purpose), json.dumps({"keys": [_entry(key) for key in keys]}, indent=1))


def _write_landing_public(folder: Path) -> None:
    """Written after the private half: what is sealed to it can always be opened."""
    public = KeyRing(folder).landing_private().public_key().public_bytes_raw()
    text, path = base64.urlsafe_b64encode(public).decode(), folder / LANDING_PUBLIC
    if not path.exists() or path.read_text() != text:
        write_private(path, text)


def _entry(key: Key) -> dict[str, str]:
    entry = {"kid": key.kid, "status": key.status, "created": key.created, "kcv": key.check_value}
    dates = {"retired": key.retired, "destroyed": key.destroyed}
    if key.status != "destroyed":
        entry["secret"] = base64.urlsafe_b64encode(key.secret).decode()
    return entry | {name: day for name, day in dates.items() if day}


def _read_key(purpose: str, entry: dict[str, Any]) -> Key:
    dates = (entry.get("retired"), entry.get("destroyed"))
    common = (entry["kid"], purpose, entry["status"], entry["created"])
    if entry["status"] == "destroyed":
        return Key(*common, b"", *dates, entry["kcv"])
    key = Key(*common, _unb64(entry["secret"]), *dates)
    if key.check_value != entry["kcv"]:
        raise OperatorError(f"the key {key.kid} for {purpose} does not match its check value")
    return key


def write_private(path: Path, content: str) -> None:
    """Write a file for its owner alone: whole, or not at all, and still there after a crash."""
    temporary = path.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
