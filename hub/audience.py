"""Who may be told of whom and of what: of some persons' states and events, those that each recipient may have.

Pure, frames in and frames out. It decides by the relationship with the person, by what it still rests on, by whether
Le Forem has answered the CPAS, by the referral that a row names and by the plan of the recipient. What a row then shows
is decided in `hub.told`; when it goes, in `hub.flow.publish`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.lifecycle import NONE, CpasView, Status
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
_UNDONE = (NONE, str(Status.REJECTED), str(Status.CANCELLED))  # what Le Forem has not, or no more, to do with
_GROUNDED = pl.col("grounded").is_not_null()
_ANSWERED = pl.col("answered").is_not_null() & _GROUNDED
_OF_OWN_REFERRAL = pl.col("about").is_null() | (pl.col("referred") == pl.col("sid")).fill_null(value=False)


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
class Recipients:
    """Recipients that are told together: CPAS, or Le Forem alone. In frames of several a row names its `recipient`."""

    each: tuple[Recipient, ...]

    @property
    def are_cpas(self) -> bool:
        """Whether these are CPAS; Le Forem is told by other rules."""
        return FOREM not in self.names

    @property
    def names(self) -> list[str]:
        """Their ids."""
        return [one.partner for one in self.each]

    @property
    def organisations(self) -> pl.DataFrame:
        """Which recipient answers in the place of which `organisation`."""
        return _pairs("organisation", ((one.partner, name) for one in self.each for name in one.organisations))

    def of_kinds(self) -> pl.DataFrame:
        """Which `kind` of entity each recipient's plan speaks of."""
        told = ((one.partner, str(kind)) for one in self.each for kind, feed in FEEDS.items() if feed in one.feeds)
        return _pairs("kind", told)

    def with_feed(self, feed: str) -> list[str]:
        """Those to whom rows of this feed pass through."""
        return [one.partner for one in self.each if feed in one.passing]


@dataclass(frozen=True, slots=True)
class People:
    """All that is held of some persons.

    `states` are `hub.frames.STATES` with `stale` (an event came since); `events` are `hub.frames.EVENTS`; `related`
    tells with whom (`sid`) each `recipient` has a relationship that is open today.
    """

    states: pl.DataFrame
    events: pl.DataFrame
    related: pl.DataFrame


