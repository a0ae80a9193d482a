"""What a sealed file promises: it opens whole for its key and purpose, or not at all, and nothing clear is left."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.envelope import FRAME, HEADER, LANDED, open_sealed, seal
from connectors.errors import Tampered

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
CONTEXT = b"landing|062063"
SEALED_FRAME = FRAME + 16
CANARY = b"canary-in-clear-" * 4

SIZES = st.one_of(
    st.integers(0, 200),
    st.builds(lambda frames, more: max(0, frames * FRAME + more), st.integers(0, 3), st.integers(-2, 2)),
)


def sealed(body: bytes) -> bytes:
    """These bytes sealed for KEY."""
    return b"".join(seal([body], KEY.public_key(), CONTEXT))


def opened(body: bytes, key: X25519PrivateKey = KEY, context: bytes = CONTEXT) -> bytes:
    """The clear bytes of a sealed file."""
    return b"".join(open_sealed([body], key, context))


def cut(body: bytes, size: int) -> list[bytes]:
    """The bytes in pieces of this size."""
    return [body[at : at + size] for at in range(0, len(body), size)]


@given(SIZES, st.integers(1, 200_000), st.integers(1, 200_000))
@settings(deadline=None)
def test_round_trip(size: int, pieces_in: int, pieces_out: int) -> None:
    """What is sealed opens to the same bytes, however both streams are cut."""
    body = os.urandom(size)
    pieces_in, pieces_out = max(pieces_in, size // 500), max(pieces_out, size // 500)
    sealing = b"".join(seal(cut(body, pieces_in), KEY.public_key(), CONTEXT))
    assert b"".join(open_sealed(cut(sealing, pieces_out), KEY, CONTEXT)) == body


@pytest.mark.parametrize("size", [0, 1, 100])
def test_every_truncation(size: int) -> None:
    """A small sealed file cut at any byte does not open."""
    whole = sealed(os.urandom(size))
    for end in range(len(whole)):
        with pytest.raises(Tampered):
            opened(whole[:end])


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_truncation_between_frames(frames: int) -> None:
    """A sealed file cut between two frames, its last frame missing, does not open."""
    whole = sealed(os.urandom(3 * FRAME + 10))
    with pytest.raises(Tampered):
        opened(whole[: HEADER + frames * SEALED_FRAME])


def test_every_bit() -> None:
    """A small sealed file with any one bit changed does not open."""
    whole = sealed(b"some bytes")
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Tampered):
            opened(bytes(changed))


@given(st.data())
@settings(deadline=None, max_examples=30)
def test_any_bit_of_a_large_file(data: st.DataObject) -> None:
    """A sealed file of several frames with any one bit changed does not open whole."""
    whole = bytearray(sealed(bytes(2 * FRAME + 100)))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Tampered):
        opened(bytes(whole))


@pytest.mark.parametrize("order", [[1, 0, 2], [0, 0, 1, 2], [0, 2], [0, 1, 2, 2], [0, 1], [2], []])
def test_frames_moved(order: list[int]) -> None:
    """Frames swapped, repeated, left out or added do not open."""
    whole = sealed(os.urandom(2 * FRAME + 100))
    frames = cut(whole[HEADER:], SEALED_FRAME)
    with pytest.raises(Tampered):
        opened(whole[:HEADER] + b"".join(frames[number] for number in order))


def test_frame_of_another_file() -> None:
    """A frame of another file sealed for the same key does not open in this one."""
    one, other = sealed(bytes(2 * FRAME)), sealed(bytes(2 * FRAME))
    with pytest.raises(Tampered):
        opened(one[: HEADER + SEALED_FRAME] + other[HEADER + SEALED_FRAME :])


def test_other_key_and_other_purpose() -> None:
    """A sealed file opens for no other key and in no other context."""
    with pytest.raises(Tampered):
        opened(sealed(b"x"), key=X25519PrivateKey.generate())
    with pytest.raises(Tampered):
        opened(sealed(b"x"), context=b"landing|062096")


def test_only_proved_bytes_come_out() -> None:
    """What comes out before a cut is found is the beginning of the file, frame by frame."""
    body = os.urandom(2 * FRAME + 100)
    reading = open_sealed([sealed(body)[:-1]], KEY, CONTEXT)
    assert next(reading) + next(reading) == body[: 2 * FRAME]
    with pytest.raises(Tampered):
        next(reading)


def test_empty_last_frame() -> None:
    """A file has one sealed form: an empty last frame after a full one is refused though its tag is right."""
    key, prefix, body = bytes(32), bytes(7), bytes(FRAME)
    header = b"".join(seal([], KEY.public_key(), CONTEXT, bytes))[:HEADER]
    first = AESGCM(key).encrypt(prefix + bytes(5), body, None)
    last = AESGCM(key).encrypt(prefix + (1).to_bytes(4) + b"\1", b"", None)
    with pytest.raises(Tampered):
        opened(header + first + last)


def test_no_two_alike() -> None:
    """The same bytes sealed twice have nothing in common but the name of the format."""
    one, other = sealed(bytes(FRAME)), sealed(bytes(FRAME))
    assert one[: len(LANDED.magic)] == other[: len(LANDED.magic)]
    assert not set(cut(one[len(LANDED.magic) :], 16)) & set(cut(other[len(LANDED.magic) :], 16))


def test_randomness_is_given() -> None:
    """The file key and the nonce prefix are drawn from the source that is given."""
    asked: list[int] = []

    def token(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    assert opened(b"".join(seal([b"x"], KEY.public_key(), CONTEXT, token))) == b"x"
    assert asked == [32, 7]
