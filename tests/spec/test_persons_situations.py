"""Each situation beside what Le Forem does, and what becomes of it when CPAS merge or two persons are one."""

import pytest

from tests.spec.persons_table import check, events, states, states_of

RI, C1 = "SITU|062063|anna|RI|", "SITU|062063|anna|CONTRACT|C1"
HEAD = "feed | v | date | of | says\n"
GRANT = f"{HEAD}SITU | 1 | 02-02 | RI | RI_GRANT\n"
ON_HOLD = (
    "ORIE | 1 | 02-02 | R1 | RI\nSTAT | 1 | 02-04 | R1 | ACCEPTED\nSTAT | 2 | 02-06 | R1 | ON_HOLD business_status={}\n"
)
WAITING = GRANT + ON_HOLD.format("TRAINING_WAITLIST")
CONTRACT = f"{HEAD}SITU | 1 | 02-02 | C1 | ART60 planned_end=2027-02-01\n"


def _received(table: str, later: str) -> str:
    """A table with rows that came on a day of their own, which is their last cell."""
    head, *lines = table.strip().split("\n")
    return "\n".join([f"{head} | got", *(f"{line} |" for line in lines), later]) + "\n"


@pytest.mark.parametrize(
    "kind", ["RI_GRANT", "RI_CHANGE", "RI_REFUSAL", "RI_WITHDRAWAL", "RI_SUSPENSION", "TRANSFER_OUT", "DECEASED"]
)
def test_the_state_is_what_the_cpas_states(kind: str) -> None:
    """The live notice of the latest date is the state, and the two sides agree."""
    table = f"{GRANT}SITU | 2 | 03-02 | RI | {kind}\n"
    check(
        table, "03-05", RI, cpas_view=kind, state=kind, forem_view="NONE", klass="AGREED", reason="STATED", since=None
    )


def test_the_three_groups_are_three_situations() -> None:
    """The right, the PIIS and each contract have a state of their own."""
    table = f"{GRANT}SITU | 1 | 02-03 | PIIS | PIIS piis_code=11\nSITU | 1 | 02-04 | C1 | ART61 measure_code=108\n"
    check(table, "02-10", "SITU|062063|anna|PIIS|", state="PIIS", status_date="02-03", cpas_version=1)
    check(table, "02-10", C1, state="ART61", status_date="02-04")
    check(table, "02-10", RI, state="RI_GRANT")


def test_all_cancelled_is_taken_back() -> None:
    """A situation whose notices are all cancelled is withdrawn, and nothing is left to agree upon."""
    table = f"{GRANT}SITU | 2x | 02-02 | RI | RI_GRANT\n"
    check(table, "02-10", RI, cpas_view="WITHDRAWN", state="WITHDRAWN", klass="AGREED", reason="TAKEN_BACK", codes="")


def test_a_cancellation_before_its_original_cancels_alike() -> None:
    """The original comes after its cancellation and changes nothing; until then its version was missing."""
    first = "feed | v | date | of | says | got | written\nSITU | 2x | 02-02 | RI | RI_GRANT | 02-09 | 02-09\n"
    check(first, "02-09", RI, state="WITHDRAWN", codes="R406", held_until="02-12", wake="02-13")
    both = f"{first}SITU | 1 | 02-02 | RI | RI_GRANT | 02-11 | 02-02\n"
    check(both, "02-11", RI, state="WITHDRAWN", codes="", held_until=None)


@pytest.mark.parametrize(
    ("one", "two", "klass", "reason", "codes", "state"),
    [
        ("2 | 02-09 | RI | DECEASED", "2 | 02-09 | RI | PIIS", "CONFLICT", "CONTESTED_BY_CPAS", "R403", "RI_GRANT"),
        ("3 | 02-09 | RI | DECEASED", "2 | 02-10 | RI | RI_GRANT", "OUT_OF_ORDER", "STALE_CPAS", "R402", "RI_GRANT"),
    ],
)  # fmt: skip
def test_anomalies_of_the_cpas_rows_show(one: str, two: str, klass: str, reason: str, codes: str, state: str) -> None:
    """Two contents at one version keep the last uncontested state; a lower version written last is out of order."""
    check(
        f"{GRANT}SITU | {one}\nSITU | {two}\n",
        "02-12",
        RI,
        klass=klass,
        owner="CPAS",
        reason=reason,
        codes=codes,
        state=state,
    )


def test_nothing_can_be_read_of_contested_rows_alone() -> None:
    """When all there is is contested, the CPAS's view is absent and the state unknown."""
    table = f"{GRANT}SITU | 1 | 02-02 | RI | RI_REFUSAL\n"
    check(table, "02-05", RI, cpas_view="ABSENT", state="UNKNOWN", klass="CONFLICT", since="02-02", status_date=None)


