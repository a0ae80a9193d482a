"""The curve P-521 as the blind resolver needs it: points, multiples, and hashing to the curve (RFC 9380).

The multiplications are `cryptography`'s (OpenSSL), which gives of a product its x only; y is worked out here, with
Python's integers. **Nothing here promises constant time**: who can measure this process closely may learn of a scalar.
Every error is a ValueError that holds no value.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

CURVE = ec.SECP521R1()
SIZE = 66  # bytes of a coordinate or a scalar
LONG = 98  # bytes hashed for one number below P or ORDER: 66 and half of 256 bits more (RFC 9380, section 5.1)

# SEC 2, section 2.6.1; Z is of RFC 9380, section 8.4.
P = 2**521 - 1
ORDER = 2**521 - 2**264 + 0xFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409
A = -3
B = int(
    "051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF10"
    "9E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00",
    16,
)
Z = -4


class Point(NamedTuple):
    """A point of the curve that is not the identity."""

    x: int
    y: int


def to_bytes(point: Point) -> bytes:
    """The 67 bytes of a point: compressed (SEC 1, section 2.3.3)."""
    return bytes([2 + point.y % 2]) + point.x.to_bytes(SIZE)


def from_bytes(data: bytes) -> Point:
    """The point of 67 bytes; ValueError for anything else: another length, not on the curve, the identity."""
    if len(data) != SIZE + 1 or data[0] not in (2, 3) or int.from_bytes(data[1:]) >= P:
        raise ValueError("not a point of P-521")
    try:
        numbers = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data).public_numbers()
    except ValueError:
        raise ValueError("not a point of P-521") from None
    return Point(numbers.x, numbers.y)


def multiply(scalar: int, points: Iterable[Point]) -> list[Point]:
    """Each point times `scalar`, from 1 to the order less 1; ValueError for another scalar or off the curve."""
    if not 0 < scalar < ORDER:
        raise ValueError("a scalar is above 0 and below the order of P-521")
    if scalar == ORDER - 1:  # its successor is no scalar
        return [Point(x, P - y) for x, y in points]
    this, after = (ec.derive_private_key(each, CURVE) for each in (scalar, scalar + 1))
    return [_product(this, after, point) for point in points]


def _product(this: ec.EllipticCurvePrivateKey, after: ec.EllipticCurvePrivateKey, point: Point) -> Point:
    """The product whole: its x and that of the next multiple leave one y (Okeya and Sakurai, CHES 2001)."""
    public = ec.EllipticCurvePublicNumbers(*point, CURVE).public_key()  # refuses what is not on the curve
    x, following = (int.from_bytes(key.exchange(ec.ECDH(), public)) for key in (this, after))
    twice = (point.x + x) * (point.x * x + A) + 2 * B - following * (point.x - x) ** 2
    return Point(x, twice * pow(2 * point.y, -1, P) % P)


def hash_to_curve(message: bytes, tag: bytes) -> Point:
    """The point of a message: P521_XMD:SHA-512_SSWU_RO_ (RFC 9380, section 8.4), `tag` being its DST."""
    first, second = (_map_to_curve(u) for u in hash_to_field(message, tag, 2, P))
    return _add(first, second)


def hash_to_field(message: bytes, tag: bytes, count: int, modulus: int) -> list[int]:
    """So many numbers below `modulus` (RFC 9380, section 5.2; section 5.3 says what `tag` is)."""
    uniform = _expand(message, tag, count * LONG)
    return [int.from_bytes(uniform[at : at + LONG]) % modulus for at in range(0, len(uniform), LONG)]


def _expand(message: bytes, tag: bytes, length: int) -> bytes:
    """RFC 9380, section 5.3.1: expand_message_xmd with SHA-512."""
    if not 0 < len(tag) < 256:
        raise ValueError("a tag has from 1 to 255 bytes")
    end = tag + bytes([len(tag)])
    start = hashlib.sha512(bytes(128) + message + length.to_bytes(2) + b"\0" + end).digest()
    block, blocks = bytes(64), b""
    for number in range(1, -(-length // 64) + 1):
        mixed = bytes(a ^ b for a, b in zip(start, block, strict=True))
        block = hashlib.sha512(mixed + bytes([number]) + end).digest()
        blocks += block
    return blocks[:length]


def _map_to_curve(u: int) -> Point:
    """RFC 9380, section 6.6.2: simplified SWU. The sign of y is the one of u, as a compressed point states it."""
    squared = Z * u * u % P
    below = squared * squared + squared
    part = (1 + pow(below, -1, P)) * pow(A, -1, P) if below % P else -pow(Z * A, -1, P)
    x = -B * part % P
    sign = bytes([2 + u % 2])
    try:
        return from_bytes(sign + x.to_bytes(SIZE))
    except ValueError:  # of the two that the map tries, one is always on the curve
        return from_bytes(sign + (squared * x % P).to_bytes(SIZE))


def _add(first: Point, second: Point) -> Point:
    """The sum of two points; ValueError where it is the identity, which no message is known to hash to."""
    if first.x == second.x and first.y != second.y:
        raise ValueError("the message has no point")
    if first == second:
        slope = (3 * first.x * first.x + A) * pow(2 * first.y, -1, P)
    else:
        slope = (second.y - first.y) * pow(second.x - first.x, -1, P)
    x = (slope * slope - first.x - second.x) % P
    return Point(x, (slope * (first.x - x) - first.y) % P)
