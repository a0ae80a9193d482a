"""`passerelle history`: the rows of one entity, which of them prevail, its state as of a day, as known on a day."""

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from hub.errors import OperatorError

if TYPE_CHECKING:
    from hub.flow.hub import Hub


def add_history(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `history`."""
    parser.add_argument("entity", metavar="ENTITY", help="a referral, or the id of any other state or row")
    parser.add_argument("--on", metavar="DAY", help="what held on that day: later effective dates are left out")
    parser.add_argument("--known", metavar="DAY", help="by what was received by the end of that day, today by default")


def answer_history(hub: "Hub", arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """The answer for a machine, and for a reader. Subjects are numbers, and nothing of what a row says is shown."""
    from hub.flow.history import history_of
    from hub.history import Asked

    on = _day(arguments.on) if arguments.on else None
    known = _day(arguments.known) if arguments.known else hub.today
    rows, states = (frame.to_dicts() for frame in history_of(hub, Asked(arguments.entity, on, known)))
    asked = {"entity": arguments.entity, "on": str(on) if on else None, "known": str(known)}
    lines = [*map(_row, rows), *map(_state, states)]
    return asked | {"rows": rows, "states": states}, lines or ["no row of it was there by then"]


def _row(row: dict[str, Any]) -> str:
    head = (
        f"{row['received_on']}  {row['feed']} {row['source']} version {row['version']}, notice {row['notice_status']}"
    )
    return f"{head}, from {row['effective_date']}: {row['standing']}  subject {row['sid'] or '-'}  {row['entity_id']}"


def _state(state: dict[str, Any]) -> str:
    told = {name: value for name, value in state.items() if name not in {"entity_id", "kind", "codes"} and value}
    codes = ["codes=" + "|".join(state["codes"])] if state["codes"] else []
    return f"{state['kind']} {state['entity_id']}: " + ", ".join([f"{k}={v}" for k, v in told.items()] + codes)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OperatorError("--on and --known take a day such as 2026-03-09") from None
