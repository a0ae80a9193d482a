"""What an offer's files and rows say on a day, without a ledger: closings, what is open, what is suspicious."""

from datetime import date

import polars as pl
import pytest

from hub.offers import closings, is_suspicious, last_day

DAY = date(2026, 3, 9)
PLACE = {"feed": "OFFR", "source": "900001"}


def exports(*sequences: int) -> pl.DataFrame:
    """Complete exports; that of sequence n is of the nth of March."""
    rows = [PLACE | {"sequence": n, "day": date(2026, 3, n)} for n in sequences]
    schema = {"feed": pl.String, "source": pl.String, "sequence": pl.Int64, "day": pl.Date}
    return pl.DataFrame(rows, schema=schema)


def listed(**sequences: int) -> pl.DataFrame:
    """Entities and the last file that held each."""
    schema = {"entity_id": pl.String, "feed": pl.String, "source": pl.String, "sequence": pl.Int64}
    return pl.DataFrame([{"entity_id": name, **PLACE, "sequence": n} for name, n in sequences.items()], schema=schema)


def test_the_first_later_export_closes() -> None:
    """An offer is closed on the day of the first complete export after the last file that held it, in any order."""
    found = closings(listed(a=3, b=5, c=9, d=1), exports(9, 5, 7, 2))
    assert dict(found.iter_rows()) == {"a": date(2026, 3, 5), "b": date(2026, 3, 7), "d": date(2026, 3, 2)}


def test_an_export_of_another_source_closes_nothing() -> None:
    """Only its own sender's exports can close an entity."""
    assert closings(listed(a=1).with_columns(source=pl.lit("900002")), exports(5)).is_empty()


@pytest.mark.parametrize(
    ("closed", "opened", "suspicious"),
    [(20, 66, True), (20, 67, False), (19, 19, False), (0, 0, False), (30, 100, False)],
)
def test_an_export_is_suspicious_by_share_and_number(closed: int, opened: int, suspicious: bool) -> None:
    """More than 30 % of the open offers, and 20 at least, are too many to close at once."""
    assert is_suspicious(closed, opened, 0.3, 20) == suspicious


def test_only_an_offer_says_until_when_it_is_shown() -> None:
    """The last day of an offer is that of its publication; without one, and for other feeds, there is none."""
    assert last_day("OFFR", {"published_until": "2026-03-09"}) == DAY
    assert last_day("OFFR", {"published_until": None}) == date.max
    assert last_day("JOBD", {"published_until": "2026-03-09"}) == date.max
