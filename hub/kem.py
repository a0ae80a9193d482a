"""What a partner's key can be: X25519 (RFC 7748), or ML-KEM-768 (FIPS 203) and X25519 together. Pure.

What is sealed today can be kept and opened in the day of a quantum computer, by whoever breaks X25519 then. To a key of
both kinds it is sealed so that both have to be broken: HPKE with the hybrid KEM of draft-ietf-hpke-pq (X-Wing). The id
of a key is a hash of all its public bytes, so that a key of both never passes for its weaker half.
"""

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

X25519, HYBRID = "X25519", "MLKEM768-X25519"
Public = X25519PublicKey | MLKEM768X25519PublicKey
Private = X25519PrivateKey | MLKEM768X25519PrivateKey
_ENDS = 32  # bytes of the X25519 half, which comes last
_PLAIN = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_BOTH = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def public_key(alg: str, raw: bytes) -> Public:
    """The public key of 32 bytes, or of both kinds 1,184 and 32. ValueError for anything else."""
    if alg == X25519:
        return X25519PublicKey.from_public_bytes(raw)
    _require(alg == HYBRID)
    ends = X25519PublicKey.from_public_bytes(raw[-_ENDS:])
    return MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(raw[:-_ENDS]), ends)


def private_key(alg: str, raw: bytes) -> Private:
    """The private key of 32 bytes, or of both kinds a seed of 64 and 32. ValueError for anything else."""
    if alg == X25519:
        return X25519PrivateKey.from_private_bytes(raw)
    _require(alg == HYBRID)
    ends = X25519PrivateKey.from_private_bytes(raw[-_ENDS:])
    return MLKEM768X25519PrivateKey(MLKEM768PrivateKey.from_seed_bytes(raw[:-_ENDS]), ends)


def suite_of(key: Public | Private) -> Suite:
    """How something is sealed to this key, and opened with it (HPKE base mode, RFC 9180)."""
    return _PLAIN if isinstance(key, X25519PublicKey | X25519PrivateKey) else _BOTH


def _require(met: bool) -> None:
    if not met:
        raise ValueError("no such kind of key")
