"""What every contract keeps, whatever its feed."""

import hashlib
import re
from datetime import date

import pandera.polars as pa
import polars as pl
import pytest

from contracts.checks import schema_of
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract
from contracts.registry import by_label, contracts, lookup, versions
from contracts.words import LANGUAGES, mend, says

EVERY = contracts("T")
CONTEXT = Context(received_on=date(2025, 3, 2))


@pytest.mark.parametrize("contract", EVERY, ids=lambda c: c.label)
def test_every_check_has_a_code_of_the_catalogue(contract: Contract) -> None:
    """Each pandera check of each column names a row code; nothing is coerced or dropped."""
    schema = schema_of(contract, CONTEXT)
    assert isinstance(schema, pa.DataFrameSchema)
    assert not schema.coerce
    assert not schema.drop_invalid_rows
    assert not schema.checks, "a rule on the whole frame would turn rows into text"
    for column in schema.columns.values():
        assert not column.coerce
        assert {check.error for check in column.checks} <= {c for c in CATALOGUE if CATALOGUE[c].level == "row"}


@pytest.mark.parametrize("contract", EVERY, ids=lambda c: c.label)
def test_fields_are_declared_once_and_fully(contract: Contract) -> None:
    """Names are unique, keys and rules concern declared columns, closed fields have codes."""
    assert len(set(contract.columns)) == len(contract.columns)
    assert set(contract.key) <= set(contract.columns)
    assert contract.direction == "out" or "line" not in contract.columns, "accepted rows have a line of their own"
    assert contract.effective_date is None or contract.effective_date in contract.columns
    assert set(contract.rules(CONTEXT, "T")) <= set(contract.columns)
    for field in contract.fields:
        assert (field.kind in ("code", "bool")) <= bool(field.codes)
        assert field.pattern is None or (field.pattern[0], field.pattern[-1]) == ("^", "$")


def test_contracts_are_found_by_feed_and_by_label() -> None:
    """A contract is found by feed, direction, version and environment, or by a manifest's label."""
    found = lookup("ORIE", "in", 1, "R")
    assert found is not None
    assert (found.label, found.environment) == ("orientations/1", "R")
    assert by_label("orientations/1", "R") == found
    assert lookup("ORIE", "in", 3, "R") is None
    assert by_label("orientations_out/1", "R") is None, "a partner cannot announce what only we send"
    assert by_label("orientations_out/1", "R", "out") is not None


@pytest.mark.parametrize("contract", [c for c in EVERY if c.direction == "in"], ids=lambda c: c.label)
def test_what_leaves_in_clear_is_coded(contract: Contract) -> None:
    """Every coded column goes on to the recipient in its order; direct and quasi ones never do."""
    outward = lookup(contract.feed, "out", contract.version, "T")
    if contract.feed == "MUTA":
        assert outward is None, "nobody is told of another's numbers"
        return
    assert outward is not None
    coded = list(contract.named("coded"))
    assert outward.name == f"{contract.name}_out"
    assert list(outward.columns[-len(coded) :]) == coded
    assert not set(outward.columns) & (set(contract.columns) - set(coded))
    assert outward.of_person == contract.of_person
    assert (outward.entity, outward.within_person) == (contract.entity, contract.within_person)
    assert outward.added == contract.added


@pytest.mark.parametrize("contract", [c for c in EVERY if c.version > 1], ids=lambda c: c.label)
def test_a_later_version_only_adds_optional_coded_columns(contract: Contract) -> None:
    """Version 1 stays within every later one, field by field and in its order; what is added is named, and optional."""
    first, *_, last = versions(contract.feed, contract.direction, "T")
    assert (first.version, last.version) == (1, contract.version)
    assert contract.fields[: len(first.fields)] == first.fields
    added = contract.fields[len(first.fields) :]
    assert tuple(field.name for field in added) == contract.added != ()
    assert all((field.nature, field.required) == ("coded", False) for field in added)
    assert (contract.key, contract.entity, contract.within_person, contract.effective_date, contract.about) == (
        first.key, first.entity, first.within_person, first.effective_date, first.about
    )  # fmt: skip