@pytest.mark.parametrize(
    ("today", "klass", "reason", "since"),
    [("02-09", "PENDING", "AWAITING_RESUMPTION", "02-09"), ("02-16", "PENDING", "AWAITING_RESUMPTION", "02-09"),
     ("02-17", "CONFLICT", "RIGHT_ENDED_ON_HOLD", "02-17")],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["RI_WITHDRAWAL", "RI_REFUSAL", "DECEASED"])
def test_a_right_ended_while_le_forem_waits(ending: str, today: str, klass: str, reason: str, since: str) -> None:
    """R505 from the first day; Le Forem has five working days to close or take up the referral on hold."""
    table = f"{WAITING}SITU | 2 | 02-09 | RI | {ending}\n"
    check(table, today, RI, klass=klass, reason=reason, codes="R505", owner="FOREM", due="02-16", since=since)


@pytest.mark.parametrize(
    ("today", "klass", "since"),
    [("03-02", "PENDING", "03-02"), ("03-09", "PENDING", "03-02"), ("03-10", "CONFLICT", "03-10")],
)  # fmt: skip
def test_a_hold_after_the_end_of_the_right_has_its_delay_too(today: str, klass: str, since: str) -> None:
    """The delay begins when both are known: Le Forem that puts the referral on hold three weeks later is not late."""
    late = f"{WAITING}SITU | 2 | 02-09 | RI | RI_WITHDRAWAL\n".replace("STAT | 2 | 02-06", "STAT | 2 | 03-02")
    check(late, today, RI, klass=klass, codes="R505", due="03-09", since=since)


@pytest.mark.parametrize(
    "again",
    [
        "SITU | 3 | 02-09 | RI | RI_WITHDRAWAL | 02-13",
        "SITU | 3 | 02-12 | RI | DECEASED | 02-13",
        "STAT | 3 | 02-06 | R1 | ON_HOLD business_status=TRAINING_WAITLIST | 02-13",
        "STAT | 3 | 02-11 | R1 | ON_HOLD business_status=ILLNESS | 02-13",
        "ORIE | 2 | 02-11 | R1 | RI | 02-13",
    ],
)
def test_what_is_sent_again_does_not_restart_the_delay(again: str) -> None:
    """A row with nothing new, another end after the first, another reason to wait: Le Forem has known all the while."""
    table = _received(f"{WAITING}SITU | 2 | 02-09 | RI | RI_WITHDRAWAL", again)
    check(table, "02-17", RI, klass="CONFLICT", due="02-16", since="02-17")


@pytest.mark.parametrize(
    "meanwhile",
    ["SITU | 3x | 02-09 | RI | RI_WITHDRAWAL | 02-11\nSITU | 4 | 02-13 | RI | RI_WITHDRAWAL | 02-13",
     "STAT | 3 | 02-11 | R1 | IN_PROGRESS | 02-11\nSTAT | 4 | 02-13 | R1 | ON_HOLD business_status=ILLNESS | 02-13",
     "ORIE | 2x | 02-02 | R1 | RI | 02-10\nORIE | 3 | 02-02 | R1 | RI | 02-13"],
    ids=["the end taken back", "taken up meanwhile", "the referral withdrawn meanwhile"],
)  # fmt: skip
def test_what_was_otherwise_meanwhile_restarts_it(meanwhile: str) -> None:
    """A fact that was taken back is known anew from the day on which it is there again."""
    table = _received(f"{WAITING}SITU | 2 | 02-09 | RI | RI_WITHDRAWAL", meanwhile)
    check(table, "02-17", RI, klass="PENDING", due="02-20")


def test_an_orientation_that_comes_last_begins_the_delay() -> None:
    """Until the hub knows the orientation to be open, nobody can see that the hold on it has lost its reason."""
    others = WAITING.replace("ORIE | 1 | 02-02 | R1 | RI\n", "")
    table = _received(others, "SITU | 2 | 02-09 | RI | RI_WITHDRAWAL | 02-09")
    check(f"{table}ORIE | 1 | 02-02 | R1 | RI | 02-13\n", "02-17", RI, klass="PENDING", due="02-20", since="02-13")


def test_le_forem_closes_it_by_moving() -> None:
    """Nothing is left of it when Le Forem has taken the referral up again, or the CPAS has cancelled the end."""
    ended = f"{WAITING}SITU | 2 | 02-09 | RI | RI_WITHDRAWAL\n"
    check(
        f"{ended}STAT | 3 | 03-02 | R1 | IN_PROGRESS\n", "03-03", RI, klass="AGREED", codes="", forem_view="IN_PROGRESS"
    )
    check(f"{ended}SITU | 3x | 02-09 | RI | RI_WITHDRAWAL\n", "03-03", RI, klass="AGREED", codes="", state="RI_GRANT")


