"""`passerelle collect|process|…`: each verb without Airflow, for all partners or for those that are named."""

import argparse
from typing import Any

from hub.cli_show import AT, hub_for, show
from hub.errors import OperatorError

VERBS = ("fetch", "collect", "process", "reconcile", "publish", "deliver", "acknowledge")
_EVERYTHING = {
    "reconcile": "compute every state again, not only what was touched",
    "publish": "tell again all that holds, whatever was told before",
}


def add_verb(parser: argparse.ArgumentParser, verb: str) -> None:
    """Declare what follows a verb."""
    parser.set_defaults(verb=verb)
    parser.add_argument("--partner", action="append", metavar="ID", help="only this partner; may be repeated")
    parser.add_argument("--at", metavar="INSTANT", help=AT)
    if verb in _EVERYTHING:
        parser.add_argument("--all", action="store_true", help=_EVERYTHING[verb])


def run_verb(arguments: argparse.Namespace) -> int:
    """Run the verb; 11 where an operator must act for some partner, 12 where all that failed may succeed later."""
    from hub import flow

    with hub_for(arguments.verb, arguments.at) as hub:
        if arguments.verb == "reconcile":
            counts = flow.reconcile(hub, everything=arguments.all)
            show(arguments, counts, [f"{name} {count}" for name, count in sorted(counts.items())])
            return 0
        kinds = ("OPEN_DATA",) if arguments.verb == "fetch" else ("CPAS", "FOREM", "REGISTERS", "OPEN_DATA")
        active = [p for kind in kinds for p in flow.active_partners(hub, kind)]
        partners = arguments.partner or active
        if strangers := sorted(set(partners) - set(active)):
            raise OperatorError(f"no channel in channels.toml, or not in the registry: {', '.join(strangers)}")
        outcomes = getattr(flow, arguments.verb)(hub, partners, **_how(arguments))
    rows = [{"partner": o.partner, "done": o.done, "error": o.error, "retry": o.retry} for o in outcomes]
    show(arguments, rows, [f"{o.partner} {o.error or o.done}" for o in outcomes if o.done or o.error])
    failed = [o for o in outcomes if o.error]
    if not failed:
        return 0
    return 12 if all(o.retry for o in failed) else 11


def _how(arguments: argparse.Namespace) -> dict[str, Any]:
    """Whom an operator names is called, whatever its server did before."""
    if arguments.verb == "publish":
        return {"anew": arguments.all}
    return {"insist": bool(arguments.partner)} if arguments.verb in ("collect", "deliver") else {}
