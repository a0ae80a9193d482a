"""How fields and rules are declared in pandera: every check carries a code of the catalogue as its error.

A rule that concerns several columns is declared on the one to be mended: pandera then names that column, and
never turns the whole row into text. A rule whose outcome is null (something it needs is empty or unreadable)
is not judged.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandera.polars as pa
import polars as pl

from contracts import niss
from contracts.closely import where_also
from contracts.codes import (
    NIS,
    OUTSIDE_WALLONIA,
    REFERRAL_ID,
    is_enterprise,
    is_establishment,
    is_one_of,
    is_valid_on,
    unless,
)
from contracts.model import Context, Contract, Environment, Field
from contracts.parse import TYPES, VALUE, value

LARGEST = 2_147_483_647  # what an integer column of a database holds; nobody counts that far
_CONTROL = r"[\x00-\x1f\x7f]"
BRUSSELS = ZoneInfo("Europe/Brussels")
Says = tuple[str, str]  # a rule in French and in English, for the contract's page


def rule(code: str, holds: pl.Expr, says: Says | None = None) -> pa.Check:
    """Declares that `holds` must not be false on any row; `code` is what is found where it is.

    `says` tells the rule to partners where the code's own sentence does not.
    """

    def passerelle_rule(data: Any) -> pl.LazyFrame:
        outcome: pl.LazyFrame = data.lazyframe.select(holds.ne_missing(pl.lit(False)).alias(data.key))
        return outcome

    french, english = says or (None, None)
    return pa.Check(passerelle_rule, error=code, title=french, description=english)


def schema_of(contract: Contract, context: Context) -> pa.DataFrameSchema:
    """Builds the contract's pandera schema for this day and sender."""
    return pa.DataFrameSchema(columns_of(contract, context), strict=True, name=contract.label)


def columns_of(contract: Contract, context: Context) -> dict[str, pa.Column]:
    """Declares the columns of the contract's schema: texts, and their values beside them."""
    rules = contract.rules(context, contract.environment)
    texts = {
        field.name: pa.Column(
            pl.String,
            _own_checks(field) + _no_niss(contract, field) + list(rules.get(field.name, ())),
            nullable=not field.required,
        )
        for field in contract.fields
    }
    values = {
        field.name + VALUE: pa.Column(TYPES[field.kind], nullable=True)
        for field in contract.fields
        if field.kind in TYPES
    }
    return {**texts, **values}


def _no_niss(contract: Contract, field: Field) -> list[pa.Check]:
    """Coded texts go to the ledger and travel in clear: a NISS typed into one would too."""
    if contract.direction == "out" or field.nature != "coded" or field.kind != "text":
        return []
    if field.pattern and not niss.can_stand_in(field.pattern):
        return []  # such a text has not the form of the column: R306
    return [rule("R601", ~niss.stands_in(pl.col(field.name)))]


def _own_checks(field: Field) -> list[pa.Check]:
    text = pl.col(field.name)
    if field.kind in ("code", "bool"):
        return [rule("R301", is_one_of(text, field.codes))]
    if field.kind == "list":
        return [_list_check(field)]
    if field.kind == "niss":
        return []  # the contract names the environment: see `niss_rules`
    if field.kind in ("int", "decimal"):
        return [rule("R306", _is_read(field)), rule("R314", _is_within(field))]
    return [rule("R306", _is_read(field) if field.kind in TYPES else _has_form(field))]


def _is_read(field: Field) -> pl.Expr:
    """A text has a value exactly when it has the form of its kind: see `parse.py`."""
    return value(field.name).is_not_null() | pl.col(field.name).is_null()


def _is_within(field: Field) -> pl.Expr:
    return value(field.name).is_between(field.minimum, LARGEST if field.maximum is None else field.maximum)


def _list_check(field: Field) -> pa.Check:
    element = f"({'|'.join(field.codes)})" if field.codes else f"({(field.pattern or '').strip('^$')})"
    return rule("R301" if field.codes else "R306", pl.col(field.name).str.contains(f"^{element}([|]{element})*$"))


def _has_form(field: Field) -> pl.Expr:
    text = pl.col(field.name)
    right = text.str.contains(field.pattern) if field.pattern else ~text.str.contains(_CONTROL)
    if field.max_length:
        right &= text.str.len_chars() <= field.max_length
    return right | text.is_null()


def niss_rules(column: str, environment: Environment, context: Context) -> list[pa.Check]:
    """Declares the rules of a person number in this environment: one check for each of its codes."""
    rules = niss.rules(pl.col(column), value(column), environment, context.received_on)
    return [rule(code, holds) for code, holds in rules.items()]


