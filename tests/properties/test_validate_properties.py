"""What validation keeps for any table: counts add up, nothing leaks, nothing raises, order does not matter."""

import json
import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.codes import Validity
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract
from contracts.reader import Table, read_table
from contracts.registry import contracts, lookup
from hub.validate import Validated, validate

VECTORS = Path(__file__).parents[1] / "vectors"
GOOD = json.loads((VECTORS / "good_rows.json").read_text(encoding="utf-8"))
FAULTS: list[dict[str, Any]] = json.loads((VECTORS / "faults.json").read_text(encoding="utf-8"))
AIMED = {code for fault in FAULTS for _, code in fault["found"]} | {"R001", "R002"}
CANARY = "Kwyjibo"  # in the rows of the canary test every text cell holds it


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


CONTEXT = Context(
    received_on=date.fromisoformat(GOOD["received_on"]),
    communes={nis: Validity(_day(since), _day(until)) for nis, (since, until) in GOOD["communes"].items()},
    adg=frozenset(GOOD["adg"]),
    entitled=frozenset(GOOD["entitled"]),
)
SLOW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def contract_of(feed: str) -> Contract:
    """Gives a contract of the way in."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    return contract


def written(contract: Contract, rows: list[list[str]]) -> bytes:
    """Writes rows of any number of cells as a partner would, all quoted."""
    quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return "\n".join([";".join(contract.columns), *quoted, ""]).encode()


def judged(contract: Contract, rows: list[list[str]]) -> Validated:
    """Reads and judges rows."""
    table = read_table(written(contract, rows), contract)
    assert isinstance(table, Table), table
    return validate(table, contract, CONTEXT)


def mutated(feed: str) -> st.SearchStrategy[list[str]]:
    """Draws a row: good, with up to three known faults, or with a cell too few or too many."""
    faults = st.lists(st.sampled_from([f["changes"] for f in FAULTS if f["feed"] == feed]), max_size=3)
    cut = st.sampled_from([0, 0, 0, 0, 0, 0, -1, 1])

    def build(changes: list[dict[str, str]], cells: int) -> list[str]:
        row = dict(GOOD[feed])
        for change in changes:
            row |= change
        texts = list(row.values())
        return texts[:cells] if cells < 0 else texts + [""] * cells

    return st.builds(build, faults, cut)


def tables(feed: str) -> st.SearchStrategy[tuple[str, list[list[str]]]]:
    """Draws a feed and a table of mutated rows."""
    return st.tuples(st.just(feed), st.lists(mutated(feed), max_size=25))


FEEDS = sorted({fault["feed"] for fault in FAULTS})
ANY_TABLE = st.one_of(*map(tables, FEEDS))


def test_counts_add_up_and_every_code_is_met() -> None:
    """For any table, read = accepted + rejected, warned rows are accepted ones, and a rejected row has an ERROR."""
    met: Counter[str] = Counter()

    @SLOW
    @given(ANY_TABLE)
    def holds(drawn: tuple[str, list[list[str]]]) -> None:
        feed, rows = drawn
        result = judged(contract_of(feed), rows)
        met.update(result.findings["code"])
        errors = set(result.findings.filter(severity="ERROR")["line"])
        accepted = set(result.rows["line"])
        assert result.read == len(rows) == result.accepted + result.rejected
        assert result.accepted == result.rows.height == len(accepted)
        assert result.rejected == len(errors)
        assert not errors & accepted
        assert result.warned == len(set(result.findings.filter(severity="WARNING")["line"]) & accepted)
        assert result.findings.select("line", "column", "code").is_duplicated().sum() == 0

    holds()
    for feed in FEEDS:
        rows = [list((GOOD[feed] | f["changes"]).values()) for f in FAULTS if f["feed"] == feed]
        met.update(judged(contract_of(feed), rows).findings["code"])
    print("codes met:", dict(sorted(met.items())))
    assert set(met) == AIMED


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled rows give, row by row, the same verdict and the same findings."""
    met: Counter[str] = Counter()

    def by_row(result: Validated, rows: list[list[str]]) -> Counter[str]:
        lines = _starts(rows)
        found = [(lines[line], *rest) for line, *rest in result.findings.rows()]
        kept = [tuple(row) for _, *row in result.rows.rows()]
        return Counter(map(repr, [*found, *kept]))

    @SLOW
    @given(ANY_TABLE, st.randoms(use_true_random=False))
    def holds(drawn: tuple[str, list[list[str]]], order: random.Random) -> None:
        feed, rows = drawn
        shuffled = order.sample(rows, len(rows))
        first, second = judged(contract_of(feed), rows), judged(contract_of(feed), shuffled)
        met.update(first.findings["code"])
        assert by_row(first, rows) == by_row(second, shuffled)

    holds()
    assert len(met) > len(AIMED) / 3, met


