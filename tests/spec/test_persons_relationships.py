"""Which relationships of a CPAS with a person are open, and which rights two CPAS grant for one day."""

from collections.abc import Sequence

import pytest

from hub.model import FOREM
from hub.persons import double_grants, present, relationships
from hub.reconcile import reconcile
from hub.world import World
from tests.spec.persons_table import CPAS, RULES, Row, day, events, frame

HEAD = "feed | v | date | of | says | person | from\n"
GRANT = f"{HEAD}SITU | 1 | 02-02 | RI | RI_GRANT | |\n"
ORIE = "ORIE | 1 | {} | R1 | RI | |\n"
WITHDRAWN = ORIE.format("04-02") + ORIE.format("04-02").replace("| 1 |", "| 2x |")


def _present(rows: Sequence[Row], today: str) -> World:
    read = frame(rows)
    return present(read, reconcile(read, RULES, day(today)), day(today))


def _ends(table: str, today: str = "06-01") -> dict[tuple[str, str], object]:
    """Until when each organisation is related to each person, whatever the order and repetition of the rows."""
    rows = events(table)
    found = relationships(_present(rows, today), RULES)
    assert relationships(_present([*reversed(rows), *rows], today), RULES).equals(found)
    return {(organisation, sid): until for organisation, sid, until in found.iter_rows()}


def _related(table: str, today: str = "06-01") -> list[tuple[object, ...]]:
    """The relationships of CPAS."""
    return [(*pair, until) for pair, until in _ends(table, today).items() if pair[0] != FOREM]


def _twice(table: str, today: str = "06-01") -> list[tuple[object, ...]]:
    rows = events(table)
    found = double_grants(_present(rows, today)).rows()
    assert double_grants(_present([*reversed(rows), *rows], today)).rows() == found
    return found


@pytest.mark.parametrize("table", [GRANT, HEAD + ORIE.format("02-02")], ids=["situation", "referral"])
def test_a_relationship_opens_with_the_first_word(table: str) -> None:
    """A referral or a situation opens it, without end."""
    assert _related(table) == [("062063", "anna", None)]


@pytest.mark.parametrize("kind", ["TRANSFER_OUT", "DECEASED"])
def test_it_ends_when_the_person_is_handed_on_or_dies(kind: str) -> None:
    """The date of the transfer is its last day; a withdrawal of the right is no end."""
    assert _related(f"{GRANT}SITU | 2 | 04-01 | RI | {kind} | |\n") == [("062063", "anna", day("04-01"))]
    assert _related(f"{GRANT}SITU | 2 | 04-01 | RI | RI_WITHDRAWAL | |\n") == [("062063", "anna", None)]


@pytest.mark.parametrize(
    "undone",
    ["SITU | 3x | 04-01 | RI | TRANSFER_OUT | |", "SITU | 3 | 05-04 | RI | RI_GRANT | |", ORIE.format("04-02").strip()],
    ids=["cancelled", "granted again", "referred later"],
)
def test_what_undoes_the_end_revives_it(undone: str) -> None:
    """The cancellation of the transfer, a later grant or a later referral: the relationship is open again."""
    assert _related(f"{GRANT}SITU | 2 | 04-01 | RI | TRANSFER_OUT | |\n{undone}\n") == [("062063", "anna", None)]


@pytest.mark.parametrize("referral", [ORIE.format("03-31"), WITHDRAWN], ids=["earlier", "withdrawn"])
def test_an_earlier_or_a_withdrawn_referral_revives_nothing(referral: str) -> None:
    """Only a referral that is open and takes effect after the end opens the relationship again."""
    table = f"{GRANT}SITU | 2 | 04-01 | RI | TRANSFER_OUT | |\n{referral}"
    assert _related(table) == [("062063", "anna", day("04-01"))]


def test_a_person_who_moves_is_related_to_both_until_the_first_says_so() -> None:
    """The new CPAS's relationship opens with its grant, the old one's ends with the transfer."""
    moved = f"{GRANT}SITU | 1 | 04-01 | RI | RI_GRANT | | 052011\n"
    assert _related(moved) == [("052011", "anna", None), ("062063", "anna", None)]
    told = f"{moved}SITU | 2 | 03-31 | RI | TRANSFER_OUT | |\n"
    assert _related(told) == [("052011", "anna", None), ("062063", "anna", day("03-31"))]


def test_the_successor_has_the_relationships_of_its_predecessor() -> None:
    """After a merger the CPAS that answers is the one related."""
    assert _related(GRANT.replace("| |\n", "| | 082005\n")) == [("082039", "anna", None)]


