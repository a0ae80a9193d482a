"""reconcile: recompute the state of every referral that was touched or whose deadline passed.

Expects recorded events; leaves states and discrepancies up to date for `today`. The result depends on the
set of events alone, so running it twice, or after more events, is harmless.
"""

from collections import Counter
from datetime import date

from hub import events
from hub.flow.hub import Hub
from hub.model import FOREM, Side
from hub.reconcile import Rules
from hub.reconcile import reconcile as reconcile_one


def reconcile(hub: Hub) -> dict[str, int]:
    """Reconcile, and count the entities recomputed by class."""
    succeeded = [
        p.partner_id for p in hub.registry.cpas() if hub.registry.successor(p.partner_id, hub.today) != p.partner_id
    ]
    wanted = hub.ledger.entities.to_reconcile(hub.today, succeeded)
    found = hub.ledger.entities.events(wanted)
    states = [reconcile_one(entity, found[entity], rules(hub), hub.today) for entity in wanted]
    hub.ledger.entities.save(states, found, hub.today)
    events.log(events.RECONCILED, entities=len(states))
    return dict(Counter(str(state.klass) for state in states))


def rules(hub: Hub) -> Rules:
    """The clocks and the registry, as reconciliation needs them."""

    def cpas_on(source: str, day: date) -> str:
        return hub.registry.successor(source, day)

    return Rules(
        answer_days=hub.clocks.functional_answer_working_days,
        withdrawal_days=hub.clocks.forem_withdrawal_working_days,
        orphan_days=hub.clocks.orphan_working_days,
        working_day_after=hub.calendar.add_working_days,
        side_of=lambda source: Side.FOREM if source == FOREM else Side.CPAS,
        cpas_on=cpas_on,
    )
