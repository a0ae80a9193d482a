"""The site as its readers meet it: opened from a folder by a browser without any network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import website
from chromium import PROGRAM, Page, browser

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="chromium is not here: apt-get install chromium")
RESULTS = "[...document.querySelectorAll('*')].map(e => e.shadowRoot).find(Boolean)"  # the search has a tree of its own


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    assert website.build(var=folder) == []
    return folder / website.SITE


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with browser(tmp_path / "profile") as opened:
        yield opened


def test_a_search_for_niss_finds_a_contract(page: Page, site: Path) -> None:
    """Who types NISS into the search is led to the page of a contract that has the column, without a server."""
    page.go((site / "index.html").as_uri())
    page.until("document.querySelector('.md-search__button') !== null")
    page.run("document.querySelector('.md-search__button').click()")
    page.until(f"{RESULTS} && {RESULTS}.querySelector('input') !== null")
    page.run(f"{RESULTS}.querySelector('input').focus()")
    page.tell("Input.insertText", text="NISS")
    found = page.until(f"[...{RESULTS}.querySelectorAll('a')].map(a => a.href).find(a => a.includes('/contracts/'))")
    page.go(found.partition("?")[0].partition("#")[0])
    assert "niss" in page.run("document.querySelector('article').innerText")


def test_a_reader_gets_from_the_first_page_to_a_template(page: Page, site: Path) -> None:
    """From the first page, links lead to the contracts, to one of them and to its CSV template."""
    page.go((site / "index.html").as_uri())
    for words in ("Contrats", "Orientations"):
        page.go(page.until(f"[...document.querySelectorAll('article a')].find(a => a.innerText === '{words}')?.href"))
    template = page.run("[...document.querySelectorAll('article a')].find(a => a.innerText === 'modèle CSV vide').href")
    assert template == (site / "contracts/orientations_v1/template.csv").as_uri()


def test_no_request_leaves_the_machine(page: Page, site: Path) -> None:
    """Pages of every kind ask for files of the site only, those with a diagram included, and none is missing."""
    for name in ("index", "contracts/orientations_v1", "contracts/en/noti_v1", "partners/codes", "steps/deliver"):
        page.go((site / f"{name}.html").as_uri())
    page.run("document.querySelector('.md-search__button').click()")
    asked = [address for address in page.requests if not address.startswith("data:")]
    assert len(asked) >= 5
    assert [address for address in asked if not address.startswith(f"{site.as_uri()}/")] == []


def test_a_page_shows_its_tables_and_diagrams_as_text(page: Page, site: Path) -> None:
    """A reader sees the columns of a contract, and a state diagram as lines that can be read."""
    page.go((site / "contracts/orientations_v1.html").as_uri())
    assert page.run("document.querySelectorAll('article table').length") > 5
    page.go((site / "steps/deliver.html").as_uri())
    assert "READY --> DATA_SENDING" in page.run("document.querySelector('article pre').innerText")
