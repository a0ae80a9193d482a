"""Columns of indexes and tokens are, bit for bit, what the library makes of each value alone."""

import base64
import hmac
import os
import re
from collections.abc import Sequence

import polars as pl
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.kernels import BLOCK, STEP, OneBlockMacs, Siv, hmacs
from hub.keys import Key
from hub.model import FOREM
from hub.pseudonymise import FEW, MANY, Tokens, index, indexes

PRESENTED = 100_000
sids = st.binary(min_size=16, max_size=16).map(bytes.hex)
numbers = st.from_regex(r"[0-9]{11}", fullmatch=True)
secrets = st.binary(min_size=32, max_size=32)
recipients = st.sampled_from(["062063", "062096", "082039", FOREM]) | st.from_regex(r"[0-9]{6}", fullmatch=True)
kids = st.from_regex(r"[a-z2-7]{4}", fullmatch=True)
columns = st.lists(sids, max_size=3 * FEW) | st.lists(sids, min_size=1, max_size=4).map(lambda some: some * (STEP // 2))


def key(secret: bytes, kid: str = "abcd") -> Key:
    return Key(kid, "token", "active", "2026-03-09", secret)


def library(recipient: str, made_of: Key) -> tuple[AESSIV, list[bytes]]:
    """A recipient's key and associated data as the design states them, from nothing of the hub's own."""
    info = f"passerelle/token/1|recipient={recipient}|{made_of.kid}".encode()
    data = [b"passerelle/token/1", recipient.encode(), made_of.kid.encode()]
    return AESSIV(HKDFExpand(hashes.SHA256(), 64, info).derive(made_of.secret)), data


def sealed(token: str) -> bytes:
    return base64.urlsafe_b64decode(token.split(".")[2] + "=")


def accepted(tokens: Sequence[str], recipient: str, made_of: Key) -> int:
    """How many of the tokens the library opens for this recipient."""
    siv, data = library(recipient, made_of)
    count = 0
    for token in tokens:
        try:
            siv.decrypt(sealed(token), data)
            count += 1
        except InvalidTag:
            continue
    return count


@settings(max_examples=200, deadline=None)
@given(columns, recipients, secrets, kids)
def test_a_column_of_tokens_is_the_librarys(column: list[str], recipient: str, secret: bytes, kid: str) -> None:
    """None, one, many, twice the same: each has the token that the library's AES-SIV gives it."""
    siv, data = library(recipient, key(secret, kid))
    made = Tokens(recipient, key(secret, kid)).column(column).to_list()
    assert [sealed(token) for token in made] == [siv.encrypt(bytes.fromhex(sid), data) for sid in column]
    assert all(re.fullmatch(rf"w1\.{kid}\.[A-Za-z0-9_-]{{43}}", token) for token in made)


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, STEP - 1, STEP, STEP + 1, 2 * STEP + 7])
def test_a_column_of_tokens_is_that_of_each(count: int) -> None:
    """Also where one way gives place to the other, and where a part of a column ends."""
    column, tokens = [os.urandom(16).hex() for _ in range(count)], Tokens(FOREM, key(bytes(range(32))))
    each = [tokens.token(sid) for sid in column]
    assert tokens.column(column).equals(pl.Series(each, dtype=pl.String))
    assert tokens.by_sid(column) == dict(zip(column, each, strict=True))


@given(st.lists(numbers, max_size=30), st.integers(1, 4), secrets)
def test_a_column_of_indexes_is_that_of_each(some: list[str], times: int, secret: bytes) -> None:
    """A list and a column of a frame, with none, one or more, each number once or several times."""
    column = [number for number in some for _ in range(times)][::-1]
    expected = [index(number, key(secret)) for number in column]
    assert indexes(column, key(secret)) == indexes(pl.Series(column, dtype=pl.String), key(secret)) == expected


