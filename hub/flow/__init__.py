"""The flow: one function per verb, joining the pure steps to the world.

Each verb states what it expects and what it leaves; running it twice is harmless.
"""

from hub.flow.acknowledge import acknowledge
from hub.flow.collect import collect
from hub.flow.deliver import deliver
from hub.flow.fetch import fetch
from hub.flow.hub import Hub, active_partners
from hub.flow.process import process
from hub.flow.publish import publish
from hub.flow.reconcile import reconcile

__all__ = [
    "Hub",
    "acknowledge",
    "active_partners",
    "collect",
    "conservation",
    "deliver",
    "fetch",
    "process",
    "publish",
    "reconcile",
]


def conservation(hub: Hub) -> dict[str, int]:
    """Rows read = accepted + rejected + duplicate + superseded over the whole ledger; `holds` is 1 when true."""
    return hub.ledger.report.conservation()
