"""Rows judged one fault at a time, and our own bytes read back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.checks import rule
from contracts.codes import Validity
from contracts.model import Context, Contract, Field
from contracts.reader import Table, read_table
from contracts.registry import contracts, lookup
from hub.errors import InvariantBroken
from hub.validate import Validated, validate, verify_outbound

VECTORS = Path(__file__).parents[1] / "vectors"
GOOD = json.loads((VECTORS / "good_rows.json").read_text(encoding="utf-8"))
FAULTS = json.loads((VECTORS / "faults.json").read_text(encoding="utf-8"))


def day(text: str | None) -> date | None:
    """Reads a date of the vectors."""
    return date.fromisoformat(text) if text else None


CONTEXT = Context(
    received_on=date.fromisoformat(GOOD["received_on"]),
    communes={nis: Validity(day(since), day(until)) for nis, (since, until) in GOOD["communes"].items()},
    adg=frozenset(GOOD["adg"]),
    entitled=frozenset(GOOD["entitled"]),
)


def inward(feed: str) -> Contract:
    """Gives a contract of the way in."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    return contract


def judge(contract: Contract, *rows: Mapping[str, str], context: Context = CONTEXT) -> Validated:
    """Judges rows given as texts."""
    cells = [{name: row[name] or None for name in contract.columns} for row in rows]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(contract.columns, pl.String()))
    lines = pl.Series("line", range(2, len(rows) + 2), dtype=pl.Int64)
    return validate(Table(frame, lines, ()), contract, context)


FEEDS = [c.feed for c in contracts("T") if (c.direction, c.version) == ("in", 1)]
NISS = "85073099932"  # invented: its order number is 999


@pytest.mark.parametrize("feed", FEEDS)
def test_a_good_row_has_no_finding(feed: str) -> None:
    """A right row is accepted as it is, without any finding."""
    result = judge(inward(feed), GOOD[feed])
    assert (result.read, result.accepted, result.warned, result.rejected) == (1, 1, 0, 0)
    assert result.findings.is_empty()
    assert result.rows.to_dicts() == [{"line": 2} | {k: v or None for k, v in GOOD[feed].items()}]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f['feed']} {' '.join(f['changes'])[:40]} {f['found'][0][1]}")
def test_each_fault_has_its_code_on_its_column(fault: dict[str, Any]) -> None:
    """A fault gives its findings and no other; only a warning leaves the row among the accepted.

    An overlap (R502) is found on both of its rows.
    """
    good = GOOD[fault["feed"]]
    result = judge(inward(fault["feed"]), good, good | fault["changes"])
    assert [list(found) for found in result.findings.select("column", "code").rows()] == fault["found"]
    lines = {2, 3} if ["contract_start", "R502"] in fault["found"] else {3}
    assert set(result.findings["line"]) == lines
    warned = set(result.findings["severity"]) == {"WARNING"}
    assert (result.accepted, result.warned, result.rejected) == ((2, len(lines), 0) if warned else (1, 0, 1))


def wrong_cells(field: Field) -> Iterator[tuple[str, str]]:
    """Gives cells that a field alone makes wrong, with the code of each."""
    if field.required:
        yield "", "R305"
    if field.kind == "niss":
        yield "?", "R101"
        return
    yield "?\x01", "R301" if field.codes else "R306"
    if field.kind in ("int", "decimal"):
        yield str(int(field.maximum or 2**31) + 1), "R314"
        yield from [("0", "R314")] * (field.minimum > 0)
    if field.max_length:
        yield "x" * (field.max_length + 1), "R306"


@pytest.mark.parametrize(
    ("feed", "field"), [(feed, field) for feed in FEEDS for field in inward(feed).fields], ids=lambda v: str(v)[:40]
)
def test_each_column_refuses_what_its_field_does_not_allow(feed: str, field: Field) -> None:
    """Empty where required, another form, another code, out of bounds or too long: each has its code."""
    for cell, code in wrong_cells(field):
        result = judge(inward(feed), GOOD[feed] | {field.name: cell})
        assert (field.name, code) in result.findings.select("column", "code").rows(), (code, len(cell))
        assert result.rejected == 1


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    "written", [NISS, "850730-999-32", "85.07.30-999.32", f"Dossier {NISS}", f"https://a.be/{NISS}"]
)
def test_no_coded_text_takes_a_person_number(feed: str, written: str) -> None:
    """A NISS in a column that goes to the ledger has a code there, however it is written: R601, or the form's."""
    coded = [field.name for field in inward(feed).fields if field.nature == "coded" and field.kind == "text"]
    coded = [name for name in coded if not name.endswith("_bce") and name != "organization_id"]
    for name in coded:
        found = judge(inward(feed), GOOD[feed] | {name: written}).findings.select("column", "code").rows()
        assert {(name, "R601"), (name, "R306")} & set(found), name


