"""publish: for each recipient, what changed since it was last told, as self-verified files.

Expects reconciled states; leaves files in the outbox and READY publications. A recipient's waiting entities are read
with their persons, so a run costs what was touched and not what was ever told. They are settled last: a run killed
before is made up for by the next, and what was published already is known by its rows.
"""

from collections.abc import Collection, Iterable
from datetime import date

import polars as pl

from hub import snapshot
from hub.audience import (
    People,
    Recipient,
    entity_of_state,
    frozen,
    known_rows,
    rows_identified,
    withdrawn_breaches,
)
from hub.calendar import brussels_date
from hub.flow.hub import Hub, for_each
from hub.flow.impersonal import Impersonal
from hub.flow.outbox import THREADS, make, outbound_contract, put, told_by
from hub.flow.repeated import as_told
from hub.flow.told import people_of, recipient_of, sheet, view_of, whole_view
from hub.model import FOREM, Outcome
from hub.offers import IMPERSONAL
from hub.publish import KEY, differing
from hub.told import GONE, entity_of, gone_rows, passed_rows, taken_back

VIEW = "RECO"


def publish(hub: Hub, partners: Iterable[str], *, anew: bool = False) -> list[Outcome]:
    """Publish to each partner; the outcome counts the publications made.

    `anew` tells a partner again all that holds, as after a loss of its mailbox: whatever it was told before.
    """
    everyone = list(partners)
    impersonal = Impersonal(hub, everyone)
    return for_each("publish", everyone, lambda partner: _publish(hub, partner, impersonal, anew=anew), THREADS)


def _publish(hub: Hub, partner: str, impersonal: Impersonal, *, anew: bool) -> int:
    if not hub.registry.may_exchange(partner, hub.today):
        return 0
    recipient = recipient_of(hub, partner)
    if anew or _plan_changed(hub, recipient):
        hub.ledger.entities.mark_all(partner, recipient.organisations, hub.new_id())
    return _impersonal(hub, recipient, impersonal) + _personal(hub, recipient, anew=anew)


def _plan_changed(hub: Hub, recipient: Recipient) -> bool:
    """Whether the plan is another than when the recipient was last told something: all is looked at again then."""
    last = hub.ledger.publications.last_day(recipient.partner)
    return last is not None and hub.registry.plan(recipient.partner, brussels_date(last)).feeds != recipient.feeds


def _impersonal(hub: Hub, recipient: Recipient, impersonal: Impersonal) -> int:
    """Tell a CPAS of the offers, events and trainings that concern it; Le Forem has told them itself."""
    feeds = () if recipient.partner == FOREM else IMPERSONAL
    return sum(
        make(hub, recipient.partner, feed, impersonal.rows(recipient.partner, feed))
        for feed in feeds
        if feed in recipient.feeds
    )


def _personal(hub: Hub, recipient: Recipient, *, anew: bool) -> int:
    entities, publications = hub.ledger.entities, hub.ledger.publications
    waiting = entities.to_tell(recipient.partner)
    everything = anew or snapshot.due(hub.today, _last_snapshot(hub, recipient), hub.calendar)
    made = _snapshot(hub, recipient) if everything and VIEW in recipient.feeds else 0
    if not waiting:
        return made
    sids = entities.persons_of(waiting)
    people = people_of(hub, recipient, sids)
    held = frozen(people.states, hub.today)
    made += sum(_pass(hub, recipient, feed, people, held, anew=anew) for feed in recipient.passing)
    if VIEW in recipient.feeds and not everything:
        made += _delta(hub, recipient, people, held, _may_be_told_under(recipient, people, sids, waiting))
    publications.settle(recipient.partner, {entity: at for entity, at in waiting.items() if entity not in held})
    return made


def _pass(hub: Hub, recipient: Recipient, feed: str, people: People, held: Collection[str], *, anew: bool) -> int:
    """Pass on the rows of one feed that this recipient has not been told yet."""
    contract = outbound_contract(hub, feed)
    of_people = people.events.filter(pl.col("feed") == feed).get_column("entity_id").unique().to_list()
    told = hub.ledger.publications.told(recipient.partner, feed, of_people)
    rows = known_rows(people, recipient, feed)
    if feed == "MANQ":
        back = withdrawn_breaches(people, {key.rpartition("|")[0] for key in told})
        rows = pl.concat([rows, back.select(rows.columns)]).unique("event_id")
    is_held = entity_of_state(recipient).is_in(list(held)) | pl.col("entity_id").is_in(list(held))
    found = passed_rows(rows_identified(rows.filter(~is_held), people, recipient), contract)
    news = differing(found, {} if anew else told)
    return put(hub, recipient.partner, feed, sheet(hub, recipient, news, contract))


def _delta(hub: Hub, recipient: Recipient, people: People, held: Collection[str], entities: Collection[str]) -> int:
    """Tell the rows of the view that changed, and take back those that the recipient may no longer have."""
    rows = view_of(hub, recipient, people)
    told = hub.ledger.publications.told(recipient.partner, VIEW, entities)
    gone = gone_rows(taken_back(told, set(rows.get_column(KEY)), held))
    contract = outbound_contract(hub, VIEW)
    parts = [sheet(hub, recipient, part, contract) for part in (differing(rows, told), gone)]
    return put(hub, recipient.partner, VIEW, pl.concat(parts))


def _may_be_told_under(
    recipient: Recipient, people: People, sids: Iterable[str], waiting: Iterable[str]
) -> Collection[str]:
    """The entities that these persons may have been told under: a registration has no event of its own name."""
    registrations = {f"REGI|{cpas}|{sid}" for sid in sids for cpas in ("", recipient.partner)}
    return {*waiting, *people.states.get_column("entity_id"), *registrations}


def _snapshot(hub: Hub, recipient: Recipient) -> int:
    """Tell the whole view, what is held as it was told. If nothing is left, the last rows are taken back."""
    contract, partner = outbound_contract(hub, VIEW), recipient.partner
    rows, held = whole_view(hub, recipient)
    told = hub.ledger.publications.told(partner, VIEW)
    gone = taken_back(told, set(rows.get_column(KEY)), held)
    kept = as_told(hub, partner, [key for key, one in told.items() if one != GONE and entity_of(key) in held])
    parts = pl.concat([sheet(hub, recipient, rows, contract), kept])
    if parts.is_empty():
        return put(hub, partner, VIEW, sheet(hub, recipient, gone_rows(gone), contract))
    news = dict(told_by(differing(rows, told))) | {key: (entity_of(key), GONE) for key in gone}
    return put(hub, partner, VIEW, parts, "SNAPSHOT", news)


def _last_snapshot(hub: Hub, recipient: Recipient) -> date | None:
    last = hub.ledger.publications.last_snapshot(recipient.partner)
    return brussels_date(last) if last else None
