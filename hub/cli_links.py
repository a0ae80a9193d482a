"""`passerelle partners probe|links|release`: what a partner's server can do, how it was lately, calling it again."""

import argparse
from typing import TYPE_CHECKING, Any

from hub.errors import OperatorError

if TYPE_CHECKING:
    from hub.flow.hub import Hub

ACTS = ("probe", "links", "release")


def answer_links(hub: "Hub", arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """The answer for a machine and for a reader. Raises OperatorError for a partner without a mailbox."""
    from hub.flow.probe import links, probe_partner

    reachable = hub.mailboxes.partners()
    if arguments.partner and arguments.partner not in reachable:
        raise OperatorError("this partner has no channel in channels.toml")
    if arguments.what == "links":
        rows = links(hub, [arguments.partner] if arguments.partner else reachable)
        return rows, [_line(row) for row in rows]
    if not arguments.partner:
        raise OperatorError(f"`partners {arguments.what}` takes the id of a partner")
    if arguments.what == "probe":
        told = probe_partner(hub, arguments.partner)
        shown = [f"{name}: {_shown(value)}" for name, value in told.items() if name != "advice"]
        return told, [*shown, *(f"! {text}" for text in told["advice"])]
    hub.ledger.links.release(arguments.partner)
    return {"released": arguments.partner}, [f"{arguments.partner} is called again at the next visit"]


def _line(row: dict[str, Any]) -> str:
    trouble = f"{row['error']} {row['failures']} time(s), next: {row['next']}" if row["error"] else "no trouble"
    probed = f"; probed {row['probed']['probed_at'][:10]}" if row["probed"] else "; never probed"
    return f"{row['partner']} last good visit {row['ok_at'] or 'never'}; {trouble}{probed}"


def _shown(value: Any) -> str:
    match value:
        case None:
            return "not told"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value) or "none"
    return str(value)
