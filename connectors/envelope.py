"""Sealing a file to a public key while it streams in, so that nothing clear is ever on a disk.

Decides the format; which key and which context is left to the caller.

    header   magic (18) | nonce prefix (7) | HPKE of the file key (encapsulated key + 32 + 16)
    frames   AES-256-GCM of 65,536 bytes, the last one of 0 to 65,536; each with its tag (16)

The file key is drawn for this file alone and sealed by HPKE (RFC 9180, base mode; HKDF-SHA256, AES-256-GCM): to X25519,
or to ML-KEM-768 and X25519 together, which holds as long as one of the two does.
The frames are the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar (Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance, CRYPTO 2015), as age has it: nonce = prefix | counter (4) | 1 for the last frame
else 0. So a cut, a swap, a repetition, an addition fail to open, and each frame opens by itself.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from connectors.errors import Tampered

FRAME = 1 << 16
"""Clear bytes in each frame but the last."""

_KEY, _PREFIX, _TAG = 32, 7, 16  # bytes
_SEALED_FRAME = FRAME + _TAG

PublicKey = X25519PublicKey | MLKEM768X25519PublicKey
PrivateKey = X25519PrivateKey | MLKEM768X25519PrivateKey


@dataclass(frozen=True, slots=True)
class Format:
    """How a file begins, and how its key is sealed. `magic` is 18 bytes, and goes into what HPKE binds."""

    magic: bytes
    kem: KEM

    @property
    def suite(self) -> Suite:
        """The suite of HPKE."""
        return Suite(self.kem, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

    @property
    def header(self) -> int:
        """Bytes before the first frame."""
        return len(self.magic) + _PREFIX + self.kem.enc_length() + _KEY + _TAG

    def bound(self, context: bytes) -> bytes:
        """What HPKE binds: the format, then the context."""
        return self.magic[:-1] + b"|" + context


LANDED = Format(b"passerelle/file/1\n", KEM.X25519)
"""What the hub keeps in landing."""
SENT = Format(b"passerelle/hpke/1\n", KEM.X25519)
"""What travels between a partner and the hub."""
SENT_PQ = Format(b"passerelle/hpkq/1\n", KEM.MLKEM768_X25519)
"""The same, to a key that a quantum computer does not open either."""
HEADER = LANDED.header


def seal(
    chunks: Iterable[bytes],
    public_key: PublicKey,
    context: bytes,
    token: Callable[[int], bytes] = os.urandom,
    form: Format = LANDED,
) -> Iterator[bytes]:
    """The header, then each sealed frame as soon as it is full. Holds two frames at most.

    `context` says what the file is and must be given again to open it. `token` draws the file key and the
    nonce prefix, and must never repeat; HPKE draws its own.
    """
    key, prefix = token(_KEY), token(_PREFIX)
    yield form.magic + prefix + form.suite.encrypt(key, public_key, info=form.bound(context))
    cipher = AESGCM(key)
    for number, (frame, last) in enumerate(_frames(chunks, FRAME)):
        yield cipher.encrypt(_nonce(prefix, number, last), frame, None)


def open_sealed(
    chunks: Iterable[bytes], private_key: PrivateKey, context: bytes, form: Format = LANDED
) -> Iterator[bytes]:
    """The clear bytes, frame by frame, each only once proved. Tampered at the first that is not as sealed.

    The file is whole only once the iterator has ended without an error: what came before may be a part of it.
    """
    pieces = iter(chunks)
    header, rest = _split(pieces, form.header)
    prefix, cipher = _opened_header(header, private_key, context, form)
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
        _opened_header(header, private_key, context, LANDED)
    except Tampered:
        return False
    return True


def _opened_header(header: bytes, key: PrivateKey, context: bytes, form: Format) -> tuple[bytes, AESGCM]:
    if not header.startswith(form.magic):
        raise Tampered("not a sealed file")
    prefix, sealed_key = header[len(form.magic) :][:_PREFIX], header[len(form.magic) + _PREFIX :]
    try:
        return prefix, AESGCM(form.suite.decrypt(sealed_key, key, info=form.bound(context)))
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
