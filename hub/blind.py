"""A keyed index that is worked out by two: one has the numbers, the other the key, and neither learns the other's.

OPRF(P-521, SHA-512) of RFC 9497 in its mode 0, and the encoding that Belgium's eHealth platform uses for the same
end. The client blinds a number, the holder of the key evaluates what it cannot read, the client takes the blind off.
No constant time is promised (see `hub.p521`), and mode 0 proves nothing: whether the holder used its usual key is
for the resolver to check. Every error is a ValueError that holds no value.
"""

import hashlib
import secrets
from collections.abc import Iterable

from hub.p521 import ORDER, SIZE, A, B, P, Point, from_bytes, hash_to_curve, hash_to_field, multiply, to_bytes

CONTEXT = b"OPRFV1-\x00-P521-SHA512"  # RFC 9497, section 3.1


def random_blind() -> int:
    """A fresh scalar for one number (RFC 9497, section 2.1: RandomScalar); used twice it would show equal numbers."""
    return 1 + secrets.randbelow(ORDER - 1)


def blind(number: bytes, scalar: int) -> bytes:
    """The client's question: a point that tells nothing of the number (RFC 9497, section 3.3.1: Blind)."""
    return to_bytes(*multiply(scalar, [hash_to_curve(number, b"HashToGroup-" + CONTEXT)]))


def evaluate(key: int, questions: Iterable[bytes]) -> list[bytes]:
    """The holder's answers, in order (RFC 9497, section 3.3.1: BlindEvaluate); ValueError for what is no point."""
    return [to_bytes(answer) for answer in multiply(key, [from_bytes(question) for question in questions])]


def finalise(number: bytes, scalar: int, answer: bytes) -> bytes:
    """The 64 bytes that number and key make, whatever the blind (RFC 9497, section 3.3.1: Finalize)."""
    bare = to_bytes(*multiply(pow(scalar, -1, ORDER), [from_bytes(answer)]))
    return hashlib.sha512(_sized(number) + _sized(bare) + b"Finalize").digest()


def derive_key(seed: bytes, info: bytes) -> int:
    """The holder's key from 32 random bytes (RFC 9497, section 3.2.1: DeriveKeyPair)."""
    for counter in range(256):
        material = seed + _sized(info) + bytes([counter])
        (key,) = hash_to_field(material, b"DeriveKeyPair" + CONTEXT, 1, ORDER)
        if key:
            return key
    raise ValueError("the seed gives no key")


def ehealth_point(value: bytes, spare: int = 8) -> Point:
    """The point of a value as the eHealth cookbook makes it: value, length, spare bytes, counted up to the curve.

    Not a hash: who unblinds the point reads the value in it, as eHealth wants and an index must not.
    """
    x = int.from_bytes(value + bytes([len(value)]) + bytes(spare))
    if x.bit_length() > 8 * SIZE - 8:
        raise ValueError("the value is too long for a point")
    while True:
        square = (x**3 + A * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if y * y % P == square:
            return Point(x, y)
        x += 1


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data
