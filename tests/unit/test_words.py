"""Shapes in French: what a clerk reads has no English left in it."""

import re

import pytest

from contracts.french import in_french
from contracts.reader import MAX_CELL, Refusal, read_table
from contracts.registry import contracts, lookup

ENGLISH = re.compile(r"\b(digits?|letters?|others?|cells?|expected|empty|the|or|at most|more|of|missing|a[n]? )\b")
INBOUND = [contract for contract in contracts("T") if contract.direction == "in"]
EXPECTED = sorted({field.expected for contract in INBOUND for field in contract.fields})
HEADER = ";".join(INBOUND[0].columns)
UNREADABLE = {
    "empty": b"",
    "utf-16": HEADER.encode("utf-16"),
    "nul": HEADER.encode() + b"\n\0",
    "cp1252": HEADER.encode() + "\né".encode("cp1252"),
    "comma": HEADER.replace(";", ",").encode(),
    "tabulation": HEADER.replace(";", "\t").encode(),
    "bar": HEADER.replace(";", "|").encode(),
    "none": b"x;y\n",
    "order": ";".join(reversed(INBOUND[0].columns)).encode(),
    "columns": (HEADER.replace("niss", "nis") + ";version").encode(),
    "quote": HEADER.encode() + b'\n"abc',
    "cell": HEADER.encode() + b"\n" + b"x" * (MAX_CELL + 1),
}


@pytest.mark.parametrize("expected", EXPECTED)
def test_every_expectation_of_a_contract_is_translated(expected: str) -> None:
    """What a column expects reads in French, whatever was found instead."""
    told = in_french(f"10 digits, 1 letter, 2 others, {expected} expected")
    assert not ENGLISH.search(told or "the")


@pytest.mark.parametrize("name", UNREADABLE)
def test_every_refusal_of_the_reader_is_translated(name: str) -> None:
    """Why a file cannot be read is told in French, with the names of columns as they are."""
    contract = lookup("ORIE", "in", 1, "T")
    assert contract is not None
    refusal = read_table(UNREADABLE[name], contract)
    assert isinstance(refusal, Refusal)
    assert not ENGLISH.search(in_french(refusal.shape) or "the")


def test_numbers_stay_as_they_are() -> None:
    """A translation changes the words, not the counts."""
    assert in_french("10 digits, 11 digits expected") == "10 chiffre(s), 11 chiffre(s) attendu"
    assert in_french("41 cells, 42 expected") == "41 cellule(s), 42 attendu"
    assert in_french(None) is None
