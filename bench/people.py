"""Invented people and their referrals, and what goes wrong with them: files for the benchmark.

Every file is made from its number of rows alone, so that two machines measure the same bytes. The persons'
numbers have an order number that no living person has (000, 999), with a right check where it is not the fault.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from bench.subject import NARROW, wide

SEED = 20261121
BAD = 0.02  # of the rows have a fault; one in twenty of these has a second one
CHUNK = 500_000

LAST = [a + b for a in ("Van ", "De ", "", "") for b in (
    "Lambion", "Dubois-Épée", "Rêve", "Noëlmont", "Quertinval", "d'Aubremont", "Peeterval", "Lejoncq", "Marichon",
    "Wauthoz", "Çelikan", "Ngoyival", "El Amranix", "Trântor", "Ostrowix", "Delvauxhe", "Simonix", "Bodartval",
)]  # fmt: skip
FIRST = ["Zoé", "Émile", "Léa", "Noah", "Jean-Luc", "Anaïs", "Maëlle", "Youssef", "Inès", "Chloé", "Björn", "Fatou"]
FAULTS = (
    "checksum", "ten digits", "31 February", "code", "commune", "no name", "order of dates", "PIIS", "phone", "e-mail",
    "element of a list", "no category",
)  # fmt: skip


@dataclass(slots=True)
class Dice:
    """Numbers that look drawn at random and are the same on every machine: hashes of the rows' numbers."""

    start: int
    rows: int
    thrown: int = 0

    def integers(self, low: int, high: int) -> pl.Series:
        """Gives a number from `low` to just below `high` for each row."""
        self.thrown += 1
        hashed = pl.int_range(self.start, self.start + self.rows, eager=True).hash(SEED * self.thrown)
        return (hashed % (high - low)).cast(pl.Int64) + low

    def chance(self, share: float) -> pl.Series:
        """Says yes for such a share of the rows."""
        return self.integers(0, 100_000) < round(share * 100_000)

    def pick(self, options: Sequence[str | None], weights: Sequence[float] | None = None) -> pl.Series:
        """Gives one of the texts for each row; without weights each is as likely as another."""
        if weights is None:
            return pl.Series(options, dtype=pl.String)[self.integers(0, len(options))]
        spread = [option for option, weight in zip(options, weights, strict=True) for _ in range(round(weight * 1000))]
        return pl.Series(spread, dtype=pl.String)[self.integers(0, len(spread))]

    def days(self, first: date, last: date) -> pl.Series:
        """Gives a day from the first to the last one."""
        since = self.integers(0, (last - first).days + 1)
        return pl.select(pl.lit(first) + pl.duration(days=since)).to_series()


def write(path: Path, rows: int, *, narrow: bool = False, every_row_late: bool = False) -> None:
    """Writes a CSV file of so many rows of the contract, wide or narrow.

    With `every_row_late` the income starts after the referral on every row: one rule fails everywhere.
    """
    with path.with_suffix(".part").open("wb") as file:
        for start in range(0, rows, CHUNK):
            frame = referrals(start, min(CHUNK, rows - start))
            if every_row_late:
                frame = frame.with_columns(ri_start_date=pl.lit("2026-11-01"))
            frame = frame.select(NARROW) if narrow else frame
            frame.write_csv(file, separator=";", include_header=start == 0)
    path.with_suffix(".part").rename(path)


def referrals(start: int, rows: int) -> pl.DataFrame:
    """Gives the rows from `start` on, as texts in the order of the contract, two in a hundred with a fault."""
    dice = Dice(start, rows)
    good = _good(dice)
    bad = dice.chance(BAD).cast(pl.Int64)
    first = bad * dice.integers(1, len(FAULTS) + 1)
    second = bad * dice.chance(0.05).cast(pl.Int64) * dice.integers(1, len(FAULTS) + 1)
    marked = good.with_columns(_first=first, _second=second, _row=pl.int_range(pl.len()))
    return marked.with_columns(_faulty()).select(wide().columns)


