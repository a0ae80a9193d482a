"""Where a column comes from, read from a profile's TOML and held against the contract's column."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import polars as pl

from contracts.model import Field
from contracts.profiles.forms import DATES, NISS
from contracts.profiles.model import Given, Origin, ProfileProblem
from contracts.profiles.toml import Toml, forms_of, keyed, one_of, texts, toml, value_of

_ORIGIN = {
    "from",
    "constant",
    "given",
    "join",
    "empty",
    "pattern",
    "codes",
    "codes_of",
    "dates",
    "niss",
    "country",
    "prefix",
}
_CODES_OF = {"file", "from", "to"}


def origin_of(key: str, value: Any, folder: Path) -> Origin:
    """Reads where a text comes from and what is done to it; `folder` is that of the profile."""
    table = keyed(key, value, _ORIGIN)
    if sum(name in table for name in ("from", "constant", "given")) != 1:
        raise ProfileProblem(f"{key}: one of from, constant and given")
    if table.get("from") in ("", []):
        raise ProfileProblem(f"{key}.from: a column of the export is needed")
    if "from" not in table and len(table) > 1:
        raise ProfileProblem(f"{key}: only what comes from the export is translated")
    source = table.get("from", [])
    origin = Origin(
        columns=(source,) if isinstance(source, str) else texts(f"{key}.from", source),
        constant=table.get("constant"),
        given=one_of(f"{key}.given", table["given"], get_args(Given)) if "given" in table else None,
        join=table.get("join"),
        empty=texts(f"{key}.empty", table.get("empty", [])),
        pattern=table.get("pattern"),
        codes=_codes(key, table, folder),
        dates=forms_of(f"{key}.dates", table.get("dates", []), DATES),
        niss=forms_of(f"{key}.niss", table.get("niss", []), NISS),
        country=table.get("country"),
        prefix=table.get("prefix", ""),
    )
    _check_texts(key, origin)
    return origin


def _check_texts(key: str, origin: Origin) -> None:
    named = {name: getattr(origin, name) for name in ("constant", "join", "pattern", "country", "prefix")}
    for name, value in named.items():
        value_of(f"{key}.{name}", "" if value is None else value, str)
    if origin.pattern is not None and _groups(origin.pattern) != 1:
        raise ProfileProblem(f"{key}.pattern: an expression with one group is needed")
    if origin.country and not re.fullmatch("[1-9][0-9]{0,2}", origin.country):
        raise ProfileProblem(f"{key}.country: a calling code such as 32 is needed")


def _groups(pattern: str) -> int:
    """Counts the groups of an expression; none where polars, which runs it, cannot."""
    try:
        pl.select(pl.lit("").str.extract(pattern, 0))
        return re.compile(pattern).groups
    except (re.error, pl.exceptions.PolarsError):
        return 0


def _codes(key: str, table: Toml, folder: Path) -> Mapping[str, str] | None:
    if "codes" in table and "codes_of" in table:
        raise ProfileProblem(f"{key}: either codes or codes_of")
    if "codes_of" in table:
        return _codes_of(f"{key}.codes_of", table["codes_of"], folder)
    if "codes" not in table:
        return None
    codes = toml(f"{key}.codes", table["codes"])
    return {text: value_of(f"{key}.codes", code, str) for text, code in codes.items()}


def _codes_of(key: str, value: Any, folder: Path) -> Mapping[str, str]:
    """Reads a table of codes from a CSV file beside the profiles; the path is relative to the profile."""
    table = keyed(key, value, _CODES_OF, _CODES_OF)
    try:
        text = (folder / value_of(f"{key}.file", table["file"], str)).read_text("utf-8-sig")
        rows = [(row[table["from"]], row[table["to"]]) for row in csv.DictReader(text.splitlines(), delimiter=";")]
    except OSError:
        raise ProfileProblem(f"{key}.file: cannot be read") from None
    except KeyError:
        raise ProfileProblem(f"{key}: the file has no such column") from None
    if len(dict(rows)) < len(rows):
        raise ProfileProblem(f"{key}: a text has several codes")
    return dict(rows)


def checked(field: Field, origin: Origin) -> Origin:
    """Gives the origin, when it can give what the contract's column takes."""
    key = f"columns.{field.name}"
    written = [*(origin.codes or {}).values(), *([] if origin.constant is None else [origin.constant])]
    parts = [part for text in written for part in (text.split("|") if field.kind == "list" else [text])]
    if field.codes and (strange := [part for part in parts if part not in field.codes]):
        raise ProfileProblem(f"{key}: {', '.join(strange)}: not in the contract's list")
    is_date = field.kind in ("date", "incomplete_date")
    if is_date and origin.columns and not origin.dates:
        raise ProfileProblem(f"{key}.dates: the form of the date is to be declared")
    if origin.dates and not is_date:
        raise ProfileProblem(f"{key}.dates: the column is no date")
    return origin