@pytest.mark.parametrize("odd", ["", "+1234567890", "1234567890", "123456789012", "0123456789٣", "-0000000001"])
def test_a_long_column_in_which_numbers_come_again_is_that_of_each(odd: str) -> None:
    """Hashed once or each time: the same, with zeros before, and with what is no number among them."""
    for some in (["00000000001", "01234567890", "99999999999"], [f"{n:011}" for n in range(900)]):
        column = [*some * (2 * MANY // len(some)), *([odd] if odd else [])]
        first, secret = b"passerelle/index/1|BE:NISS|", bytes(range(32))
        expected = {n: hmac.digest(secret, first + n.encode(), "sha256")[:16] for n in column}
        for given_as in (column, pl.Series(column, dtype=pl.String)):
            assert indexes(given_as, key(secret)) == [expected[number] for number in column]


@given(st.binary(max_size=200), st.binary(max_size=100), st.lists(st.binary(max_size=200), max_size=20))
def test_macs_are_the_librarys(secret: bytes, first: bytes, values: list[bytes]) -> None:
    """Whatever the key, the first words and the values."""
    for made, value in zip(hmacs(secret, first, values), values, strict=True):
        mac = HMAC(secret, hashes.SHA256())
        mac.update(first + value)
        assert made == mac.finalize()


@given(st.sampled_from([16, 24, 32]), st.data())
def test_macs_of_one_block_are_the_librarys(size: int, drawn: st.DataObject) -> None:
    """AES-CMAC with every size of key."""
    secret = drawn.draw(st.binary(min_size=size, max_size=size))
    blocks = drawn.draw(st.lists(st.binary(min_size=BLOCK, max_size=BLOCK), max_size=20))
    expected = []
    for block in blocks:
        mac = CMAC(algorithms.AES(secret))
        mac.update(block)
        expected.append(mac.finalize())
    assert OneBlockMacs(secret).macs(b"".join(blocks)) == b"".join(expected)


@given(st.sampled_from([32, 48, 64]), st.integers(1, BLOCK), st.lists(st.binary(max_size=40), max_size=5), st.data())
def test_siv_is_the_librarys(size: int, length: int, data: list[bytes], drawn: st.DataObject) -> None:
    """Every size of key, every length up to a block, any associated data or none."""
    secret = drawn.draw(st.binary(min_size=size, max_size=size))
    values = drawn.draw(st.lists(st.binary(min_size=length, max_size=length), max_size=20))
    vectors, bodies = Siv(secret, data, length).encrypt(b"".join(value.ljust(BLOCK, b"\0") for value in values))
    starts = range(0, len(values) * BLOCK, BLOCK)
    made = [vectors[at : at + BLOCK] + bodies[at : at + length] for at in starts]
    assert made == [AESSIV(secret).encrypt(value, data) for value in values]


@given(sids, recipients, st.integers(0, 31), st.integers(1, 255))
def test_a_forged_token_is_refused(sid: str, recipient: str, at: int, flip: int) -> None:
    """Whatever byte of a token is changed, its own recipient's key does not open it."""
    (token,) = Tokens(recipient, key(bytes(32))).column([sid])
    forged = bytearray(sealed(token))
    forged[at] ^= flip
    siv, data = library(recipient, key(bytes(32)))
    assert siv.decrypt(sealed(token), data).hex() == sid
    with pytest.raises(InvalidTag):
        siv.decrypt(bytes(forged), data)


def test_no_token_of_another_is_accepted() -> None:
    """Of so many tokens of one recipient another opens none, and the recipient itself all that are tried."""
    made_of = key(os.urandom(32))
    drawn = os.urandom(16 * PRESENTED).hex()
    column = [drawn[at : at + 32] for at in range(0, len(drawn), 32)]
    tokens = Tokens("062063", made_of).column(column).to_list()
    assert len(set(tokens)) == PRESENTED
    assert accepted(tokens, "062096", made_of) == 0
    assert accepted(tokens, "062063", key(made_of.secret, "efgh")) == 0
    assert accepted(tokens[:1000], "062063", made_of) == 1000


@pytest.mark.parametrize("wrong", ["", "00" * 15, "00" * 17, "0" * 31, " " + "00" * 15 + " ", "00" * 15 + "0g"])
def test_a_subject_id_of_another_form_shifts_nobody(wrong: str) -> None:
    """A column with something else in it is refused whole, also where lengths make up for each other."""
    others = ["ab" * 16] * FEW
    with pytest.raises(ValueError, match=r"hex") as raised:
        Tokens(FOREM, key(bytes(32))).column([*others, wrong, "00" * 17])
    assert "ab" * 8 not in str(raised.value)
