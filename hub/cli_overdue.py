"""`passerelle overdue`: what was delivered and not taken in time, and what a CPAS agreed to send and has not."""

import argparse
from typing import TYPE_CHECKING, Any

from hub.cli_show import AT

if TYPE_CHECKING:
    from hub.flow.hub import Hub


def add_overdue(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `overdue`."""
    parser.add_argument("--at", metavar="INSTANT", help=AT)


def answer_overdue(hub: "Hub", _arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """The answer for a machine, and for a reader."""
    from hub.flow.overdue import due_of, expected

    deliveries = [
        {
            "recipient": row["recipient"],
            "file": row["name"],
            "rows": row["rows"],
            "delivered_at": str(row["delivered_at"]),
            "due": str(due_of(hub, row["delivered_at"])),
        }
        for row in hub.ledger.publications.overdue()
    ]
    refused = [{"recipient": row["recipient"], "file": row["name"]} for row in hub.ledger.publications.not_accepted()]
    feeds = [
        {"partner": e.partner, "feed": e.feed, "often": e.often, "last": str(e.last or ""), "due": str(e.due)}
        for e in expected(hub)
    ]
    lines = ["{recipient}  {file}  {rows} row(s)  due {due}, not taken".format(**one) for one in deliveries]
    lines += ["{recipient}  {file}  not accepted by its recipient".format(**one) for one in refused]
    lines += [
        f"{one['partner']}  {one['feed']} {one['often']}  due {one['due']}, last {one['last'] or 'never'}"
        for one in feeds
    ]
    return {"deliveries": deliveries, "not_accepted": refused, "expected": feeds}, lines or ["nothing is overdue"]
