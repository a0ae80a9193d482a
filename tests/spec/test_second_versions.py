"""What a row of a second version is answered: all that version 1 answers, and the rules of its new column."""

import pytest

from contracts.reader import Refusal, read_table
from contracts.registry import contracts
from tests.corpus.judged import FAULTS, Found, by_row, contract_of, judged

LEFT = {"movement": "2", "deregistration_date": "2025-03-01", "stat92_category": ""}
REASON = "deregistration_reason"
SECOND = [c.feed for c in contracts("T") if (c.direction, c.version) == ("in", 2)]
GOOD: dict[str, dict[str, str]] = {
    "a registration without a reason": {},
    "a modification without a reason": {"movement": "3"},
    "a deregistration whose reason is not told": LEFT,
    "a deregistration and its reason": LEFT | {REASON: "NO_RESPONSE"},
}
FAULTY: dict[str, tuple[dict[str, str], Found]] = {
    "a reason of who is registered": ({REASON: "EMPLOYED"}, [[REASON, "R315"]]),
    "a reason of who is modified": ({"movement": "3", REASON: "OTHER"}, [[REASON, "R315"]]),
    "a reason that is none": (LEFT | {REASON: "ILLNESS"}, [[REASON, "R301"]]),
    "a reason beside no known movement": ({"movement": "4", REASON: "EMPLOYED"}, [["movement", "R301"]]),
}


@pytest.mark.parametrize("row", GOOD.values(), ids=GOOD)
def test_a_good_row_of_registrations_2_is_accepted(row: dict[str, str]) -> None:
    """The new column may stay empty, and holds one code of its list for a deregistration."""
    assert by_row(judged("INSC", [row], version=2), 1) == [[]]


@pytest.mark.parametrize(("row", "found"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_row_of_registrations_2_is_answered(row: dict[str, str], found: Found) -> None:
    """Each fault of the new column has its code, on that column."""
    assert by_row(judged("INSC", [row], version=2), 1) == [found]


@pytest.mark.parametrize(("cell", "found"), [("1", []), ("0", []), ("", []), ("2", ["R301"]), ("oui", ["R301"])])
def test_an_interpreter_is_needed_or_not_or_it_is_not_said(cell: str, found: list[str]) -> None:
    """The new column of orientations/2 is 1, 0 or empty; any other cell rejects the row, on that column."""
    rows = [{"interpreter_need": cell}]
    assert by_row(judged("ORIE", rows, version=2), 1) == [[["interpreter_need", code] for code in found]]


@pytest.mark.parametrize("feed", SECOND)
def test_version_2_answers_what_version_1_answers(feed: str) -> None:
    """Every fault of the vectors that version 1 names is named alike under version 2."""
    rows = [fault["changes"] for fault in FAULTS if fault["feed"] == feed]
    assert len(rows) > 5
    assert by_row(judged(feed, rows, version=2), len(rows)) == by_row(judged(feed, rows), len(rows))


@pytest.mark.parametrize("feed", SECOND)
@pytest.mark.parametrize(("written", "read"), [(1, 2), (2, 1)])
def test_a_file_of_one_version_is_not_read_under_the_other(feed: str, written: int, read: int) -> None:
    """A header is one version's: nothing is guessed, nothing dropped."""
    header = ";".join(contract_of(feed, written).columns)
    assert isinstance(read_table(f"{header}\n".encode(), contract_of(feed, read)), Refusal)
