"""What became of one entity, from the ledger: a person is read whole, an answer with all answers to its event."""

import polars as pl

from hub import history
from hub.errors import OperatorError
from hub.flow.hub import Hub
from hub.flow.reconcile import rules, seen
from hub.history import Asked
from hub.model import FOREM
from hub.stores.reconciled import Scope


def history_of(hub: Hub, asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the entity and its states, as `hub.history` says; OperatorError if nothing has this id."""
    entities = hub.ledger.entities
    persons = entities.persons_of([asked.entity]).get_column("sid").drop_nulls().unique()
    happening = [f"JOBD|{FOREM}|{asked.entity.split('|', 3)[3]}"] if asked.entity.startswith("MOBI|") else []
    read = entities.read(Scope(frozenset(persons) - {""}, frozenset(happening))).events
    events = pl.concat([read, entities.events([asked.entity])]).unique("event_id")
    if events.is_empty():
        raise OperatorError("nothing in the ledger has this id")
    return history.history(seen(hub, events), asked, rules(hub))
