"""Standard algorithms over a whole column at once, equal bit for bit to the library's own on each value.

Nothing here is a scheme of our own. Where a value fills at most one block, AES-CMAC (NIST SP 800-38B) is one call of
AES on the value XOR a constant, and AES-SIV (RFC 5297) with the same associated data for all is two: so a column is two
passes of AES over one buffer, and each value gets what `CMAC` and `AESSIV` of the library give it. HMAC-SHA-256 (FIPS
198-1, RFC 2104) is the library's own, its key and first words absorbed once. The reasons are in decision 0042.
"""

import base64
import struct
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hmac import HMAC

BLOCK = 16  # bytes of a block of AES
STEP = 1024  # values at a time: a few buffers of some 16 KiB, that stay in the processor's cache
_CLEARED = bytes(byte & 0x7F for byte in range(256))  # a bit that leaves the counter (RFC 5297, 2.6)
_ROW = 2 * BLOCK + 1  # two blocks and a byte of zero: whole groups of three, so that base64 ends with the row
_TEXT = 43  # characters of two blocks in base64url; the 44th is that of the zero


def hmacs(key: bytes, first: bytes, values: Sequence[bytes], size: int = 32) -> list[bytes]:
    """The first `size` bytes of HMAC-SHA-256 of `first` and each value, as `hmac.digest` gives them."""
    keyed = HMAC(key, hashes.SHA256())
    keyed.update(first)
    copy = keyed.copy  # the key is absorbed once, not for each value
    made: list[bytes] = []
    for at in range(0, len(values), STEP):
        macs = []
        for value in values[at : at + STEP]:
            one = copy()
            one.update(value)
            macs.append(one.finalize())
        made += struct.unpack(f"{size}s{32 - size}x" * len(macs), b"".join(macs))
    return made


class OneBlockMacs:
    """AES-CMAC (SP 800-38B) of messages of one block each, XORed with `constant` first. Not for several threads."""

    def __init__(self, key: bytes, constant: bytes = bytes(BLOCK)) -> None:
        self._aes = _Blocks(key)
        subkey = _doubled(self._aes.encrypt(bytes(BLOCK)))
        self._mask = _Repeated(_number(subkey) ^ _number(constant))

    def macs(self, blocks: bytes) -> bytes:
        """The macs of the messages that lie in `blocks` one after the other, in the same order."""
        return self.macs_of(_number(blocks), _count(blocks))

    def macs_of(self, number: int, count: int) -> bytes:
        """The same of so many messages that lie in a number, the first in its lowest bytes."""
        return self._aes.encrypt((number ^ self._mask.times(count)).to_bytes(count * BLOCK, "little"))


class Siv:
    """AES-SIV (RFC 5297) of values of one length, at most a block, all with the same associated data.

    Not for several threads.
    """

    def __init__(self, key: bytes, data: Sequence[bytes], length: int = BLOCK) -> None:
        if not 0 < length <= BLOCK:
            raise ValueError("a value has at most one block")
        mac, counter = key[: len(key) // 2], key[len(key) // 2 :]
        whitening = s2v(mac, data)
        if length < BLOCK:  # then the last string is padded, and what came before doubled once more
            whitening = _xor(_doubled(whitening), (bytes(length) + b"\x80").ljust(BLOCK, b"\0"))
        self._macs = OneBlockMacs(mac, whitening)
        self._aes = _Blocks(counter)

    def encrypt(self, blocks: bytes) -> tuple[bytes, bytes]:
        """The synthetic vectors of the values, and the values encrypted: one block of each for every value.

        A value shorter than a block is followed by zeros, and of its encryption as many bytes count as it has.
        """
        count, values = _count(blocks), _number(blocks)
        vectors = self._macs.macs_of(values, count)
        counters = bytearray(vectors)
        for at in (8, 12):
            counters[at::BLOCK] = vectors[at::BLOCK].translate(_CLEARED)
        return vectors, (values ^ _number(self._aes.encrypt(counters))).to_bytes(len(blocks), "little")


def s2v(key: bytes, data: Iterable[bytes]) -> bytes:
    """What S2V (RFC 5297, 2.4) makes of the associated data, before it comes to the last string."""
    chain = _mac(key, bytes(BLOCK))
    for text in data:
        chain = _xor(_doubled(chain), _mac(key, text))
    return chain


def sixteens(texts: Sequence[str]) -> bytes:
    """The bytes of texts of 32 hexadecimal digits. ValueError for another text: it would shift all that follow."""
    joined = "\n".join(texts)
    blocks = bytes.fromhex(joined)  # passes over any white space
    if len(blocks) != BLOCK * len(texts) or joined[32::33] != "\n" * (len(texts) - 1):
        raise ValueError("a text has not 32 hexadecimal digits")
    return blocks


def base64url(vectors: bytes, bodies: bytes, first: str) -> str:
    """A line for each row: `first`, then its blocks of both columns in base64url without `=` (RFC 4648, 5)."""
    count = len(vectors) // BLOCK
    rows = bytearray(_ROW * count)
    for at in range(BLOCK):
        rows[at::_ROW] = vectors[at::BLOCK]
        rows[at + BLOCK :: _ROW] = bodies[at::BLOCK]
    text = bytearray(base64.b64encode(rows).replace(b"+", b"-").replace(b"/", b"_"))
    text[_TEXT :: _TEXT + 1] = b"\n" * count
    return first + text[:-1].decode().replace("\n", "\n" + first)


class _Blocks:
    """AES of each block of a buffer, as CMAC and CTR call it: the library's ECB, on blocks made for it alone."""

    def __init__(self, key: bytes) -> None:
        self._encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305

    def encrypt(self, blocks: bytes | bytearray) -> bytes:
        return self._encryptor.update(blocks)


class _Repeated:
    """One block over and over as a number, kept for the length that was asked for last."""

    def __init__(self, block: int) -> None:
        self._block = block.to_bytes(BLOCK, "little")
        self._kept = (0, 0)

    def times(self, count: int) -> int:
        kept = self._kept
        if kept[0] != count:
            kept = self._kept = (count, _number(self._block * count))
        return kept[1]


def _count(blocks: bytes) -> int:
    if len(blocks) % BLOCK:
        raise ValueError("a column is of whole blocks")
    return len(blocks) // BLOCK


def _mac(key: bytes, text: bytes) -> bytes:
    mac = CMAC(algorithms.AES(key))
    mac.update(text)
    return mac.finalize()


def _doubled(block: bytes) -> bytes:
    """Multiplies by x in GF(2^128), as SP 800-38B makes its subkeys."""
    doubled = int.from_bytes(block, "big") << 1
    carried = 0x87 if doubled >> 128 else 0
    return ((doubled ^ carried) % (1 << 128)).to_bytes(BLOCK, "big")


def _xor(one: bytes, other: bytes) -> bytes:
    return (_number(one) ^ _number(other)).to_bytes(len(one), "little")


def _number(blocks: bytes) -> int:
    """A buffer as one large number: XOR of whole columns without numpy, which the hub does not install."""
    return int.from_bytes(blocks, "little")
