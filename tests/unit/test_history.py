"""What held of an entity on a day, by what was known on another: its rows, and the state that they leave."""

import pytest

from hub.history import ROWS, STATE, Asked, history
from tests.spec.persons_table import RULES, Row, day, events, frame

RI, R1, REGI = "SITU|062063|anna|RI|", "R62063-2026-000001", "REGI|062063|anna"
# The grant is cancelled and a withdrawal corrected after the event: 02-20 tells of 02-09, 03-02 takes the end back.
TABLE = """
feed | v  | date  | of    | says                          | person | from | got
SITU | 1  | 02-02 | RI    | RI_GRANT                      |        |      |
ORIE | 1  | 02-02 | R1    | RI                            |        |      |
STAT | 1  | 02-04 | R1    | ACCEPTED                      |        |      |
STAT | 2  | 02-06 | R1    | IN_PROGRESS                   | bert   |      |
STAT | 3  | 02-06 | R1    | IN_PROGRESS                   |        |      | 02-16
SITU | 2  | 02-09 | RI    | RI_WITHDRAWAL                 |        |      | 02-20
SITU | 3x | 02-09 | RI    | RI_WITHDRAWAL                 |        |      | 03-02
SITU | 4  | 04-01 | RI    | RI_SUSPENSION                 |        |      | 03-05
SITU | 5  | 04-01 | RI    | RI_CHANGE                     |        |      | 03-06
SITU | 5  | 04-01 | RI    | RI_REFUSAL                    |        |      | 03-06
INSC | 1  | 02-10 | -     | 1                             |        |      |
FORM | 1  | 03-02 | E1@R1 | STARTED                       |        |      |
JOBD | 1  | 02-02 | J1    | OPEN                          |        |      |
MOBI | 1  | 03-02 | J1    | CONFIRMED                     |        |      |
MANQ | 1  | 03-03 | B1@R1 | OPEN                          |        |      |
"""


def asked(entity: str, known: str, on: str | None = None, table: str = TABLE) -> tuple[list[Row], dict[str, Row]]:
    rows, states = history(frame(events(table)), Asked(entity, day(on) if on else None, day(known)), RULES)
    assert (tuple(rows.columns), tuple(states.columns)) == (ROWS, STATE)
    return rows.to_dicts(), {str(state["entity_id"]): state for state in states.to_dicts()}


def standing(entity: str, known: str, on: str | None = None, table: str = TABLE) -> list[tuple[object, object]]:
    return [(row["version"], row["standing"]) for row in asked(entity, known, on, table)[0]]


@pytest.mark.parametrize(
    ("known", "on", "state"),
    [
        ("02-19", None, "RI_GRANT"),
        ("02-20", None, "RI_WITHDRAWAL"),
        ("02-20", "02-08", "RI_GRANT"),
        ("02-19", "02-15", "RI_GRANT"),
        ("02-20", "02-15", "RI_WITHDRAWAL"),
        ("03-02", "02-15", "RI_GRANT"),
        ("03-05", None, "RI_SUSPENSION"),
        ("03-05", "03-31", "RI_GRANT"),
        ("03-05", "04-01", "RI_SUSPENSION"),
    ],
)
def test_a_state_as_of_a_day_as_known_on_another(known: str, on: str | None, state: str) -> None:
    """The day of effect and the day of knowledge are two: what was told late, or taken back, was otherwise before."""
    assert asked(RI, known, on)[1][RI]["state"] == state


def test_what_each_row_is_to_the_others() -> None:
    """Each row says whether it prevails on its date, cancels it, was replaced, is contested or is on somebody else."""
    known = [(1, "PREVAILS"), (2, "REPLACED"), (3, "CANCELS"), (4, "PREVAILS"), (5, "CONTESTED"), (5, "CONTESTED")]
    assert standing(RI, "03-06") == known
    assert standing(RI, "02-20") == [(1, "PREVAILS"), (2, "PREVAILS")]
    assert standing(R1, "02-06") == [(1, "PREVAILS"), (1, "PREVAILS"), (2, "ANOTHER_PERSON")]
    assert standing(R1, "02-16")[-1] == (3, "PREVAILS")


def test_what_was_not_there_is_not_shown() -> None:
    """Nothing that was received later, or takes effect later than the day asked for, is shown or counted."""
    assert asked(R1, "02-01") == ([], {})
    assert standing(RI, "03-06", "03-31") == [(1, "PREVAILS"), (2, "REPLACED"), (3, "CANCELS")]
    _, states = asked(RI, "03-06", "03-31")
    assert (states[RI]["class"], states[RI]["codes"]) == ("AGREED", [])


def test_class_and_reason_are_those_of_that_day() -> None:
    """What was pending then is pending, with the day since which it was; what was agreed then is agreed."""
    _, before = asked(R1, "02-03")
    assert {name: before[R1][name] for name in ("state", "class", "reason", "since")} == {
        "state": "REQUESTED", "class": "PENDING", "reason": "AWAITING_ANSWER", "since": day("02-02"),
    }  # fmt: skip
    _, after = asked(R1, "02-04")
    assert (after[R1]["state"], after[R1]["class"]) == ("ACCEPTED", "AGREED")


@pytest.mark.parametrize(
    ("entity", "feeds", "state"),
    [
        (R1, "ORIE STAT STAT STAT", "IN_PROGRESS"),
        (RI, "SITU SITU SITU SITU SITU SITU", "RI_SUSPENSION"),
        (REGI, "ORIE SITU INSC SITU SITU SITU SITU SITU", "ON_TIME"),
        ("INSC|900001|anna", "INSC", "ON_TIME"),
        ("FORM|900001|E1", "FORM", "STARTED"),
        ("MOBI|062063|anna|J1", "MOBI", "CONFIRMED"),
        ("MANQ|900001|B1", "MANQ", "OPEN"),
        ("JOBD|900001|J1", "JOBD", None),
    ],
)
def test_every_kind_of_entity_has_a_history(entity: str, feeds: str, state: str | None) -> None:
    """By the id of a state or of a row: the rows it rests on and its state; an event of Le Forem's has rows only."""
    rows, states = asked(entity, "03-10")
    assert " ".join(str(row["feed"]) for row in rows) == feeds
    assert [one["state"] for one in states.values()] == ([state] if state else [])


@pytest.mark.parametrize("entity", ["SITU|082005|anna|RI|", "SITU|082039|anna|RI|"])
def test_either_name_of_a_merged_entity_tells_its_whole_history(entity: str) -> None:
    """What the predecessor said and what the successor said are one situation, under the name of the successor."""
    table = """
    feed | v | date       | of | says          | from
    SITU | 1 | 2024-06-03 | RI | RI_GRANT      | 082005
    SITU | 1 | 2025-03-03 | RI | RI_WITHDRAWAL | 082039
    """
    rows, states = asked(entity, "2025-04-01", table=table)
    assert [row["entity_id"] for row in rows] == ["SITU|082005|anna|RI|", "SITU|082039|anna|RI|"]
    assert list(states) == ["SITU|082039|anna|RI|"]
