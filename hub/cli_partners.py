"""`passerelle partners …`: who is in the registry, whether it holds together, what one agreed, how its server does."""

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from hub.cli_links import ACTS
from hub.errors import OperatorError
from hub.settings import load_settings

if TYPE_CHECKING:  # the registry imports pandera, which takes seconds: only a command that needs it does
    from hub.partners import Registry
    from hub.plans import Plan

Answer = tuple[Any, list[str]]  # for a machine, for a reader


def add_partners(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `partners`."""
    parser.add_argument("what", choices=["list", "check", "plan", *ACTS])
    parser.add_argument("partner", nargs="?", metavar="ID", help="whose plan d'actions, or whose server")
    parser.add_argument("--on", metavar="DAY", help="with `plan`: as it holds on that day, today by default")


def answer_partners(arguments: argparse.Namespace, today: date) -> tuple[Any, list[str], int]:
    """The answer for a machine, for a reader, and the exit code."""
    from hub.partners import load_registry
    from hub.partners_check import check

    folder = load_settings().partners
    if (arguments.what == "plan") != (arguments.partner is not None) or (arguments.on and arguments.what != "plan"):
        raise OperatorError("`partners plan` takes the id of a partner and perhaps --on, `list` and `check` nothing")
    if arguments.what == "check":
        problems = [str(problem) for problem in check(folder)]
        code = OperatorError.exit_code if problems else 0
        return problems, problems or ["the registry holds together"], code
    registry = load_registry(folder)
    if arguments.what == "list":
        return *_list(registry, today), 0
    return *_plan(registry, arguments.partner, arguments.on, today), 0


def _list(registry: "Registry", today: date) -> Answer:
    rows = [
        {
            "partner": p.partner_id,
            "name": p.name,
            "service": p.service,
            "signed": str(p.convention_signed_on or ""),
            "sends": registry.envelope(p.partner_id, today).sends,
            "receives": registry.envelope(p.partner_id, today).receives,
        }
        for p in registry.list()
    ]
    return rows, [" ".join(row.values()) for row in rows]


def _plan(registry: "Registry", partner_id: str, on: str | None, today: date) -> Answer:
    partner = registry.get(partner_id)
    if partner is None:
        raise OperatorError("the registry has no such partner: six digits, 0 and the NIS code")
    day = _day(on) if on else today
    plan = registry.plan(partner_id, day)
    form = registry.form(partner_id, day)
    told = {
        "partner": partner_id,
        "name": partner.name,
        "on": str(day),
        "may_exchange": registry.may_exchange(partner_id, day),
        "since": str(plan.since) if plan.since else None,
        "axes": list(plan.axes),
        "feeds": sorted(plan.feeds),
        "calendar": dict(plan.calendar),
        "reads": {f: version for f in sorted(plan.feeds) if (version := registry.version(partner_id, f, day)) != 1},
        "format": {
            "kind": form.kind,
            "encoding": form.encoding,
            "delimiter": form.delimiter,
            "quote": form.quote,
            "dates": form.dates,
        },
        "contact": _contact(plan),
    }
    return told, _lines(told)


def _contact(plan: "Plan") -> dict[str, str] | None:
    if plan.contact is None:
        return None
    return {"function": plan.contact.function, "phone": plan.contact.phone, "email": plan.contact.email}


def _lines(told: dict[str, Any]) -> list[str]:
    may = "may exchange" if told["may_exchange"] else "may not exchange"
    calendar = ", ".join(f"{feed} {often}" for feed, often in told["calendar"].items())
    form = {name: repr(value) if len(value) == 1 else value for name, value in told["format"].items()}
    return [
        f"{told['partner']} {told['name']}, on {told['on']}: {may}",
        f"plan since: {told['since'] or 'no plan'}",
        f"axes: {', '.join(map(str, told['axes'])) or 'none'}",
        f"feeds: {', '.join(told['feeds']) or 'none'}",
        f"calendar: {calendar or 'none'}",
        f"reads: {', '.join(f'{feed} {version}' for feed, version in told['reads'].items()) or 'version 1 of each'}",
        f"format: {', '.join(f'{name} {value}' for name, value in form.items())}",
        f"contact: {', '.join(told['contact'].values()) if told['contact'] else 'none'}",
    ]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OperatorError("--on takes a day such as 2026-03-09") from None
