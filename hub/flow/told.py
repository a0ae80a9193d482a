"""What publishing reads: the persons that recipients are to be told of, and what is sealed to each about them.

A person is read whole, since what may be told of one thing depends on the others. Events and states are read as they
are at one moment: a state that was computed from fewer events than are there is stale, and nothing is told of it.
"""

from collections.abc import Iterable

import polars as pl

from contracts.model import Contract
from hub.audience import People, Recipient, Recipients, frozen, identified, known_states, with_person
from hub.errors import OperatorError
from hub.flow.hub import Hub
from hub.flow.outbox import widest_contract
from hub.flow.reconcile import seen
from hub.flow.tokens import tokens_of
from hub.told import NAMED_BY, PERSON, sealed_sheet, shown, signed, view_rows

PERSONS = 5_000  # read at a time for a snapshot


def recipient_of(hub: Hub, partner: str) -> Recipient:
    """The partner as of today: whom it has succeeded, and the feeds of its plan."""
    organisations = frozenset({partner, *hub.registry.predecessors(partner, hub.today)})
    return Recipient(partner, organisations, hub.registry.plan(partner, hub.today).feeds)


def people_of(hub: Hub, recipients: Recipients, wanted: pl.DataFrame) -> People:
    """Everything of the persons (`sid`) wanted for each `recipient`.

    Nothing of those who occur beside them, in a row put on the wrong person.
    """
    sids = wanted.get_column("sid").unique().to_list()
    recorded, states = hub.ledger.entities.of_persons(sids)
    events = seen(hub, recorded)
    of_them = with_person(states, events).filter(pl.col("sid").is_in(sids))
    related = _answered_for(recipients, hub.ledger.entities.related(sids, hub.today))
    return People(
        states.join(of_them, on="entity_id", how="semi"),
        events,
        related.join(wanted, on=["recipient", "sid"], how="semi"),
    )


def view_of(hub: Hub, recipients: Recipients, people: People) -> pl.DataFrame:
    """The rows of each recipient's view on these people, before they are sealed; nothing of what is held or stale."""
    return _rows(hub, _view_states(hub, recipients, people))


def whole_view(hub: Hub, recipients: Recipients) -> tuple[pl.DataFrame, frozenset[str]]:
    """The rows of the view on everybody whom each ever had to do with, and the entities held or stale."""
    organisations = recipients.organisations.get_column("organisation").to_list()
    wanted = _answered_for(recipients, hub.ledger.entities.persons_related(organisations))
    parts, held = [], set[str]()
    for some in _parts(wanted):
        people = people_of(hub, recipients, some)
        parts.append(_view_states(hub, recipients, people))
        held |= frozen(people.states, hub.today)
    return _rows(hub, pl.concat(parts)), frozenset(held)


def sheet(hub: Hub, recipient: Recipient, rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The rows with token, identity and reference as stored for this recipient; `OperatorError` if one is missing."""
    persons = rows.get_column(PERSON).unique().to_list()
    named_by = rows.get_column(NAMED_BY).drop_nulls().unique().to_list() if NAMED_BY in rows.columns else []
    identities: dict[str, str] = {}
    references: dict[str, str] = {}
    for organisation in sorted(recipient.organisations):
        identities |= hub.identity.sealed(organisation, named_by)
        references |= hub.identity.local_references(organisation, named_by)
    if len(identities) < len(named_by):
        raise OperatorError(f"partner {recipient.partner} has no public key: what it is to know waits in the vault")
    sealed = {
        "tokens": tokens_of(hub, recipient.partner, persons),
        "identities": identities,
        "references": references,
    }
    return sealed_sheet(rows, contract, sealed, hub.today)


def _view_states(hub: Hub, recipients: Recipients, people: People) -> pl.DataFrame:
    held = pl.col("entity_id").is_in(list(frozen(people.states, hub.today)))
    known = shown(known_states(people, recipients), to_cpas=recipients.are_cpas)
    # What is held is left out last: what another row tells because of it stands, as it does for the other side.
    return signed(identified(known.filter(~held), people, recipients), people.events)


def _rows(hub: Hub, states: pl.DataFrame) -> pl.DataFrame:
    former = hub.ledger.entities.former_subjects(states.select("sid", event_id="named_by"))
    return view_rows(states, widest_contract(hub, "RECO"), former)


def _answered_for(recipients: Recipients, related: pl.DataFrame) -> pl.DataFrame:
    """Of the persons (`sid`) related to organisations, those of each `recipient` that answers for one of them."""
    return related.join(recipients.organisations, on="organisation").select("recipient", "sid").unique()


def _parts(wanted: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """The same in parts of so many persons, each of them whole; one part where there are none."""
    if wanted.is_empty():
        return [wanted]
    nth = pl.col("sid").rank("dense") - 1
    return wanted.with_columns(part=nth // PERSONS).partition_by("part", include_key=False)
