"""What a stored state tells of yesterday, and when the past has to be read again."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from hub.frames import EVENTS, STATES
from hub.since import carried, stood
from hub.stores.framed import MARKED

TODAY = date(2026, 3, 10)
YESTERDAY, LONG_AGO = TODAY - timedelta(days=1), date(2026, 2, 2)
STORED = {
    "entity_id": "R1",
    "kind": "REFERRAL",
    "sid": "anna",
    "class": "PENDING",
    "owner": "FOREM",
    "since": LONG_AGO,
    "wake": None,
    "moved": TODAY,
    "reconciled_on": LONG_AGO,
    "message_id": "m1",
}
OPEN = {"entity_id": "R1", "kind": "REFERRAL", "sid": "anna", "class": "PENDING", "owner": "FOREM"}
EVENT = {"entity_id": "R1", "sid": "anna", "feed": "ORIE", "own": True}


def found(stored: list[dict[str, Any]], rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> dict[str, date]:
    """Since when each row is open, as far as what is stored tells."""
    known = stood(
        pl.DataFrame([STORED | one for one in stored], schema=dict(MARKED), orient="row"),
        pl.DataFrame([EVENT | one for one in events], schema=dict(EVENTS), orient="row"),
        TODAY,
    )
    states = pl.DataFrame([OPEN | one for one in rows], schema=dict(STATES), orient="row")
    return dict(carried(states, known, TODAY).iter_rows())


@pytest.mark.parametrize(
    ("now", "since"),
    [({}, LONG_AGO), ({"class": "CONFLICT"}, TODAY), ({"owner": "CPAS"}, TODAY), ({"owner": None}, TODAY)],
)
def test_what_held_yesterday_goes_on_or_began_today(now: dict[str, Any], since: date) -> None:
    """The same class and owner go on since then; another of the two began today."""
    assert found([{}], [now], [{}]) == {"R1": since}


@pytest.mark.parametrize("mark", [{"reconciled_on": None, "since": None, "class": "PENDING"}, {"entity_id": "R2"}])
def test_what_was_nothing_yesterday_began_today(mark: dict[str, Any]) -> None:
    """Where there was no state, or a mark only, what is open began today."""
    assert found([mark], [{}], [{}]) == {"R1": TODAY}


def test_what_was_agreed_yesterday_began_today() -> None:
    """A state that was agreed when it was stored, before today, opened today."""
    assert found([{"class": "AGREED", "owner": None, "since": None}], [{}], [{}]) == {"R1": TODAY}


@pytest.mark.parametrize(
    "stored",
    [
        {"moved": YESTERDAY},
        {"wake": YESTERDAY},
        {"class": "AGREED", "owner": None, "since": None, "reconciled_on": TODAY},
        {"since": TODAY, "reconciled_on": TODAY},
        {"sid": "bert"},
        {"sid": None},
        {"entity_id": "R2", "moved": YESTERDAY},
        {"entity_id": "R2", "wake": YESTERDAY},
    ],
)
def test_the_past_is_read_again_where_it_may_have_moved(stored: dict[str, Any]) -> None:
    """News behind today, a day on which time spoke, a state of today or of another: they tell nothing of yesterday."""
    both = [stored] if "entity_id" not in stored else [{}, stored]
    assert found(both, [{}], [{}, {"entity_id": "R2"}]) == {}


@pytest.mark.parametrize(
    "event",
    [
        {"own": False},
        {"sid": "bert"},
        {"entity_id": "R2", "feed": "STAT", "about": "R3"},
    ],
)
def test_the_past_is_read_again_of_who_does_not_stand_alone(event: dict[str, Any]) -> None:
    """A successor's person, one of two whom an entity names, one who is named beside another's: read again."""
    assert found([{}], [{}], [{}, event, {"entity_id": "R3", "sid": "bert"}]) == {}


def test_news_of_an_entity_reach_all_whom_it_names() -> None:
    """Where an entity moved, the past of each person that it was ever said to be is read again."""
    moved = {"entity_id": "R2", "sid": "bert", "moved": YESTERDAY}
    assert found([{}, moved], [{}], [{}, {"entity_id": "R2"}, {"entity_id": "R2", "sid": "bert"}]) == {}


def test_answers_are_read_again() -> None:
    """An answer depends on those of other people: what is stored of it tells nothing."""
    assert found([{"kind": "ANSWER"}], [{"kind": "ANSWER"}], [{}]) == {}
