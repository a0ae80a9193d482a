"""What changes between two versions of a contract, and whom it breaks: the sender, the reader, or nobody."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest

from contracts.checks import rule
from contracts.compare import Change, compare
from contracts.fields import count, date
from contracts.model import Context, Contract, Direction, Environment, Field, Rules
from contracts.registry import contracts, lookup, versions


def inward(feed: str) -> Contract:
    """Gives a contract of the way in."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    return contract


ORIE, SITU = inward("ORIE"), inward("SITU")


def with_field(contract: Contract, name: str, **values: Any) -> Contract:
    """Gives the contract with one field changed."""
    assert name in contract.columns
    fields = (replace(field, **values) if field.name == name else field for field in contract.fields)
    return replace(contract, fields=tuple(fields))


def with_rules(contract: Contract, column: str, *checks: pa.Check) -> Contract:
    """Gives the contract with these rules on a column, in the place of its own."""

    def rules(context: Context, environment: Environment) -> Rules:
        own: dict[str, Sequence[pa.Check]] = dict(contract.rules(context, environment))
        return own | {column: checks}

    return replace(contract, rules=rules)


def named(contract: Contract, name: str) -> Field:
    """Gives one field."""
    return next(field for field in contract.fields if field.name == name)


def of(column: str, what: str, broken: str) -> Change:
    """Gives a change; `broken` names who is, S for the sender and R for the reader."""
    return Change(column, what, "S" in broken, "R" in broken)


LATER = rule("R303", pl.col("ri_start_date__value") > pl.col("effective_date__value"))
OLD_PIIS = rule("R302", pl.col("piis_code").is_in(["1", "2", "3", "11", "12", "15", "16"]))
NEW_PIIS = rule("R302", pl.col("piis_code").is_in(["1", "2", "3", "14", "12", "15", "16"]))
NOTED = rule("R202", pl.col("postal_code") != "0000")


def test_a_contract_does_not_differ_from_itself() -> None:
    """The same contract has no change, whatever it declares and in both environments."""
    for environment in ("T", "R"):
        assert [c.label for c in contracts(environment) if compare(c, c)] == []


CASES: list[tuple[str, Contract, Contract, list[Change]]] = [
    (
        "a required column is added",
        ORIE,
        replace(ORIE, fields=(*ORIE.fields, date("new", required=True))),
        [of("new", "added, required", "SR")],
    ),
    (
        "an optional column is added: the header is another all the same",
        ORIE,
        replace(ORIE, fields=(*ORIE.fields, date("new"))),
        [of("new", "added, optional", "SR")],
    ),
    (
        "a column is removed, with its rules",
        ORIE,
        with_rules(replace(ORIE, fields=tuple(f for f in ORIE.fields if f.name != "informed_on")), "informed_on"),
        [of("informed_on", "removed", "SR")],
    ),
    (
        "a column is added, with a rule",
        ORIE,
        with_rules(replace(ORIE, fields=(*ORIE.fields, date("new"))), "new", rule("R305", pl.col("new").is_not_null())),
        [of("new", "added, optional", "SR")],
    ),
    (
        "two columns change places",
        ORIE,
        replace(ORIE, fields=(ORIE.fields[1], ORIE.fields[0], *ORIE.fields[2:])),
        [of("", "columns in another order", "SR")],
    ),
    (
        "a column is added in front: the others keep their order",
        ORIE,
        replace(ORIE, fields=(count("new"), *ORIE.fields)),
        [of("new", "added, optional", "SR")],
    ),
    (
        "a column becomes required",
        ORIE,
        with_field(ORIE, "phone", required=True),
        [of("phone", "now required", "S")],
    ),
    (
        "a column becomes optional",
        ORIE,
        with_field(ORIE, "last_name", required=False),
        [of("last_name", "now optional", "R")],
    ),
    (
        "a code is removed",
        ORIE,
        with_field(ORIE, "priority", codes=("NORMAL",)),
        [of("priority", "code URGENT removed", "S")],
    ),
    (
        "a code is added",
        ORIE,
        with_field(ORIE, "priority", codes=("NORMAL", "URGENT", "LOW")),
        [of("priority", "code LOW added", "R")],
    ),
    (
        "one code takes the place of another in a long list",
        ORIE,
        with_field(
            ORIE,
            "study_level",
            codes=tuple("X" if c == "CESS" else c for c in named(ORIE, "study_level").codes),
        ),
        [of("study_level", "code CESS removed", "S"), of("study_level", "code X added", "R")],
    ),
    (
        "an element of a list is removed",
        ORIE,
        with_field(ORIE, "driving_license", codes=("A", "B", "C")),
        [of("driving_license", "code D removed", "S")],
    ),
    (
        "the form of a text changes",
        ORIE,
        with_field(ORIE, "referral_id", pattern="^R[0-9]{12}$"),
        [of("referral_id", "another form", "SR")],
    ),
    (
        "a text may be longer",
        ORIE,
        with_field(ORIE, "last_name", max_length=80),
        [of("last_name", "length wider", "R")],
    ),
    (
        "a text must be shorter",
        ORIE,
        with_field(ORIE, "last_name", max_length=40),
        [of("last_name", "length narrower", "S")],
    ),
    (
        "a number is bounded where it was not",
        ORIE,
        with_field(ORIE, "version", maximum=99),
        [of("version", "greatest number narrower", "S")],
    ),
    (
        "a bound goes away",
        SITU,
        with_field(SITU, "ri_fraction", maximum=None),
        [of("ri_fraction", "greatest number wider", "R")],
    ),
    (
        "a number may be smaller",
        SITU,
        with_field(SITU, "suspension_months", minimum=0),
        [of("suspension_months", "least number wider", "R")],
    ),
    (
        "a number must be greater",
        SITU,
        with_field(SITU, "suspension_months", minimum=2),
        [of("suspension_months", "least number narrower", "S")],
    ),
    (
        "both bounds change at once",
        SITU,
        with_field(SITU, "suspension_months", minimum=2, maximum=6),
        [of("suspension_months", "least number narrower", "S"), of("suspension_months", "greatest number wider", "R")],
    ),
    (
        "a text becomes a number",
        ORIE,
        with_field(ORIE, "referent_id", kind="int"),
        [of("referent_id", "text became int", "SR")],
    ),
    (
        "what was a direct identifier goes to the ledger",
        ORIE,
        with_field(ORIE, "referent_id", nature="coded"),
        [of("referent_id", "direct became coded", "R")],
    ),
    (
        "the key of a row changes",
        ORIE,
        replace(ORIE, key=("referral_id", "version")),
        [of("", "key: referral_id, effective_date, version became referral_id, version", "R")],
    ),
    (
        "versions are counted by another name",
        SITU,
        replace(SITU, entity=("contract_id",)),
        [of("", "versions: counted for another thing", "SR")],
    ),
    (
        "versions are counted for all persons together",
        SITU,
        replace(SITU, within_person=False),
        [of("", "versions: counted for another thing", "SR")],
    ),
    (
        "a state takes effect on another day",
        ORIE,
        replace(ORIE, effective_date="recorded_at"),
        [of("", "versions: counted for another thing", "SR")],
    ),
    (
        "a rule is added",
        ORIE,
        with_rules(ORIE, "priority", rule("R305", pl.col("phone").is_not_null())),
        [of("priority", "rule R305 added", "S")],
    ),
    (
        "a rule is removed",
        ORIE,
        with_rules(ORIE, "ri_start_date"),
        [of("ri_start_date", "rule R303 removed", "R")],
    ),
    (
        "what makes an optional column required is removed",
        ORIE,
        with_rules(ORIE, "ri_category"),
        [of("ri_category", "rule R305 removed", "R")],
    ),
    (
        "a rule says another thing under the same code",
        ORIE,
        with_rules(ORIE, "ri_start_date", LATER),
        [of("ri_start_date", "rule R303 changed", "SR")],
    ),
    (
        "a rule changes in the middle of its list",
        with_rules(ORIE, "piis_code", OLD_PIIS),
        with_rules(ORIE, "piis_code", NEW_PIIS),
        [of("piis_code", "rule R302 changed", "SR")],
    ),
    (
        "a rule that only warns is added",
        ORIE,
        with_rules(ORIE, "postal_code", NOTED),
        [of("postal_code", "rule R202 added", "")],
    ),
    (
        "only the version changes",
        ORIE,
        replace(ORIE, version=2),
        [],
    ),
    (
        "only what a page says of a field changes",
        ORIE,
        with_field(ORIE, "last_name", expected="a family name"),
        [],
    ),
]


