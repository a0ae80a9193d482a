"""The column kernels give what the standards publish."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.cmac import CMAC

from hub.kernels import BLOCK, OneBlockMacs, Siv, hmacs, s2v

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "kernels.json").read_text("utf-8"))
Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    return VECTORS[name]["cases"]


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize("case", cases("hmac_sha256"))
def test_hmac_is_that_of_rfc_4231(case: Case) -> None:
    """Keys shorter and longer than a block, and a truncated mac; wherever the text is cut into first and value."""
    text, mac = raw(case["data"]), raw(case["mac"])
    for cut in (0, 1, len(text)):
        assert hmacs(raw(case["key"]), text[:cut], [text[cut:]] * 3, len(mac)) == [mac] * 3


@pytest.mark.parametrize("case", cases("aes_cmac"))
def test_cmac_of_one_block_is_that_of_sp_800_38b(case: Case) -> None:
    """For the three sizes of key, anywhere in a column, and with a constant that was XORed to the message before."""
    message, mac = raw(case["data"]), raw(case["mac"])
    assert OneBlockMacs(raw(case["key"])).macs(message) == mac
    column = OneBlockMacs(raw(case["key"])).macs(bytes(BLOCK) + message + b"\xff" * BLOCK + message)
    assert (column[BLOCK : 2 * BLOCK], column[3 * BLOCK :]) == (mac, mac)
    assert OneBlockMacs(raw(case["key"]), message).macs(bytes(BLOCK)) == mac


def test_siv_is_that_of_rfc_5297_a1() -> None:
    """The vector whose value fits into a block, in a column of its own kind."""
    case = cases("aes_siv")[0]
    plain, sealed = raw(case["plain"]), raw(case["sealed"])
    siv = Siv(raw(case["key"]), [raw(text) for text in case["data"]], len(plain))
    vectors, bodies = siv.encrypt(plain.ljust(BLOCK, b"\0") * 3)
    for at in range(0, 3 * BLOCK, BLOCK):
        assert vectors[at : at + BLOCK] + bodies[at : at + len(plain)] == sealed


def test_several_associated_data_are_chained_as_in_rfc_5297_a2() -> None:
    """The value of this vector is longer than a block: what our part makes of the data leads to its vector."""
    case = cases("aes_siv")[1]
    key, plain = raw(case["key"])[:BLOCK], raw(case["plain"])
    chain = s2v(key, [raw(text) for text in case["data"]])
    last = plain[:-BLOCK] + bytes(a ^ b for a, b in zip(plain[-BLOCK:], chain, strict=True))
    mac = CMAC(algorithms.AES(key))
    mac.update(last)
    assert mac.finalize() == raw(case["sealed"])[:BLOCK]


@pytest.mark.parametrize("case", cases("aes_siv"))
def test_the_library_is_held_to_the_same_vectors(case: Case) -> None:
    """What the kernel is compared with elsewhere is itself right."""
    sealed = AESSIV(raw(case["key"])).encrypt(raw(case["plain"]), [raw(text) for text in case["data"]])
    assert sealed == raw(case["sealed"])


@pytest.mark.parametrize("length", [0, BLOCK + 1])
def test_a_value_of_another_length_is_refused(length: int) -> None:
    """The kernel is right for one block at most, and says so."""
    with pytest.raises(ValueError, match=r"^a value has at most one block$"):
        Siv(bytes(64), [], length)


def test_a_column_of_parts_of_blocks_is_refused() -> None:
    """It would give every value that follows what belongs to another."""
    for work in (OneBlockMacs(bytes(32)).macs, Siv(bytes(64), []).encrypt):
        with pytest.raises(ValueError, match=r"^a column is of whole blocks$"):
            work(bytes(BLOCK + 1))
