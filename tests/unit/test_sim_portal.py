"""The portal of the stand-ins: what it shows each day, and what it finds wrong in a book."""

from datetime import date
from pathlib import Path

import pytest

from simulators import communes, days, portal
from simulators.book import Book

FIRST = date(2026, 3, 9)
LIEGE, WITHOUT = "062063", "062096"  # the second has agreed to no offers: see the plan that the fixture writes
PLANS = f"partner_id;since;axes;without;extra\n{LIEGE};2024-03-19;1|3;;\n{WITHOUT};2024-03-19;1|3;OFFR;\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    registry = tmp_path / "registry"
    registry.mkdir()
    (registry / "plans.csv").write_text(PLANS, "utf-8")
    chosen = communes.choose(communes.read(communes.REGISTRY, FIRST), f"{LIEGE},{WITHOUT}")
    portal.plan(tmp_path, chosen, days.working_days(FIRST, 5), registry)
    return tmp_path


def taken(root: Path, partner: str, **changed: str) -> Book:
    """A book that took each offer shown of its own commune."""
    book = Book(root, partner)
    for one in portal.shown(root):
        if one["of"] == partner:
            row = {"offer_number": one["record"]["numerooffreforem"], "record": "STATE"}
            portal.note(book, row | {"attribution": portal.ATTRIBUTION} | changed)
    return book


def test_an_offer_of_each_commune_is_gone_on_the_last_day(root: Path) -> None:
    """The portal shows four offers of a commune until the day before, and three then."""
    assert portal.show(root, "2026-03-12") == 8
    assert portal.show(root, "2026-03-13") == 6


def test_a_book_that_holds_what_is_shown_is_right(root: Path) -> None:
    """Before anything is shown nothing is to be held; then what was taken, by who agreed to it."""
    assert not list(portal.check(root, Book(root, LIEGE)))
    portal.show(root, "2026-03-09")
    assert not list(portal.check(root, taken(root, LIEGE)))
    assert not list(portal.check(root, Book(root, WITHOUT)))


def test_what_is_missing_too_old_or_not_attributed_is_found(root: Path) -> None:
    """Four not taken, four that do not say whose they are, four that were not agreed to, one shown no more."""
    portal.show(root, "2026-03-09")
    assert len(list(portal.check(root, taken(root, WITHOUT)))) == 4
    assert len(list(portal.check(root, Book(root, LIEGE)))) == 4
    assert len(list(portal.check(root, taken(root, LIEGE, attribution="")))) == 4
    book = taken(root, LIEGE)
    portal.show(root, "2026-03-13")
    (stale,) = portal.check(root, book)
    portal.note(book, {"offer_number": stale.subject, "record": "GONE", "attribution": ""})
    assert not list(portal.check(root, book))