def _faulty() -> list[pl.Expr]:
    """What each fault makes of its column, in the order of FAULTS."""
    niss, row = pl.col("niss"), pl.col("_row")
    check = (niss.str.tail(2).cast(pl.Int64) % 97 + 1).cast(pl.String).str.zfill(2)
    february = pl.col("effective_date").str.head(4) + "-02-31"
    odd = row % 2 == 1
    return [
        _when("niss", {1: niss.str.head(9) + check, 2: niss.str.head(10)}),
        pl.when(_has(3) & odd)
        .then(pl.col("birth_date").str.head(4) + "-02-31")
        .otherwise("birth_date")
        .alias("birth_date"),
        pl.when(_has(3) & ~odd)
        .then(february)
        .when(_has(7))
        .then(pl.lit("2026-11-01"))
        .otherwise("ri_start_date")
        .alias("ri_start_date"),
        _when("study_level", {4: pl.lit("SECONDARY")}),
        _when("residence_nis", {5: pl.lit("99999")}),
        _when("last_name", {6: pl.lit(None, pl.String)}),
        _when("piis_code", {8: pl.lit("15")}),
        _when("phone", {9: pl.lit("0470/12.34.56")}),
        _when("email", {10: pl.lit("nobody(at)example.org")}),
        _when("requested_action", {11: pl.lit("BILAN|COFFEE")}),
        _when("ri_category", {12: pl.lit(None, pl.String)}),
        pl.when(_has(12)).then(pl.lit("1")).otherwise("legislation").alias("legislation"),
    ]


def _has(fault: int) -> pl.Expr:
    return (pl.col("_first") == fault) | (pl.col("_second") == fault)


def _when(column: str, faults: dict[int, pl.Expr]) -> pl.Expr:
    result = pl.col(column)
    for fault, broken in faults.items():
        result = pl.when(_has(fault)).then(broken).otherwise(result)
    return result.alias(column)


def _good(dice: Dice) -> pl.DataFrame:
    day = dice.days(date(2025, 2, 1), date(2026, 9, 23))
    born, niss = _births(dice)
    number = (pl.int_range(dice.start, dice.start + dice.rows, eager=True) % 1_000_000).cast(pl.String).str.zfill(6)
    made = {
        "notice_id": _identifiers(dice),
        "version": dice.pick(["1", "2", "3", "+04"], [0.8, 0.1, 0.095, 0.005]),
        "notice_status": dice.pick(["0", "1", "9"], [0.9, 0.08, 0.02]),
        "effective_date": _text(day),
        "recorded_at": _moments(dice, day),
        "referral_id": pl.concat_str([pl.lit("R82039-"), _text(day).str.head(4), pl.lit("-"), number]),
        "cpas_nis": dice.pick(["82039", "82003", "82005"], [0.996, 0.002, 0.002]),  # the ended ones: a warning
        "cpas_dossier_ref": pl.concat_str([dice.pick(["A", "B", "", "b-"], [0.5, 0.45, 0.04, 0.01]), number]),
        "niss": niss,
        "last_name": dice.pick(LAST),
        "first_name": dice.pick(FIRST),
        "birth_date": born,
        "sex": dice.pick(["0", "1", "2", None]),
        "residence_nis": dice.pick(["82039", "62063", "52011", "21004", "92094"]),
        "postal_code": dice.pick(["6600", "4000", "6000", "1000", "5000"]),
        "contact_language": dice.pick(["fr", "de", "nl", "en", "other"]),
        "phone": _phones(dice, empty=0.3),
        "email": _mails(dice),
        "legislation": dice.pick(["1", "2", "6"], [0.9, 0.08, 0.02]),
        "ri_category": dice.pick(["1", "2", "3"]),
        "ri_start_date": _text(_moved(day, dice.integers(-2500, 0))),
        "piis_code": dice.pick(["8", "9", "10", "11", None]),
        "public": dice.pick(["RI", "ERI", "ART60", "ART61", "ART60_PRE", "ART60_POST"]),
        **_rest(dice, day),
    }
    return pl.select(**made).select(wide().columns)