def test_waiting_for_an_article_60_is_no_contradiction() -> None:
    """An article 60 ends the right, and Le Forem waits for its end: both are as they should be, but for the dead."""
    table = GRANT + ON_HOLD.format("ART60_RUNNING")
    check(f"{table}SITU | 2 | 02-09 | RI | RI_WITHDRAWAL\n", "03-03", RI, klass="AGREED", codes="")
    check(f"{table}SITU | 2 | 02-09 | RI | DECEASED\n", "03-03", RI, klass="CONFLICT", codes="R505")


def test_a_transfer_is_no_end_of_the_help() -> None:
    """A person handed on to another CPAS goes on at Le Forem: nothing is to be closed."""
    check(f"{WAITING}SITU | 2 | 02-09 | RI | TRANSFER_OUT\n", "03-03", RI, klass="AGREED", codes="")


@pytest.mark.parametrize(
    ("today", "klass", "reason"),
    [("03-02", "PENDING", "AWAITING_TRAINING_DATES"), ("03-09", "PENDING", "AWAITING_TRAINING_DATES"),
     ("03-10", "CONFLICT", "TRAINING_DURING_ART60")],
)  # fmt: skip
def test_a_training_during_a_full_time_article_60(today: str, klass: str, reason: str) -> None:
    """R504 on the contract and on the enrolment; after five working days it is a discrepancy."""
    table = f"{CONTRACT}FORM | 1 | 03-02 | E1 | STARTED\n"
    for entity in (C1, "FORM|900001|E1"):
        check(table, today, entity, klass=klass, reason=reason, owner="FOREM", codes="R504", due="03-09")


def test_an_answer_of_another_cpas_keeps_no_contract_from_an_enrolment() -> None:
    """An enrolment without a referral is told to the one CPAS that writes of the person; an answer is no writing."""
    rows = """
        feed | v | date       | of | says                           | from   | got
        FORM | 1 | 2026-02-25 | E0 | STARTED                        | 900001 | 2026-02-26
        SITU | 1 | 2026-01-31 | C1 | ART60 planned_end=2026-05-04   | 062063 | 2026-02-01
    """
    answer = "        MOBI | 1 | 2026-01-12 | J1 | DECLINED | 052011 | 2026-01-05\n"
    for table in (rows, rows.rstrip() + "\n" + answer):
        check(table, "2026-03-02", "FORM|900001|E0", codes="R504", reason="AWAITING_TRAINING_DATES")


@pytest.mark.parametrize(
    "again",
    ["SITU | 2 | 02-02 | C1 | ART60 planned_end=2027-03-01", "SITU | 2c | 02-02 | C1 | ART60 planned_end=2027-02-01",
     "SITU | 2 | 03-05 | C1 | ART60 planned_end=2027-02-01 contract_start=2026-02-02",
     "FORM | 2 | 03-02 | E1 | STARTED", "FORM | 2 | 03-05 | E1 | STARTED"],
    ids=["longer", "corrected", "of a later day", "the training again", "the training of a later day"],
)  # fmt: skip
def test_either_row_sent_again_does_not_restart_the_delay(again: str) -> None:
    """R504 counts from when both were first known without interruption, on the contract and on the enrolment."""
    table = _received(f"{CONTRACT}FORM | 1 | 03-02 | E1 | STARTED", f"{again} | 03-06")
    for entity in (C1, "FORM|900001|E1"):
        check(table, "03-10", entity, klass="CONFLICT", codes="R504", due="03-09", since="03-10")


@pytest.mark.parametrize(
    "meanwhile",
    ["SITU | 2x | 02-02 | C1 | ART60 | 03-03\nSITU | 3 | 02-02 | C1 | ART60 planned_end=2027-02-01 | 03-06",
     "FORM | 2 | 03-03 | E1 | SUSPENDED | 03-03\nFORM | 3 | 03-06 | E1 | STARTED | 03-06",
     "SITU | 2c | 02-02 | C1 | ART60 planned_end=2026-03-03 | 03-03\n"
     "SITU | 3c | 02-02 | C1 | ART60 planned_end=2027-02-01 | 03-06"],
    ids=["no contract", "no training", "contract over"],
)  # fmt: skip
def test_what_ceased_meanwhile_restarts_the_delay(meanwhile: str) -> None:
    """When contract or training were not there for some days, the delay begins with the day on which both are again."""
    table = _received(f"{CONTRACT}FORM | 1 | 03-02 | E1 | STARTED", meanwhile)
    for entity in (C1, "FORM|900001|E1"):
        check(table, "03-10", entity, klass="PENDING", codes="R504", due="03-13")


