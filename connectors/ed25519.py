"""Ed25519 (RFC 8032) as a signature beside a file."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from connectors.errors import BadKey, Tampered

SECRET = 32


def public(secret: bytes) -> str:
    """The public half, 32 bytes in base64url."""
    raw = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(message: bytes, secret: bytes) -> bytes:
    """The signature, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def verify(message: bytes, signature: bytes, public_key: str) -> None:
    """Return when this key signed this message; Tampered when not, BadKey when the key is none."""
    try:
        raw = base64.b64decode(public_key + "=" * (-len(public_key) % 4), altchars=b"-_", validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, binascii.Error):
        raise BadKey("not a key of Ed25519") from None
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise Tampered("not signed by this key") from None
