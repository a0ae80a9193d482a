"""What is told of many faulty rows: which findings are kept, in what order, and how all of them are counted."""

from pathlib import Path

import polars as pl
import pytest

from contracts.judge import FINDINGS, FIRST, LINE, judge
from contracts.model import FileFormat
from hub.validate import validate_stream
from tests.corpus.judged import CONTEXT, FAULTS, by_row, contract_of, judged, told


@pytest.mark.parametrize("feed", ["ORIE", "SITU"])
def test_a_stream_is_judged_as_a_table(feed: str, tmp_path: Path) -> None:
    """A stream gives the counts and findings of the table, its accepted rows, and in the other file no other row."""
    changes = [fault["changes"] for fault in FAULTS if fault["feed"] == feed] + [{}, {"notice_id": "n-2"}]
    contract, texts = contract_of(feed), told(feed, changes)
    good, bad = tmp_path / "good.parquet", tmp_path / "bad.parquet"
    table = judged(feed, changes, first=FIRST)
    streamed = validate_stream(texts.lazy(), contract, CONTEXT, good, bad)
    assert streamed.counts == table.counts
    assert streamed.findings.rows() == table.findings.rows()
    assert streamed.findings.schema == table.findings.schema == FINDINGS
    assert (streamed.accepted, streamed.warned, streamed.rejected) == (table.accepted, table.warned, table.rejected)
    kept = pl.read_parquet(good).sort(LINE)
    assert kept.columns == [LINE, *contract.columns]
    assert kept.rows() == table.rows.rows()
    found = set(table.findings["line"])
    assert sorted(pl.read_parquet(bad)[LINE]) == sorted(found)
    assert set(kept[LINE]) | found == set(texts[LINE])


def test_a_stream_without_a_fault_has_no_findings(tmp_path: Path) -> None:
    """Nothing is found on good rows, and the file of the others is empty."""
    good, bad = tmp_path / "good.parquet", tmp_path / "bad.parquet"
    found = validate_stream(told("MUTA", [{}, {}]).lazy(), contract_of("MUTA"), CONTEXT, good, bad)
    assert (found.accepted, found.warned, found.rejected, found.counts) == (2, 0, 0, {})
    assert found.findings.is_empty()
    assert pl.read_parquet(bad).is_empty()


def test_many_rows_are_judged_as_few_are() -> None:
    """More rows than are judged in one piece give, row by row, what each gives by itself."""
    few = [{}, {"niss": "1"}, {"replaced_by": "1"}]
    many = judged("MUTA", few * 3_500, first=FIRST)
    alone = judged("MUTA", few, first=FIRST)
    assert many.counts == {code: 3_500 * count for code, count in alone.counts.items()}
    assert (many.read, many.accepted, many.rejected) == (10_500, 3_500, 7_000)
    assert many.rows["line"].to_list() == list(range(2, 10_502, 3))


def test_a_hundred_findings_of_each_code_are_kept_and_all_are_counted() -> None:
    """Of each code the first hundred in the file are told line by line, over all columns; every one is counted."""
    bad = {"niss": "8507310003", "replaced_by": "8507310004"}
    result = judged("MUTA", [{}, *[bad] * 60, *[{"niss": "1E+10"}] * 101], first=FIRST)
    assert result.counts == {"R102": 120, "R307": 101}
    kept = result.findings.select("line", "column", "code").rows()
    assert kept == [
        *((line, column, "R102") for line in range(3, 53) for column in ("niss", "replaced_by")),
        *((line, "niss", "R307") for line in range(63, 163)),
    ]
    assert (result.read, result.accepted, result.warned, result.rejected) == (162, 1, 0, 161)


def test_the_first_findings_are_those_of_the_first_lines() -> None:
    """Whatever the order of the rows, of each code the lowest lines are kept, and findings come in their order."""
    rows = [{"niss": "1"}, {"replaced_by": "1"}, {"niss": "#N/A"}, {"notice_id": ""}, {"notice_status": "x"}] * 2
    _, found = judge(told("MUTA", rows).reverse(), contract_of("MUTA"), CONTEXT, FileFormat(), 1)
    assert found.findings.select("line", "column", "code").rows() == [
        (2, "niss", "R101"),
        (4, "niss", "R313"),
        (5, "notice_id", "R305"),
        (6, "notice_status", "R301"),
    ]
    assert found.counts == {"R101": 4, "R301": 2, "R305": 2, "R313": 2}


def test_each_finding_has_the_shape_of_its_own_cell() -> None:
    """Cells with the same text, or with none, have the same shape wherever they stand, each column its own form."""
    rows = [{"niss": "123"}, {"notice_id": ""}, {"replaced_by": "123"}, {"niss": "123"}, {"niss": "ab"}, {"niss": ""}]
    assert judged("MUTA", rows).findings.select("column", "shape").rows() == [
        ("niss", "3 digits, 11 digits expected"),
        ("notice_id", "empty"),
        ("replaced_by", "3 digits, 11 digits expected"),
        ("niss", "3 digits, 11 digits expected"),
        ("niss", "2 letters, 11 digits expected"),
        ("niss", "empty"),
    ]


def test_a_row_that_is_rejected_is_not_warned_of() -> None:
    """A warning counts among the warned only where its row is kept; both findings are told."""
    old = {"residence_nis": "82005"}
    result = judged("INSC", [old, old, {**old, "movement": "4"}, {"movement": "4"}, {}])
    assert (result.accepted, result.warned, result.rejected) == (3, 2, 2)
    assert by_row(result, 5) == [
        [["residence_nis", "R202"]],
        [["residence_nis", "R202"]],
        [["movement", "R301"], ["residence_nis", "R202"]],
        [["movement", "R301"]],
        [],
    ]
    severities = dict(result.findings.select("code", "severity").rows())
    assert severities == {"R202": "WARNING", "R301": "ERROR"}
    assert result.rows["line"].to_list() == [2, 3, 6]


@pytest.mark.parametrize("feed", ["ORIE", "SITU", "MUTA"])
def test_nothing_is_found_where_nothing_is_wrong(feed: str) -> None:
    """Good rows, or none at all, give no finding, no count and no warning."""
    for rows in ([], [{}, {}]):
        result = judged(feed, rows)
        assert (result.read, result.accepted, result.warned, result.rejected) == (len(rows), len(rows), 0, 0)
        assert (result.counts, result.findings.height, result.findings.schema) == ({}, 0, FINDINGS)
