"""Which relationships of a CPAS with a person are open, and which rights two CPAS grant for one day."""

from collections.abc import Sequence

import pytest

from hub.persons import double_grants, present, relationships
from hub.reconcile import reconcile
from hub.world import World
from tests.spec.persons_table import RULES, Row, day, events, frame

HEAD = "feed | v | date | of | says | person | from\n"
GRANT = f"{HEAD}SITU | 1 | 02-02 | RI | RI_GRANT | |\n"
ORIE = "ORIE | 1 | {} | R1 | RI | |\n"
WITHDRAWN = ORIE.format("04-02") + ORIE.format("04-02").replace("| 1 |", "| 2x |")


def _present(rows: Sequence[Row], today: str) -> World:
    read = frame(rows)
    return present(read, reconcile(read, RULES, day(today)), day(today))


def _related(table: str, today: str = "06-01") -> list[tuple[object, ...]]:
    return relationships(_present(events(table), today)).rows()


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


def test_a_referral_corrected_to_another_person_is_related_to_that_one() -> None:
    """Of whom it named before nothing is said: what the ledger has of that stays. Whom two contents dispute, both."""
    table = f"{HEAD}{ORIE.format('02-02')}"
    assert _related(f"{table}ORIE | 2c | 02-02 | R1 | RI | bert |\n") == [("062063", "bert", None)]
    disputed = _related(f"{table}ORIE | 1 | 02-02 | R1 | RI | bert |\n")
    assert disputed == [("062063", "anna", None), ("062063", "bert", None)]


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
