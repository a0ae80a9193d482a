"""Who may be told of whom and of what: of some persons' states and events, those that one recipient may have.

Pure, frames in and frames out. It decides by the relationship with the person, by whether Le Forem has answered the
CPAS, by the referral that a row names and by the plan of the recipient. What a row then shows is decided in
`hub.told`; when it goes, in `hub.flow.publish`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.lifecycle import NONE
from hub.model import FOREM, EntityKind, Side
from hub.reconcile import notices
from hub.said import field, said

# The feed in which a side tells of a kind: a recipient without it in its plan is told of none of that kind.
FEEDS = {
    EntityKind.REFERRAL: "ORIE",
    EntityKind.SITUATION: "SITU",
    EntityKind.REGISTRATION: "INSC",
    EntityKind.ENROLMENT: "FORM",
    EntityKind.ANSWER: "MOBI",
    EntityKind.BREACH: "MANQ",
}
TO_FOREM, TO_CPAS = ("ORIE", "SITU", "MOBI"), ("STAT", "INSC", "FORM", "MANQ")
_OWN = (EntityKind.REFERRAL, EntityKind.SITUATION, EntityKind.ANSWER)  # what a CPAS has said itself
_OF_REFERRALS = ("FORM", "MANQ")  # feeds whose rows can name a referral
_CANCELLATION = 9


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom we tell: its id, the organisations in whose place it answers (itself among them), the feeds of its plan."""

    partner: str
    organisations: Collection[str]
    feeds: Collection[str]

    @property
    def passing(self) -> tuple[str, ...]:
        """The feeds whose rows pass through to this recipient."""
        return tuple(feed for feed in (TO_FOREM if self.partner == FOREM else TO_CPAS) if feed in self.feeds)


@dataclass(frozen=True, slots=True)
class People:
    """All that is held of some persons.

    `states` are `hub.frames.STATES` with `stale` (an event came since); `events` are `hub.frames.EVENTS`; `related` are
    the persons with whom the recipient has a relationship that is open today.
    """

    states: pl.DataFrame
    events: pl.DataFrame
    related: Collection[str]


def frozen(states: pl.DataFrame, today: date) -> frozenset[str]:
    """The entities of which nothing is told today, and nothing taken back: held, or about to be reconciled."""
    held = pl.col("held_until").is_not_null() & (pl.col("held_until") >= today)
    return frozenset(states.filter(pl.col("stale") | held).get_column("entity_id"))


