"""Illegal steps, stale versions and rows on another person are recorded, flagged, and heal by themselves."""

from reconcile_table import check


def test_an_illegal_step_is_flagged_and_stands() -> None:
    """An illegal step is R401, Le Forem's to mend; the state is still its live notice."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | RECEIVED
        FOREM  | 2 | new  | 01-10 | COMPLETED/EMPLOYED
        """,
        today="01-13",
        state="COMPLETED",
        klass="OUT_OF_ORDER",
        owner="FOREM",
        codes="R401",
        reason="ILLEGAL_STEP",
        since="01-10",
    )


def test_the_missing_step_heals_an_illegal_one() -> None:
    """The missing step, arriving late, makes the life whole."""
    check(
        """
        from   | v | kind | date  | status             | got   | written
        062063 | 1 | new  | 01-06 |                    |       |
        FOREM  | 2 | new  | 01-10 | COMPLETED/EMPLOYED | 01-10 | 01-10
        FOREM  | 1 | new  | 01-08 | ACCEPTED           | 01-13 | 01-08
        """,
        today="01-13",
        state="COMPLETED",
        klass="AGREED",
        codes="",
        since=None,
    )


def test_a_life_is_judged_by_effective_date() -> None:
    """A status said later of an earlier day takes its place in the life by its day."""
    check(
        """
        from   | v | kind | date  | status      | written
        062063 | 1 | new  | 01-06 |             |
        FOREM  | 1 | new  | 01-10 | IN_PROGRESS | 01-10
        FOREM  | 2 | new  | 01-08 | ACCEPTED    | 01-13
        """,
        today="01-14",
        state="IN_PROGRESS",
        codes="",
    )


def test_a_terminal_status_is_left_by_correction_only() -> None:
    """A status after a terminal one is illegal, even on the same day; a correction of it is not."""
    table = """
        from   | v | kind   | date  | status
        062063 | 1 | new    | 01-06 |
        FOREM  | 1 | new    | 01-08 | REJECTED/DUPLICATE
        FOREM  | 2 | {kind} | 01-08 | ACCEPTED
        """
    check(table.format(kind="new"), today="01-13", state="ACCEPTED", codes="R401")
    check(table.format(kind="corr"), today="01-13", state="ACCEPTED", codes="")


def test_a_lower_version_written_later_is_stale() -> None:
    """A row written after a higher version is R402, its sender's to mend, and does not prevail."""
    check(
        """
        from   | v | kind | date  | status             | written
        062063 | 1 | new  | 01-06 |                    |
        FOREM  | 5 | new  | 01-08 | ACCEPTED           | 01-08
        FOREM  | 2 | corr | 01-08 | RECEIVED           | 01-10
        """,
        today="01-13",
        state="ACCEPTED",
        klass="OUT_OF_ORDER",
        owner="FOREM",
        codes="R402 R406",
    )


def test_a_cpas_can_be_stale_too() -> None:
    """A CPAS that writes a lower version after a higher one must move."""
    check(
        """
        from   | v | kind | date  | status   | written
        062063 | 3 | new  | 01-06 |          | 01-06
        062063 | 2 | new  | 01-07 |          | 01-09
        FOREM  | 1 | new  | 01-10 | RECEIVED |
        """,
        today="01-13",
        state="RECEIVED",
        klass="OUT_OF_ORDER",
        owner="CPAS",
        codes="R402 R406",
        reason="STALE_CPAS",
    )


def test_an_old_row_that_arrives_late_is_not_stale() -> None:
    """Arrival is not writing: an old row that comes late is in order."""
    check(
        """
        from   | v | kind | date  | status | got   | written
        062063 | 2 | new  | 01-07 |        | 01-07 | 01-07
        062063 | 1 | new  | 01-06 |        | 01-09 | 01-06
        """,
        today="01-13",
        codes="",
        klass="PENDING",
    )


def test_a_new_highest_version_heals_staleness() -> None:
    """A sender that takes up its numbering again above all it has written is in order again."""
    check(
        """
        from   | v | kind | date  | status   | written
        062063 | 1 | new  | 01-06 |          |
        FOREM  | 5 | new  | 01-08 | RECEIVED | 01-08
        FOREM  | 2 | new  | 01-09 | ACCEPTED | 01-10
        FOREM  | 6 | corr | 01-09 | ACCEPTED | 01-11
        """,
        today="01-13",
        state="ACCEPTED",
        klass="AGREED",
        codes="R406",
    )


def test_a_status_of_another_person_changes_no_view() -> None:
    """A status of another person than the referral's is R503, Le Forem's to mend, and moves nothing."""
    check(
        """
        from   | v | kind | date  | status   | person
        062063 | 1 | new  | 01-06 |          | anna
        FOREM  | 1 | new  | 01-08 | RECEIVED | anna
        FOREM  | 2 | new  | 01-10 | ACCEPTED | bert
        """,
        today="01-13",
        sid="anna",
        state="RECEIVED",
        forem_view="RECEIVED",
        forem_version=1,
        klass="CONFLICT",
        owner="FOREM",
        codes="R503",
        since="01-10",
    )