@pytest.mark.parametrize(("old", "new", "changes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_change_is_told_with_those_it_breaks(old: Contract, new: Contract, changes: list[Change]) -> None:
    """A sender is broken by what is no longer accepted, a reader by what it never met; nothing else is told."""
    assert list(compare(old, new)) == changes


@pytest.mark.parametrize(("old", "new"), [case[1:3] for case in CASES], ids=[case[0] for case in CASES])
def test_the_way_back_is_told_too(old: Contract, new: Contract) -> None:
    """Whatever changes from one version to the next changes back, on the same columns."""
    assert {change.column for change in compare(new, old)} == {change.column for change in compare(old, new)}


def test_wider_one_way_is_narrower_the_other() -> None:
    """What breaks a sender on the way there breaks a reader on the way back."""
    wider = with_field(with_field(ORIE, "last_name", max_length=80), "priority", codes=("NORMAL", "URGENT", "LOW"))
    there, back = compare(ORIE, wider), compare(wider, ORIE)
    assert [(c.breaks_sender, c.breaks_reader) for c in there] == [(False, True)] * 2
    assert [(c.breaks_sender, c.breaks_reader) for c in back] == [(True, False)] * 2


def test_several_changes_are_told_together() -> None:
    """Those of the whole contract come first, then columns that went, came and changed."""
    new = replace(ORIE, fields=tuple(f for f in ORIE.fields if f.name != "sex"), key=("referral_id",))
    new = with_field(replace(new, fields=(*new.fields, date("new"))), "phone", required=True)
    assert [change.column for change in compare(ORIE, new)] == ["", "sex", "new", "phone"]


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize(("feed", "added"), [("INSC", "deregistration_reason"), ("ORIE", "interpreter_need")])
def test_a_second_version_breaks_who_has_not_turned_to_it(feed: str, added: str, direction: Direction) -> None:
    """The header grows: version 2 breaks a sender and a reader of version 1, so each moves on a day of its own."""
    first, second = versions(feed, direction, "T")
    assert compare(first, second) == (of(added, "added, optional", "SR"),)
    assert compare(second, first) == (of(added, "removed", "SR"),)


def test_what_we_publish_of_a_feed_differs_from_what_we_receive() -> None:
    """Two directions are two contracts: names give way to sealed columns."""
    published = lookup("ORIE", "out", 1, "T")
    assert published is not None
    changes = compare(ORIE, published)
    assert changes[0] == of("", "ORIE in became ORIE out", "SR")
    assert {of("niss", "removed", "SR"), of("sealed_identity", "added, required", "SR")} <= set(changes)
