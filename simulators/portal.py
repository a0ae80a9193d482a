"""The public job offers of a scenario: which ones the portal shows each day, and what each CPAS is to hold of them.

They stand under ROOT/portal: `offers.json` is the whole story, `shown.json` what the portal shows since `show` was last
called. `box` is the hub's own folder, into which it fetches; the stand-ins never look into it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from simulators import layout, open_data, plans
from simulators.book import Book
from simulators.communes import Commune
from simulators.receipts import Difference
from simulators.table import Row

LASTING, FIRST_NUMBER = 3, 5_000_001  # offers of each commune that stay to the end, beside one that does not
ATTRIBUTION = "Le Forem, CC BY-SA 4.0"


def plan(root: Path, communes: Sequence[Commune], calendar: Sequence[date], registry: Path) -> None:
    """Some offers for each commune; one of them is gone on the last day."""
    agreed, first, last = plans.read(registry), calendar[0], calendar[-1]
    story: list[dict[str, Any]] = []
    for commune in communes:
        told = "OFFR" in plans.feeds(agreed, commune.partner, first)
        for nth in range(LASTING + 1):
            number = FIRST_NUMBER + len(story)
            runs = {"datedebutdiffusion": first.isoformat(), "datefindiffusion": (last + timedelta(60)).isoformat()}
            gone = last if nth == LASTING else last + timedelta(1)
            one = {"of": commune.partner, "told": told, "gone": gone.isoformat()}
            story.append(one | {"record": open_data.offer(number, commune.postal_codes[0], **runs)})
    layout.write_json(root / "portal" / "offers.json", story)
    for folder in layout.MAILBOX:
        (root / "portal" / "box" / folder).mkdir(parents=True, exist_ok=True)


def show(root: Path, day: str) -> int:
    """Let the portal show the offers of that day; how many."""
    open_ones = [one for one in layout.read_json(root / "portal" / "offers.json") if day < one["gone"]]
    layout.write_json(root / "portal" / "shown.json", open_ones)
    return len(open_ones)


def shown(root: Path) -> list[dict[str, Any]]:
    """The offers that the portal shows, each with the CPAS of its commune and whether that one agreed to offers."""
    path = root / "portal" / "shown.json"
    found: list[dict[str, Any]] = layout.read_json(path) if path.exists() else []
    return found


class _Shown(open_data.Portal):
    """A portal that holds what it was last told to show."""

    root: Path

    def held(self) -> list[open_data.Record]:
        """The records of today."""
        return [one["record"] for one in shown(self.root)]


@contextmanager
def opened(root: Path) -> Iterator[dict[str, str]]:
    """The words of the hub's channel for the portal, while it is served; none where the scenario has none."""
    if not (root / "portal").exists():
        yield {}
        return
    served = _Shown([])
    served.root = root
    with open_data.running(served):
        yield {"folder": str((root / "portal" / "box").absolute()), "open_data": served.url}


def note(book: Book, row: Row) -> None:
    """Keep the last word on an offer; one that is gone is kept no longer."""
    book.data["OFFR"].pop(row["offer_number"], None)
    if row["record"] != "GONE":
        book.data["OFFR"][row["offer_number"]] = row["attribution"]


def check(root: Path, book: Book) -> Iterator[Difference]:
    """Who agreed to it holds what is shown of its own commune, and of others what is shown too; others nothing."""
    now = {one["record"]["numerooffreforem"]: one for one in shown(root)}
    mine = {number for number, one in now.items() if one["told"] and one["of"] == book.partner}
    for number, attribution in book.data["OFFR"].items():
        if not mine or number not in now or attribution != ATTRIBUTION:
            yield Difference("offer", book.partner, number, "held, though not agreed, not shown, or not attributed")
    for number in sorted(mine - book.data["OFFR"].keys()):
        yield Difference("offer", book.partner, number, "shown, and not held")
