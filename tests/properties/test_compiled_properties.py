"""The compiled pass and pandera itself say the same of any table, for every contract."""

import json
import os
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.codes import Validity
from contracts.judge import FIRST, LINE
from contracts.model import Context, Contract, Field, FileFormat
from contracts.reader import Table
from contracts.reference import reference
from contracts.registry import contracts
from hub.validate import validate, validate_stream

GOOD = json.loads((Path(__file__).parents[1] / "vectors" / "good_rows.json").read_text(encoding="utf-8"))
CONTEXT = Context(
    received_on=date.fromisoformat(GOOD["received_on"]),
    communes={
        nis: Validity(*(date.fromisoformat(d) if d else None for d in days)) for nis, days in GOOD["communes"].items()
    },
    adg=frozenset(GOOD["adg"]),
    entitled=frozenset(GOOD["entitled"]),
)
EXAMPLES = int(os.environ.get("PASSERELLE_COMPILED_EXAMPLES", "5"))
SLOW = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FAULTS = json.loads((Path(__file__).parents[1] / "vectors" / "faults.json").read_text(encoding="utf-8"))
EVERY = contracts("T")
INBOUND = [contract for contract in (*EVERY, *contracts("R")) if contract.direction == "in"]
CELLS = [
    *("", "x", "é" * 61, "1", "0", "01", "9", "12", "1.0", "1,5", "19.5", "38", "-1", "4000", "TRUE", "VRAI", "#N/A"),
    *("85073100031", "8507310003", "85073100031.0", "8.50731E+10", "81120103571", "05410100012", "99020299964"),
    *("2025-02-28", "2025-02-30", "2016-10-31", "2016-11-01", "2099-01-01", "1985-07-31", "1985-00-00", "45678"),
    *("31/12/2024", "2025-03-01T10:00:00+01:00", "2025-03-02T23:30Z", "2025-03-01T10:00:00.10Z", "2024-13-01T10:00Z"),
    *("62063", "82005", "63023", "99999", "11002", "62063.0", "R62063-2025-000001", "R11111-2025-000001", "A-1"),
    *("0236363165", "236363165", "0236363166", "2000000024", "K1302", "fr:A1|nl:B2", "11", "10|11", "CDI", "a@b.be"),
]


def _cells(field: Field) -> st.SearchStrategy[str | None]:
    """Draws what may stand in a column: codes of its own list, the other kinds of text, or nothing."""
    own = list(field.codes[:6])
    joined = ["|".join(own[:2])] if field.kind == "list" and own else []
    return st.sampled_from([cell or None for cell in [*own, *joined, *CELLS]])


def _rows(contract: Contract) -> st.SearchStrategy[list[dict[str, str | None]]]:
    """Draws rows that differ in some cells from a good one, where there is one, or in all."""
    good = GOOD.get(contract.feed, {}) if contract.direction == "in" else {}
    base = {field.name: good.get(field.name) or None for field in contract.fields}
    changes = [st.tuples(st.just(field.name), _cells(field)) for field in contract.fields]
    few = st.lists(st.one_of(changes), max_size=6 if good else len(changes))
    return st.lists(few.map(lambda drawn: base | dict(drawn)), min_size=1, max_size=8)


def _table(contract: Contract, rows: list[dict[str, str | None]]) -> Table:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(contract.columns, pl.String()), orient="row")
    return Table(frame, pl.Series("line", range(2, len(rows) + 2), dtype=pl.Int64), (), ())


@pytest.mark.parametrize("contract", EVERY, ids=lambda c: f"{c.label} {c.environment}")
def test_the_compiled_pass_finds_what_pandera_finds(contract: Contract, tmp_path: Path) -> None:
    """On any rows both give the same lines, columns and codes, in memory and streamed, and the same rows go on."""
    met: Counter[str] = Counter()
    kept = 0

    @SLOW
    @given(_rows(contract))
    def holds(rows: list[dict[str, str | None]]) -> None:
        nonlocal kept
        table = _table(contract, rows)
        texts = table.rows.select(table.lines.alias(LINE), pl.all())
        wanted = reference(texts, contract, CONTEXT, FileFormat())
        result = validate(table, contract, CONTEXT, first=10**6) if contract.name != "noti" else None
        good, bad = tmp_path / "good.parquet", tmp_path / "bad.parquet"
        streamed = validate_stream(texts.lazy(), contract, CONTEXT, good, bad)
        met.update(wanted["code"])
        assert streamed.counts == dict(sorted(Counter(wanted["code"]).items()))
        if max(streamed.counts.values(), default=0) <= FIRST:
            assert streamed.findings.select("line", "column", "code").rows() == wanted.rows()
        if result is not None:
            kept += result.accepted
            assert result.findings.select("line", "column", "code").rows() == wanted.rows()
            assert result.counts == streamed.counts
            assert (result.accepted, result.warned, result.rejected) == (
                streamed.accepted,
                streamed.warned,
                streamed.rejected,
            )
            assert pl.read_parquet(good).sort(LINE).rows() == result.rows.rows()

    holds()
    print(contract.label, "codes met:", dict(sorted(met.items())), "rows kept:", kept)
    assert met


@pytest.mark.parametrize("contract", INBOUND, ids=lambda c: f"{c.label} {c.environment}")
def test_the_compiled_pass_finds_every_known_fault_as_pandera_does(contract: Contract) -> None:
    """In one table of all known faults of a feed, in either environment, both find the same."""
    faults = [fault for fault in FAULTS if fault["feed"] == contract.feed]
    cells = [GOOD[contract.feed] | fault["changes"] for fault in faults]
    rows = [{name: row.get(name) or None for name in contract.columns} for row in cells]
    table = _table(contract, rows)
    texts = table.rows.select(table.lines.alias(LINE), pl.all())
    wanted = reference(texts, contract, CONTEXT, FileFormat())
    result = validate(table, contract, CONTEXT, first=10**6)
    assert result.findings.select("line", "column", "code").rows() == wanted.rows()
    assert contract.environment == "R" or set(wanted["code"]) >= {code for f in faults for _, code in f["found"]}
