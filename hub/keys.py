"""The key ring: one file per purpose, so that a zone is given only the keys it needs.

`index`, `landing`, `vault` and `opening` belong to the identity zone, `token` to publishing, `digest` to everyone,
`signing` to whoever writes to partners. Keys lie
in files of mode 0600 beside neither database. Every key carries a check value: a worker that loads
another key than its peers is stopped before it makes different pseudonyms (`hub.keys_check`). A file is
read again at each use, so a rotation is seen by a run that is under way; what a key may become is in
`hub.keys_life`. Partners' public keys, to which identities are sealed, are read here too; the hub has no private one.
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

from hub import kem
from hub.errors import OperatorError
from hub.key_files import KeyProvider, provider_of, unb64, write_private
from hub.zones import EVERYTHING, Needs

PURPOSES = ("index", "token", "digest", "landing", "vault", "opening", "signing")
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
    public: kem.Public


@dataclass(frozen=True, slots=True)
class Naming:
    """Digest keys: what something is called today, and what it was or may be called under each other key."""

    keys: tuple[Key, ...]

    def begin(self, first: bytes = b"") -> list[hmac.HMAC]:
        """A digest under each key, to be fed with what comes after `first`."""
        return [hmac.new(key.secret, first, hashlib.sha256) for key in self.keys]

    def names(self, data: bytes, first: bytes = b"") -> list[str]:
        """What `KeyRing.digest` gives under each key."""
        begun = self.begin(first)
        for one in begun:
            one.update(data)
        return [one.hexdigest() for one in begun]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of each purpose, as their files are now; those of another zone are not read (`needs`)."""

    where: Path | KeyProvider
    needs: Needs = EVERYTHING

    @property
    def provider(self) -> KeyProvider:
        """Where the files are."""
        return provider_of(self.where)

    def has(self, purpose: str) -> bool:
        """Whether this zone was given the keys of `purpose`."""
        return purpose in self.needs.keys and self.provider.read(file_of(purpose)) is not None

    def active(self, purpose: str) -> Key:
        """The key in force for `purpose`. Raises OperatorError when there is none or it was altered."""
        for key in self.all(purpose):
            if key.status == "active":
                return key
        raise OperatorError(f"no active key for {purpose}: run `passerelle keys init`")

    def all(self, purpose: str) -> list[Key]:
        """Every key of `purpose`, the newest last. Raises OperatorError when one was altered, or is another zone's."""
        self.needs.require_key(purpose)
        text = self.provider.read(file_of(purpose))
        if text is None:
            return []
        try:
            return [_read_key(self.provider, purpose, entry) for entry in json.loads(text)["keys"]]
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

    def naming(self) -> "Naming":
        """The digest keys as they are now, that of today first: what was named before may have another name."""
        active = self.active("digest")
        return Naming((active, *(key for key in self.usable("digest") if key.kid != active.kid)))

    def landing_private(self) -> X25519PrivateKey:
        """Opens what is landed now; the identity zone alone may have it."""
        return landing_key(self.active("landing"))

    def landing_privates(self) -> list[X25519PrivateKey]:
        """Every key that may open a landed file, that of today first: a sealed file does not name its key."""
        return [landing_key(key) for key in self.usable("landing")] or [self.landing_private()]

    def landing_public(self) -> X25519PublicKey:
        """Seals what is landed: all that a collector needs."""
        try:
            return X25519PublicKey.from_public_bytes(unb64(self.provider.read(LANDING_PUBLIC) or ""))
        except ValueError:
            raise OperatorError("no public key for landing: run `passerelle keys init`") from None


def landing_key(key: Key) -> X25519PrivateKey:
    """The private half that a key for landing is."""
    return X25519PrivateKey.from_private_bytes(key.secret)


def initialise(where: Path | KeyProvider, at: datetime, random: Callable[[int], bytes] = os.urandom) -> list[Key]:
    """Make the keys that are missing, and return those made; a key that exists is never replaced."""
    made, ring = [], KeyRing(where)
    with ring.provider.alone():
        for purpose in missing(where):
            key = new_key(ring, purpose, "active", at, random)
            _write_keys(ring, purpose, [key])
            made.append(key)
        for purpose in PURPOSES:  # of an installation that was given a provider that wraps
            if file_of(purpose) in ring.provider.unprotected():
                _write_keys(ring, purpose, ring.all(purpose))
        _write_landing_public(ring)
    return made


