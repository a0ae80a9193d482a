"""recall: whoever was told of somebody who is erased is told so, in each feed in which it was told, once.

In the view (RECO) a row is GONE. In a feed that passes rows on, each row that its recipient still holds is cancelled
(`hub.recall`). What is told so is marked in the transaction that publishes it, so an erasure that was cut short goes on
where it was. A partner that may not exchange today is told nothing: the command names it, and the controller writes.
"""

import polars as pl

from hub.audience import Recipients, rows_identified
from hub.flow.hub import Hub
from hub.flow.outbox import outbound_contract, put
from hub.flow.told import people_of, recipient_of, sheet
from hub.recall import PASSED, cancellations, standing
from hub.rights import RECALLED
from hub.stores.forgetting import Erasure
from hub.told import GONE, gone_rows

VIEW = "RECO"


def recall(hub: Hub, one: Erasure) -> None:
    """Tell everybody who was told rows of these people that they are gone."""
    told = hub.ledger.erasures.told(one.sids).filter(~pl.col("row_hash").str.starts_with(GONE))
    for (partner,), rows in told.group_by("recipient", maintain_order=True):
        if hub.registry.may_exchange(str(partner), hub.today):
            if one.reason in RECALLED:
                _passed(hub, one, str(partner), rows.filter(pl.col("feed").is_in(PASSED)))
            _view(hub, str(partner), rows.filter(pl.col("feed") == VIEW))


def _view(hub: Hub, partner: str, told: pl.DataFrame) -> None:
    recipient = recipient_of(hub, partner)
    contract = outbound_contract(hub, partner, VIEW)
    put(hub, partner, VIEW, sheet(hub, recipient, gone_rows(told["row_key"]), contract))


def _passed(hub: Hub, one: Erasure, partner: str, told: pl.DataFrame) -> None:
    """Cancel what was passed on to one partner, a file for each feed."""
    if told.is_empty():
        return
    recipient = recipient_of(hub, partner)
    alone = Recipients((recipient,))
    people = people_of(hub, alone, pl.DataFrame({"recipient": partner, "sid": sorted(one.sids)}))
    rows = rows_identified(standing(told, people.events), people, alone)
    for (feed,), of_feed in rows.group_by("feed", maintain_order=True):
        contract = outbound_contract(hub, partner, str(feed))
        back = cancellations(of_feed, contract, one.erasure_id, one.at)
        put(hub, partner, str(feed), sheet(hub, recipient, back, contract))
