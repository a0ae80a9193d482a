"""When a partner whose server failed is called again, against a clock that stands still."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import LinkError
from hub.backoff import ERRORS, LONGEST, STOPS, wait
from hub.stores.database import Database
from hub.stores.links import Links, LinkState

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
LIEGE, NAMUR = "062063", "092094"
# minutes
UNREACHABLE_LIEGE = [0.0, 3.1, 7.7, 12.3, 28.9, 51.4, 101.4, 202.2, 187.4]
UNREACHABLE_NAMUR = [0.0, 3.4, 6.6, 13.1, 26.1, 61.0, 99.5, 193.3, 205.4]
THROTTLED_LIEGE = [0.0, 1.5, 3.9, 6.1, 14.5, 25.7, 47.5, 50.6, 46.8]


def _minutes(error: str, partner: str, times: int) -> list[float]:
    waits = [wait(error, failures, partner) for failures in range(1, times + 1)]
    return [round(one.total_seconds() / 60, 1) for one in waits if one is not None]


def test_the_schedule_is_this_one() -> None:
    """The whole schedule of two partners, minute by minute: from the code alone, whatever the clock says."""
    assert _minutes("Unreachable", LIEGE, 9) == UNREACHABLE_LIEGE
    assert _minutes("Unreachable", NAMUR, 9) == UNREACHABLE_NAMUR
    assert _minutes("Throttled", LIEGE, 9) == THROTTLED_LIEGE


def test_the_bounds_of_the_jitter() -> None:
    """Every wait of every partner lies between three quarters of the whole one and all of it, and they are spread."""
    for failures, whole in ((2, 4), (5, 32), (12, 240)):
        waits = {wait("Unreachable", failures, f"{number:06d}") for number in range(300)}
        shares = [one / timedelta(minutes=whole) for one in waits if one is not None]
        assert min(shares) >= 0.75
        assert max(shares) <= 1.0
        assert max(shares) - min(shares) > 0.2
        assert len(shares) > 250


@pytest.mark.parametrize("kind", STOPS)
def test_who_refuses_us_is_never_called_by_a_clock(kind: type[LinkError]) -> None:
    """Denied, another host key, a broken protocol: no wait is long enough, however often it happened."""
    assert [wait(kind.__name__, failures, LIEGE) for failures in (1, 2, 50)] == [None] * 3


def test_what_may_be_tried_again_and_what_not_agree_with_the_errors() -> None:
    """An error has a wait if its class says that the same call may succeed later, and stops if not."""
    assert {name: wait(name, 3, LIEGE) is not None for name in ERRORS} == {n: k.retry for n, k in ERRORS.items()}
    assert all(wait(name, 10_000, LIEGE) <= LONGEST[kind] for name, kind in ERRORS.items() if kind.retry)


def test_a_wait_is_over_by_either_clock() -> None:
    """Due when the hub's clock or the machine's has moved on by the wait, and at once when the channel is another."""
    state = LinkState(LIEGE, None, 2, "Unreachable", NOW, NOW, "mark")
    delay = wait("Unreachable", 2, LIEGE)
    assert delay is not None
    before = NOW + delay - timedelta(seconds=1)
    assert not state.is_due("mark", before, before)
    assert state.is_due("mark", NOW + delay, NOW)
    assert state.is_due("mark", NOW, NOW + delay)
    assert state.is_due("another", NOW, NOW)
    stopped = LinkState(LIEGE, None, 1, "Denied", NOW, NOW, "mark")
    assert not stopped.is_due("mark", NOW + timedelta(days=999), NOW + timedelta(days=999))
    assert stopped.is_due("another", NOW, NOW)


def test_visits_are_remembered(ledger: Database) -> None:
    """Failures in a row are counted, a good visit ends them, a release forgets them, and others are not touched."""
    links = Links(ledger)
    for _ in range(3):
        links.note([NAMUR], {LIEGE: ("Unreachable", "mark")}, NOW)
    known = links.of([LIEGE, NAMUR, "091034"])
    assert (known[LIEGE].failures, known[LIEGE].error, known[LIEGE].ok_at) == (3, "Unreachable", None)
    assert (known[NAMUR].failures, known[NAMUR].ok_at) == (0, NOW)
    assert known["091034"] == LinkState("091034")
    later = NOW + timedelta(hours=1)
    links.note([LIEGE], {NAMUR: ("Denied", "mark")}, later)
    known = links.of([LIEGE, NAMUR])
    assert (known[LIEGE].failures, known[LIEGE].error, known[LIEGE].ok_at) == (0, None, later)
    assert (known[NAMUR].failures, known[NAMUR].error, known[NAMUR].ok_at) == (1, "Denied", NOW)
    links.release(NAMUR)
    assert links.of([NAMUR])[NAMUR].is_due("mark", NOW, NOW)


def test_capabilities_are_replaced(ledger: Database) -> None:
    """The last probe of a partner is kept, whole."""
    links = Links(ledger)
    links.note_capability(LIEGE, {"rename": "plain", "fsync": True}, NOW)
    links.note_capability(LIEGE, {"rename": "copy"}, NOW)
    assert links.capabilities([LIEGE, NAMUR]) == {LIEGE: {"rename": "copy", "probed_at": NOW.isoformat()}}
