"""pydantic, one row at a time, on the csv module: a model with a pattern or a closed list for each column.

A rule across columns stands on the column to be mended, after those that it needs: pydantic gives such a rule
what is right of the columns before it. Of a column it gives one error, so a second one is not found. Warnings
are collected in the validation's context, as pydantic has none.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic import ValidationInfo as Info
from pydantic_core import PydanticCustomError

from bench import rules_python as plain
from bench.outcome import FOUND, Outcome, Watch
from bench.rules_polars import CODED, FORMED, LENGTHS, LISTS, REQUIRED
from bench.subject import context
from contracts import codes
from contracts.model import Context, Contract
from contracts.parse import INTEGER

Rule = Callable[[Any, Info], Any]
CODES = {"string_pattern_mismatch": "R306", "string_too_long": "R306", "literal_error": "R301", "string_type": "R305"}
WRITTEN = {
    "version": plain.canonical_number,
    "recorded_at": plain.canonical_moment,
    "cpas_dossier_ref": plain.canonical_dossier,
}
MAY_BE_ASKED_FOR = ("ri_category", "voluntary")


def run(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """Validates each row; keeps the models of the accepted ones."""
    adapter: TypeAdapter[Any] = TypeAdapter(model(contract, context()))
    accepted: list[Any] = []
    found: list[tuple[int, str, str]] = []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";", strict=True)
        header = next(rows)
        for line, cells in enumerate(rows, 2):
            row = {name: cell or None for name, cell in zip(header, cells, strict=True)}
            warnings: list[tuple[str, str]] = []
            try:
                accepted.append((line, adapter.validate_python(row, context=warnings)))
            except ValidationError as error:
                found += [(line, *where) for where in _told(error, row)]
            found += [(line, *where) for where in warnings]
    return Outcome(accepted, len(accepted), pl.DataFrame(found, schema=FOUND, orient="row"))


def _told(error: ValidationError, row: dict[str, str | None]) -> list[tuple[str, str]]:
    told = []
    for failure in error.errors(include_url=False, include_input=False, include_context=False):
        column, kind = str(failure["loc"][0]), failure["type"]
        code = LISTS[column][0] if column in LISTS and kind == "string_pattern_mismatch" else CODES.get(kind, kind)
        told.append((column, "R305" if kind in CODES and row[column] is None else code))
    return told


def model(contract: Contract, known: Context) -> type[Any]:
    """Gives the model of a row of this contract."""
    rules = _rules(known)
    return create_model("Orientation", **{name: _field(name, rules.get(name)) for name in contract.columns})


def _field(name: str, rule: Rule | None) -> Any:
    kind = _kind(name)
    if name not in REQUIRED and name in MAY_BE_ASKED_FOR:
        kind = kind | None
    if rule:
        kind = Annotated[kind, AfterValidator(rule)]
    return (kind if name in REQUIRED or name in MAY_BE_ASKED_FOR else kind | None, Field(...))


def _kind(name: str) -> Any:
    if name in CODED:
        return Literal[CODED[name]]
    pattern = LISTS[name][1] if name in LISTS else FORMED.get(name, INTEGER if name == "version" else None)
    if pattern is None and name in ("last_name", "first_name", "referent_id", "niss"):
        pattern = r"^[^\x00-\x1f\x7f]*$"
    text = Annotated[str, StringConstraints(pattern=pattern, max_length=LENGTHS.get(name))]
    return Annotated[text, BeforeValidator(_if_text(WRITTEN[name]))] if name in WRITTEN else text


def _if_text(written: Callable[[str], str]) -> Callable[[str | None], str | None]:
    return lambda text: None if text is None else written(text)


def _broken(code: str) -> PydanticCustomError:
    return PydanticCustomError(code, code)


def _rules(known: Context) -> dict[str, Rule]:
    return {
        "notice_id": _hides_nothing,
        "version": _version,
        "effective_date": _date,
        "availability_from": _date,
        "recorded_at": _recorded(known),
        "referral_id": _for_sender(known),
        "cpas_nis": _cpas(known),
        "niss": _niss(known),
        "birth_date": _birth(known),
        "residence_nis": _residence(known),
        "ri_category": _category,
        "ri_start_date": _not_after("effective_date", plain.day),
        "piis_code": _piis,
        "voluntary": _voluntary,
        "informed_on": _not_after("recorded_at", plain.recorded_day),
    }


def _hides_nothing(text: str, _info: Info) -> str:
    if plain.hides_niss(text):
        raise _broken("R601")
    return text


def _version(text: str, _info: Info) -> str:
    if not 1 <= int(text) <= 2_147_483_647:
        raise _broken("R314")
    return text


def _date(text: str, _info: Info) -> str:
    if plain.day(text) is None:
        raise _broken("R306")
    return text


def _not_after(other: str, read: Callable[[str | None], Any]) -> Rule:
    def rule(text: str, info: Info) -> str:
        _date(text, info)
        limit = read(info.data.get(other))
        if limit and plain.day(text) > limit:
            raise _broken("R303")
        return text

    return rule


def _recorded(known: Context) -> Rule:
    def rule(text: str, _info: Info) -> str:
        day = plain.recorded_day(text)
        if day is None:
            raise _broken("R306")
        if day > known.received_on:
            raise _broken("R304")
        return text

    return rule


def _for_sender(known: Context) -> Rule:
    def rule(text: str, info: Info) -> str:
        if text[1:6] not in known.entitled:
            raise _broken("R205")
        return _hides_nothing(text, info)

    return rule


def _cpas(known: Context) -> Rule:
    communes = dict(known.communes)

    def rule(text: str, info: Info) -> str:
        problem = plain.cpas_problem(text, communes, known.adg, known.entitled)
        if problem:
            raise _broken(problem)
        if not plain.is_open(text, communes, plain.day(info.data.get("effective_date"))):
            info.context.append(("cpas_nis", "R202"))
        return text

    return rule


def _niss(known: Context) -> Rule:
    def rule(text: str, _info: Info) -> str:
        problem = plain.niss_problem(text, known.received_on)
        if problem:
            raise _broken(problem)
        return text

    return rule


def _birth(known: Context) -> Rule:
    def rule(text: str, info: Info) -> str:
        if not plain.is_birth_date(text):
            raise _broken("R306")
        if plain.is_later(text, known.received_on):
            raise _broken("R304")
        if not plain.same_birth(info.data.get("niss", ""), text):
            raise _broken("R501")
        return text

    return rule


def _residence(known: Context) -> Rule:
    communes = dict(known.communes)

    def rule(text: str, info: Info) -> str:
        if not plain.is_walloon_or_elsewhere(text, communes):
            raise _broken("R201")
        if not plain.is_open(text, communes, plain.day(info.data.get("effective_date"))):
            info.context.append(("residence_nis", "R202"))
        return text

    return rule


def _category(text: str | None, info: Info) -> str | None:
    if text is None and info.data.get("legislation") == "1":
        raise _broken("R305")
    return text


def _piis(text: str, info: Info) -> str:
    if not plain.is_open(text, codes.PIIS, plain.day(info.data.get("effective_date"))):
        raise _broken("R302")
    return text


def _voluntary(text: str | None, info: Info) -> str | None:
    if text != "1" and info.data.get("exempt_health_equity") == "1":
        raise _broken("R305")
    return text