@pytest.mark.parametrize("feed", FEEDS)
def test_each_rule_of_a_contract_has_a_fault(feed: str) -> None:
    """Whatever a rule between columns, or with the day and the sender, can find is found by one of the faults."""
    rules = inward(feed).rules(CONTEXT, "T").items()
    declared = {(column, check.error) for column, checks in rules for check in checks}
    assert declared <= {tuple(found) for fault in FAULTS if fault["feed"] == feed for found in fault["found"]}


def test_an_incomplete_birth_date_is_accepted() -> None:
    """A birth date without day or month is accepted when the rest agrees with the number."""
    good = GOOD["ORIE"]
    assert judge(inward("ORIE"), good | {"birth_date": "1985-00-00"}, good | {"birth_date": "1985-07-00"}).accepted == 2


def test_residence_outside_wallonia_is_not_judged() -> None:
    """The NIS codes of Flanders and Brussels are not known to us: they are let through."""
    assert judge(inward("ORIE"), GOOD["ORIE"] | {"residence_nis": "21004"}).findings.is_empty()


@pytest.mark.parametrize(
    ("column", "written", "canonical"),
    [
        ("version", "+007", "7"),
        ("cpas_dossier_ref", "00a-12/3", "A123"),
        ("recorded_at", "2025-03-01T08:00Z", "2025-03-01T08:00:00+00:00"),
        ("recorded_at", "2025-03-01T08:00:00.000-00:00", "2025-03-01T08:00:00+00:00"),
        ("recorded_at", "2025-03-01T08:00:00.120+01:00", "2025-03-01T08:00:00.12+01:00"),
    ],
)
def test_what_means_the_same_is_written_the_same(column: str, written: str, canonical: str) -> None:
    """Accepted rows hold canonical texts, whatever way the sender writes them."""
    assert judge(inward("ORIE"), GOOD["ORIE"] | {column: written}).rows[column].item() == canonical


def test_shapes_say_what_was_read_and_expected() -> None:
    """A shape counts digits, letters and others, and says what the column expects."""
    row = GOOD["ORIE"] | {"niss": "8507310003", "postal_code": "B-4000", "last_name": "", "version": "x"}
    shapes = dict(judge(inward("ORIE"), row).findings.select("column", "shape").rows())
    assert shapes == {
        "niss": "10 digits, 11 digits expected",
        "postal_code": "4 digits, 1 letter, 1 other, 4 digits expected",
        "last_name": "empty",
        "version": "1 letter, a whole number from 1 expected",
    }


def test_the_real_environment_refuses_invented_people() -> None:
    """A row that is right in test has R105 in real, by the same contract."""
    contract = lookup("ORIE", "in", 1, "R")
    assert contract is not None
    assert judge(contract, GOOD["ORIE"]).findings.select("column", "code").rows() == [("niss", "R105")]


def test_without_a_registry_no_commune_is_known() -> None:
    """A context without communes refuses every row, and does not stop the hub."""
    found = judge(inward("ORIE"), GOOD["ORIE"], context=Context(CONTEXT.received_on)).findings
    assert found.select("column", "code").rows() == [
        ("cpas_nis", "R201"),
        ("referral_id", "R205"),
        ("residence_nis", "R201"),
    ]


def test_ragged_rows_are_counted_among_the_read_and_rejected() -> None:
    """Rows with a wrong number of cells are in the findings and in the counts."""
    contract = inward("STAT")
    text = ";".join(contract.columns) + "\n" + ";".join(GOOD["STAT"].values()) + "\na;b\n"
    table = read_table(text.encode(), contract)
    assert isinstance(table, Table)
    result = validate(table, contract, CONTEXT)
    assert (result.read, result.accepted, result.rejected) == (2, 1, 1)
    assert result.findings.select("line", "column", "code").rows() == [(3, None, "R001")]


