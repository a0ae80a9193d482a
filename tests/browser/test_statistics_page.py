"""The page of the yearly figures as a browser without any network shows and prints it."""

import io
import random
from base64 import b64decode
from collections.abc import Iterator
from datetime import date

import polars as pl
import pypdf
import pytest
from chromium import PROGRAM, Page, browser

from hub.statistics import AREA, Dimension
from hub.statistics_page import html
from hub.yearly import ASKED, DUTY, PUBLIC, STANDING, ages, report

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="chromium is not here: apt-get install chromium")

AREAS = (
    "Arlon", "Ath", "Bastogne", "Charleroi", "Dinant", "Huy", "La Louvière", "Liège", "Marche-en-Famenne", "Mons",
    "Namur", "Neufchâteau", "Nivelles", "Philippeville", "Soignies", "Thuin", "Tournai-Mouscron", "Verviers", "Virton",
    "Waremme",
)  # fmt: skip


def people(count: int, *dimensions: Dimension) -> pl.DataFrame:
    """So many persons, spread unevenly over arrondissements and categories."""
    drawn = random.Random(7)

    def some(of: list[str]) -> list[str]:
        return drawn.choices(of, [1 / (place + 1) for place in range(len(of))], k=count)

    return pl.DataFrame({AREA: some(list(AREAS)), **{d.name: some(list(d.labels)) for d in dimensions}})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of a whole year, opened."""
    folder = tmp_path_factory.mktemp("statistics")
    oriented, obliged = people(15_000, STANDING, PUBLIC, ASKED, ages(2026)), people(30_000, DUTY, ages(2026))
    made = report(2026, date(2027, 1, 15), 10, oriented, obliged)
    (folder / "statistiques.html").write_text(html(made), encoding="utf-8")
    with browser(folder / "profile") as opened:
        opened.go((folder / "statistiques.html").as_uri())
        yield opened


def test_it_asks_for_nothing(page: Page) -> None:
    """Opening it asks for its own file and nothing else."""
    assert {address.partition(":")[0] for address in page.requests} == {"file"}
    assert len(page.requests) == 1


@pytest.mark.parametrize("width", [320, 1280])
def test_only_a_table_scrolls(page: Page, width: int) -> None:
    """On a telephone and on a screen the page is not wider than what shows it; a wide table moves in its own box."""
    page.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    assert page.run("document.documentElement.scrollWidth") <= width
    page.tell("Emulation.clearDeviceMetricsOverride")


def test_every_count_has_its_row_and_column_named(page: Page) -> None:
    """Each table has a caption, each row and column a header, as those who hear the page need it."""
    assert page.run("document.documentElement.lang") == "fr-BE"
    assert page.run("document.querySelectorAll('table').length") == 6
    assert page.run("[...document.querySelectorAll('table')].every(t => t.caption && t.caption.innerText)")
    assert page.run("[...document.querySelectorAll('tr')].every(r => r.cells[0].scope)")
    same = (
        "[...document.querySelectorAll('table')].every(t => new Set([...t.rows].map(r => r.cells.length)).size === 1)"
    )
    assert page.run(same)


def test_it_prints_on_a4(page: Page) -> None:
    """Printed, each table is whole on a sheet of A4, none wider than it, with legend, audit and the number of pages."""
    page.tell("Emulation.setEmulatedMedia", media="print")
    page.tell("Emulation.setDeviceMetricsOverride", width=1031, height=700, deviceScaleFactor=1, mobile=False)
    wide = "Math.max(...[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().width))"
    assert page.run(wide) <= 1031  # 273 mm, what the margins leave of A4
    page.tell("Emulation.clearDeviceMetricsOverride")
    page.tell("Emulation.setEmulatedMedia", media="")
    printed = page.tell("Page.printToPDF", preferCSSPageSize=True)["data"]
    read = pypdf.PdfReader(io.BytesIO(b64decode(printed)))
    assert [round(float(side)) for side in read.pages[0].mediabox[2:]] == [842, 595]
    assert len(read.pages) <= 6
    text = " ".join(one.extract_text() for one in read.pages)
    assert "nombre non publié" in text
    assert "Contrôle avant publication, réussi" in text