def test_a_referral_corrected_to_another_person_ends_the_relationship_with_the_first() -> None:
    """Who was named by mistake is nobody's business after that day; whom two contents dispute, both."""
    table = f"{HEAD}{ORIE.format('02-02')}"
    corrected = f"{table}ORIE | 2c | 02-02 | R1 | RI | bert | | 02-09\n".replace("from\n", "from | got\n").replace(
        "RI | |\n", "RI | | |\n"
    )
    mistaken = {(who, "anna"): day("02-09") for who in (CPAS, FOREM)}
    assert _ends(corrected) == mistaken | {(who, "bert"): None for who in (CPAS, FOREM)}
    disputed = _related(f"{table}ORIE | 1 | 02-02 | R1 | RI | bert |\n")
    assert disputed == [("062063", "anna", None), ("062063", "bert", None)]


LATER = "feed | v | date | of | says | person | got | written\n"
REFERRED = f"{LATER}ORIE | 1 | 02-02 | R1 | RI | | 02-02 |\n"
RECEIVED = "STAT | 1 | 02-03 | R1 | RECEIVED | | 02-03 |\n"
TAKEN_BACK = "ORIE | 2x | 02-02 | R1 | RI | | 02-05 |\n"


def _both(cpas: str | None, forem: str | None) -> dict[tuple[str, str], object]:
    """Until when the CPAS and Le Forem are related to Anna."""
    return {(FOREM, "anna"): forem and day(forem), (CPAS, "anna"): cpas and day(cpas)}


def test_what_is_cancelled_ends_with_the_day_on_which_that_was_received() -> None:
    """Neither has anything to do with a person any more whose only referral was cancelled, or only described by one."""
    assert _ends(REFERRED) == _both(None, None)
    assert _ends(REFERRED + TAKEN_BACK) == _both("02-05", "02-05")
    described = f"{LATER}SITU | 1 | 02-02 | RI | RI_GRANT | | 02-02 |\nSITU | 2x | 02-02 | RI | RI_GRANT | | 02-06 |\n"
    assert _ends(described) == {(CPAS, "anna"): day("02-06")}


@pytest.mark.parametrize(
    "other",
    [
        "SITU | 1 | 02-02 | RI | RI_GRANT | | 02-02 |",
        "ORIE | 1 | 02-02 | R2 | RI | | 02-02 |",
        "ORIE | 3 | 02-09 | R1 | RI | | 02-09 |",
        "ORIE | 3 | 02-02 | R1 | RI | | 02-09 |",
    ],
    ids=["situation", "referral", "another date", "again"],
)
def test_any_other_live_notice_is_a_ground(other: str) -> None:
    """While anything stands that the CPAS says of the person its relationship goes on; a new notice revives it."""
    assert _related(f"{REFERRED}{TAKEN_BACK}{other}\n") == [(CPAS, "anna", None)]


def test_the_relationship_ends_when_the_last_ground_is_lost() -> None:
    """Of several grounds the one that was lost last counts, and a ground that came back and went counts again."""
    more = "SITU | 1 | 02-02 | RI | RI_GRANT | | 02-02 |\nSITU | 2x | 02-02 | RI | RI_GRANT | | 03-02 |\n"
    assert _ends(REFERRED + TAKEN_BACK + more) == _both("03-02", "02-05")
    again = "ORIE | 3 | 02-02 | R1 | RI | | 04-01 |\nORIE | 4x | 02-02 | R1 | RI | | 04-07 |\n"
    assert _ends(REFERRED + TAKEN_BACK + again) == _both("04-07", "04-07")


def test_a_cancellation_before_its_original_leaves_nothing_open() -> None:
    """What was never in force was no ground: the relationship ends with the first day on which it was heard of."""
    late = "ORIE | 1 | 02-02 | R1 | RI | | 02-20 | 02-02\n"
    assert _ends(LATER + TAKEN_BACK + late) == _both("02-05", "02-05")


@pytest.mark.parametrize(
    "own",
    [
        "STAT | 1 | 02-03 | R1 | RECEIVED | | 02-03 |",
        "INSC | 1 | 02-03 | - | 1 | | 02-03 |",
        "FORM | 1 | 02-03 | E1 | STARTED | | 02-03 |",
        "MANQ | 1 | 02-03 | B1 | OPEN | | 02-03 |",
    ],
    ids=["status", "registration", "training", "breach"],
)
def test_le_forem_stays_related_to_whom_it_speaks_of(own: str) -> None:
    """A live row of its own is its ground when the CPAS has withdrawn; when it is cancelled too, that was the last."""
    assert _ends(f"{REFERRED}{TAKEN_BACK}{own}\n") == _both("02-05", None)
    cancelled = own.replace("| 1 |", "| 2x |", 1).removesuffix("02-03 |") + "02-11 |"
    assert _ends(f"{REFERRED}{TAKEN_BACK}{own}\n{cancelled}\n") == _both("02-05", "02-11")


