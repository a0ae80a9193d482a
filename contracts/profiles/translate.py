"""From the rows of an export to the rows of a feed, as its profile says: one row makes one row.

What has no translation is never invented. A text outside a table of codes, or that a pattern does not take, is
left empty and counted: it can be anything, and codes travel in clear. A date, a person number or a phone that is
in no declared form stays as it is, and the contract judges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from contracts.profiles.forms import eleven_digits, international, iso_date
from contracts.profiles.model import Companion, Condition, Given, Origin, Profile, ProfileProblem

_LINE, _RAW, _KEY, _KNOWN = "__line", "__raw_", "__key", "__known"


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """The columns of an export that its profile reads, as texts, an empty cell null; `lines` says where they stood."""

    rows: pl.DataFrame
    lines: pl.Series


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """The columns of the contract as texts; `lines` are those of the export.

    `left_out` counts the rows that the profile does not draft, `unmatched` the drafted ones of which a second
    export says nothing, `untranslated` for each column the rows whose text has no translation.
    """

    rows: pl.DataFrame
    lines: pl.Series
    left_out: int
    unmatched: int
    untranslated: Mapping[str, int]

    @property
    def read(self) -> int:
        """Gives the number of rows of the export."""
        return self.rows.height + self.left_out


def translate(profile: Profile, export: Export, given: Mapping[Given, str], companion: Export | None = None) -> Draft:
    """Drafts the feed; raises ProfileProblem when something that the profile counts on was not given."""
    rows = export.rows.with_columns(export.lines.alias(_LINE))
    if profile.companion:
        rows = _joined(rows, profile.companion, companion)
    kept = rows.filter(_kept(condition) for condition in profile.rows) if profile.rows else rows
    drafted = kept.select(_LINE, *_columns(profile, given), *_raw(profile))
    return Draft(
        rows=drafted.select(profile.contract.columns),
        lines=drafted[_LINE].alias("line"),
        left_out=rows.height - kept.height,
        unmatched=kept[_KNOWN].null_count() if profile.companion else 0,
        untranslated=_untranslated(drafted, profile),
    )


def _kept(condition: Condition) -> pl.Expr:
    found = pl.col(condition.column).is_in(condition.texts).fill_null(False)
    return found if condition.among else ~found


def _joined(rows: pl.DataFrame, said: Companion, companion: Export | None) -> pl.DataFrame:
    if companion is None:
        raise ProfileProblem(f"a second export is needed: {' / '.join(said.says)}")
    known = companion.rows.filter(pl.col(said.key).is_not_null())
    if known[said.key].is_duplicated().any():
        raise ProfileProblem(f"second export: the same {said.key} stands on several rows")
    added = known.select(pl.col(said.key).alias(_KEY), pl.lit(True).alias(_KNOWN), *said.adds)
    return rows.with_columns(_text(said.match).alias(_KEY)).join(added, on=_KEY, how="left", maintain_order="left")


def _columns(profile: Profile, given: Mapping[Given, str]) -> list[pl.Expr]:
    nothing = pl.lit(None, pl.String)
    origins = profile.columns
    return [
        (_written(origins[name], given) if name in origins else nothing).alias(name)
        for name in profile.contract.columns
    ]


def _written(origin: Origin, given: Mapping[Given, str]) -> pl.Expr:
    if origin.constant is not None:
        return pl.lit(origin.constant)
    if origin.given:
        if origin.given not in given:
            raise ProfileProblem(f"the profile needs to be given: {origin.given}")
        return pl.lit(given[origin.given])
    return _text(origin)


def _text(origin: Origin) -> pl.Expr:
    text = _found(origin)
    if origin.pattern:
        text = text.str.extract(origin.pattern, 1)
    if origin.codes is not None:
        text = text.replace_strict(origin.codes, default=None, return_dtype=pl.String)
    if origin.dates:
        text = iso_date(text, origin.dates)
    if origin.niss:
        text = eleven_digits(text, origin.niss)
    if origin.country:
        text = international(text, origin.country)
    return pl.concat_str(pl.lit(origin.prefix), text) if origin.prefix else text


def _found(origin: Origin) -> pl.Expr:
    """Gives the text as the export has it, null where there is none or it means nothing."""
    texts = [_meant(pl.col(name), origin.empty) for name in origin.columns]
    return pl.coalesce(texts) if origin.join is None else pl.concat_str(texts, separator=origin.join)


def _meant(text: pl.Expr, empty: tuple[str, ...]) -> pl.Expr:
    return pl.when(~text.is_in(empty)).then(text) if empty else text


def _raw(profile: Profile) -> list[pl.Expr]:
    return [_found(origin).alias(_RAW + name) for name, origin in profile.columns.items() if origin.columns]


def _untranslated(drafted: pl.DataFrame, profile: Profile) -> dict[str, int]:
    """Counts for each column the rows where the export has a text and the draft has none."""
    lost = {name: origin for name, origin in profile.columns.items() if origin.columns}
    if not lost:
        return {}
    counts = drafted.select(
        (pl.col(_RAW + name).is_not_null() & pl.col(name).is_null()).sum().alias(name) for name in lost
    )
    return {name: count for name, count in counts.row(0, named=True).items() if count}