def _pairs(name: str, rows: Iterable[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(sorted(rows), {"recipient": pl.String(), name: pl.String()}, orient="row")


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


def known_states(people: People, recipients: Recipients) -> pl.DataFrame:
    """The states of which each recipient may be told, each with its person as `sid`."""
    states = with_person(people.states, people.events)
    columns = ["recipient", *states.columns]
    states = states.join(people.related, on="sid").join(recipients.of_kinds(), on=["recipient", "kind"], how="semi")
    states = states.join(_grounds(people, recipients), on=["recipient", "sid"], how="left")
    if not recipients.are_cpas:
        return states.filter(_GROUNDED | (pl.col("kind") == EntityKind.REFERRAL)).select(columns)
    mine = pl.col("cpas") == pl.col("recipient")
    own = pl.col("kind").is_in(list(map(str, _OWN)))
    entitled = (
        pl.when(own)
        .then(mine)
        .when(pl.col("kind") == EntityKind.REGISTRATION)
        .then(mine & _ANSWERED)
        .otherwise(_ANSWERED & _OF_OWN_REFERRAL)
    )
    named = states.join(_about(people.events), on="entity_id", how="left")
    return _beside_referrals(named, people).filter(entitled).select(columns)


def acquainted(people: People, recipients: Recipients) -> pl.DataFrame:
    """The persons (`sid`) whom both sides know of through one open referral, by `recipient`, whom it concerns.

    What somebody else has said of a person is told to no other: a referral that nobody has answered finds out nothing,
    nor does a row of Le Forem's on a person who was not referred to it.
    """
    related = people.related.join(_grounds(people, recipients), on=["recipient", "sid"], how="semi")
    mine = _referrals(people).filter(pl.col("cpas_view") == CpasView.OPEN)
    if not recipients.are_cpas:
        return related.join(mine, on="sid", how="semi")
    return related.join(mine.filter(pl.col("forem_view") != NONE), on=["recipient", "sid"], how="semi")


def known_rows(people: People, recipients: Recipients, feed: str) -> pl.DataFrame:
    """The events of one feed to be passed through: for each date the row that prevails, cancellations as such."""
    related = people.related.filter(pl.col("recipient").is_in(recipients.with_feed(feed)))
    if feed in ("ORIE", "STAT"):
        found = notices(people.events, Side.CPAS if feed == "ORIE" else Side.FOREM)
    else:
        found = _prevailing(people.events, feed)
    columns = ["recipient", *found.columns]
    if feed == "STAT":
        mine = _referrals(people).join(related, on=["recipient", "sid"], how="semi")
        return found.join(mine.select("recipient", "entity_id"), on="entity_id").select(columns)
    found = found.join(related, on="sid").join(_grounds(people, recipients), on=["recipient", "sid"], how="left")
    if not recipients.are_cpas:
        return found.filter(_GROUNDED | pl.lit(feed == "ORIE")).select(columns)
    return _beside_referrals(found, people).filter(_ANSWERED & _OF_OWN_REFERRAL).select(columns)


def back_rows(people: People, feed: str, told: pl.DataFrame) -> pl.DataFrame:
    """The rows of one feed that take back what a `recipient` was `told` (`entity_id`, `row_key`), whatever holds today.

    The cancellation of what was told of that date, however late it goes; of a breach its withdrawal too, which is of
    another date.
    """
    withdrawn = (pl.col("feed") == "MANQ") & (field("status") == "WITHDRAWN")
    back = (pl.col("notice_status") == _CANCELLATION) | withdrawn
    entities = people.events.filter((pl.col("feed") == feed) & back).select("entity_id").unique()
    before = told.join(entities, on="entity_id", how="semi")
    found = _prevailing(people.events.join(before, on="entity_id", how="semi"), feed)
    of_date = before.select(
        "recipient", "entity_id", pl.col("row_key").str.tail(10).str.to_date("%Y-%m-%d").alias("told_of")
    )
    same = withdrawn | (pl.col("told_of") == pl.col("effective_date"))
    rows = found.filter(back).join(of_date, on="entity_id").filter(same)
    return rows.select("recipient", *found.columns).unique(["recipient", "event_id"])


def identified(states: pl.DataFrame, people: People, recipients: Recipients) -> pl.DataFrame:
    """The states, each with the event (`named_by`) whose capsule tells its recipient who the person is.

    For a CPAS the freshest of its own of the entity, else of the person: an orientation or a situation before an answer
    to an event, since these hold the dossier. A state of a person of whom it never gave a capsule is left out.
    """
    sealed = people.events.with_columns(recipient=pl.lit(FOREM))
    if recipients.are_cpas:
        sealed = people.events.join(recipients.organisations, left_on="source", right_on="organisation")
    ranked = sealed.with_columns(pl.col("feed").is_in(["ORIE", "SITU"]).alias("dossier"))
    of_person, of_entity = ["recipient", "sid"], ["recipient", "entity_id", "sid"]
    person = _freshest(ranked, "dossier", by=of_person).select(*of_person, pl.col("event_id").alias("of_person"))
    entity = _freshest(ranked, "dossier", by=of_entity)
    if recipients.are_cpas:
        entity = entity.filter("dossier")
    found = states.join(entity.select(*of_entity, pl.col("event_id").alias("of_entity")), on=of_entity, how="left")
    best = pl.coalesce("of_entity", "of_person").alias("named_by")
    return (
        found.join(person, on=of_person, how="left")
        .with_columns(best)
        .drop("of_entity", "of_person")
        .drop_nulls("named_by")
    )


def rows_identified(rows: pl.DataFrame, people: People, recipients: Recipients) -> pl.DataFrame:
    """The rows to pass through, each with the event (`named_by`) whose capsule goes with it.

    For Le Forem that is the row's own.
    """
    if recipients.are_cpas:
        return identified(rows, people, recipients)
    return rows.with_columns(pl.col("event_id").alias("named_by"))


def entity_of_state() -> pl.Expr:
    """The entity whose state speaks of an event: where a CPAS has succeeded another, that of the one that answers."""
    rest = pl.col("entity_id").str.splitn("|", 4).struct.field("field_3")
    return (
        pl.when(pl.col("feed") == "INSC")
        .then(pl.concat_str(pl.lit("REGI"), "recipient", "sid", separator="|"))
        .when(pl.col("feed").is_in(["SITU", "MOBI"]))
        .then(pl.concat_str("feed", "cpas", "sid", rest, separator="|"))
        .otherwise(pl.col("entity_id"))
    )


def _prevailing(events: pl.DataFrame, feed: str) -> pl.DataFrame:
    return said(events.filter(pl.col("feed") == feed)).notices


def _referrals(people: People) -> pl.DataFrame:
    """The referrals, each with the CPAS that answers for it as `recipient`."""
    return people.states.filter(pl.col("kind") == EntityKind.REFERRAL).with_columns(recipient="cpas")


def _grounds(people: People, recipients: Recipients) -> pl.DataFrame:
    """The persons (`sid`) with whom each `recipient` has to do today (`grounded`), and not only once had.

    A CPAS by a referral or a situation of its own that it has not taken back; Le Forem by a referral that is open on
    either side, or by a row of its own on the person. A status on another person than its referral's is no ground
    (rulings 4: it changes no view), and so a wrong number opens nobody's file.
    """
    states = with_person(people.states, people.events)
    referral, stands = pl.col("kind") == EntityKind.REFERRAL, pl.col("cpas_view") != CpasView.WITHDRAWN
    if recipients.are_cpas:
        own = states.filter(stands & (referral | (pl.col("kind") == EntityKind.SITUATION)))
        found = own.select(pl.col("cpas").alias("recipient"), "sid").drop_nulls()
    else:
        open_ones = states.filter(referral & (stands | ~pl.col("forem_view").is_in(_UNDONE))).select("sid")
        stated = people.events.filter(pl.col("source") == FOREM, pl.col("feed") != "STAT").select("sid").drop_nulls()
        found = pl.concat([open_ones, stated]).select(pl.lit(FOREM).alias("recipient"), "sid")
    return found.unique().with_columns(grounded=True)


def _beside_referrals(rows: pl.DataFrame, people: People) -> pl.DataFrame:
    """Add whether Le Forem has answered a referral of the recipient about the row's person (`answered`), and the person
    of the recipient's own referral that the row is `about` (`referred`).

    Until it has answered, a CPAS is told of its own statements only, so that a made-up referral finds out nothing
    (rulings 12).
    """
    mine = _referrals(people)
    answered = mine.filter(pl.col("forem_view") != NONE).select("recipient", "sid", answered=True).drop_nulls().unique()
    named = mine.select("recipient", pl.col("entity_id").alias("about"), pl.col("sid").alias("referred"))
    return rows.join(answered, on=["recipient", "sid"], how="left").join(named, on=["recipient", "about"], how="left")


def _about(events: pl.DataFrame) -> pl.DataFrame:
    """The referral that each enrolment and breach names, by its last version."""
    naming = events.filter(pl.col("feed").is_in(_OF_REFERRALS))
    return naming.sort("version", "event_id").unique("entity_id", keep="last").select("entity_id", "about")


def _freshest(events: pl.DataFrame, *first: str, by: str | list[str]) -> pl.DataFrame:
    """Of each group the event received last; `first` decides before that, and what is said after it."""
    order = (*first, "received_at", "effective_date", "feed", "version", "content")
    return events.sort(order).unique(by, keep="last", maintain_order=True)
