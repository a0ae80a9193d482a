"""`passerelle status|explain|dpo|offers`: what the ledger holds, for a machine and for a reader."""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.cli_show import Answer
from hub.errors import OperatorError
from hub.volume import REASONS, WINDOW

if TYPE_CHECKING:
    from hub.flow.hub import Hub


def answer_status(hub: "Hub", _arguments: argparse.Namespace) -> Answer:
    """What the ledger holds, in totals."""
    status = hub.ledger.report.status() | {"outbox": str(hub.settings.files / "outbox")}
    return status, list(status_lines(status))


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `explain`."""
    parser.add_argument("thing", metavar="ENTITY|MESSAGE")


def answer_explain(hub: "Hub", arguments: argparse.Namespace) -> Answer:
    """The story of one entity or message. OperatorError when nothing has this id."""
    steps = hub.ledger.report.explain(arguments.thing)
    if not steps:
        raise OperatorError("nothing in the ledger has this id")
    return steps, list(story_lines(steps))


def answer_dpo(hub: "Hub", _arguments: argparse.Namespace) -> Answer:
    """What stands open for the data-protection officer alone."""
    queue = hub.ledger.report.data_protection()
    days = hub.ledger.volumes.unusual(hub.today - WINDOW)
    told = [{"class": "UNUSUAL_VOLUME", **day, "day": str(day["day"])} for day in days]
    return [*queue, *told], [*queue_lines(queue), *volume_lines(days)]


def add_offers(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `offers`."""
    parser.add_argument("what", choices=["page"])
    parser.add_argument("partner", metavar="ID", help="the CPAS, such as 062063")
    parser.add_argument(
        "--on",
        dest="at",
        type=lambda day: f"{day}T12:00+01:00",
        metavar="DAY",
        help="the day of the page, such as 2026-03-09; today by default",
    )
    parser.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write its HTML and PDF")


def answer_offers(hub: "Hub", arguments: argparse.Namespace) -> Answer:
    """The files of the page, written."""
    from hub.flow.poster import offers_page

    files = offers_page(hub, arguments.partner)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (arguments.out / name).write_bytes(content)
    written = [str(arguments.out / name) for name in files]
    return written, written


def status_lines(status: Mapping[str, Any]) -> Iterator[str]:
    """The totals of the ledger."""
    fates = ("accepted", "rejected", "duplicate", "superseded")
    for s in status["submissions"]:
        yield f"{s['side']} {s['feed']} {s['state']}: {s['files']} file(s), {s['read']} row(s)"
    for p in status["publications"]:
        yield f"{p['feed']} to {p['side']}: {p['files']} file(s), {p['rows']} row(s), {p['delivered']} delivered"
    named = {"files by finding": "codes", "referrals": "referrals"}
    for title, name in (*named.items(), ("receipts and deliveries", "acknowledgements")):
        yield f"{title}: {', '.join(f'{key} {count}' for key, count in status[name].items()) or 'none'}"
    for kind, classes in status["entities"].items():
        yield f"{kind.lower()}s: {', '.join(f'{key} {count}' for key, count in classes.items()) or 'none'}"
    still = ", ".join(f"{key} {count}" for key, count in status["discrepancies"]["open"].items()) or "none"
    yield f"discrepancies: open {still}, closed {status['discrepancies']['closed']}"
    kept = status["conservation"]
    sums = " + ".join(f"{kept[name]} {name}" for name in fates)
    yield f"rows: {kept['read']} read = {sums}: {'balanced' if kept['holds'] else 'NOT BALANCED'}"
    yield f"published files: {status['outbox']}"


def story_lines(steps: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The story of one thing, a line for each step."""
    for step in steps:
        told = ", ".join(f"{name}={value}" for name, value in step.items() if name not in {"at", "what"})
        yield f"{step['at']}  {step['what']}  {told}"


def volume_lines(days: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The days on which a CPAS named unusually many people, and why that is unusual."""
    for one in days:
        counts = f"{one['strangers']} of them new to everybody, {one['elsewhere']} with another CPAS"
        yield f"{one['day']}  UNUSUAL_VOLUME  CPAS {one['partner']}  {one['newcomers']} new people, {counts}"
        yield from (f"    {REASONS[reason]}" for reason in one["reasons"])


def queue_lines(queue: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What waits for the data-protection officer; who the subject is, only the identity zone can tell."""
    for one in queue:
        yield f"{one['since']}  {one['class']}  subject {one['subject']}  CPAS {', '.join(one['cpas'])}"
        yield from (f"    {entity}" for entity in one["entities"])
