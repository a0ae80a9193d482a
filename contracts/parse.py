"""From texts to canonical texts, and from these to values beside them.

Canonical: what means the same is written the same, so that a content hash is stable. A text that cannot be
read is left as it is, and its value is null: the contract's checks judge that, nothing is rejected here.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from contracts.codes import canonical_dossier
from contracts.model import Field

VALUE = "__value"  # suffix of the column that holds the parsed value beside its text

DATE = "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-[0-9]{2}$"
INCOMPLETE_DATE = "^(19|20)[0-9]{2}-(00-00|(0[1-9]|1[0-2])-[0-9]{2})$"
_OFFSET = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_SECONDS = "(:[0-5][0-9]([.][0-9]{1,6})?)?"
TIMESTAMP = f"^(19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}{_SECONDS}{_OFFSET}$"
INTEGER = "^[0-9]{1,18}$"

TYPES: dict[str, pl.DataType] = {
    "int": pl.Int64(),
    "date": pl.Date(),
    "incomplete_date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
}


def value(name: str) -> pl.Expr:
    """Gives the column of parsed values of a field; null where the text is empty or cannot be read."""
    return pl.col(name + VALUE)


def in_brussels(name: str) -> pl.Expr:
    """Gives the calendar day, in Belgium, of a timestamp."""
    return value(name).dt.convert_time_zone("Europe/Brussels").dt.date()


def canonical(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """Gives the frame with every text in its canonical form."""
    return frame.with_columns(_canonical(field) for field in fields)


def _canonical(field: Field) -> pl.Expr:
    text = pl.col(field.name)
    if field.kind == "int":
        return text.str.replace("^[+]?0*([0-9]+)$", "${1}")
    if field.kind == "timestamp":
        return _canonical_timestamp(text)
    if field.name == "cpas_dossier_ref":
        return canonical_dossier(text)
    return text


def _canonical_timestamp(text: pl.Expr) -> pl.Expr:
    """Writes seconds always, a fraction without final zeros, and the offset as ±hh:mm."""
    written = (
        text.str.replace("^(.{16})(Z|[+-].....)$", "${1}:00${2}")
        .str.replace("^(.{19}[.][0-9]*?)0+(Z|[+-].....)$", "${1}${2}")
        .str.replace("[.](Z|[+-].....)$", "${1}")
        .str.replace("(Z|-00:00)$", "+00:00")
    )
    return pl.when(text.str.contains(TIMESTAMP)).then(written).otherwise(text)


def with_values(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """Adds the parsed value beside each text that has one; reads canonical texts, never raises."""
    return frame.with_columns(_value(field).alias(field.name + VALUE) for field in fields if field.kind in TYPES)


def _value(field: Field) -> pl.Expr:
    text = pl.col(field.name)
    if field.kind == "int":
        return pl.when(text.str.contains(INTEGER)).then(text).cast(pl.Int64, strict=False)
    if field.kind == "timestamp":
        readable = pl.when(text.str.contains(TIMESTAMP)).then(text)
        return readable.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)
    return pl.when(text.str.contains(DATE)).then(text).str.to_date("%Y-%m-%d", strict=False)
