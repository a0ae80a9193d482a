"""publish: for each recipient, the rows that changed since it was last told, as self-verified files.

Expects reconciled states; leaves files in the outbox and READY publications. The file is durable before
its row; a file without a row is overwritten by the next run, which takes the same place in the sequence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.model import Contract
from contracts.registry import lookup
from hub import events
from hub.errors import InvariantBroken, OperatorError
from hub.filenames import OutName
from hub.flow.hub import Hub, for_each
from hub.flow.reconcile import rules
from hub.model import FOREM, EntityState, Event, Outcome, Side
from hub.pseudonymise import Tokens
from hub.publish import Row, Sealed, build, changed, latest, notice_row, reconciled_row
from hub.reconcile import notices
from hub.stores.publications import Made

THREADS = 2


@dataclass(frozen=True, slots=True)
class _Told:
    """One referral as one recipient may be told of it."""

    state: EntityState
    person: Event  # of the person the referral is about: its capsule tells the recipient who that is
    cpas: Sequence[Event]
    forem: Sequence[Event]


def publish(hub: Hub, partners: Iterable[str]) -> list[Outcome]:
    """Publish to each partner; the outcome counts the publications made."""
    return for_each("publish", partners, lambda partner: _publish(hub, partner), THREADS)


def make(hub: Hub, recipient: str, feed: str, rows: Sequence[Row]) -> int:
    """Publish these rows as one file; 0 when there are none."""
    if not rows:
        return 0
    contract = outbound_contract(hub, feed)
    sequence, previous = hub.ledger.publications.last(recipient, feed)
    name = OutName("FO", feed, recipient, hub.today, sequence + 1, hub.settings.environment)
    built = build(name, rows, contract, previous)
    made = Made(
        publication_id=hub.new_id(),
        recipient=recipient,
        feed=feed,
        sequence=name.sequence,
        contract=contract.label,
        name=str(name),
        sha256=built.sha256,
        manifest_sha256=built.manifest_sha256,
        previous=previous,
        published_at=hub.now,
        rows={row.key: (row.entity_id, row.digest) for row in rows},
    )

    def keep() -> None:
        hub.files.write("outbox", [built.data], lambda: str(name))
        hub.files.write("outbox", [built.manifest], lambda: str(name.manifest_name()))

    hub.ledger.publications.add(made, keep)
    events.log(
        events.PUBLISHED,
        publication_id=made.publication_id,
        recipient=recipient,
        feed=feed,
        sequence=made.sequence,
        rows=len(rows),
    )
    return 1


def outbound_contract(hub: Hub, feed: str) -> Contract:
    """The contract under which we publish a feed."""
    contract = lookup(feed, "out", 1, hub.settings.environment)
    if contract is None:
        raise InvariantBroken(f"no contract for what we publish as {feed}")
    return contract


def _publish(hub: Hub, partner: str) -> int:
    if not hub.registry.may_exchange(partner, hub.today):
        return 0
    told = _open_to(hub, partner)
    passing = "ORIE" if partner == FOREM else "STAT"
    rows = {
        passing: list(_notices(hub, partner, passing, told)),
        "RECO": list(_reconciled(hub, partner, told)),
    }
    return sum(
        make(hub, partner, feed, changed(found, hub.ledger.publications.told(partner, feed)))
        for feed, found in rows.items()
    )


def _open_to(hub: Hub, partner: str) -> list[_Told]:
    """The referrals of which this partner may be told: its own, and only while its relationship is open."""
    states = hub.ledger.entities.states(None if partner == FOREM else partner)
    organisations = [partner, *hub.registry.predecessors(partner, hub.today)]
    related = hub.ledger.entities.related(organisations, hub.today)
    found = hub.ledger.entities.events([state.entity_id for state in states])
    told = []
    for state in states:
        said = found[state.entity_id]
        cpas = notices(said, Side.CPAS, rules(hub), hub.today)
        forem = notices(said, Side.FOREM, rules(hub), hub.today)
        person = _person(state, said, cpas, partner)
        if person is not None and person.sid in related:
            told.append(_Told(state, person, cpas, forem))
    return told


def _person(state: EntityState, said: Sequence[Event], cpas: Sequence[Event], partner: str) -> Event | None:
    """An event of the referral's person that was sealed to this partner.

    The CPAS's freshest notice; where all it said is contested, the last thing it said; for an orphan, told
    to Le Forem only, its own last status.
    """
    stated = sorted(said, key=lambda e: (e.effective_date, e.version, e.event_id))
    own = [e for e in stated if e.source != FOREM]
    known = [e for e in (*own, *cpas) if state.sid in (None, e.sid)]
    if known or partner != FOREM:
        return latest(known)
    return latest(stated)


def _notices(hub: Hub, partner: str, feed: str, told: Sequence[_Told]) -> Iterable[Row]:
    contract = outbound_contract(hub, feed)
    sealed = _Sealer(hub, partner, told)
    for one in told:
        if partner == FOREM:
            for event in one.cpas:
                yield notice_row(event, sealed.of(event, event), contract)
        else:
            for event in one.forem:
                yield notice_row(event, sealed.of(event, one.person), contract)


def _reconciled(hub: Hub, partner: str, told: Sequence[_Told]) -> Iterable[Row]:
    contract = outbound_contract(hub, "RECO")
    sealed = _Sealer(hub, partner, told)
    for one in told:
        row = reconciled_row(one.state, sealed.of(one.person, one.person), partner, hub.today, contract)
        if row is not None:
            yield row


class _Sealer:
    """Tokens and stored capsules of one recipient, for the events of the referrals it is told of."""

    def __init__(self, hub: Hub, partner: str, told: Sequence[_Told]) -> None:
        ids = {event.event_id for one in told for event in (one.person, *one.cpas)}
        self._partner = partner
        self._tokens = Tokens(partner, hub.keys.active("token"))
        self._identities: Mapping[str, str] = {}
        self._references: Mapping[str, str] = {}
        for recipient in (*hub.registry.predecessors(partner, hub.today), partner):
            self._identities = {**self._identities, **hub.identity.sealed(recipient, ids)}
            self._references = {**self._references, **hub.identity.local_references(recipient, ids)}

    def of(self, event: Event, sealed_at: Event) -> Sealed:
        """The token of the event's person, and what was sealed to this recipient with another event of it."""
        identity = self._identities.get(sealed_at.event_id)
        if identity is None:
            raise OperatorError(f"partner {self._partner} has no public key: nothing could be sealed to it")
        return Sealed(self._tokens.token(event.sid), identity, self._references.get(sealed_at.event_id))
