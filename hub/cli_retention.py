"""`passerelle retention …`: what is held for how long, what is over its time, and its removal."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.flow.hub import Hub


def add_retention(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `retention`."""
    parser.add_argument("what", choices=["report", "purge"])
    parser.add_argument("--dry-run", action="store_true", help="purge: say what would go and change nothing")
    parser.add_argument("--at", metavar="INSTANT", help="the hub's clock, such as 2026-03-09T07:00+01:00")


def answer_retention(hub: "Hub", arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """The answer for a machine, and for a reader: counts by category, never of whom."""
    from hub.flow.retain import purge, report

    if arguments.what == "purge" and not arguments.dry_run:
        gone = purge(hub)
        return {"dry_run": False, "gone": gone}, [f"{name}: {count} removed" for name, count in gone.items()]
    found = report(hub)
    lines = [f"{one.category}: {one.held} held, {one.over} over {one.days} days" for one in found]
    if arguments.what == "purge":
        mine = [one for one in found if one.over and one.category != "audit"]  # `passerelle audit purge`
        lines = [f"{one.category}: {one.over} would be removed" for one in mine]
    return {"dry_run": True, "categories": [asdict(one) for one in found]}, lines or ["nothing is over its time"]
