"""Which arrondissements stand in a row of their own, what a table may divide persons by, and how both are written."""

import csv as reader
from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest

from hub.statistics import AREA, OTHERS, WHOLE, Dimension, Part, part
from hub.statistics_page import HIDDEN, csv, html, number
from hub.suppress import audit
from hub.yearly import ASKED, OTHER, PUBLIC, STANDING, Report, placed

K = 10
AB = Dimension("ab", "A ou B", {"a": "oui", "b": "non <b>"})
AGE = Dimension("age", "Âge", {"1": "moins de 25 ans", "2": "de 25 à 49 ans", "3": "50 ans et plus"})
Cells = Mapping[str, Mapping[str, int]]


def persons(cells: Cells, column: str = "ab") -> pl.DataFrame:
    """So many persons of each arrondissement and code."""
    rows = [(area, code) for area, line in cells.items() for code, count in line.items() for _ in range(count)]
    return pl.DataFrame(rows, {AREA: pl.String, column: pl.String}, orient="row")


def made(cells: Cells) -> Part:
    return part("tous", persons(cells), (AB,), K)


BIG = {"a": 40, "b": 30}


def test_arrondissements_stand_by_name_with_their_totals() -> None:
    """Those that are large and mixed each have a row; nothing is hidden, nothing put together."""
    found = made({"Namur": BIG, "Huy": BIG})
    assert (found.rows, found.together, found.hidden) == (("Huy", "Namur"), (), 0)


def test_few_persons_share_a_row_of_ten_at_least() -> None:
    """Two of four persons are less than ten: the smallest of the others joins them."""
    found = made({"Namur": BIG, "Huy": {"a": 20, "b": 20}, "Arlon": {"a": 2, "b": 2}, "Virton": {"a": 1, "b": 3}})
    assert (found.rows, found.together) == (("Namur", OTHERS), ("Arlon", "Huy", "Virton"))


def test_a_row_of_one_category_is_put_together_with_others() -> None:
    """All of Dinant are of one category: who knows that somebody is of Dinant would know which."""
    found = made({"Namur": BIG, "Dinant": {"a": 30}, "Huy": {"a": 15, "b": 15}})
    assert (found.rows, found.together) == (("Namur", OTHERS), ("Dinant", "Huy"))


def test_a_table_of_one_category_is_not_shown() -> None:
    """Where all persons are of one category no row can help, and the table stays away."""
    (table,) = made({"Namur": {"a": 40}, "Huy": {"a": 30}}).tables
    assert table.protected is None


def test_an_arrondissement_that_nothing_protects_is_put_together_with_others() -> None:
    """Five and five of a shown ten cannot be hidden in a row of their own."""
    found = made({"Namur": BIG, "Huy": {"a": 5, "b": 5}, "Mons": {"a": 60, "b": 30}})
    assert (found.rows, found.together) == (("Mons", OTHERS), ("Huy", "Namur"))


def test_one_row_for_all_where_nothing_else_can_be_shown() -> None:
    """Twelve persons in three arrondissements: one row, whose small counts are hidden with it."""
    found = made({"Namur": {"a": 2, "b": 2}, "Huy": {"a": 2, "b": 2}, "Mons": {"a": 2, "b": 2}})
    assert found.rows == (WHOLE,)
    (table,) = found.tables
    assert table.protected is not None
    assert audit(table.protected, K) == []


def test_fewer_than_k_persons_have_no_table() -> None:
    """Nine persons in all: no row, no table, no count."""
    assert made({"Namur": {"a": 9}}) == Part("tous", (), (), ())


def test_an_age_band_is_one_more_dimension() -> None:
    """The day the ledger holds an age band, a table by age needs its name and its bands, and nothing else."""
    cells = {"Namur": {"1": 30, "2": 40, "3": 4}, "Huy": {"1": 20, "2": 25, "3": 30}, "Mons": dict.fromkeys("123", 50)}
    found = part("tous", persons(cells, "age"), (AGE,), K)
    (table,) = found.tables
    assert table.protected is not None
    assert table.protected.shown()[2][2] is None  # Huy, Mons, Namur: the four of Namur
    assert audit(table.protected, K) == []


def test_a_code_without_a_name_counts_as_the_last() -> None:
    """A code that the list does not have, or none at all, is not lost."""
    frame = persons({"Namur": {"a": 20, "b": 20, "?": 5}}).with_columns(pl.col("ab").replace({"?": None}))
    (table,) = part("tous", frame, (AB,), K).tables
    assert table.protected is not None
    assert table.protected.grid.values[-1] == (20, 25, 45)


@pytest.mark.parametrize("dimension", [STANDING, PUBLIC, ASKED])
def test_every_dimension_ends_with_the_others(dimension: Dimension) -> None:
    """Codes that come with a later contract are counted under "autre", not as something else."""
    assert list(dimension.labels)[-1] == OTHER


def test_a_cpas_outside_the_territory_is_left_out() -> None:
    """A person of a CPAS without arrondissement here is in no row."""
    frame = pl.DataFrame({"sid": ["1", "2"], "cpas": ["092094", "063023"]})
    assert placed(frame, {"092094": "Namur"}).to_dicts() == [{"sid": "1", "cpas": "092094", AREA: "Namur"}]


@pytest.fixture
def report() -> Report:
    cells = {"Namur": {"a": 1240, "b": 3}, "Huy": {"a": 100, "b": 200}, "Mons": {"a": 70, "b": 90}}
    return Report(2026, date(2027, 1, 15), K, (made(cells), made({})))


def test_the_csv_has_one_line_for_each_count(report: Report) -> None:
    """Every count with its totals, hidden ones as a point; a mark in front, by which a spreadsheet reads accents."""
    content = csv(report)
    assert content.startswith(b"\xef\xbb\xbfannee;situation_au;")
    lines = list(reader.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert len(lines) == 4 * 3
    points = [line for line in lines if line["personnes"] == HIDDEN]
    assert len(points) == report.hidden
    assert {line["remarque"] for line in points} == {"nombre non publié"}
    assert {line["situation_au"] for line in lines} == {"2027-01-15"}


def test_the_page_escapes_what_is_given(report: Report) -> None:
    """No word becomes mark-up; thousands are told apart by a narrow space; nothing is fetched."""
    page = html(report)
    assert "non &lt;b&gt;" in page
    assert "<td>300</td>" in page
    assert "Moins de 10 personnes" in page
    assert "<script" not in page
    assert number(12345) == "12\u202f345"


def test_a_year_that_is_not_over_is_provisional() -> None:
    """The last of December is still of the year."""
    assert Report(2026, date(2026, 12, 31), K, ()).provisional
    assert not Report(2026, date(2027, 1, 1), K, ()).provisional