def test_versions_of_a_feed_are_told_apart_by_number_and_label() -> None:
    """Each version is found by its own number and label; a number that nobody released is no contract."""
    assert [c.label for c in versions("INSC", "in", "R")] == ["registrations/1", "registrations/2"]
    assert [c.label for c in versions("INSC", "out", "R")] == ["registrations_out/1", "registrations_out/2"]
    assert versions("MUTA", "out", "R") == ()
    assert by_label("registrations/2", "R") == lookup("INSC", "in", 2, "R")
    assert by_label("registrations/3", "R") is None


@pytest.mark.parametrize("contract", EVERY, ids=lambda c: c.label)
def test_an_entity_is_named_by_coded_columns(contract: Contract) -> None:
    """The ledger can name what a row states: by coded columns, within a person only where rows are of persons."""
    assert set(contract.entity) <= set(contract.named("coded"))
    assert contract.of_person or not contract.within_person
    if contract.direction == "in":
        assert contract.entity or contract.within_person
        assert contract.effective_date
    if contract.of_person and contract.direction == "in":
        assert "niss" in contract.named("direct")


@pytest.mark.parametrize("feed", ["ORIE", "STAT"])
def test_a_referral_is_named_by_its_reference_alone(feed: str) -> None:
    """The person is not part of a referral's name: a referral that is another person's can be seen as such."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    assert (contract.entity, contract.within_person) == (("referral_id",), False)


RELEASED = {  # the start of the SHA-256 of each header
    "orientations/1": "f0dc4ad78806",
    "statuses/1": "1d1f1d5148cf",
    "orientations_out/1": "411cee36018f",
    "statuses_out/1": "64657b357255",
    "reconciliation/1": "285c3a6908f7",
    "acrf/1": "d35578a3a114",
    "noti/1": "e1b3cef05161",
}


@pytest.mark.parametrize("label", RELEASED)
def test_a_released_contract_keeps_its_columns(label: str) -> None:
    """The header of a released version never changes: those who write it would all be refused."""
    contract = next(c for c in EVERY if c.label == label)
    assert hashlib.sha256(";".join(contract.columns).encode()).hexdigest()[:12] == RELEASED[label]


@pytest.mark.parametrize("contract", EVERY, ids=lambda c: c.label)
def test_a_rule_says_itself_in_both_languages_or_in_none(contract: Contract) -> None:
    """Where a rule has a sentence of its own, it is short, ends with a point and exists in French and English."""
    told = [
        (check.title, check.description)
        for column in schema_of(contract, CONTEXT).columns.values()
        for check in column.checks
    ]
    for french, english in told:
        assert (french is None) == (english is None)
        assert all(text.endswith(".") and len(text) < 120 for text in (french, english) if text)


WITHOUT_WORDS = {"orientations/1", "statuses/1", "acrf/1", "noti/1"}  # released: their pages say it in prose


@pytest.mark.parametrize("contract", [c for c in EVERY if c.label not in WITHOUT_WORDS], ids=lambda c: c.label)
def test_what_a_code_does_not_say_the_rule_does(contract: Contract) -> None:
    """A rule between columns (order of days, cell to fill, cell to empty, number too high) says which it is."""
    for column, checks in contract.rules(CONTEXT, "T").items():
        for check in checks:
            if check.error in ("R301", "R303", "R305", "R314", "R315"):
                assert check.title, (column, check.error)


def test_the_catalogue_speaks_to_partners() -> None:
    """Every code says what is wrong and how to mend it in every language; file codes start with F, row codes with R."""
    for code, entry in CATALOGUE.items():
        assert re.fullmatch("F[0-9]{2}" if entry.level == "file" else "R[0-9]{3}", code)
        told = [text(code, language) for language in LANGUAGES for text in (says, mend)]
        assert all(text.endswith(".") and not re.search("[0-9]{6}", text) for text in told)


def test_a_check_is_not_run_on_a_lazy_frame_by_accident() -> None:
    """pandera passes every row of a LazyFrame in silence: the reason why only frames are validated."""
    schema = pa.DataFrameSchema({"a": pa.Column(pl.String, pa.Check.isin(["x"], error="R301"))})
    schema.validate(pl.LazyFrame({"a": ["y"]}))
    with pytest.raises(pa.errors.SchemaError):
        schema.validate(pl.DataFrame({"a": ["y"]}))
