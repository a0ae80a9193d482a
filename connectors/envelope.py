"""Sealing a file to a public key while it streams in, so that nothing clear is ever on a disk.

Decides the format; which key and which context is left to the caller.

    header   magic (18) | nonce prefix (7) | HPKE of the file key (32 + 32 + 16)
    frames   AES-256-GCM of 65,536 bytes, the last one of 0 to 65,536; each with its tag (16)

The file key is drawn for this file alone and sealed by HPKE (RFC 9180, base mode; X25519, HKDF-SHA256,
AES-256-GCM). The frames are the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar (Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015), as age has it: nonce = prefix |
counter (4) | 1 for the last frame else 0. So a cut, a swap, a repetition, an addition fail to open, and each
frame opens by itself.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from connectors.errors import Tampered

MAGIC = b"passerelle/file/1\n"
FRAME = 1 << 16
"""Clear bytes in each frame but the last."""

_INFO = b"passerelle/file/1|"
_KEY, _PREFIX, _TAG = 32, 7, 16  # bytes
_SEALED_FRAME = FRAME + _TAG
HEADER = len(MAGIC) + _PREFIX + 32 + _KEY + _TAG
"""Bytes before the first frame."""

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(
    chunks: Iterable[bytes],
    public_key: X25519PublicKey,
    context: bytes,
    token: Callable[[int], bytes] = os.urandom,
) -> Iterator[bytes]:
    """The header, then each sealed frame as soon as it is full. Holds two frames at most.

    `context` says what the file is and must be given again to open it. `token` draws the file key and the
    nonce prefix, and must never repeat; HPKE draws its own.
    """
    key, prefix = token(_KEY), token(_PREFIX)
    yield MAGIC + prefix + _SUITE.encrypt(key, public_key, info=_INFO + context)
    cipher = AESGCM(key)
    for number, (frame, last) in enumerate(_frames(chunks, FRAME)):
        yield cipher.encrypt(_nonce(prefix, number, last), frame, None)


def open_sealed(chunks: Iterable[bytes], private_key: X25519PrivateKey, context: bytes) -> Iterator[bytes]:
    """The clear bytes, frame by frame, each only once proved. Tampered at the first that is not as sealed.

    The file is whole only once the iterator has ended without an error: what came before may be a part of it.
    """
    pieces = iter(chunks)
    header, rest = _split(pieces, HEADER)
    prefix, cipher = _opened_header(header, private_key, context)
    for number, (frame, last) in enumerate(_frames(chain([rest], pieces), _SEALED_FRAME)):
        if last and number and len(frame) <= _TAG:
            raise Tampered("an empty last frame after others")
        try:
            yield cipher.decrypt(_nonce(prefix, number, last), frame, None)
        except InvalidTag:
            raise Tampered("a frame is not as it was sealed, or the file was cut") from None


def is_sealed_to(header: bytes, private_key: X25519PrivateKey, context: bytes) -> bool:
    """Whether this key opens a file that begins so (`HEADER` bytes); of the rest of the file it says nothing."""
    try:
        _opened_header(header, private_key, context)
    except Tampered:
        return False
    return True


def _opened_header(header: bytes, key: X25519PrivateKey, context: bytes) -> tuple[bytes, AESGCM]:
    if not header.startswith(MAGIC):
        raise Tampered("not a sealed file")
    prefix, sealed_key = header[len(MAGIC) :][:_PREFIX], header[len(MAGIC) + _PREFIX :]
    try:
        return prefix, AESGCM(_SUITE.decrypt(sealed_key, key, info=_INFO + context))
    except (InvalidTag, ValueError):
        raise Tampered("not sealed for this key and this purpose, or its header was altered") from None


def _frames(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """The bytes cut in frames of this size, the last one marked. It is empty only if there is nothing."""
    held = bytearray()
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            if len(held) == size:
                yield bytes(held), False
                held.clear()
            taken = size - len(held)
            held += view[:taken]
            view = view[taken:]
    yield bytes(held), True


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4) + bytes([last])


def _split(pieces: Iterator[bytes], count: int) -> tuple[bytes, bytes]:
    """The first `count` bytes, fewer if there are no more, and what came along with them."""
    head = bytearray()
    for piece in pieces:
        head += piece
        if len(head) >= count:
            break
    return bytes(head[:count]), bytes(head[count:])