def test_a_later_correction_heals_an_identity_mismatch() -> None:
    """A higher version of the same date about the right person ends the mismatch."""
    check(
        """
        from   | v | kind | date  | status   | person | got
        062063 | 1 | new  | 01-06 |          | anna   |
        FOREM  | 1 | new  | 01-08 | ACCEPTED | bert   |
        FOREM  | 2 | corr | 01-08 | ACCEPTED | anna   | 01-10
        """,
        today="01-13",
        state="ACCEPTED",
        klass="AGREED",
        codes="",
        since=None,
    )


def test_cancelling_the_mistaken_row_heals_an_identity_mismatch() -> None:
    """The row on another person may also be cancelled under that person's number."""
    check(
        """
        from   | v | kind   | date  | status   | person
        062063 | 1 | new    | 01-06 |          | anna
        FOREM  | 1 | new    | 01-08 | ACCEPTED | bert
        FOREM  | 2 | cancel | 01-08 | ACCEPTED | bert
        """,
        today="01-13",
        state="REQUESTED",
        klass="PENDING",
        codes="",
    )


def test_a_cancellation_under_another_person_cancels_nothing() -> None:
    """A cancellation of the right person's status under another person's number is R503 and has no effect."""
    check(
        """
        from   | v | kind   | date  | status   | person
        062063 | 1 | new    | 01-06 |          | anna
        FOREM  | 1 | new    | 01-08 | ACCEPTED | anna
        FOREM  | 2 | cancel | 01-08 | ACCEPTED | bert
        """,
        today="01-13",
        state="ACCEPTED",
        klass="CONFLICT",
        codes="R503",
    )


def test_a_status_on_another_date_does_not_heal_a_mismatch() -> None:
    """The mistaken row stays a mismatch until its own date is corrected or cancelled."""
    check(
        """
        from   | v | kind | date  | status   | person
        062063 | 1 | new  | 01-06 |          | anna
        FOREM  | 1 | new  | 01-08 | RECEIVED | bert
        FOREM  | 2 | new  | 01-10 | ACCEPTED | anna
        """,
        today="01-13",
        state="ACCEPTED",
        klass="CONFLICT",
        owner="FOREM",
        codes="R503",
    )


def test_the_cpas_may_be_the_one_that_corrects_the_person() -> None:
    """A referral is about the person of its live notice: its correction heals Le Forem's answer."""
    check(
        """
        from   | v | kind | date  | status   | person | got
        062063 | 1 | new  | 01-06 |          | bert   | 01-06
        FOREM  | 1 | new  | 01-08 | ACCEPTED | anna   | 01-08
        062063 | 2 | corr | 01-06 |          | anna   | 01-10
        """,
        today="01-13",
        sid="anna",
        state="ACCEPTED",
        klass="AGREED",
        codes="",
        since=None,
    )


def test_two_contents_on_two_persons_are_a_mismatch_not_a_conflict() -> None:
    """Of two contents at one version only the right person's is read; the other is R503."""
    check(
        """
        from   | v | kind | date  | status   | person
        062063 | 1 | new  | 01-06 |          | anna
        FOREM  | 1 | new  | 01-08 | ACCEPTED | anna
        FOREM  | 1 | new  | 01-08 | REJECTED | bert
        """,
        today="01-13",
        state="ACCEPTED",
        klass="CONFLICT",
        owner="FOREM",
        codes="R503",
    )


def test_codes_add_up_and_the_gravest_gives_the_class() -> None:
    """All anomalies are listed in order; the class and the side that must move are those of the gravest."""
    check(
        """
        from   | v | kind | date  | status             | written | note
        062063 | 1 | new  | 01-06 |                    | 01-06   | one
        062063 | 2 | new  | 01-07 |                    | 01-07   | two
        062063 | 2 | new  | 01-07 |                    | 01-07   | three
        FOREM  | 5 | new  | 01-08 | RECEIVED           | 01-08   |
        FOREM  | 4 | new  | 01-10 | COMPLETED/EMPLOYED | 01-10   |
        """,
        today="01-13",
        state="COMPLETED",
        klass="CONFLICT",
        owner="CPAS",
        codes="R401 R402 R403 R406",
    )


def test_a_disagreement_outweighs_disorder() -> None:
    """When the two sides disagree and a step is illegal too, the class is that of the disagreement."""
    check(
        """
        from   | v | kind   | date  | status             | got
        062063 | 1 | new    | 01-06 |                    | 01-06
        FOREM  | 1 | new    | 01-08 | COMPLETED/EMPLOYED | 01-08
        062063 | 2 | cancel | 01-06 |                    | 01-10
        """,
        today="01-13",
        state="COMPLETED",
        klass="CONFLICT",
        owner="CPAS",
        codes="R401",
        since="01-10",
    )


def test_the_person_is_that_of_the_live_notice() -> None:
    """A referral is about the person of its live notice, not of a later one that is cancelled."""
    check(
        """
        from   | v | kind   | date  | status   | person
        062063 | 1 | new    | 01-06 |          | anna
        062063 | 2 | new    | 01-08 |          | bert
        062063 | 3 | cancel | 01-08 |          | bert
        FOREM  | 1 | new    | 01-09 | RECEIVED | anna
        """,
        today="01-13",
        sid="anna",
        state="RECEIVED",
        codes="",
    )
