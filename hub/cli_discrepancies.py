"""`passerelle discrepancies`: on what the two sides disagree today: how many, whose move it is, and for how long."""

import argparse
from typing import TYPE_CHECKING, Any

from hub.cli_show import AT

if TYPE_CHECKING:
    from hub.flow.hub import Hub


def add_discrepancies(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `discrepancies`."""
    parser.add_argument("--cpas", metavar="ID", help="of one CPAS only, as 062063")
    parser.add_argument("--owner", choices=["CPAS", "FOREM"], help="where it is this side's move only")
    parser.add_argument("--at", metavar="INSTANT", help=AT)


def answer_discrepancies(hub: "Hub", arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """The answer for a machine, and for a reader: one line for each kind, class, owner and reason; no person."""
    rows = hub.ledger.report.discrepancies(hub.today, arguments.cpas, arguments.owner)
    text = (
        "{kind}  {class}  {reason}: {owner} must move; {open} open, {week} for a week, {month} for four, since {since}"
    )
    lines = [text.format(**row) for row in rows]
    return rows, lines or ["the two sides disagree on nothing"]