def _rest(dice: Dice, day: pl.Series) -> dict[str, pl.Series]:
    return {
        "exempt_health_equity": dice.pick(["0"]),
        "voluntary": dice.pick(["0", "1", None]),
        "legal_basis": dice.pick(["CONV2024", "DECR2025"]),
        "delegation": dice.pick(["NONE", "PARTIAL", "FULL"]),
        "requested_action": dice.pick(["BILAN", "BILAN|RAN", "TRAINING|FLE_ALPHA|DIGITAL", "JOB_MATCHING"]),
        "wished_occupation": dice.pick(["K1302", "A120101", "N4105", None]),
        "study_level": dice.pick(["NONE", "CEB", "CESS", "BAC", "UNKNOWN", None]),
        "languages": dice.pick(["fr:C2", "fr:C2|de:A1", "ar:C1|fr:A2|nl:A1", None]),
        "driving_license": dice.pick(["B", "A|B", None]),
        "digital_autonomy": dice.pick(["0", "1", "2", "3", "UNKNOWN"]),
        "availability": dice.pick(["FULL", "PART", "EVENING", None]),
        "availability_from": _text(_moved(day, dice.integers(0, 60))),
        "childcare_need": dice.pick(["0", "1", None]),
        "mobility_limited": dice.pick(["0", "1", None]),
        "priority": dice.pick(["NORMAL", "URGENT"]),
        "referent_id": dice.pick([f"ref{n}" for n in range(40)]),
        "referent_phone": _phones(dice, empty=0.0),
        "referent_email": dice.pick([f"ref{n}@cpas.example.org" for n in range(40)]),
        "informed_on": _text(_moved(day, dice.integers(-10, 0))),
    }


def _moved(day: pl.Series, days: pl.Series) -> pl.Series:
    return pl.select(pl.lit(day) + pl.duration(days=days)).to_series()


def _text(days: pl.Series) -> pl.Series:
    return days.dt.to_string("%Y-%m-%d")


def _births(dice: Dice) -> tuple[pl.Series, pl.Series]:
    """Birth dates, and persons' numbers that agree with them."""
    days = dice.days(date(1955, 1, 1), date(2007, 12, 31))
    text = _text(days)
    six = text.str.slice(2).str.replace_all("-", "", literal=True)
    nine = (six + dice.pick(["000", "999"])).cast(pl.Int64)
    century = (days >= date(2000, 1, 1)).cast(pl.Int64) * 2_000_000_000
    number = nine * 100 + (97 - (nine + century) % 97)
    return text, number.cast(pl.String).str.zfill(11)


def _identifiers(dice: Dice) -> pl.Expr:
    digits = random.Random(SEED + dice.start).randbytes(16 * dice.rows).hex()  # noqa: S311 - nothing of it is secret
    whole = pl.lit(pl.Series([digits[at : at + 32] for at in range(0, 32 * dice.rows, 32)]))
    parts = [whole.str.slice(at, n) for at, n in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))]
    return pl.concat_str(parts, separator="-")


def _moments(dice: Dice, day: pl.Series) -> pl.Expr:
    """A working day's moments, up to five days after; most are written in full, some otherwise."""
    clock = dice.pick([f"T{hour:02}:{minute:02}" for hour in range(8, 18) for minute in range(60)])
    seconds = dice.pick([":00", ":07", ":31.12", ":59.500", ""], [0.5, 0.445, 0.05, 0.003, 0.002])
    offset = dice.pick(["+01:00", "+02:00", "Z"], [0.5, 0.495, 0.005])
    return pl.concat_str([_text(_moved(day, dice.integers(0, 6))), clock, seconds, offset])


def _phones(dice: Dice, empty: float) -> pl.Series:
    written = pl.concat_str([pl.lit("+32"), dice.integers(470_000_000, 499_999_999).cast(pl.String)])
    return pl.select(pl.when(~dice.chance(empty)).then(written)).to_series()


def _mails(dice: Dice) -> pl.Expr:
    number = pl.int_range(dice.start, dice.start + dice.rows, eager=True).cast(pl.String)
    written = pl.concat_str([pl.lit("person."), number, dice.pick(["@example.org", "@mail.example.be"])])
    return pl.when(dice.chance(0.7)).then(written)
