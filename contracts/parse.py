"""From texts to canonical texts, and from these to values beside them.

Canonical: what means the same is written the same, so that a content hash is stable. A text that cannot be
read is left as it is, and its value is null: the contract's checks judge that, nothing is rejected here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl

from contracts import niss
from contracts.closely import rewritten
from contracts.codes import canonical_dossier
from contracts.model import Field, FileFormat

VALUE = "__value"  # suffix of the column that holds the parsed value beside its text

DATE = "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-[0-9]{2}$"
INCOMPLETE_DATE = "^(19|20)[0-9]{2}-(00-00|(0[1-9]|1[0-2])-[0-9]{2})$"
_OFFSET = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_SECONDS = "(:[0-5][0-9]([.][0-9]{1,6})?)?"
TIMESTAMP = f"^(19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}{_SECONDS}{_OFFSET}$"
_MOMENT = re.compile(TIMESTAMP.strip("^$"))
INTEGER = "^[0-9]{1,18}$"
DECIMAL = "^[0-9]{1,12}([.][0-9]{1,6})?$"

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)
_FARTHEST = 14 * 60 + 59  # minutes from UTC

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
    """Gives the calendar day, in Belgium, of a timestamp: that of UTC or the next, as Belgium is 0 to 2 hours ahead."""
    hours = value(name).cast(pl.Int64) // 3_600_000_000
    late = pl.when(hours % 24 >= 22).then(value(name)).dt.convert_time_zone("Europe/Brussels").dt.date()
    return pl.coalesce(late, (hours // 24).cast(pl.Int32).cast(pl.Date))


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
        loose = text < "1"  # a zero or a sign in front, both of which come before the other digits
        return rewritten(text, loose, lambda one: one.str.replace("^[+]?0*([0-9]+)$", "${1}"))
    if field.kind == "decimal":
        return _canonical_decimal(text)
    if field.kind == "timestamp":
        return rewritten(text, _is_loose_moment(text), _written_timestamps)
    if field.name == "cpas_dossier_ref":
        return rewritten(text, ~text.str.contains("^[A-Z1-9][A-Z0-9]*$"), canonical_dossier)
    return None


def _canonical_decimal(text: pl.Expr) -> pl.Expr:
    """Writes a decimal number without zeros that say nothing."""
    short = text.str.replace("^0+([0-9])", "${1}").str.replace("([.][0-9]*?)0+$", "${1}").str.replace("[.]$", "")
    return pl.when(text.str.contains(DECIMAL)).then(short).otherwise(text)


def _is_loose_moment(text: pl.Expr) -> pl.Expr:
    """Tells all but YYYY-MM-DDThh:mm:ss±hh:mm, which nearly all are; Z after a fraction may be as long."""
    return (text.str.len_bytes() != 25) | text.str.ends_with("Z") | text.str.ends_with("-00:00")


def _written_timestamps(texts: pl.Series) -> pl.Series:
    """Writes few texts one by one, which is quicker than to ask all of them what to replace."""
    return pl.Series(texts.name, [_written_timestamp(text) for text in texts], pl.String)


def _written_timestamp(text: str) -> str:
    """Writes seconds always, a fraction without final zeros, and the offset as ±hh:mm."""
    read = _MOMENT.fullmatch(text)
    if read is None:
        return text
    seconds, offset = read[2] or ":00", read[4]
    if "." in seconds:
        seconds = seconds.rstrip("0").rstrip(".")
    return f"{text[:16]}{seconds}{'+00:00' if offset in ('Z', '-00:00') else offset}"


def with_values(frame: pl.LazyFrame, fields: Sequence[Field]) -> pl.LazyFrame:
    """Adds the parsed value beside each text that has one; reads canonical texts, never raises."""
    return frame.with_columns(_value(field).alias(field.name + VALUE) for field in fields if field.kind in TYPES)


def _value(field: Field) -> pl.Expr:
    text = pl.col(field.name)
    if field.kind == "int":  # polars also reads signs, and one digit more
        right = (text.str.len_bytes() <= 18) & (text >= "0")  # signs come before the digits
        return pl.when(right).then(text).cast(pl.Int64, strict=False)
    if field.kind == "niss":
        return niss.meaning(text)
    if field.kind == "decimal":
        return pl.when(text.str.contains(DECIMAL)).then(text).cast(pl.Float64, strict=False)
    return {"timestamp": _moment, "incomplete_date": _birth}.get(field.kind, _day)(text)


# A date or a time is looked up among all that there are, which is faster than parsing it and reads nothing else; its
# place among them tells what it says.


def _place(text: pl.Expr, among: pl.DataTypeExpr) -> pl.Expr:
    return text.cast(among, strict=False).to_physical().cast(pl.Int64)


def _among(texts: pl.Series) -> pl.DataTypeExpr:
    """Gives the type that holds these texts only; named as such, every expression would take up all of them again."""
    return pl.dtype_of(pl.lit(pl.Series([None], dtype=pl.Enum(texts))))


@cache
def _days() -> pl.DataTypeExpr:
    """Gives the days of these two centuries, YYYY-MM-DD."""
    return _among(pl.date_range(_FIRST_DAY, _LAST_DAY, eager=True).dt.strftime("%Y-%m-%d"))


@cache
def _clock() -> pl.DataTypeExpr:
    """Gives the seconds of a day, Thh:mm:ss."""
    seconds = pl.int_range(24 * 60 * 60, eager=True) * 1_000_000_000
    return _among(seconds.cast(pl.Time).dt.strftime("T%H:%M:%S"))


@cache
def _offsets() -> pl.DataTypeExpr:
    """Gives the minutes from UTC, -14:59 to +14:59."""
    minutes = range(-_FARTHEST, _FARTHEST + 1)
    return _among(pl.Series([f"{'-' if m < 0 else '+'}{abs(m) // 60:02}:{abs(m) % 60:02}" for m in minutes]))


def _day(text: pl.Expr) -> pl.Expr:
    return (_place(text, _days()).cast(pl.Int32) + (_FIRST_DAY - date(1970, 1, 1)).days).cast(pl.Date)


def _birth(text: pl.Expr) -> pl.Expr:
    """Reads YYYY-MM-DD, and YYYY-MM-00 or YYYY-00-00 where day or month is not known."""
    return pl.map_batches([text, _place(text, _days())], _births, return_dtype=pl.Int64, is_elementwise=True)


@cache
def _numbers() -> pl.Series:
    """Gives the days of these two centuries, as YYYYMMDD."""
    days = pl.date_range(_FIRST_DAY, _LAST_DAY, eager=True)
    return days.dt.year().cast(pl.Int64) * 10_000 + days.dt.month().cast(pl.Int64) * 100 + days.dt.day()


def _births(columns: Sequence[pl.Series]) -> pl.Series:
    text, place = columns
    births = _numbers().gather(place)
    if births.null_count() == text.null_count():
        return births
    unread = births.is_null() & text.is_not_null()
    few = text.filter(unread)
    partly = few.str.contains(INCOMPLETE_DATE) & few.str.ends_with("-00")
    bare = few.set(~partly, None).str.replace_all("-", "", literal=True).cast(pl.Int64)
    return births.scatter(unread.arg_true(), bare)


def _moment(text: pl.Expr) -> pl.Expr:
    """Reads a timestamp by its parts, and as a whole where it has a fraction."""
    clock, offset = _place(text.str.slice(10, 9), _clock()), _place(text.str.slice(19), _offsets()) - _FARTHEST
    seconds = _day(text.str.slice(0, 10)).cast(pl.Int64) * 86_400 + clock - offset * 60
    moment = (seconds * 1_000_000).cast(TYPES["timestamp"])
    return pl.map_batches([text, moment], _moments, return_dtype=TYPES["timestamp"], is_elementwise=True)


def _moments(columns: Sequence[pl.Series]) -> pl.Series:
    text, moments = columns
    if moments.null_count() == text.null_count():
        return moments
    unread = moments.is_null() & text.is_not_null()
    few = text.filter(unread)
    few = few.set(~few.str.contains(TIMESTAMP), None)
    slow = few.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)
    return moments.scatter(unread.arg_true(), slow)
