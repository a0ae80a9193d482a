"""From texts to canonical texts, and from these to values beside them.

Canonical: what means the same is written the same, so that a content hash is stable. A text that cannot be
read is left as it is, and its value is null: the contract's checks judge that, nothing is rejected here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from contracts import niss
from contracts.codes import canonical_dossier
from contracts.model import Field, FileFormat

VALUE = "__value"  # suffix of the column that holds the parsed value beside its text

DATE = "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-[0-9]{2}$"
INCOMPLETE_DATE = "^(19|20)[0-9]{2}-(00-00|(0[1-9]|1[0-2])-[0-9]{2})$"
_OFFSET = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_SECONDS = "(:[0-5][0-9]([.][0-9]{1,6})?)?"
TIMESTAMP = f"^(19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}{_SECONDS}{_OFFSET}$"
INTEGER = "^[0-9]{1,18}$"
DECIMAL = "^[0-9]{1,12}([.][0-9]{1,6})?$"

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)

TYPES: dict[str, pl.DataType] = {
    "int": pl.Int64(),
    "decimal": pl.Float64(),
    "date": pl.Date(),
    "incomplete_date": pl.Int64(),  # YYYYMMDD, unknown parts 00
    "timestamp": pl.Datetime("us", "UTC"),
    "niss": pl.Int64(),  # what the number says, see `niss.meaning`
}


def value(name: str) -> pl.Expr:
    """Gives the column of parsed values of a field; null where the text is empty or cannot be read."""
    return pl.col(name + VALUE)


def in_brussels(name: str) -> pl.Expr:
    """Gives the calendar day, in Belgium, of a timestamp."""
    return value(name).dt.convert_time_zone("Europe/Brussels").dt.date()


def canonical(frame: pl.LazyFrame, fields: Sequence[Field], form: FileFormat) -> pl.LazyFrame:
    """Gives the frame with every text in its canonical form; day/month/year is read where it is declared."""
    written = ((field, _canonical(field, form)) for field in fields)
    return frame.with_columns(text.alias(field.name) for field, text in written if text is not None)


def _canonical(field: Field, form: FileFormat) -> pl.Expr | None:
    """Gives the canonical form of a column, None where what is written is canonical already."""
    text = pl.col(field.name)
    if field.kind in ("date", "incomplete_date") and form.dates == "dmy":
        return text.str.replace("^([0-3][0-9])/([01][0-9])/([0-9]{4})$", "${3}-${2}-${1}")
    if field.kind == "int":
        return _unless(text, "^(0|[1-9][0-9]*)$", lambda one: one.str.replace("^[+]?0*([0-9]+)$", "${1}"))
    if field.kind == "decimal":
        return _canonical_decimal(text)
    if field.kind == "timestamp":
        return _canonical_timestamp(text)
    if field.name == "cpas_dossier_ref":
        return _unless(text, "^[A-Z1-9][A-Z0-9]*$", canonical_dossier)
    return None


def _canonical_decimal(text: pl.Expr) -> pl.Expr:
    """Writes a decimal number without zeros that say nothing."""
    short = text.str.replace("^0+([0-9])", "${1}").str.replace("([.][0-9]*?)0+$", "${1}").str.replace("[.]$", "")
    return pl.when(text.str.contains(DECIMAL)).then(short).otherwise(text)


def _canonical_timestamp(text: pl.Expr) -> pl.Expr:
    """Writes seconds always, a fraction without final zeros, and the offset as ±hh:mm."""
    return _unless(text, "^[0-9T:-]{19}([.][0-9]*[1-9])?([+][0-9:]{5}|-(0[1-9]|1[0-9]):[0-9]{2})$", _written_timestamp)


def _written_timestamp(text: pl.Series) -> pl.Series:
    written = (
        text.str.replace("^(.{16})(Z|[+-].....)$", "${1}:00${2}")
        .str.replace("^(.{19}[.][0-9]*?)0+(Z|[+-].....)$", "${1}${2}")
        .str.replace("[.](Z|[+-].....)$", "${1}")
        .str.replace("(Z|-00:00)$", "+00:00")
    )
    return written.zip_with(text.str.contains(TIMESTAMP).fill_null(False), text)


def _unless(text: pl.Expr, canonical_form: str, write: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """Rewrites the texts of a column that have not their canonical form already, as they mostly have."""

    def written(series: pl.Series) -> pl.Series:
        loose = (~series.str.contains(canonical_form)).fill_null(False)
        return series.scatter(loose.arg_true(), write(series.filter(loose))) if loose.any() else series

    return text.map_batches(written, return_dtype=pl.String, is_elementwise=True)


def with_values(frame: pl.LazyFrame, fields: Sequence[Field]) -> pl.LazyFrame:
    """Adds the parsed value beside each text that has one; reads canonical texts, never raises."""
    return frame.with_columns(_value(field).alias(field.name + VALUE) for field in fields if field.kind in TYPES)


def _value(field: Field) -> pl.Expr:
    text = pl.col(field.name)
    if field.kind == "int":
        return pl.when(text.str.contains(INTEGER)).then(text).cast(pl.Int64, strict=False)
    if field.kind == "niss":
        return niss.meaning(text)
    if field.kind == "decimal":
        return pl.when(text.str.contains(DECIMAL)).then(text).cast(pl.Float64, strict=False)
    reader = {"timestamp": _moments, "incomplete_date": _incomplete_dates}.get(field.kind, _dates)
    return text.map_batches(reader, return_dtype=TYPES[field.kind], is_elementwise=True)


def _dates(text: pl.Series) -> pl.Series:
    """Reads days of these two centuries; polars also reads `2025-3-1` and other ages."""
    days = text.str.to_date("%Y-%m-%d", strict=False)
    right = (text.str.len_bytes() == 10) & ~text.str.starts_with("+") & (days >= _FIRST_DAY) & (days <= _LAST_DAY)
    return days if right.all() else days.set(~right.fill_null(False), None)


def _incomplete_dates(text: pl.Series) -> pl.Series:
    """Reads YYYY-MM-DD, and YYYY-MM-00 or YYYY-00-00 where day or month is not known."""
    days = _dates(text)
    numbers = days.dt.year().cast(pl.Int64) * 10_000 + days.dt.month().cast(pl.Int64) * 100 + days.dt.day()
    unread = (days.is_null() & text.str.contains(INCOMPLETE_DATE) & text.str.ends_with("-00")).fill_null(False)
    if not unread.any():
        return numbers
    bare = text.filter(unread).str.replace_all("-", "", literal=True).cast(pl.Int64)
    return numbers.scatter(unread.arg_true(), bare)


def _moments(text: pl.Series) -> pl.Series:
    """Reads timestamps; those without a fraction by their parts, which is several times faster."""
    offsets = text.str.slice(19)
    minutes = {offset: _minutes(offset) for offset in offsets.unique().to_list()}
    shift = offsets.replace_strict(minutes, default=None, return_dtype=pl.Int64)
    naive = text.str.slice(0, 19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    moments = (naive.cast(pl.Int64) - shift * 60_000_000).cast(pl.Datetime("us", "UTC"))
    unread = (moments.is_null() & text.str.contains(TIMESTAMP)).fill_null(False)
    if not unread.any():
        return moments
    slow = text.filter(unread).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)
    return moments.scatter(unread.arg_true(), slow)


def _minutes(offset: str | None) -> int | None:
    """Gives the minutes of an offset ±hh:mm, None of any other text."""
    if offset is None or not re.fullmatch(_OFFSET, offset, re.ASCII) or offset == "Z":
        return None
    hours, minutes = int(offset[1:3]), int(offset[4:])
    return (hours * 60 + minutes) * (1 if offset[0] == "+" else -1)
