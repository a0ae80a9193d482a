"""Values beside texts: the quick ways of reading give what the plain ones give, on any text."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model import Field, FileFormat
from contracts.parse import DATE, INCOMPLETE_DATE, TIMESTAMP, canonical, in_brussels, value, with_values

DAYS = st.dates().map(str) | st.from_regex(re.compile("(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII), fullmatch=True)
OFFSETS = st.sampled_from(
    ["Z", "+01:00", "-00:00", "+00:00", "+02:00", "-03:30", "+14:00", "+14:30", "+24:00", "", "+1:00"]
)
FRACTIONS = st.sampled_from(["", ".1", ".120", ".000000", ".123456", ".1234567", "."])
CLOCKS = st.sampled_from(["08:30", "08:30:15", "23:59:59", "24:00:00", "12:60:00", "23:59:60", "8:30", "00:00:00"])
MOMENTS = st.builds(lambda *parts: "{}T{}{}{}".format(*parts), DAYS, CLOCKS, FRACTIONS, OFFSETS)
ODD = ["1985-00-00", "1985-07-00", "1985-00-12", "2024- 8-29", " 2024-8-29", "2024-08-\xa09", "1899-12-31T10:00:00Z"]
TEXTS = st.one_of(DAYS, MOMENTS, st.text(max_size=12), st.none(), st.sampled_from(ODD))
MANY = settings(max_examples=150, deadline=None, derandomize=True)


def read(kind: str, texts: list[str | None]) -> tuple[list[str | None], pl.Series]:
    """Gives the canonical texts and the values of a column."""
    fields = [Field("x", kind)]  # type: ignore[arg-type]
    frame = canonical(pl.LazyFrame({"x": texts}, schema={"x": pl.String}), fields, FileFormat())
    both = with_values(frame, fields).select("x", v=value("x")).collect()
    return both["x"].to_list(), both["v"]


@MANY
@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_a_moment_is_what_polars_reads_slowly(texts: list[str | None]) -> None:
    """Each timestamp of the right form has the instant that polars reads by itself."""
    written, found = read("timestamp", texts)
    plain = pl.Series(written, dtype=pl.String)
    formed = plain.str.contains(TIMESTAMP).fill_null(False)
    slow = plain.filter(formed).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)
    assert found.filter(formed).to_list() == slow.to_list()
    assert found.filter(~formed).null_count() == (~formed).sum()


def test_the_day_in_belgium_is_that_of_its_clocks() -> None:
    """In summer and winter of two centuries, in half hours around midnight, the day is that of the time zone."""
    zone, step = ZoneInfo("Europe/Brussels"), timedelta(minutes=30)
    first = [datetime(year, month, 1, tzinfo=UTC) for year in range(1900, 2100) for month in (1, 4, 7, 11)]
    instants = [start + n * step for start in first for n in range(-8, 8)]
    frame = pl.DataFrame({"x__value": instants}, schema={"x__value": pl.Datetime("us", "UTC")})
    days = frame.select(in_brussels("x")).to_series().to_list()
    assert days == [instant.astimezone(zone).date() for instant in instants]


@MANY
@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_a_date_is_read_whatever_stands_beside_it(texts: list[str | None]) -> None:
    """Each text has the same canonical form and value alone as in its column, for every kind."""
    for kind in ("timestamp", "date", "incomplete_date", "int", "decimal"):
        together = read(kind, texts)
        alone = [read(kind, [text]) for text in texts]
        assert together[0] == [one[0][0] for one in alone]
        assert together[1].to_list() == [one[1][0] for one in alone]


@MANY
@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_a_date_of_the_right_form_is_that_day(texts: list[str | None]) -> None:
    """A date has its value exactly when it is a day of these two centuries; unknown parts are noughts."""
    days, numbers = read("date", texts)[1].to_list(), read("incomplete_date", texts)[1].to_list()
    for text, day, number in zip(texts, days, numbers, strict=True):
        assert day is None or (str(day) == text and re.match(DATE, text or ""))
        assert number is None or (
            re.match(INCOMPLETE_DATE, text or "") and number == int((text or "").replace("-", ""))
        )
        assert day is None or number is not None
