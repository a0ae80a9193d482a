"""The documentation as a static site in var/site: to be browsed and searched without a server and without internet.

Strict: a link that leads nowhere ends the build, in a page as it is written or in the site as it was made.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from contracts.describe import file_name
from contracts.registry import contracts

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
VAR = ROOT / "var"
SITE, SOURCE = "site", "site-source"
REGISTRY = "partners/registry.md"  # the only one of its folder that is for operators


def configuration(docs: Path) -> dict[str, Any]:
    """What the generator is told: French words around the pages, nothing from the internet, works from a folder."""
    return {
        "site_name": "Passerelle",
        "docs_dir": SOURCE,
        "site_dir": SITE,
        "use_directory_urls": False,
        "nav": _nav(docs),
        "theme": {
            "language": "fr",
            "font": False,
            "features": ["navigation.indexes", "navigation.top", "content.code.copy"],
        },
        "extra_css": ["assets/passerelle.css"],
        "plugins": ["search", "offline"],
        # read from a folder, pages may start no worker: without our copy the generator fetches this from the internet
        "extra": {"generator": False, "polyfills": ["assets/iframe-worker.js"]},
        "markdown_extensions": ["tables", "fenced_code", {"toc": {"permalink": True}}],
    }


def build(docs: Path = DOCS, var: Path = VAR) -> list[str]:
    """Make the site anew in `var`; the links of it that are broken. CalledProcessError when one of `docs` is."""
    site = var / SITE
    var.mkdir(parents=True, exist_ok=True)
    for folder in (var / SOURCE, site):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(docs, var / SOURCE)  # the generator wants its settings, which list the pages, above the pages
    settings = var / f"{SOURCE}.yml"
    settings.write_text(yaml.safe_dump(configuration(docs), allow_unicode=True, sort_keys=False), encoding="utf-8")
    zensical = Path(sys.executable).with_name("zensical")
    subprocess.run([zensical, "build", "--strict", "--config-file", settings], cwd=var, check=True)
    (site / "404.html").unlink()  # a server's page, with links from its root
    return broken(site)


def broken(site: Path) -> list[str]:
    """The links between the pages and files of a site that lead nowhere, as `page: link`."""
    read = {path: Page.of(path) for path in sorted(site.rglob("*.html"))}
    return [
        f"{path.relative_to(site)}: {link}"
        for path, page in read.items()
        for link in page.links
        if not _leads(path, link, read)
    ]


def main() -> int:
    """Exit code: 0 the site is made, 1 a link of it is broken."""
    found = build()
    for link in found:
        print(f"{link} leads nowhere")
    print(f"The site is in {(VAR / SITE).relative_to(ROOT)}: open index.html")
    return int(bool(found))


def _nav(docs: Path) -> list[dict[str, Any]]:
    return [
        {"Accueil": "index.md"},
        {"Partenaires": [page for page in _pages(docs, "partners", "exchange.md") if page != REGISTRY]},
        {"Protection des données": ["protection-des-donnees.md", "registre.md", "aipd.md"]},
        {"Contrats": _contracts("contracts", "Vers Passerelle", "De Passerelle")},
        {"Contracts": _contracts("contracts/en", "To Passerelle", "From Passerelle")},
        {"Steps": list(_pages(docs, "steps"))},
        {
            "Operation": [
                *(
                    "runbook.md",
                    "transport.md",
                    "keys.md",
                    "api.md",
                    "containers.md",
                    "security.md",
                    "audit.md",
                    "rights.md",
                    "blind-resolution.md",
                ),
                REGISTRY,
            ]
        },
        {"Measures": ["benchmarks.md", "mutants.md", "simulated-year.md"]},
        {"Decisions": list(_pages(docs, "decisions"))},
    ]


def _contracts(folder: str, received: str, sent: str) -> list[Any]:
    pages = {
        way: [f"{folder}/{file_name(c)}.md" for c in contracts("T") if c.direction == way] for way in ("in", "out")
    }
    return [f"{folder}/index.md", {received: pages["in"]}, {sent: pages["out"]}]


def _pages(docs: Path, folder: str, opening: str = "README.md") -> Iterator[str]:
    """The pages of a folder, the one that opens it first."""
    names = (path.name for path in (docs / folder).glob("*.md"))
    for name in sorted(names, key=lambda name: (name != opening, name)):
        yield f"{folder}/{name}"


class Page(HTMLParser):
    """What one page leads to, what it loads by itself, and the anchors that others may lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()

    @classmethod
    def of(cls, path: Path) -> Page:
        """The page read from a file."""
        page = cls()
        page.feed(path.read_text(encoding="utf-8"))
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what one tag says; called by the parser."""
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if name in ("href", "src") and value:
                self.links.append(value)
                if name == "src" or tag == "link":
                    self.loaded.append(value)


def _leads(page: Path, link: str, read: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True  # another site, which nobody here can ask
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return False
    return not parts.fragment or target not in read or unquote(parts.fragment) in read[target].anchors


if __name__ == "__main__":
    sys.exit(main())