def same_birth(niss_column: str, birth_column: str) -> pa.Check:
    """Declares that the birth date agrees with a right person number."""
    return rule("R501", niss.agrees_with(value(niss_column), value(birth_column)))


def cpas_rules(column: str, day: str, context: Context) -> list[pa.Check]:
    """Declares the rules of the CPAS that a row is for; R201, R203 and R205 exclude one another."""
    nis = pl.col(column)
    communes, german = list(context.communes), list(context.adg)
    other = unless(is_one_of(nis, list(context.entitled)), nis)
    return [
        rule("R201", ~where_also(nis, ~nis.is_in(communes), _has_form_of_nis)),
        _in_use(nis, day, context),
        rule("R203", ~nis.is_in(german)),
        rule("R205", ~other.is_in(communes) | other.is_in(german)),
    ]


def residence_rules(column: str, day: str, context: Context) -> list[pa.Check]:
    """Declares the rules of a commune of residence; outside Wallonia we know arrondissements only."""
    nis, communes = pl.col(column), list(context.communes)

    def unknown(few: pl.Series) -> pl.Series:
        return _has_form_of_nis(few) & ~few.str.contains(OUTSIDE_WALLONIA)

    return [rule("R201", ~where_also(nis, ~nis.is_in(communes), unknown)), _in_use(nis, day, context)]


def communes_rule(column: str, context: Context) -> pa.Check:
    """Declares that each element of a list is the NIS code of a commune, or lies outside Wallonia."""
    nis = pl.element()
    known = nis.is_in(list(context.communes)) | nis.str.contains(OUTSIDE_WALLONIA) | ~nis.str.contains(NIS)
    return rule("R201", pl.col(column).str.split("|").list.eval(known).list.all())


def enterprise_rule(column: str) -> pa.Check:
    """Declares that a number, where there is one, is possible for an enterprise."""
    number = pl.col(column)
    return rule("R204", is_enterprise(number) | number.is_null())


def establishment_rule(column: str) -> pa.Check:
    """Declares that a number, where there is one, is possible for an establishment unit."""
    number = pl.col(column)
    says = (
        "Le numéro d'une unité d'établissement commence par un chiffre de 2 à 8.",
        "The number of an establishment unit starts with a digit from 2 to 8.",
    )
    return rule("R204", is_establishment(number) | number.is_null(), says)


def _has_form_of_nis(text: pl.Series) -> pl.Series:
    return text.str.contains(NIS)  # any other text has R306 already


def _in_use(nis: pl.Expr, day: str, context: Context) -> pa.Check:
    return rule("R202", is_valid_on(nis, context.communes, value(day)))


def written_for_sender(column: str, context: Context) -> pa.Check:
    """Declares that a referral's reference was given by the sender or by a CPAS that it succeeds."""
    reference = pl.col(column)
    ours = is_one_of(reference.str.slice(0, 7), [f"R{nis}-" for nis in context.entitled])
    return rule("R205", ~unless(ours, reference).str.contains(REFERRAL_ID))


def required_if(column: str, condition: pl.Expr, says: Says | None = None) -> pa.Check:
    """Declares a column that may not be empty when the condition holds."""
    return rule("R305", pl.col(column).is_not_null() | ~condition.fill_null(False), says)


def empty_unless(column: str, condition: pl.Expr, says: Says | None = None) -> pa.Check:
    """Declares a column that must be empty where the condition does not hold."""
    return rule("R315", pl.col(column).is_null() | condition.fill_null(False), says)


def not_after(column: str, other: pl.Expr, says: Says | None = None) -> pa.Check:
    """Declares that a date is not after another day of the row."""
    return rule("R303", value(column) <= other, says)


def not_before(column: str, other: pl.Expr, says: Says | None = None) -> pa.Check:
    """Declares that a date is not before another day of the row."""
    return rule("R303", value(column) >= other, says)


def not_future(column: str, context: Context) -> pa.Check:
    """Declares that a date is not after the day of receipt."""
    return rule("R304", value(column) <= context.received_on)


def not_born_later(column: str, context: Context) -> pa.Check:
    """Declares that a birth date, some of whose parts may be unknown, is not after the day of receipt."""
    day = context.received_on
    return rule("R304", value(column) <= day.year * 10_000 + day.month * 100 + day.day)


def not_future_moment(column: str, context: Context) -> pa.Check:
    """Declares that a timestamp's day in Belgium is not after the day of receipt."""
    midnight = datetime.combine(context.received_on + timedelta(days=1), time(), BRUSSELS)
    # as a number: making an instant into an expression starts the threads of polars, which a forked worker has not
    return rule("R304", value(column).cast(pl.Int64) < int(midnight.timestamp()) * 1_000_000)