def with_person(states: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The states, each with the person it is told of: where two contest a referral, the one named last."""
    last = _freshest(events.with_columns(pl.col("side") == Side.CPAS), "side", by="entity_id")
    named = last.select("entity_id", pl.col("sid").alias("named"))
    found = states.join(named, on="entity_id", how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("sid", "named").alias("sid")).drop("named").drop_nulls("sid")


def known_states(people: People, recipient: Recipient) -> pl.DataFrame:
    """The states of which this recipient may be told, each with its person as `sid`."""
    kinds = [str(kind) for kind, feed in FEEDS.items() if feed in recipient.feeds]
    states = with_person(people.states, people.events)
    states = states.filter(pl.col("kind").is_in(kinds), pl.col("sid").is_in(list(people.related)))
    if recipient.partner == FOREM:
        return states
    mine = pl.col("cpas") == recipient.partner
    answered, own = _answered(people, recipient), pl.col("kind").is_in(list(map(str, _OWN)))
    named = states.join(_about(people.events), on="entity_id", how="left", maintain_order="left")
    entitled = (
        pl.when(own)
        .then(mine)
        .when(pl.col("kind") == EntityKind.REGISTRATION)
        .then(mine & answered)
        .otherwise(answered & _of_own_referral())
    )
    return _with_own_referrals(named, people, recipient).filter(entitled).select(states.columns)


def known_rows(people: People, recipient: Recipient, feed: str) -> pl.DataFrame:
    """The events of one feed to be passed through: for each date the row that prevails, cancellations as such."""
    if recipient.partner == FOREM:
        found = notices(people.events, Side.CPAS) if feed == "ORIE" else _prevailing(people.events, feed)
        return found.filter(pl.col("sid").is_in(list(people.related)))
    if feed == "STAT":
        mine = _referrals(people, recipient).select("entity_id", pl.col("sid").alias("person"))
        found = notices(people.events, Side.FOREM).join(mine, on="entity_id", how="inner")
        return found.filter(pl.col("person").is_in(list(people.related))).drop("person")
    found = _prevailing(people.events, feed)
    entitled = pl.col("sid").is_in(list(people.related)) & _answered(people, recipient) & _of_own_referral()
    return _with_own_referrals(found, people, recipient).filter(entitled).select(found.columns)


def withdrawn_breaches(people: People, told: Collection[str]) -> pl.DataFrame:
    """The rows that take back breaches of which the recipient was `told` (their entities), whatever holds today."""
    found = _prevailing(people.events, "MANQ").filter(pl.col("entity_id").is_in(list(told)))
    cancelled = pl.col("notice_status") == _CANCELLATION
    return found.filter(cancelled | (field("status") == "WITHDRAWN"))


def identified(states: pl.DataFrame, people: People, recipient: Recipient) -> pl.DataFrame:
    """The states, each with the event (`named_by`) whose capsule tells this recipient who the person is.

    For a CPAS the freshest of its own of the entity, else of the person: an orientation or a situation before an answer
    to an event, since these hold the dossier. A state of a person of whom it never gave a capsule is left out.
    """
    return _identified(states, people.events, recipient)


def rows_identified(rows: pl.DataFrame, people: People, recipient: Recipient) -> pl.DataFrame:
    """The rows to pass through, each with the event (`named_by`) whose capsule goes with it.

    For Le Forem that is the row's own.
    """
    if recipient.partner == FOREM:
        return rows.with_columns(pl.col("event_id").alias("named_by"))
    return _identified(rows, people.events, recipient)


def entity_of_state(recipient: Recipient) -> pl.Expr:
    """The entity whose state speaks of an event: where a CPAS has succeeded another, that of the one that answers."""
    rest = pl.col("entity_id").str.splitn("|", 4).struct.field("field_3")
    return (
        pl.when(pl.col("feed") == "INSC")
        .then(pl.concat_str(pl.lit(f"REGI|{recipient.partner}|"), pl.col("sid")))
        .when(pl.col("feed").is_in(["SITU", "MOBI"]))
        .then(pl.concat_str("feed", "cpas", "sid", rest, separator="|"))
        .otherwise(pl.col("entity_id"))
    )


def _prevailing(events: pl.DataFrame, feed: str) -> pl.DataFrame:
    return said(events.filter(pl.col("feed") == feed)).notices


def _referrals(people: People, recipient: Recipient) -> pl.DataFrame:
    mine = (pl.col("kind") == EntityKind.REFERRAL) & (pl.col("cpas") == recipient.partner)
    return people.states.filter(mine)


def _answered(people: People, recipient: Recipient) -> pl.Expr:
    """Whether Le Forem has answered a referral of this CPAS about the row's person: until then it is told of its own
    statements only, so that a made-up referral finds out nothing (rulings 12)."""
    persons = _referrals(people, recipient).filter(pl.col("forem_view") != NONE).get_column("sid")
    return pl.col("sid").is_in(persons.drop_nulls().unique().to_list())


def _about(events: pl.DataFrame) -> pl.DataFrame:
    """The referral that each enrolment and breach names, by its last version."""
    naming = events.filter(pl.col("feed").is_in(_OF_REFERRALS))
    return naming.sort("version", "event_id").unique("entity_id", keep="last").select("entity_id", "about")


def _with_own_referrals(rows: pl.DataFrame, people: People, recipient: Recipient) -> pl.DataFrame:
    mine = _referrals(people, recipient).select(pl.col("entity_id").alias("about"), pl.col("sid").alias("referred"))
    return rows.join(mine, on="about", how="left", maintain_order="left")


def _of_own_referral() -> pl.Expr:
    """Whether the row names no referral, or one of this CPAS about the same person."""
    return pl.col("about").is_null() | (pl.col("referred") == pl.col("sid")).fill_null(False)


def _identified(rows: pl.DataFrame, events: pl.DataFrame, recipient: Recipient) -> pl.DataFrame:
    sealed = events
    if recipient.partner != FOREM:
        sealed = events.filter(pl.col("source").is_in(list(recipient.organisations)))
    ranked = sealed.with_columns(pl.col("feed").is_in(["ORIE", "SITU"]).alias("dossier"))
    person = _freshest(ranked, "dossier", by="sid").select("sid", pl.col("event_id").alias("of_person"))
    entity = _freshest(ranked, "dossier", by=("entity_id", "sid"))
    if recipient.partner != FOREM:
        entity = entity.filter("dossier")
    found = rows.join(
        entity.select("entity_id", "sid", pl.col("event_id").alias("of_entity")),
        on=["entity_id", "sid"],
        how="left",
        maintain_order="left",
    ).join(person, on="sid", how="left", maintain_order="left")
    best = pl.coalesce("of_entity", "of_person").alias("named_by")
    return found.with_columns(best).drop("of_entity", "of_person").drop_nulls("named_by")


def _freshest(events: pl.DataFrame, *first: str, by: str | tuple[str, ...]) -> pl.DataFrame:
    """Of each group the event received last; `first` decides before that, and what is said after it."""
    order = (*first, "received_at", "effective_date", "feed", "version", "content")
    return events.sort(order).unique([by] if isinstance(by, str) else list(by), keep="last", maintain_order=True)
