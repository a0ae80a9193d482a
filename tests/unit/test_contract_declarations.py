"""What every contract keeps, whatever its feed."""

import re
from datetime import date

import pandera.polars as pa
import polars as pl
import pytest

from contracts import orientations_v1, statuses_v1
from contracts.checks import schema_of
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, Field
from contracts.registry import by_label, contracts, lookup

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
    assert lookup("ORIE", "in", 2, "R") is None
    assert by_label("orientations_out/1", "R") is None, "a partner cannot announce what only we send"
    assert by_label("orientations_out/1", "R", "out") is not None


@pytest.mark.parametrize(
    ("fields", "outward"),
    [(orientations_v1.FIELDS, "orientations_out/1"), (statuses_v1.FIELDS, "statuses_out/1")],
)
def test_what_leaves_in_clear_is_coded(fields: tuple[Field, ...], outward: str) -> None:
    """Every coded column goes on to the recipient in its order; direct and quasi ones never do."""
    contract = by_label(outward, "T", "out")
    assert contract is not None
    coded = [field.name for field in fields if field.nature == "coded"]
    assert list(contract.columns[-len(coded) :]) == coded
    assert not set(contract.columns) & {field.name for field in fields if field.nature != "coded"}


def test_the_catalogue_speaks_to_partners() -> None:
    """Every code has two sentences and a way to mend in French; file codes start with F, row codes with R."""
    for code, entry in CATALOGUE.items():
        assert re.fullmatch("F[0-9]{2}" if entry.level == "file" else "R[0-9]{3}", code)
        assert all(text.endswith(".") for text in (entry.en, entry.fr, entry.mend_fr))
        assert "NISS" not in entry.mend_fr or not re.search("[0-9]{6}", entry.mend_fr)


def test_a_check_is_not_run_on_a_lazy_frame_by_accident() -> None:
    """pandera passes every row of a LazyFrame in silence: the reason why only frames are validated."""
    schema = pa.DataFrameSchema({"a": pa.Column(pl.String, pa.Check.isin(["x"], error="R301"))})
    schema.validate(pl.LazyFrame({"a": ["y"]}))
    with pytest.raises(pa.errors.SchemaError):
        schema.validate(pl.DataFrame({"a": ["y"]}))