def missing(where: Path | KeyProvider) -> list[str]:
    """The purposes for which there is no key yet."""
    return [purpose for purpose in PURPOSES if not KeyRing(where).has(purpose)]


def file_of(purpose: str) -> str:
    """The name of the file of the keys of `purpose`."""
    return f"{purpose}.json"


def new_key(ring: KeyRing, purpose: str, status: str, at: datetime, random: Callable[[int], bytes] = os.urandom) -> Key:
    """A key whose id no other key of the ring has or had."""
    taken = {key.kid for other in PURPOSES for key in ring.all(other)}
    kid = _new_kid(random)
    while kid in taken:
        kid = _new_kid(random)
    return Key(kid, purpose, status, at.date().isoformat(), random(32))


def change(where: Path | KeyProvider, purpose: str, step: Callable[[list[Key]], list[Key]]) -> list[Key]:
    """Replace the keys of `purpose` by what `step` makes of them: whole or not at all, one change at a time."""
    ring = KeyRing(where)
    with ring.provider.alone():
        keys = step(ring.all(purpose))
        _write_keys(ring, purpose, keys)
        if purpose == "landing":
            _write_landing_public(ring)
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
            raw = unb64(entry["public"])
            key = PartnerKey(entry["kid"], entry["recipient"], kem.public_key(entry.get("alg", kem.X25519), raw))
        except (ValueError, KeyError, TypeError):
            raise OperatorError(f"{path.name} is not a partner's public key") from None
        if key.kid != key_id(raw) or key.recipient != path.stem:
            raise OperatorError(f"{path.name} holds a key that is not the one it names")
        keys[key.recipient] = key
    return keys


def public_key_id(public: X25519PublicKey) -> str:
    """The id of an X25519 key."""
    return key_id(public.public_bytes_raw())


def key_id(public: bytes) -> str:
    """The first 8 characters of the base32 of the SHA-256 of all bytes of a public key, in lower case."""
    return base64.b32encode(hashlib.sha256(public).digest()).decode().lower()[:8]


def read_private_key(path: Path) -> tuple[str, str, kem.Private]:
    """A partner's own key file, as (kid, partner id, key); for `passerelle open`."""
    try:
        entry = json.loads(path.read_text())
        private = kem.private_key(entry.get("alg", kem.X25519), unb64(entry["private"]))
        return entry["kid"], entry["recipient"], private
    except (OSError, ValueError, KeyError, TypeError):
        raise OperatorError("the key file cannot be read") from None


def _new_kid(random: Callable[[int], bytes]) -> str:
    return base64.b32encode(random(5)).decode().lower()[:4]


def _write_keys(ring: KeyRing, purpose: str, keys: list[Key]) -> None:
    entries = [_entry(ring.provider, key) for key in keys]
    ring.provider.write(file_of(purpose), json.dumps({"keys": entries}, indent=1))


def _write_landing_public(ring: KeyRing) -> None:
    """Written after the private half: what is sealed to it can always be opened."""
    public = ring.landing_private().public_key().public_bytes_raw()
    text = base64.urlsafe_b64encode(public).decode()
    if ring.provider.read(LANDING_PUBLIC) != text:
        ring.provider.write(LANDING_PUBLIC, text)


def _entry(provider: KeyProvider, key: Key) -> dict[str, str]:
    entry = {"kid": key.kid, "status": key.status, "created": key.created, "kcv": key.check_value}
    dates = {"retired": key.retired, "destroyed": key.destroyed}
    if key.status != "destroyed":
        entry |= provider.seal(key.secret, key.purpose, key.kid)
    return entry | {name: day for name, day in dates.items() if day}


def _read_key(provider: KeyProvider, purpose: str, entry: dict[str, Any]) -> Key:
    dates = (entry.get("retired"), entry.get("destroyed"))
    common = (entry["kid"], purpose, entry["status"], entry["created"])
    if entry["status"] == "destroyed":
        return Key(*common, b"", *dates, entry["kcv"])
    key = Key(*common, provider.open(entry, purpose, entry["kid"]), *dates)
    if key.check_value != entry["kcv"]:
        raise OperatorError(f"the key {key.kid} for {purpose} does not match its check value")
    return key
