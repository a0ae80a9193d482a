"""The site is made of the pages, and a link that leads nowhere does not pass."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pages
import pytest
import website

DOCS = Path(__file__).parents[2] / "docs"


def strings(nav: Any) -> Iterator[str]:
    """Every page of a navigation, however deep."""
    if isinstance(nav, str):
        yield nav
    else:
        for part in nav.values() if isinstance(nav, dict) else nav:
            yield from strings(part)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    assert website.build(var=folder) == []
    return folder


def test_every_page_is_in_the_site(var: Path) -> None:
    """Each page of docs/ has its page in the site, and each file beside a contract lies there to be taken."""
    site = var / website.SITE
    for path in DOCS.rglob("*.md"):
        name = path.relative_to(DOCS).with_name(path.name.replace("README", "index")).with_suffix(".html")
        assert (site / name).is_file(), name
    for name in pages.files():
        copied = site / Path(name).relative_to("docs")
        assert copied.suffix == ".md" or copied.is_file(), name


def test_every_page_is_in_the_navigation() -> None:
    """The list beside the pages leads to each page of docs/, once."""
    listed = list(strings(website.configuration(DOCS)["nav"]))
    assert sorted(listed) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def test_nothing_is_fetched_from_the_internet(var: Path) -> None:
    """No page has a script, a style, a font or a picture from another machine."""
    for path in (var / website.SITE).rglob("*.html"):
        found = website.Page.of(path).loaded
        assert [link for link in found if "//" in link and not link.startswith("data:")] == [], path


def test_a_page_with_a_broken_link_ends_the_build(tmp_path: Path) -> None:
    """A link of docs/ to a page that is not there makes the generator fail."""
    docs = tmp_path / "docs"
    shutil.copytree(DOCS, docs)
    (docs / "index.md").write_text("# Passerelle\n\n[gone](gone.md)\n", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        website.build(docs=docs, var=tmp_path / "var")


def test_a_broken_link_of_the_site_is_named(tmp_path: Path) -> None:
    """A file that is not there and an anchor that is not there are named, what is there is not."""
    (tmp_path / "a.html").write_text('<p id="here"><a href="b.html#there">b</a><a href="#here">a</a>', encoding="utf-8")
    (tmp_path / "b.html").write_text('<a href="c.csv">c</a><a href="https://example.org/">e</a>', encoding="utf-8")
    assert website.broken(tmp_path) == ["a.html: b.html#there", "b.html: c.csv"]
