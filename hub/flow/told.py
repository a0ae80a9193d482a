"""What publishing reads: the persons that a recipient is to be told of, and what is sealed to it about them.

A person is read whole, since what may be told of one thing depends on the others. Events are read before states: a
state that was computed from fewer events than were read is then seen to be stale, and nothing is told of it.
"""

from collections.abc import Collection, Iterator

import polars as pl

from contracts.model import Contract
from hub.audience import People, Recipient, frozen, identified, known_states, with_person
from hub.errors import OperatorError
from hub.flow.hub import Hub
from hub.flow.outbox import outbound_contract
from hub.flow.reconcile import seen
from hub.pseudonymise import Tokens
from hub.told import NAMED_BY, PERSON, sealed_sheet, shown, signed, view_rows

PERSONS = 5_000  # read at a time for a snapshot


def recipient_of(hub: Hub, partner: str) -> Recipient:
    """The partner as of today: whom it has succeeded, and the feeds of its plan."""
    organisations = frozenset({partner, *hub.registry.predecessors(partner, hub.today)})
    return Recipient(partner, organisations, hub.registry.plan(partner, hub.today).feeds)


def people_of(hub: Hub, recipient: Recipient, sids: Collection[str]) -> People:
    """Everything of these persons, and nothing of those who occur beside them in a row put on the wrong person."""
    events = seen(hub, hub.ledger.entities.events_of_persons(sids))
    states = hub.ledger.entities.states_of_persons(sids)
    of_them = with_person(states, events).filter(pl.col("sid").is_in(list(sids)))
    states = states.join(of_them, on="entity_id", how="semi")
    return People(states, events, hub.ledger.entities.related(recipient.organisations, hub.today, sids))


def view_of(hub: Hub, recipient: Recipient, people: People) -> pl.DataFrame:
    """The rows of the view on these people, before they are sealed; nothing of what is held or stale."""
    return view_rows(_view_states(hub, recipient, people), outbound_contract(hub, "RECO"))


def whole_view(hub: Hub, recipient: Recipient) -> tuple[pl.DataFrame, frozenset[str]]:
    """The rows of the view on everybody whom the recipient ever had to do with, and the entities held or stale."""
    parts, held = [], set[str]()
    for sids in _chunks(sorted(hub.ledger.entities.persons_related(recipient.organisations))):
        people = people_of(hub, recipient, sids)
        parts.append(_view_states(hub, recipient, people))
        held |= frozen(people.states, hub.today)
    states = pl.concat(parts) if parts else _view_states(hub, recipient, people_of(hub, recipient, ()))
    return view_rows(states, outbound_contract(hub, "RECO")), frozenset(held)


def sheet(hub: Hub, recipient: Recipient, rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The rows with token, identity and reference as stored for this recipient; `OperatorError` if one is missing."""
    tokens = Tokens(recipient.partner, hub.keys.active("token"))
    persons = rows.get_column(PERSON).unique().to_list()
    named_by = rows.get_column(NAMED_BY).drop_nulls().unique().to_list() if NAMED_BY in rows.columns else []
    identities: dict[str, str] = {}
    references: dict[str, str] = {}
    for organisation in sorted(recipient.organisations):
        identities |= hub.identity.sealed(organisation, named_by)
        references |= hub.identity.local_references(organisation, named_by)
    if len(identities) < len(named_by):
        raise OperatorError(f"partner {recipient.partner} has no public key: nothing could be sealed to it")
    sealed = {
        "tokens": {sid: tokens.token(sid) for sid in persons},
        "identities": identities,
        "references": references,
    }
    return sealed_sheet(rows, contract, sealed, hub.today)


def _view_states(hub: Hub, recipient: Recipient, people: People) -> pl.DataFrame:
    held = pl.col("entity_id").is_in(list(frozen(people.states, hub.today)))
    known = shown(known_states(people, recipient).filter(~held), recipient.partner)
    return signed(identified(known, people, recipient), people.events)


def _chunks(items: list[str]) -> Iterator[list[str]]:
    return (items[i : i + PERSONS] for i in range(0, len(items), PERSONS))