def _starts(rows: list[list[str]]) -> dict[int, str]:
    """Gives, for each line on which a row starts, the row itself."""
    line, starts = 2, {}
    for row in rows:
        starts[line] = repr(row)
        line += 1 + sum(cell.count("\n") for cell in row)
    return starts


def test_no_finding_holds_a_value() -> None:
    """Whatever cell a canary is in, and whatever other faults its row has, no finding and no refusal shows it."""
    met: Counter[str] = Counter()

    @SLOW
    @given(ANY_TABLE, st.integers(0, 60))
    def holds(drawn: tuple[str, list[list[str]]], place: int) -> None:
        feed, rows = drawn
        planted = [[*row[: place % len(row)], CANARY, *row[place % len(row) + 1 :]] for row in rows]
        result = judged(contract_of(feed), planted)
        told = json.dumps(result.findings.to_dicts())
        met.update(result.findings["code"])
        assert CANARY not in told
        cells = {cell for row in rows for cell in row if len(cell) > 3 and cell not in contract_of(feed).columns}
        shown = {text for finding in result.findings.to_dicts() for text in (finding["shape"], finding["column"])}
        assert not cells & shown
        assert not [cell for cell in cells if len(cell) > 8 and cell in told]

    holds()
    for feed in FEEDS:  # once in each cell of a row that is right otherwise
        good = list(GOOD[feed].values())
        rows = [[*good[:place], CANARY, *good[place + 1 :]] for place in range(len(good))]
        found = judged(contract_of(feed), rows).findings
        met.update(found["code"])
        assert CANARY not in json.dumps(found.to_dicts())
    assert {"R001", "R002", "R101", "R204", "R301", "R306"} <= set(met)


@pytest.mark.parametrize("contract", [c for c in contracts("T") if c.feed != "NOTI"], ids=lambda c: c.label)
def test_validation_never_raises(contract: Contract) -> None:
    """Any table of texts, under any contract but NOTI (only read back), is judged without an error and adds up."""
    met: Counter[str] = Counter()
    awkward = st.sampled_from(
        ["99999999999", "2025-02-30", "9" * 30, "-0", "2025-13-01T99:99:99Z", "1900-01-01T00:00+14:00", "|", "{x}"]
    )
    cell = st.one_of(st.none(), awkward, st.text(st.characters(exclude_categories=["Cs"]), max_size=12))

    @settings(SLOW, max_examples=10)
    @given(st.lists(st.fixed_dictionaries(dict.fromkeys(contract.columns, cell)), max_size=4))
    def holds(rows: list[dict[str, str | None]]) -> None:
        frame = pl.DataFrame(rows, schema=dict.fromkeys(contract.columns, pl.String()))
        lines = pl.Series("line", range(2, len(rows) + 2), dtype=pl.Int64)
        result = validate(Table(frame, lines, ()), contract, CONTEXT)
        met.update(result.findings["code"])
        assert result.read == len(rows) == result.accepted + result.rejected

    holds()
    assert {"R301", "R305", "R306"} <= set(met) <= set(CATALOGUE)
