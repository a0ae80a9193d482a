"""A partner's key pair, and the opening of sealed columns (HPKE, base mode, X25519).

The private key never leaves the partner's own folder; the hub is given the public file only.
"""

import base64
import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from simulators import layout

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealedError(ValueError):
    """A sealed column cannot be opened with the keys of this partner."""


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The inverse of `b64`."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_keys(root: Path, partner: str) -> None:
    """Draw a key pair, unless the partner has one: `keys/<kid>.key` and `public/<partner>.pub`."""
    if not list((root / partner / "keys").glob("*.key")):
        new_keys(root, partner)


def new_keys(root: Path, partner: str) -> None:
    """Draw another key pair; the private keys of before are kept, the public file is replaced."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = base64.b32encode(hashlib.sha256(public).digest()).decode().lower()[:8]
    common = {"kid": kid, "alg": "X25519", "recipient": partner}
    path = root / partner / "keys" / f"{kid}.key"
    layout.write_json(path, common | {"private": b64(private.private_bytes_raw())})
    path.chmod(0o600)
    layout.write_json(root / "public" / f"{partner}.pub", common | {"public": b64(public)})


def keys_of(root: Path, partner: str) -> dict[str, X25519PrivateKey]:
    """Every private key of the partner, the retired ones included, by key id."""
    found = [layout.read_json(path) for path in (root / partner / "keys").glob("*.key")]
    return {key["kid"]: X25519PrivateKey.from_private_bytes(unb64(key["private"])) for key in found}


def open_sealed(text: str, recipient: str, keys: dict[str, X25519PrivateKey]) -> dict[str, str]:
    """The columns inside a sealed one; empty in, empty out."""
    if not text:
        return {}
    kid, body = _parts(text)
    if kid not in keys:
        raise SealedError("sealed for a key which this partner has not")
    try:
        info = b"passerelle/capsule/1|" + recipient.encode() + b"|" + kid.encode()
        plain = SUITE.decrypt(body, keys[kid], info=info)
        return {str(name): str(value) for name, value in json.loads(plain).items()}
    except (InvalidTag, ValueError, AttributeError):
        raise SealedError("the sealed column does not open") from None


def _parts(text: str) -> tuple[str, bytes]:
    """Key id and ciphertext of `c1.<kid>.<base64url>`."""
    parts = text.split(".")
    if len(parts) != 3 or parts[0] != "c1":
        raise SealedError("not a sealed column")
    try:
        return parts[1], unb64(parts[2])
    except ValueError:
        raise SealedError("not base64url") from None
