"""Which row of one side prevails: versions, corrections, cancellations, two contents at one version."""

from dataclasses import replace

from reconcile_table import check, day, events, read


def test_the_latest_effective_date_is_the_state() -> None:
    """The state of a side is its live notice with the latest effective date."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | RECEIVED/REGISTERED_AT_FOREM
        FOREM  | 2 | new  | 01-10 | ACCEPTED/ASSIGNED_AGENCY
        """,
        today="01-13",
        state="ACCEPTED",
        business_status="ASSIGNED_AGENCY",
        status_date="01-10",
        klass="AGREED",
        owner=None,
        codes="",
        forem_version=2,
    )


def test_a_late_status_never_moves_the_state_back() -> None:
    """An older status that arrives last changes nothing but completes the life."""
    check(
        """
        from   | v | kind | date  | status      | got   | written
        062063 | 1 | new  | 01-06 |             |       |
        FOREM  | 3 | new  | 01-13 | IN_PROGRESS | 01-13 | 01-13
        FOREM  | 1 | new  | 01-08 | RECEIVED    | 01-20 | 01-08
        FOREM  | 2 | new  | 01-10 | ACCEPTED    | 01-20 | 01-10
        """,
        today="01-21",
        state="IN_PROGRESS",
        klass="AGREED",
        codes="",
    )


def test_a_correction_replaces_its_date() -> None:
    """Status 1 replaces wholly what was said of its effective date."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | ACCEPTED
        FOREM  | 2 | corr | 01-08 | REJECTED/DUPLICATE
        """,
        today="01-13",
        state="REJECTED",
        business_status="DUPLICATE",
        codes="",
    )


def test_a_correction_may_arrive_before_the_original() -> None:
    """A correction that arrives first stands; its original, arriving later, changes nothing."""
    check(
        """
        from   | v | kind | date  | status   | got   | written
        062063 | 1 | new  | 01-06 |          |       |
        FOREM  | 2 | corr | 01-08 | REJECTED | 01-09 | 01-09
        FOREM  | 1 | new  | 01-08 | ACCEPTED | 01-13 | 01-08
        """,
        today="01-13",
        state="REJECTED",
        codes="",
        since=None,
    )


def test_cancelling_a_later_notice_revives_the_earlier() -> None:
    """Cancelling a terminal status reveals the one before it."""
    check(
        """
        from   | v | kind   | date  | status
        062063 | 1 | new    | 01-06 |
        FOREM  | 1 | new    | 01-08 | ACCEPTED
        FOREM  | 2 | new    | 01-10 | FAILED/UNREACHABLE
        FOREM  | 3 | cancel | 01-10 | FAILED/UNREACHABLE
        """,
        today="01-13",
        state="ACCEPTED",
        status_date="01-08",
        forem_version=3,
        klass="AGREED",
        codes="",
    )


def test_a_cancellation_may_arrive_before_its_original() -> None:
    """A cancelled notice stays absent when its original arrives after the cancellation."""
    check(
        """
        from   | v | kind   | date  | status   | got   | written
        062063 | 1 | new    | 01-06 |          |       |
        FOREM  | 2 | cancel | 01-08 | RECEIVED | 01-09 | 01-09
        FOREM  | 1 | new    | 01-08 | RECEIVED | 01-13 | 01-08
        """,
        today="01-13",
        state="REQUESTED",
        forem_view="NONE",
        klass="PENDING",
        codes="",
    )


def test_a_notice_can_be_said_again_after_its_cancellation() -> None:
    """A higher version brings a cancelled notice back."""
    check(
        """
        from   | v | kind   | date  | status
        062063 | 1 | new    | 01-06 |
        062063 | 2 | cancel | 01-06 |
        062063 | 3 | new    | 01-06 |
        """,
        today="01-13",
        cpas_view="OPEN",
        state="REQUESTED",
        cpas_version=3,
    )


def test_several_statuses_on_one_day_are_steps_of_the_life() -> None:
    """Two new statuses of one day are two steps in order of version, the last being the state."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | ACCEPTED
        FOREM  | 2 | new  | 01-08 | IN_PROGRESS
        """,
        today="01-13",
        state="IN_PROGRESS",
        codes="",
    )


def test_two_contents_at_one_version_keep_the_last_uncontested_state() -> None:
    """Two contents at one version are left out, flagged R403, and the state is that of the lower versions."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | ACCEPTED
        FOREM  | 2 | new  | 01-10 | COMPLETED/EMPLOYED
        FOREM  | 2 | new  | 01-10 | FAILED/ABANDONED
        """,
        today="01-13",
        state="ACCEPTED",
        klass="CONFLICT",
        owner="FOREM",
        codes="R403",
        reason="CONTESTED_BY_FOREM",
        since="01-10",
        forem_version=2,
    )


def test_a_higher_version_of_the_date_settles_a_conflict() -> None:
    """A conflict closes by itself when the sender says that date again with a higher version."""
    check(
        """
        from   | v | kind | date  | status             | got
        062063 | 1 | new  | 01-06 |                    |
        FOREM  | 1 | new  | 01-08 | ACCEPTED           |
        FOREM  | 2 | new  | 01-10 | COMPLETED/EMPLOYED |
        FOREM  | 2 | new  | 01-10 | FAILED/ABANDONED   |
        FOREM  | 3 | corr | 01-10 | FAILED/ABANDONED   | 01-12
        """,
        today="01-13",
        state="FAILED",
        klass="AGREED",
        codes="",
        since=None,
    )


