"""`passerelle person …`: what the hub does for the rights of one person, at the word of a controller.

A number is read from standard input, never from the command line: other users of the machine and the shell's history
would see it there. Nothing that is printed names anybody.
"""

import argparse
import getpass
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub import audit
from hub.errors import OperatorError
from hub.rights import REASONS

if TYPE_CHECKING:
    from hub.flow.erase import Found
    from hub.flow.hub import Hub

Answer = tuple[Any, list[str]]
SUBJECT = re.compile(r"[0-9a-f]{32}")


def add_person(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `person`."""
    whats = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    text = "forget a person everywhere, and tell its recipients; also ends an erasure that was cut short"
    erasing = whats.add_parser("erase", help=text, description=text)
    erasing.add_argument("--reason", choices=list(REASONS), required=True, help="the ground, as in docs/rights.md")
    erasing.add_argument("--dry-run", action="store_true", help="say what would be erased and change nothing")
    text = "what is held about a person, as a controller hands it over: a CSV in French"
    telling = whats.add_parser("report", help=text, description=text)
    telling.add_argument(
        "--for", dest="controller", required=True, metavar="ID", help="the CPAS, 900001, or 999999: all"
    )
    telling.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where to write it; for that person only"
    )
    for sub in (erasing, telling):
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable answer")
        sub.add_argument("--subject", metavar="ID", help="the subject id, instead of a NISS on standard input")
        sub.add_argument("--at", metavar="INSTANT", help="the hub's clock, such as 2026-03-09T07:00+01:00")


def answer_person(hub: "Hub", arguments: argparse.Namespace) -> Answer:
    """Do what is asked of the person who is named."""
    from hub.flow.erase import erase

    person = person_named(hub, arguments.subject)
    if arguments.what == "report":
        return _report(hub, person, arguments.controller, arguments.out)
    ended = 0 if arguments.dry_run else erase(hub, person.sids, arguments.reason)
    told = {"dry_run": arguments.dry_run, "subjects": len(person.sids), "recipients": recipients_of(person)}
    return told | {"erasures": ended}, list(_lines(person, dry=arguments.dry_run))


def person_named(hub: "Hub", subject: str | None) -> "Found":
    """The person of a subject id, or of the NISS on standard input. OperatorError where it is neither."""
    from contracts import niss
    from hub.flow.erase import found

    if subject is not None:
        if not SUBJECT.fullmatch(subject):
            raise OperatorError("--subject takes the 32 characters of a subject id")
        return found(hub, subject=subject)
    number = re.sub(r"[ .\-]", "", _read().strip())
    if niss.problem(number, hub.settings.environment, hub.today):
        raise OperatorError("standard input does not hold one NISS of eleven digits with its check number")
    return found(hub, niss=number)


def _report(hub: "Hub", person: "Found", controller: str, out: Path) -> Answer:
    """Write the report, for its owner alone; what is printed counts its lines."""
    from hub.access import access_lines, as_csv
    from hub.flow.retain import terms
    from hub.model import HUB

    if controller != HUB and hub.registry.get(controller) is None:
        raise OperatorError("--for takes a partner of the registry, or 999999")
    held = hub.ledger.keeping.about(person.sids, controller) | hub.identity.reveals.about(person.sids, controller)
    lines = access_lines(held, terms(hub))
    if out.exists():
        raise OperatorError("there is a file of that name already")
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(as_csv(lines))
    hub.ledger.audit.append(audit.ACCESS, hub.now, partner=controller, lines=len(lines))
    counted = dict(Counter(line["rubrique"] for line in lines))
    return {"file": str(out), "lines": counted}, [str(out), *(f"{name}: {n}" for name, n in counted.items())]


def recipients_of(person: "Found") -> dict[str, dict[str, int]]:
    """How many rows of each feed each recipient was told, and must be asked to erase."""
    counted: dict[str, dict[str, int]] = {}
    for partner, feed, rows in person.told.group_by("recipient", "feed").len().sort("recipient", "feed").iter_rows():
        counted.setdefault(partner, {})[feed] = rows
    return counted


def _lines(person: "Found", *, dry: bool) -> Iterable[str]:
    would = "would be erased" if dry else "erased"
    if not person.sids:
        yield "nobody is known by it: nothing to erase"
        return
    yield f"{len(person.sids)} number(s) of one person: {would}"
    for partner, feeds in recipients_of(person).items():
        told = ", ".join(f"{feed} {rows}" for feed, rows in feeds.items())
        yield f"{partner} was told {told} row(s): the controller asks it to erase them (article 19)"


def _read() -> str:
    return getpass.getpass("NISS: ") if sys.stdin.isatty() else sys.stdin.readline()