def test_a_table_without_rows_is_judged() -> None:
    """No row at all gives no finding and no error."""
    result = judge(inward("ORIE"))
    assert (result.read, result.accepted, result.rejected) == (0, 0, 0)


def test_checks_run_even_when_pandera_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the environment cannot turn validation into a silent pass."""
    monkeypatch.setattr("pandera.config.CONFIG.validation_enabled", False)
    assert judge(inward("ORIE"), GOOD["ORIE"] | {"postal_code": "x"}).rejected == 1


def test_a_broken_contract_stops_the_hub_without_a_value() -> None:
    """A check of ours that cannot run is our fault: its error neither shows a value nor keeps its cause."""
    broken = rule("R301", pl.col("id").str.to_integer(strict=True) > 0)
    contract = Contract("X", "x", 1, "in", (Field("id", "text"),), ("id",), None, lambda _c, _e: {"id": [broken]})
    with pytest.raises(InvariantBroken) as stopped:
        judge(contract, {"id": "CANARY"})
    assert "CANARY" not in str(stopped.value)
    assert stopped.value.__context__ is None


OUT = lookup("ACRF", "out", 1, "T")
RECEIPT = {
    "file": "FI.ORIE.062063.20250302.00001.T.1.1",
    "received_at": "2025-03-02T09:00:00.123450+01:00",
    "size": "10",
    "sha256": "0" * 64,
    "verdict": "REFUSED",
    "code": "F08",
    "message_fr": "Le fichier n'est pas dans l'encodage déclaré.",
    "mend_fr": "",
}


def receipts(*rows: Mapping[str, str]) -> bytes:
    """Writes receipts as the hub would."""
    return "\n".join([";".join(RECEIPT), *(";".join(row.values()) for row in rows), ""]).encode()


def test_our_bytes_are_read_back() -> None:
    """Bytes under their contract give the number of rows and the keys, in order."""
    assert OUT is not None
    second = RECEIPT | {"verdict": "ACCEPTED", "code": ""}
    result = verify_outbound(receipts(RECEIPT, second), OUT)
    assert result.rows == 2
    assert [key[2] for key in result.keys] == ["F08", None]


@pytest.mark.parametrize(
    "data",
    [
        receipts(RECEIPT, RECEIPT),
        receipts(RECEIPT | {"code": ""}),
        receipts(RECEIPT | {"sha256": "CANARY"}),
        receipts(RECEIPT)[:-40] + b"\n",
        receipts(RECEIPT).replace(b"file;", b"CANARY;"),
        receipts(RECEIPT | {"message_fr": '"CANARY'}),
        b"",
    ],
)
def test_bytes_that_a_recipient_would_refuse_never_leave(data: bytes) -> None:
    """A repeated key, a finding, a ragged row, another header or an open quote stop it, without a value."""
    assert OUT is not None
    with pytest.raises(InvariantBroken) as stopped:
        verify_outbound(data, OUT)
    assert "CANARY" not in str(stopped.value)


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if feed != "MUTA"])
def test_an_accepted_row_can_leave(feed: str) -> None:
    """The coded columns of an accepted row, a token and capsules satisfy the contract of the way out."""
    contract = lookup(feed, "out", 1, "T")
    assert contract is not None
    row = {
        "subject_token": "w1.abcd." + "a" * 43,
        "sealed_identity": "c1.abcdefgh.x-_",
        "sealed_local_ref": "",
        "sender": "062063",
        "record": "STATE",
        **judge(inward(feed), GOOD[feed]).rows.row(0, named=True),
    }
    lines = [";".join(contract.columns), ";".join(row[c] or "" for c in contract.columns), ""]
    assert verify_outbound("\n".join(lines).encode(), contract).rows == 1


def test_a_notification_has_a_line_of_its_own() -> None:
    """The column `line` of a notification is the sender's, not the line of the notification."""
    contract = lookup("NOTI", "out", 1, "T")
    assert contract is not None
    finding = {"file": "f", "record": "FINDING", "line": "7", "column": "niss", "code": "R101", "severity": "ERROR"}
    text = ";".join(contract.columns) + "\n" + ";".join(finding.get(name, "") for name in contract.columns) + "\n"
    assert verify_outbound(text.encode(), contract).table["line"].to_list() == ["7"]


def test_the_environment_leaves_the_columns_alone() -> None:
    """The environment changes nothing but the rules of the person number."""
    contract = inward("STAT")
    assert replace(contract, environment="R").columns == contract.columns
