"""Damage done by a spreadsheet: told where it is recognised in a wrong cell, and never told of anything else."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from contracts import fields
from contracts.damage import FORM_CODES, told
from contracts.findings import CATALOGUE
from contracts.judge import LINE, judge
from contracts.model import Context, Contract, Field, FileFormat
from contracts.registry import contracts, lookup

GOOD = json.loads((Path(__file__).parents[1] / "vectors/good_rows.json").read_text("utf-8"))
BY_KIND: dict[str, tuple[str, Field]] = {  # the code found in a wrong cell of such a field
    "niss": ("R101", fields.national_number("x")),
    "enterprise": ("R204", fields.enterprise("x")),
    "nis": ("R306", fields.coded_text("x", "^[0-9]{5}$", "5 digits")),
    "code": ("R301", fields.code("x", ("A", "B"))),
    "list": ("R301", fields.listing("x", ("A", "B"))),
    "bool": ("R301", fields.flag("x")),
    "int": ("R306", fields.count("x")),
    "decimal": ("R306", fields.decimal("x", minimum=0, maximum=99)),
    "date": ("R306", fields.date("x")),
    "birth": ("R306", Field("x", "incomplete_date", "direct")),
    "moment": ("R306", fields.moment("x")),
    "name": ("R306", fields.person("x", max_length=60)),
    "dossier": ("R306", fields.person("x", pattern="^[A-Z]{2}[0-9]{4}$")),
}
DAYS, NUMBERS = ("date", "birth"), ("niss", "enterprise", "nis", "int")

DAMAGED = [
    *((kind, "#N/A", "R313") for kind in BY_KIND),
    *((kind, "8.50731E+10", "R307") for kind in BY_KIND),
    *((kind, "8,50731E+10", "R307") for kind in NUMBERS),
    *((kind, "1e3", "R307") for kind in ("int", "decimal", "date")),
    *((kind, "62063.0", "R308") for kind in (*NUMBERS, "code", "list", "bool", "name")),
    *((kind, "3,00", "R308") for kind in ("int", "nis")),
    *((kind, text, "R309") for kind in DAYS for text in ("45678", "31259", "9999", "45678.354", "45678,5")),
    *(("bool", text, "R310") for text in ("TRUE", "False", "VRAI", "faux", "WAHR", "Falsch", "WAAR", "onwaar")),
    *((kind, text, "R311") for kind in DAYS for text in ("01/03/2025", "1/3/25", "1.3.2025", "01-03-2025")),
    ("date", "01/03/2025 09:00", "R311"),
    *(("decimal", text, "R312") for text in ("0,5", "38,0", "1234,56")),
    ("enterprise", "207000176", "R206"),
]
NOT_DAMAGED = [
    ("date", "1985"),  # a year, and the number of no day that is likely
    ("birth", "2001"),
    ("date", "20250301"),
    ("date", "2025-02-30"),
    ("date", "2025/03/01"),
    ("date", "1.5"),
    ("moment", "2025-03-01"),
    ("moment", "01/03/2025 09:00"),  # a date put right would still be no instant
    ("moment", "45678.354"),
    ("int", "1.000"),  # a thousand, as they write it in Belgium
    ("int", "2.5"),
    ("int", "2,5"),  # a point would not mend it
    ("int", "-3"),
    ("decimal", "1.0"),
    ("decimal", "1.2.3"),
    ("decimal", "1 234"),
    ("enterprise", "214000141"),  # with a zero in front it is no number of an enterprise
    ("enterprise", "200000014"),  # an establishment cut short
    ("enterprise", "0207.000.176"),
    ("niss", "85073100032"),
    ("niss", "85.07.31-000.31"),
    ("nis", "4000"),
    ("code", "TRUE"),
    ("code", "C"),
    ("list", "A,B"),
    ("bool", "2"),
    ("bool", "oui"),
    ("name", "#1"),
    ("name", "E4E5"),
    ("name", "N/A"),
]


def damage(kind: str, text: str | None) -> str | None:
    """Gives the code that a wrong cell ends with."""
    code, field = BY_KIND[kind]
    frame = pl.DataFrame({"x": [text]}, schema={"x": pl.String})
    told_of: str | None = frame.select(told(code, field, pl.col("x"))).item()
    return told_of


@pytest.mark.parametrize(("kind", "text", "code"), DAMAGED)
def test_each_damage_has_its_own_code(kind: str, text: str, code: str) -> None:
    """What a spreadsheet has made of a cell is named, in every kind of column where it can happen."""
    assert damage(kind, text) == code


@pytest.mark.parametrize(("kind", "text"), NOT_DAMAGED)
def test_what_no_spreadsheet_did_keeps_its_code(kind: str, text: str) -> None:
    """A cell that is wrong in another way keeps the code under which it was found."""
    assert damage(kind, text) == BY_KIND[kind][0]


@pytest.mark.parametrize(
    "error",
    [
        *("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"),
        *("#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!"),
        *("#NV", "#BEZUG!", "#WERT!", "#ZAHL!"),
        *("#N/B", "#VERW!", "#WAARDE!", "#DEEL/0!", "#NAAM?", "#GETAL!", "#LEEG!"),
    ],
)
def test_error_values_are_known_in_four_languages(error: str) -> None:
    """An error value is one whatever the language of the spreadsheet, and its digits are no number."""
    assert [damage(kind, error) for kind in BY_KIND] == ["R313"] * len(BY_KIND)


@pytest.mark.parametrize("code", sorted(set(CATALOGUE) - FORM_CODES))
def test_only_a_wrong_form_is_looked_at(code: str) -> None:
    """A finding on something else than the form of a cell is not renamed, whatever the cell looks like."""
    frame = pl.DataFrame({"x": ["#N/A", "45678", "62063.0", "207000176"]})
    for _, field in BY_KIND.values():
        assert set(frame.select(told(code, field, pl.col("x")).alias("code"))["code"]) == {code}


def test_a_number_in_a_coded_text_is_told_before_its_damage() -> None:
    """A NISS typed where nobody may be named is R601, also where the form alone would have refused it."""
    assert damage("nis", "85073100031") == "R601"
    assert damage("nis", "850731 000 31") == "R601"
    assert damage("niss", "850731 000 31") == "R101"
    assert damage("dossier", "85073100031") == "R306"  # it may name somebody


def test_an_empty_cell_is_not_damaged() -> None:
    """Nothing is recognised in nothing."""
    assert [damage(kind, None) for kind in BY_KIND] == [code for code, _ in BY_KIND.values()]


def found(contract: Contract, **changed: str) -> list[tuple[str, str]]:
    """Judges the good row of a contract, changed; gives columns and codes."""
    row = {name: GOOD[contract.feed].get(name) or None for name in contract.columns} | changed
    frame = pl.DataFrame([row], schema=dict.fromkeys(contract.columns, pl.String())).insert_column(
        0, pl.Series(LINE, [2], dtype=pl.Int64)
    )
    _, judged = judge(frame, contract, Context(received_on=date(2026, 1, 1)), FileFormat(), 100)
    return [(column, code) for column, code in judged.findings.select("column", "code").rows() if code != "R201"]


def test_a_right_cell_is_never_called_damaged() -> None:
    """What looks like damage is none where the contract takes it: a decimal of 1.0, a title of five digits."""
    situations, trainings = lookup("SITU", "in", 1, "T"), lookup("FORM", "in", 1, "T")
    assert situations is not None
    assert trainings is not None
    assert found(situations, weekly_hours="38.00", reference_hours="38.0") == []
    assert found(trainings, training_title="45678") == []
    assert found(trainings, training_title="1.0") == []


@pytest.mark.parametrize("contract", [c for c in contracts("T") if c.direction == "in"], ids=lambda c: c.feed)
def test_damage_in_any_column_of_any_contract_rejects_the_row(contract: Contract) -> None:
    """Naming the damage repairs nothing: an error value is found in every column that does not take any text."""
    takes_any = {
        field.name
        for field in contract.fields
        if field.kind == "text" and not field.pattern and field.expected != "10 digits"  # enterprises have a rule
    }
    closed = set(contract.columns) - takes_any
    assert {column for column, code in found(contract, **dict.fromkeys(closed, "#REF!")) if code == "R313"} == closed
