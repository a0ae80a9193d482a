"""How the CPAS's view and Le Forem's view join, and what time does to a mismatch."""

import pytest
from reconcile_table import check


@pytest.mark.parametrize("today", ["01-06", "01-20"])
def test_a_referral_without_answer_is_pending(today: str) -> None:
    """An open referral waits for Le Forem up to the tenth working day after its reception."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        """,
        today=today,
        state="REQUESTED",
        status_date="01-06",
        klass="PENDING",
        owner="FOREM",
        reason="AWAITING_ANSWER",
        due="01-20",
        since="01-06",
    )


def test_a_referral_expires() -> None:
    """An open referral with no answer in time is EXPIRED since the day after it was due."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        """,
        today="02-03",
        state="EXPIRED",
        status_date="01-21",
        klass="MISSING_FOREM",
        owner="FOREM",
        due="01-20",
        since="01-21",
    )


def test_an_update_does_not_restart_the_clock() -> None:
    """A new notice of an open referral leaves the answer due when it was."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        062063 | 2 | new  | 01-27 |
        """,
        today="02-03",
        state="EXPIRED",
        due="01-20",
        since="01-21",
    )


def test_a_referral_opened_again_has_a_new_clock() -> None:
    """A referral withdrawn and opened again is due from its second opening."""
    check(
        """
        from   | v | kind   | date  | status | got
        062063 | 1 | new    | 01-06 |        | 01-06
        062063 | 2 | cancel | 01-06 |        | 01-08
        062063 | 3 | new    | 01-13 |        | 01-13
        """,
        today="01-24",
        state="REQUESTED",
        klass="PENDING",
        due="01-27",
        since="01-13",
    )


def test_a_late_answer_ends_expiry() -> None:
    """A late answer is taken: the referral is no longer expired, from the day the answer came."""
    check(
        """
        from   | v | kind | date  | status   | got
        062063 | 1 | new  | 01-06 |          |
        FOREM  | 1 | new  | 01-28 | RECEIVED | 01-29
        """,
        today="02-03",
        state="RECEIVED",
        klass="AGREED",
        owner=None,
        codes="",
        due=None,
        since=None,
    )


def test_agreement_lasts_through_statuses() -> None:
    """The two sides agree from the first answer on, whatever statuses follow; an agreement has no age."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | RECEIVED
        FOREM  | 2 | new  | 01-15 | ACCEPTED
        """,
        today="02-03",
        klass="AGREED",
        since=None,
    )


@pytest.mark.parametrize("status", ["RECEIVED", "ACCEPTED", "REJECTED"])
def test_an_open_referral_has_le_forems_status(status: str) -> None:
    """On an open referral Le Forem's status is the agreed state."""
    check(
        f"""
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | {status}
        """,
        today="01-13",
        state=status,
        klass="AGREED",
    )


def test_a_withdrawn_referral_is_cancelled() -> None:
    """A referral that the CPAS withdraws before any answer is cancelled, on the day of the withdrawal."""
    check(
        """
        from   | v | kind   | date  | status | got
        062063 | 1 | new    | 01-06 |        | 01-06
        062063 | 2 | cancel | 01-06 |        | 01-09
        """,
        today="02-03",
        cpas_view="WITHDRAWN",
        state="CANCELLED",
        business_status="WITHDRAWN_BY_CPAS",
        status_date="01-09",
        klass="AGREED",
        due=None,
        since=None,
    )


@pytest.mark.parametrize("answer", ["CANCELLED/WITHDRAWN_BY_CPAS", "REJECTED/DUPLICATE"])
def test_both_sides_agree_on_a_withdrawal(answer: str) -> None:
    """A withdrawn referral that Le Forem holds as cancelled or rejected is cancelled for both."""
    check(
        f"""
        from   | v | kind   | date  | status   | got
        062063 | 1 | new    | 01-06 |          | 01-06
        062063 | 2 | cancel | 01-06 |          | 01-09
        FOREM  | 1 | new    | 01-13 | {answer} | 01-13
        """,
        today="02-03",
        state="CANCELLED",
        klass="AGREED",
    )


@pytest.mark.parametrize(("today", "klass", "since"), [("01-17", "PENDING", "01-10"), ("01-20", "CONFLICT", "01-18")])
def test_le_forem_must_close_a_withdrawn_referral(today: str, klass: str, since: str) -> None:
    """A withdrawn referral is cancelled; Le Forem, if it goes on, has five working days to close."""
    check(
        """
        from   | v | kind   | date  | status   | got
        062063 | 1 | new    | 01-06 |          | 01-06
        FOREM  | 1 | new    | 01-08 | ACCEPTED | 01-08
        062063 | 2 | cancel | 01-06 |          | 01-10
        """,
        today=today,
        state="CANCELLED",
        business_status="WITHDRAWN_BY_CPAS",
        klass=klass,
        owner="FOREM",
        due="01-17",
        since=since,
    )