def test_a_later_live_notice_settles_a_conflict() -> None:
    """A conflict closes by itself when a higher version says a later date."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | ACCEPTED/ASSIGNED_AGENCY
        FOREM  | 2 | new  | 01-09 | ACCEPTED/ASSIGNED_DIGITAL
        FOREM  | 2 | new  | 01-09 | ACCEPTED/ASSIGNED_INTENSIVE
        FOREM  | 3 | new  | 01-10 | IN_PROGRESS
        """,
        today="01-13",
        state="IN_PROGRESS",
        klass="AGREED",
        codes="",
    )


def test_a_higher_version_of_an_earlier_date_settles_nothing() -> None:
    """A conflict stays while the sender speaks of earlier dates only: its date could prevail."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | ACCEPTED
        FOREM  | 2 | new  | 01-10 | COMPLETED/EMPLOYED
        FOREM  | 2 | new  | 01-10 | FAILED/ABANDONED
        FOREM  | 3 | corr | 01-08 | ACCEPTED/ASSIGNED_AGENCY
        """,
        today="01-13",
        state="ACCEPTED",
        klass="CONFLICT",
        codes="R403",
    )


def test_a_conflict_comes_back_with_the_notice_that_hid_it() -> None:
    """Cancelling the later notice that settled a conflict opens the conflict again."""
    check(
        """
        from   | v | kind   | date  | status
        062063 | 1 | new    | 01-06 |
        FOREM  | 2 | new    | 01-09 | ACCEPTED/ASSIGNED_DIGITAL
        FOREM  | 2 | new    | 01-09 | REJECTED/DUPLICATE
        FOREM  | 3 | new    | 01-10 | ACCEPTED
        FOREM  | 4 | cancel | 01-10 | ACCEPTED
        """,
        today="01-13",
        state="REQUESTED",
        klass="CONFLICT",
        owner="FOREM",
        codes="R403 R406",
    )


def test_a_referral_whose_only_version_is_contested_is_no_orphan() -> None:
    """A contested first version leaves an UNKNOWN referral: the CPAS must move, R404 is not raised."""
    check(
        """
        from   | v | kind | date  | status   | note
        062063 | 1 | new  | 01-06 |          | one
        062063 | 1 | new  | 01-06 |          | two
        FOREM  | 1 | new  | 01-08 | RECEIVED |
        """,
        today="01-13",
        state="UNKNOWN",
        cpas="062063",
        cpas_view="ABSENT",
        klass="CONFLICT",
        owner="CPAS",
        codes="R403",
    )


def test_one_content_about_two_persons_is_two_contents() -> None:
    """The same row said of two persons at one version is a conflict, and nobody is taken for the person."""
    check(
        """
        from   | v | kind | date  | status   | person
        062063 | 1 | new  | 01-06 |          | anna
        062063 | 1 | new  | 01-06 |          | bert
        FOREM  | 1 | new  | 01-08 | RECEIVED | bert
        """,
        today="01-13",
        sid=None,
        forem_view="NONE",
        klass="CONFLICT",
        owner="CPAS",
        codes="R403",
    )


def test_one_content_about_one_person_under_two_subject_ids_is_one() -> None:
    """When the two persons turn out to be one, the same row said of both is no conflict."""
    rows = events(
        """
        from   | v | kind | date  | status | person
        062063 | 1 | new  | 01-06 |        | anna
        062063 | 1 | new  | 01-06 |        | bert
        """
    )
    state = read([replace(row, sid="anna") for row in rows], day("01-13"))
    assert (state.sid, state.state, state.codes) == ("anna", "REQUESTED", ())


def test_the_same_row_in_two_files_counts_once() -> None:
    """A row repeated in another file is the same event, as first received."""
    check(
        """
        from   | v | kind | date  | status | got
        062063 | 1 | new  | 01-06 |        | 01-07
        062063 | 1 | new  | 01-06 |        | 01-06
        """,
        today="01-13",
        klass="PENDING",
        codes="",
        since="01-06",
    )


def test_versions_are_numbers() -> None:
    """Version 10 comes after version 9."""
    check(
        """
        from   | v  | kind | date  | status
        062063 | 1  | new  | 01-06 |
        FOREM  | 9  | new  | 01-08 | RECEIVED
        FOREM  | 10 | new  | 01-08 | ACCEPTED
        """,
        today="01-13",
        state="ACCEPTED",
        forem_version=10,
    )


def test_a_lower_version_of_the_date_settles_nothing() -> None:
    """A conflict on a date that was said before keeps what was said before."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | RECEIVED
        FOREM  | 2 | corr | 01-08 | ACCEPTED
        FOREM  | 2 | corr | 01-08 | REJECTED
        """,
        today="01-13",
        state="RECEIVED",
        klass="CONFLICT",
        codes="R403",
    )
