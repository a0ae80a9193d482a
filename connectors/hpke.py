"""HPKE (RFC 9180) as an envelope for files that travel, in the frames of `connectors.envelope`.

A file is bound to its context (its own name), so that it opens under no other name. `seal_*` and `open_*` work in
chunks; these two hold one file, as those who call them do.
"""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from connectors.envelope import SENT, SENT_PQ, open_sealed, seal
from connectors.errors import BadKey

SECRET, SECRET_PQ = 32, 96
"""Bytes of a private key: X25519; or the seed of ML-KEM-768 (64, FIPS 203), then X25519."""
_MLKEM_PUBLIC = 1184


def public(secret: bytes) -> str:
    """The public half of an X25519 key, 32 bytes in base64url."""
    return _b64(X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def sealed(data: bytes, public_key: str, context: bytes) -> bytes:
    """The file sealed to an X25519 key. BadKey when the key is none."""
    return b"".join(seal([data], X25519PublicKey.from_public_bytes(_unb64(public_key, 32)), context, form=SENT))


def opened(data: bytes, secret: bytes, context: bytes, _limit: int) -> bytes:
    """The file, whole; Tampered when any of it is not as it was sealed. It is never longer than `data`."""
    return b"".join(open_sealed([data], X25519PrivateKey.from_private_bytes(secret), context, SENT))


def public_pq(secret: bytes) -> str:
    """The public halves of ML-KEM-768 and X25519, one after the other, 1,216 bytes in base64url."""
    mlkem, x25519 = _pair(secret)
    return _b64(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())


def sealed_pq(data: bytes, public_key: str, context: bytes) -> bytes:
    """The file sealed to an ML-KEM-768 and an X25519 key together. BadKey when they are none."""
    raw = _unb64(public_key, _MLKEM_PUBLIC + 32)
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC])
    except ValueError:
        raise BadKey("not a key of ML-KEM-768") from None
    key = MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]))
    return b"".join(seal([data], key, context, form=SENT_PQ))


def opened_pq(data: bytes, secret: bytes, context: bytes, _limit: int) -> bytes:
    """The file, whole; Tampered when any of it is not as it was sealed. It is never longer than `data`."""
    return b"".join(open_sealed([data], MLKEM768X25519PrivateKey(*_pair(secret)), context, SENT_PQ))


def _pair(secret: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    return MLKEM768PrivateKey.from_seed_bytes(secret[:64]), X25519PrivateKey.from_private_bytes(secret[64:])


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise BadKey("not base64url") from None
    if len(raw) != length:
        raise BadKey(f"not a key of {length} bytes")
    return raw
