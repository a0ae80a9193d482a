"""The page of offers as a browser without any network shows and prints it."""

import io
import itertools
from base64 import b64decode
from collections.abc import Iterator
from datetime import date

import pypdf
import pytest
from chromium import PROGRAM, Page, browser

from hub.poster import poster
from hub.poster_html import html
from hub.poster_pdf import PAGES, fitted

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="chromium is not here: apt-get install chromium")

LINK = "https://www.leforem.be/recherche-offres/offre-detail/"
CONTRAST = """(() => {
  const light = text => text.match(/[0-9.]+/g).slice(0, 3).map(Number).map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  return Math.min(...[...document.querySelectorAll('h1, h2, h3, p, a')]
    .map(e => 1.05 / (light(getComputedStyle(e).color) + 0.05)));
})()"""  # WCAG 2.2, 1.4.3; the page is white


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of more offers than find room, opened."""
    folder = tmp_path_factory.mktemp("poster")
    offers = [
        {
            "offer_number": f"{n}",
            "title": f"Employé administratif {n} à l'accueil : <b>œuvres sociales</b>",
            "rome": f"{'GKMN'[n % 4]}1602",
            "contract_type": "INTERIM_CDI",
            "regime": "PT",
            "positions": "3",
            "work_nis": "62063",
            "published_until": "2026-04-01",
            "url": f"{LINK}{4567000 + n}",
        }
        for n in range(60)
    ]
    made = fitted(poster("Liège", date(2026, 3, 9), offers, {"62063": "Liège"}))
    (folder / "offres.html").write_text(html(made), encoding="utf-8")
    with browser(folder / "profile") as opened:
        opened.go((folder / "offres.html").as_uri())
        yield opened


def test_it_asks_for_nothing(page: Page) -> None:
    """Opening it asks for its own file and nothing else."""
    assert {address.partition(":")[0] for address in page.requests} == {"file"}
    assert len(page.requests) == 1


@pytest.mark.parametrize("width", [320, 794, 1280])
def test_nothing_runs_over(page: Page, width: int) -> None:
    """On a telephone, on a sheet's width and on a screen nothing is wider than the page, nor than its own box."""
    page.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    assert page.run("document.documentElement.scrollWidth") <= width
    wider = "[...document.querySelectorAll('article, p, h2, h3')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert page.run(wider) == 0
    page.tell("Emulation.clearDeviceMetricsOverride")


def test_it_can_be_read_by_everybody(page: Page) -> None:
    """It has a language and a title, headings that follow one another, enough contrast, and a name for each image."""
    assert page.run("document.documentElement.lang") == "fr-BE"
    assert page.run("document.title").startswith("Offres d'emploi près de Liège")
    levels = page.run("[...document.querySelectorAll('h1, h2, h3')].map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.run(CONTRAST) >= 7
    assert page.run("[...document.querySelectorAll('svg')].every(e => e.getAttribute('aria-label'))")
    assert page.run("document.querySelector('h3').innerText").endswith("<b>œuvres sociales</b>")


def test_it_prints_on_a4(page: Page) -> None:
    """Printed, it is A4 on as many sides as the PDF, with the attribution and the number of each page."""
    printed = page.tell("Page.printToPDF", preferCSSPageSize=True)["data"]
    read = pypdf.PdfReader(io.BytesIO(b64decode(printed)))
    assert len(read.pages) == PAGES
    assert [round(float(side)) for side in read.pages[0].mediabox[2:]] == [595, 842]
    assert "page 1 / 2" in read.pages[0].extract_text()
    assert "CC BY-SA 4.0" in read.pages[-1].extract_text()