def test_a_status_that_crosses_a_withdrawal_has_its_own_time() -> None:
    """A status that comes long after the withdrawal is pending first: the mismatch is as young as it."""
    check(
        """
        from   | v | kind   | date  | status   | got
        062063 | 1 | new    | 01-06 |          | 01-06
        062063 | 2 | cancel | 01-06 |          | 01-10
        FOREM  | 1 | new    | 02-03 | ACCEPTED | 02-03
        """,
        today="02-04",
        klass="PENDING",
        owner="FOREM",
        due="02-10",
    )


@pytest.mark.parametrize("end", ["COMPLETED", "FAILED"])
def test_the_cpas_cancels_while_le_forem_has_ended(end: str) -> None:
    """A referral withdrawn after its end keeps its end, and the CPAS must move."""
    check(
        f"""
        from   | v | kind   | date  | status   | got
        062063 | 1 | new    | 01-06 |          | 01-06
        FOREM  | 1 | new    | 01-08 | ACCEPTED | 01-08
        FOREM  | 2 | new    | 01-09 | {end}    | 01-09
        062063 | 2 | cancel | 01-06 |          | 01-10
        """,
        today="01-10",
        state=end,
        status_date="01-09",
        klass="CONFLICT",
        owner="CPAS",
        reason="WITHDRAWN_AFTER_END",
        due=None,
    )


@pytest.mark.parametrize(("today", "klass"), [("01-17", "PENDING"), ("01-18", "CONFLICT")])
def test_le_forem_holds_an_open_referral_as_withdrawn(today: str, klass: str) -> None:
    """A referral that only Le Forem holds as cancelled is pending as long as a withdrawal may take."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | ACCEPTED
        FOREM  | 2 | new  | 01-10 | CANCELLED/WITHDRAWN_BY_CPAS
        """,
        today=today,
        state="CANCELLED",
        klass=klass,
        owner="CPAS",
        due="01-17",
    )


@pytest.mark.parametrize(("today", "klass"), [("01-15", "PENDING"), ("01-16", "ORPHAN_ACK")])
def test_an_answer_to_an_unknown_referral(today: str, klass: str) -> None:
    """A status without a referral is R404 from the first day, but an orphan only after its deadline."""
    check(
        """
        from  | v | kind | date  | status
        FOREM | 1 | new  | 01-08 | RECEIVED
        """,
        today=today,
        state="UNKNOWN",
        business_status=None,
        cpas=None,
        cpas_view="ABSENT",
        klass=klass,
        owner="FOREM",
        codes="R404",
        due="01-15",
    )


def test_an_orphan_is_healed_by_its_referral() -> None:
    """An answer that came before its referral is an answer like another once the referral is here."""
    check(
        """
        from   | v | kind | date  | status   | got
        FOREM  | 1 | new  | 01-08 | RECEIVED | 01-08
        062063 | 1 | new  | 01-06 |          | 01-20
        """,
        today="01-20",
        state="RECEIVED",
        klass="AGREED",
        codes="",
        since=None,
    )


def test_an_orphan_that_le_forem_cancels_is_nothing() -> None:
    """When Le Forem cancels an answer to an unknown referral, no side holds anything."""
    check(
        """
        from  | v | kind   | date  | status
        FOREM | 1 | new    | 01-08 | RECEIVED
        FOREM | 2 | cancel | 01-08 | RECEIVED
        """,
        today="02-03",
        state="UNKNOWN",
        klass="AGREED",
        codes="",
    )


@pytest.mark.parametrize("before", ["new | 01-08 | ACCEPTED", "cancel | 01-08 | CANCELLED"])
def test_correcting_a_cancelled_status_does_not_restart_the_clock(before: str) -> None:
    """The CPAS has its time from the day on which CANCELLED came to stay, whatever is said of other dates."""
    check(
        f"""
        from   | v | kind | date  | status    | got   | note
        062063 | 1 | new  | 01-06 |           | 01-06 |
        FOREM  | 1 | {before}                 | 01-08 | first
        FOREM  | 2 | new  | 01-08 | CANCELLED | 01-10 | second
        FOREM  | 3 | new  | 01-07 | ACCEPTED  | 01-13 |
        FOREM  | 4 | corr | 01-08 | CANCELLED | 01-14 | third
        """,
        today="01-15",
        klass="PENDING",
        owner="CPAS",
        due="01-17",
    )


def test_since_begins_anew_when_the_other_side_must_move() -> None:
    """A mismatch that becomes the other side's to mend is as young as that."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | CANCELLED
        """,
        today="01-10",
        klass="PENDING",
        owner="CPAS",
        since="01-08",
    )


def test_a_row_received_after_the_day_of_the_run_counts_as_of_that_day() -> None:
    """A run whose day lags behind reads all rows, and no state began after the run's day."""
    check(
        """
        from   | v | kind | date  | status    | got
        062063 | 1 | new  | 01-06 |           | 01-06
        FOREM  | 1 | new  | 01-08 | CANCELLED | 01-20
        """,
        today="01-13",
        state="CANCELLED",
        klass="PENDING",
        since="01-13",
    )
