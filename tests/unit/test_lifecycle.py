"""The tables of a referral's life are complete, and say what the documentation draws from them."""

from itertools import product

import pytest

from hub.lifecycle import (
    JOINS,
    NONE,
    REASONS,
    TERMINAL,
    TRANSITIONS,
    CpasView,
    Status,
    allowed,
    anomalies,
    describe,
    join,
)
from hub.model import Class

FOREM_VIEWS = [NONE, *(s for s in Status if s not in (Status.REQUESTED, Status.EXPIRED, Status.UNKNOWN))]


def test_every_status_but_unknown_has_its_line() -> None:
    """Every status of a life has a line in the table of transitions; UNKNOWN is not part of a life."""
    assert set(TRANSITIONS) == set(Status) - {Status.UNKNOWN}


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_terminal_status_leads_nowhere(status: Status) -> None:
    """Nothing may follow a terminal status, save itself with another business status."""
    assert [after for after in Status if allowed(status, after)] == [status]


@pytest.mark.parametrize("after", ["ACCEPTED", "REJECTED"])
def test_received_may_be_skipped(after: str) -> None:
    """Le Forem may accept or reject without having said RECEIVED."""
    assert allowed("REQUESTED", after)


@pytest.mark.parametrize("status", TRANSITIONS)
def test_the_same_status_again_is_allowed(status: str) -> None:
    """A status may be said again: only its business status has changed."""
    assert allowed(status, status)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("REQUESTED", "IN_PROGRESS"),
        ("RECEIVED", "COMPLETED"),
        ("IN_PROGRESS", "ACCEPTED"),
        ("COMPLETED", "IN_PROGRESS"),
    ],
)
def test_other_steps_are_illegal(before: str, after: str) -> None:
    """A step that is not in the table is illegal."""
    assert not allowed(before, after)


@pytest.mark.parametrize("after", ["RECEIVED", "ACCEPTED", "REJECTED", "CANCELLED"])
def test_a_late_answer_ends_expiry(after: str) -> None:
    """EXPIRED is reversible: whatever could answer a request in time may answer it late."""
    assert allowed("EXPIRED", after)


@pytest.mark.parametrize(
    ("statuses", "positions"),
    [
        ([], ()),
        (["RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD", "IN_PROGRESS", "COMPLETED"], ()),
        (["IN_PROGRESS"], (0,)),
        (["RECEIVED", "IN_PROGRESS", "COMPLETED"], (1,)),
        (["REJECTED", "ACCEPTED", "RECEIVED"], (1, 2)),
    ],
)
def test_the_fold_gives_positions_of_illegal_steps(statuses: list[str], positions: tuple[int, ...]) -> None:
    """Each illegal step is reported once, at its own position, and the life goes on from it."""
    assert anomalies(statuses) == positions


@pytest.mark.parametrize(("cpas", "forem"), [*product(CpasView, FOREM_VIEWS)])
def test_each_pair_of_views_has_exactly_one_line(cpas: CpasView, forem: str) -> None:
    """No pair of views is forgotten in the join table or said twice."""
    assert [line for line in JOINS if line.cpas == cpas and forem in line.forem] == [join(cpas, forem)]


@pytest.mark.parametrize("line", JOINS, ids=lambda line: line.reason)
def test_a_line_is_pending_exactly_while_its_clock_runs(line) -> None:
    """A line with a clock is pending before and a discrepancy after; a line without one is never pending."""
    late = REASONS[line.late_reason].klass if line.late_reason else None
    assert (REASONS[line.reason].klass is Class.PENDING) == (line.clock is not None) == (late is not None)
    assert late not in (Class.AGREED, Class.PENDING)


def test_whoever_must_move_is_named() -> None:
    """Only an agreement has no owner."""
    assert {why.klass for why in REASONS.values() if why.owner is None} == {Class.AGREED}


def test_the_classes_a_referral_can_take() -> None:
    """A referral by itself can take every class but MISSING_CPAS: what the CPAS owes on it is a withdrawal.

    DUPLICATE and SUPERSEDED it is beside another one only.
    """
    alone = {why.klass for why in REASONS.values()}
    assert set(Class) - alone == {Class.MISSING_CPAS, Class.DUPLICATE, Class.SUPERSEDED}


def test_the_description_shows_every_step_and_every_reason_of_the_join() -> None:
    """The drawn tables leave nothing out."""
    text = describe()
    assert all(f"{a} --> {b}\n" in text for a, following in TRANSITIONS.items() for b in following)
    assert all(f"`{reason}`" in text for x in JOINS for reason in (x.reason, x.late_reason) if reason)