def test_an_earlier_beginning_told_late_is_known_from_that_day() -> None:
    """A contract that turns out to have begun before the training clashes from the day on which the hub is told so."""
    table = """
    feed | v  | date  | of | says                                                      | got
    SITU | 1  | 02-02 | C1 | ART60 planned_end=2027-02-01 contract_start=2026-06-01    |
    FORM | 1  | 03-02 | E1 | STARTED                                                   |
    SITU | 2c | 02-02 | C1 | ART60 planned_end=2027-02-01                              | 04-01
    """
    for entity in (C1, "FORM|900001|E1"):
        check(table, "04-02", entity, klass="PENDING", since="04-01", due="04-09")


@pytest.mark.parametrize(
    ("contract", "status", "today"),
    [
        ("ART60 measure_code=115 weekly_hours=19 planned_end=2027-02-01", "STARTED", "04-01"),
        ("ART61 measure_code=108 planned_end=2027-02-01", "STARTED", "04-01"),
        ("ART60 planned_end=2027-02-01", "COMPLETED", "04-01"),
        ("ART60 planned_end=2027-02-01 actual_end=2026-03-31", "STARTED", "04-01"),
        ("ART60 contract_start=2026-04-02 planned_end=2027-02-01", "STARTED", "04-01"),
    ],
    ids=["part-time", "article 61", "training over", "contract over", "contract to come"],
)
def test_only_a_started_training_and_a_running_full_time_article_60_clash(
    contract: str, status: str, today: str
) -> None:
    """Part-time, article 61, what is over and what is to come leave time for a training."""
    table = f"{HEAD}SITU | 1 | 02-02 | C1 | {contract}\nFORM | 1 | 03-02 | E1 | {status}\n"
    check(table, today, C1, klass="AGREED", codes="")
    check(table, today, "FORM|900001|E1", klass="AGREED", codes="")


def test_a_contract_to_come_wakes_the_row() -> None:
    """A clash that will begin by itself is looked at on the day on which it does."""
    table = CONTRACT.replace("planned", "contract_start=2026-04-01 planned") + "FORM | 1 | 03-02 | E1 | STARTED\n"
    for entity in (C1, "FORM|900001|E1"):
        check(table, "03-10", entity, klass="AGREED", wake="04-01")
        check(table, "04-01", entity, klass="PENDING", since="04-01", due="04-09")


def test_no_cpas_learns_of_anothers_contract_by_a_training() -> None:
    """An enrolment that names a referral of one CPAS says nothing of a contract at another; the contract's row does."""
    table = """
    feed | v | date  | of    | says                          | from
    ORIE | 1 | 02-02 | R1    | RI                            | 052011
    SITU | 1 | 02-02 | C1    | ART60 planned_end=2027-02-01  | 062063
    FORM | 1 | 03-02 | E1@R1 | STARTED                       |
    FORM | 1 | 03-02 | E2    | STARTED                       |
    """
    check(table, "04-01", C1, codes="R504", klass="CONFLICT")
    for enrolment in ("FORM|900001|E1", "FORM|900001|E2"):
        check(table, "04-01", enrolment, codes="", klass="AGREED")


def test_a_merged_cpas_goes_on_where_its_predecessor_stopped() -> None:
    """What the successor says of a date replaces what its predecessor said; there is one state, the successor's."""
    table = """
    feed | v  | date       | of | says          | from
    SITU | 1  | 2024-06-03 | RI | RI_GRANT      | 082005
    SITU | 1  | 2025-03-03 | RI | RI_WITHDRAWAL | 082039
    """
    found = [name for name in states_of(table, "2025-04-01") if name.startswith("SITU")]
    assert found == ["SITU|082039|anna|RI|"]
    check(table, "2025-04-01", found[0], state="RI_WITHDRAWAL", cpas="082039", codes="", cpas_version=1)
    undone = f"{table}SITU | 2x | 2025-03-03 | RI | RI_WITHDRAWAL | 082039\n"
    undone += "SITU | 3x | 2024-06-03 | RI | RI_GRANT | 082039\n"
    check(undone, "2025-04-01", found[0], state="WITHDRAWN")


def test_two_persons_that_turn_out_to_be_one_have_one_situation() -> None:
    """After a succession of NISS the events keep the old name of their entity, and the state has the new one."""
    rows = events(f"{GRANT}SITU | 2 | 03-02 | RI | RI_CHANGE\n")
    for row in rows:
        row["entity_id"] = str(row["entity_id"]).replace("anna", "bert") if row["version"] == 1 else row["entity_id"]
    found = states(rows, rows[1]["effective_date"])  # type: ignore[arg-type]
    assert found["entity_id"].to_list() == ["REGI|062063|anna", RI]
    assert found["cpas_version"].to_list() == [2, 2]