def test_a_status_on_another_person_is_no_ground() -> None:
    """Le Forem's row on somebody who is not the referral's does not bring the two together: it was over before."""
    wrong = RECEIVED.replace("RECEIVED | |", "RECEIVED | bert |")
    assert _ends(REFERRED + wrong) == _both(None, None) | {(FOREM, "bert"): day("02-02")}


def test_what_is_left_to_mend_is_told_to_whom_it_is_to_mend() -> None:
    """What was completed and withdrawn is the CPAS's to explain, so it stays related until the two sides agree."""
    completed = "STAT | 2 | 02-04 | R1 | COMPLETED | | 02-09 |\n"
    table = REFERRED + RECEIVED + TAKEN_BACK
    assert _ends(table) == _both("02-05", None)
    assert _ends(table + completed) == _both(None, None)
    assert _ends(f"{table}{completed}STAT | 3 | 02-10 | R1 | CANCELLED | | 02-12 |\n") == _both("02-12", None)


def test_the_earlier_end_counts() -> None:
    """A transfer ends it on its date, whatever is taken back afterwards; a mistake taken back sooner ends it sooner."""
    handed = f"{LATER}SITU | 1 | 02-02 | RI | TRANSFER_OUT | | 02-02 |\n"
    assert _ends(handed + REFERRED.removeprefix(LATER) + TAKEN_BACK) == _both("02-02", "02-05")


def test_a_cpas_that_took_over_another_takes_back_for_it() -> None:
    """What its predecessor had said by mistake, the successor cancels: neither is related any more."""
    head = "feed | v | date | of | says | person | from | got\n"
    table = f"{head}ORIE | 1 | 02-02 | R1 | RI | | 082005 | 02-02\nORIE | 2x | 02-02 | R1 | RI | | 082039 | 02-06\n"
    assert _ends(table) == {("082039", "anna"): day("02-06"), (FOREM, "anna"): day("02-06")}


def test_an_answer_opens_no_relationship() -> None:
    """To have asked somebody to come to a job day is no ground to be told of them."""
    assert _related(f"{HEAD}MOBI | 1 | 03-02 | J1 | CONFIRMED | |\n") == []


def test_two_cpas_that_grant_one_right() -> None:
    """From the first day that both state: the later of the two grants."""
    both = f"{GRANT}SITU | 1 | 04-01 | RI | RI_GRANT | | 052011\n"
    assert _twice(both) == [("anna", "052011", "062063", day("04-01"))]


@pytest.mark.parametrize("kind", ["TRANSFER_OUT", "RI_WITHDRAWAL", "RI_REFUSAL"])
def test_a_person_who_moves_is_no_double_grant_once_the_first_has_closed(kind: str) -> None:
    """When the first right ends on the day on which the second begins, no day is granted twice; a day later one is."""
    both = f"{GRANT}SITU | 1 | 04-01 | RI | RI_GRANT | | 052011\n"
    assert _twice(f"{both}SITU | 2 | 04-01 | RI | {kind} | |\n") == []
    assert _twice(f"{both}SITU | 2 | 04-02 | RI | {kind} | |\n") == [("anna", "052011", "062063", day("04-01"))]


def test_a_grant_that_lapses_or_a_contract_ends_the_overlap() -> None:
    """The end date of a grant is its last day; a full-time article 60 ends the right from its first day."""
    second = "SITU | 1 | 04-01 | RI | RI_GRANT | | 052011\n"
    assert _twice(GRANT.replace("RI_GRANT", "RI_GRANT end_date=2026-03-31") + second) == []
    assert _twice(f"{GRANT}SITU | 1 | 04-01 | C1 | ART60 planned_end=2027-01-01 | |\n{second}") == []


def test_a_grant_to_come_is_not_yet_double_and_a_cancelled_one_never_was() -> None:
    """What has not taken effect grants nothing today; what is cancelled was never granted."""
    both = f"{GRANT}SITU | 1 | 04-01 | RI | RI_GRANT | | 052011\n"
    assert _twice(both, "03-31") == []
    assert _twice(f"{both}SITU | 2x | 04-01 | RI | RI_GRANT | | 052011\n") == []


def test_the_two_halves_of_a_merger_are_one_cpas() -> None:
    """A right stated by a CPAS and by the one that took it over is one right."""
    merged = (
        f"{GRANT}SITU | 1 | 02-02 | RI | RI_GRANT | bert | 082005\nSITU | 1 | 03-02 | RI | RI_CHANGE | bert | 082039\n"
    )
    assert _twice(merged) == []
