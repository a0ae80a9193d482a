"""What may leave the hub's memory for a log or for Airflow."""

import pytest

from connectors.errors import Unreachable
from hub import crossing
from hub.crossing import may_cross
from hub.errors import HubError
from hub.stores import submissions

UUID = "019cd0c4-2a80-7b13-9f3e-12345678901a"


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, 7, 123_456_789, "", "062063", UUID, "collect", "Unreachable", "AGREED", "read"),
        "manual__2026-03-09T06:00:00+00:00",
        "manual__2026-03-09T06:00:00.123456+00:00_Zx3fAb12",
        {"partner": "062063", "done": 2, "error": None, "retry": False},
        {"skipped": ["again", "verdict"]},
        [["900001"], {"062063": 3}],
    ],
)
def test_ids_counts_and_our_own_words_may(value: object) -> None:
    """Partners, message ids, run ids, counts, codes, and lists and mappings of them may cross."""
    assert may_cross(value)


@pytest.mark.parametrize(
    "value",
    [
        *("Dupont", "DUPONT", "85073100165", "85.07.31-001.65", 85073100165, -1, 1.5, "1985-07-31", "D00007"),
        *("R62063-2026-000001", "a@b.example", "+32470123456", "a" * 32, b"062063", {"062063"}, "062063\n"),
        {"Dupont": 1},
        {"partner": "Dupont"},
        {"deep": [{"er": 1}]},
        [["062063", ["85073100165"]]],
        HubError("062063"),
        "manual__Dupont",
        f"w1.abcd.{'Q' * 43}",
    ],
)
def test_nothing_else_may(value: object) -> None:
    """No name, number of a person, date, referral, dossier, token, digest or object may, however deep it lies."""
    assert not may_cross(value)


def test_the_list_of_words_is_that_of_the_code() -> None:
    """The states are those of a submission, the counts those of a file, and every error of ours is a word."""
    assert set(crossing.STATES) == {*submissions.MOVES, *(s for after in submissions.MOVES.values() for s in after)}
    assert set(submissions.COUNTS) <= set(crossing.COUNTED)
    assert crossing.is_word(Unreachable.__name__)

    class FreshError(HubError):
        pass

    assert crossing.is_word("FreshError")
