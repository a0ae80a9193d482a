"""`passerelle numbers …`: two numbers of one person joined by hand, or parted, by two people. No number is shown."""

import argparse
import getpass
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

from hub.account import account
from hub.errors import OperatorError

if TYPE_CHECKING:
    from hub.flow.hub import Hub


def add_numbers(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `numbers`."""
    parser.add_argument("what", choices=["join", "part", "list", "approve", "refuse"])
    parser.add_argument("request", nargs="?", metavar="REQUEST", help="approve, refuse: the id that `join` printed")
    parser.add_argument("--since", metavar="DAY", help="join, part: from which day on; today by default")
    parser.add_argument(
        "--reason", metavar="REASON", help="join, part: why, one of the words that `numbers list` tells"
    )


def answer_numbers(hub: "Hub", arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """Do what is asked. The numbers are read from the terminal, or a line each from standard input: never arguments."""
    from hub.flow import byhand

    what = arguments.what
    if what == "list":
        rows = hub.ledger.requests.all()
        return rows, [*map(_line, rows), f"reasons: {', '.join(byhand.REASONS)}"]
    if what in byhand.CHANGES:
        if arguments.reason not in byhand.REASONS:
            raise OperatorError(f"--reason is one of {', '.join(byhand.REASONS)}")
        since = _day(arguments.since) if arguments.since else hub.today
        made = byhand.ask(hub, what, _numbers(), since, arguments.reason, account())
        return {"request": made}, [f"{made} waits for a second person: passerelle numbers approve {made}"]
    if not arguments.request:
        raise OperatorError(f"`numbers {what}` takes the id of a request")
    if what == "approve":
        byhand.approve(hub, arguments.request, _numbers(), account())
        return {"approved": arguments.request}, ["approved: reconcile and publish tell what follows"]
    byhand.refuse(hub, arguments.request, account())
    return {"refused": arguments.request}, ["refused: nothing is changed"]


def _numbers() -> list[str]:
    if sys.stdin.isatty():
        return [getpass.getpass("NISS that was used: "), getpass.getpass("the other NISS: ")]
    return [sys.stdin.readline(), sys.stdin.readline()]


def _line(row: dict[str, Any]) -> str:
    decided = f"{row['decision']} by {row['decided_by']}" if row["decision"] else "waits for a second person"
    asked = f"asked by {row['asked_by']} on {row['asked_at']:%Y-%m-%d}"
    return f"{row['request_id']}  {row['change']} from {row['effective_date']}, {row['reason']}, {asked}: {decided}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OperatorError("--since takes a day such as 2026-03-09") from None
