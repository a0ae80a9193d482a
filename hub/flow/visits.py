"""Visiting partners' servers: who waits is not called, who stopped is told at once, and one's trouble is its own.

Decides nothing about files. How long to wait is `hub.backoff`'s; what is remembered is in the ledger's `link`.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from connectors.errors import LinkError
from hub import events
from hub.backoff import ERRORS, wait
from hub.flow.hub import Hub, for_each
from hub.model import Outcome


def visit_each(
    hub: Hub, verb: str, partners: Iterable[str], work: Callable[[str], int], *, insist: bool = False
) -> list[Outcome]:
    """Do `work` for every partner whose time it is; the outcome of the others is their last error, without a visit.

    `insist`: an operator asks by name, so nobody is passed over.
    """
    wanted = list(partners)
    links = hub.ledger.links.of(wanted)
    failed: dict[str, tuple[str, str]] = {}
    passed_over: set[str] = set()

    def one(partner: str) -> int:
        state, mark = links[partner], hub.mailboxes.mark(partner)
        if not insist and not state.is_due(mark, hub.now, datetime.now(UTC)):
            passed_over.add(partner)
            error = ERRORS[state.error or ""]
            raise error(
                f"not called: failed {state.failures} time(s); {'waits' if error.retry else 'stopped'}, see the runbook"
            )
        try:
            return work(partner)
        except LinkError as error:
            name = type(error).__name__
            if name in ERRORS:
                failed[partner] = name, mark
                if wait(name, 1, partner) is None:
                    events.log(events.LINK_STOPPED, partner=partner, error=name, reason=error)
            raise

    outcomes = for_each(verb, wanted, one)
    good = [o.partner for o in outcomes if not o.error and o.partner not in passed_over]
    hub.ledger.links.note(good, failed, hub.now)
    return outcomes
