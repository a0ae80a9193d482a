"""What recipients are to be told of persons: computed for many of them together, and sealed for each by itself.

The frames of one recipient hold a few rows, so what has to be done for each is as little as can be. Where the rows of
one make trouble for all, each is computed by itself, and the trouble stays with the one whose it is.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

import polars as pl

from contracts.model import Contract
from hub import snapshot
from hub.audience import (
    People,
    Recipient,
    Recipients,
    back_rows,
    entity_of_state,
    frozen,
    known_rows,
    rows_identified,
)
from hub.calendar import brussels_date
from hub.flow.hub import Hub
from hub.flow.outbox import outbound_contract
from hub.flow.told import people_of, view_of, whole_view
from hub.model import FOREM
from hub.publish import differing
from hub.told import GONE, passed_rows, taken_back

VIEW = "RECO"
TOGETHER = 64  # recipients whose news is computed at once


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole view of those to whom it is `due`: its `rows`, and which of them are `fresh`.

    Of what was told before: what holds no longer (`gone`), and what stays as it was told because it is held (`kept`).
    """

    due: frozenset[str]
    rows: pl.DataFrame
    fresh: pl.DataFrame
    gone: pl.DataFrame
    kept: pl.DataFrame

    def of(self, partner: str) -> "Whole":
        """The part of one recipient."""
        rows, fresh, gone, kept = (_of(frame, partner) for frame in (self.rows, self.fresh, self.gone, self.kept))
        return Whole(self.due, rows, fresh, gone, kept)


@dataclass(frozen=True, slots=True)
class News:
    """What some recipients are to be told, before it is sealed: in each frame a row names its `recipient`.

    `passed` has the rows of each feed that passes through; `view` the rows of the view that changed, `gone` those that
    hold no longer; `whole` stands in their place where the whole view is due. `settled` is what will be told then.
    """

    passed: Mapping[str, pl.DataFrame]
    view: pl.DataFrame
    gone: pl.DataFrame
    settled: pl.DataFrame
    whole: Whole | None = None

    def of(self, partner: str) -> "News":
        """The part of one recipient."""
        passed = {feed: _of(rows, partner) for feed, rows in self.passed.items()}
        whole = self.whole.of(partner) if self.whole and partner in self.whole.due else None
        return News(passed, _of(self.view, partner), _of(self.gone, partner), _of(self.settled, partner), whole)


class Newsroom:
    """The news of each recipient, computed for many at once when the first of them is asked for."""

    def __init__(self, hub: Hub, recipients: Iterable[Recipient], *, anew: bool) -> None:
        self._hub, self._anew = hub, anew
        self._lock = Lock()
        self._together = {one.partner: some for some in _together(recipients) for one in some.each}
        self._found: dict[int, News | None] = {}

    def news(self, recipient: Recipient) -> News:
        """What this recipient is to be told."""
        some = self._together[recipient.partner]
        with self._lock:
            if id(some) not in self._found:
                self._found[id(some)] = self._of_all(some)
        found = self._found[id(some)] or news_of(self._hub, Recipients((recipient,)), anew=self._anew)
        return found.of(recipient.partner)

    def _of_all(self, some: Recipients) -> News | None:
        """The news of all of them; None when one makes trouble, which shows when each is computed by itself."""
        try:
            return news_of(self._hub, some, anew=self._anew)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001  raised in the turn of whose it is; a panic of polars is no Exception
            return None


def news_of(hub: Hub, some: Recipients, *, anew: bool) -> News:
    """What these are to be told; `anew` tells all that holds, whatever was told before."""
    for one in some.each:
        if anew or _agreed_anew(hub, one):
            hub.ledger.entities.mark_all(one.partner, one.organisations, hub.new_id())
    waiting = hub.ledger.entities.to_tell(some.names)
    whole = _whole(hub, Recipients(tuple(one for one in some.each if anew or _is_due(hub, one))))
    wanted = waiting.join(hub.ledger.entities.persons_of(waiting["entity_id"].unique().to_list()), on="entity_id")
    people = people_of(hub, some, wanted.select("recipient", "sid").unique())
    held = frozen(people.states, hub.today)
    view = Recipients(tuple(one for one in some.each if VIEW in one.feeds and one.partner not in whole.due))
    rows, gone = _delta(hub, view, people, held, wanted)
    return News(
        passed={feed: _passed(hub, some, feed, people, held, anew=anew) for feed in _passing(some)},
        view=rows,
        gone=gone,
        settled=waiting.filter(~pl.col("entity_id").is_in(list(held))),
        whole=whole,
    )


def _together(recipients: Iterable[Recipient]) -> Iterator[Recipients]:
    """Le Forem by itself, the CPAS in groups."""
    everyone = list(recipients)
    cpas = [one for one in everyone if one.partner != FOREM]
    yield from (Recipients((one,)) for one in everyone if one.partner == FOREM)
    yield from (Recipients(tuple(cpas[n : n + TOGETHER])) for n in range(0, len(cpas), TOGETHER))


def _of(frame: pl.DataFrame, partner: str) -> pl.DataFrame:
    return frame.filter(pl.col("recipient") == partner)


def _passing(some: Recipients) -> list[str]:
    return list(dict.fromkeys(feed for one in some.each for feed in one.passing))


def _agreed_anew(hub: Hub, recipient: Recipient) -> bool:
    """Whether the plan, or the version of a feed, is another than when the recipient was last told something.

    All is looked at again then; what it was told alike is not told twice.
    """
    told, partner = hub.ledger.publications.last_day(recipient.partner), recipient.partner
    if told is None:
        return False
    last, read = brussels_date(told), hub.registry.version
    turned = any(read(partner, feed, last) != read(partner, feed, hub.today) for feed in recipient.feeds)
    return turned or hub.registry.plan(partner, last).feeds != recipient.feeds


def _is_due(hub: Hub, recipient: Recipient) -> bool:
    """Whether the whole view is to be told today."""
    last = hub.ledger.publications.last_snapshot(recipient.partner)
    return snapshot.due(hub.today, brussels_date(last) if last else None, hub.calendar)


def _passed(
    hub: Hub, some: Recipients, feed: str, people: People, held: Collection[str], *, anew: bool
) -> pl.DataFrame:
    """The rows of one feed that each of these has not been told yet."""
    of_people = people.events.filter(pl.col("feed") == feed).get_column("entity_id").unique().to_list()
    told = hub.ledger.publications.last_told(feed, of_people)
    rows = known_rows(people, some, feed)
    back = back_rows(people, feed, told.filter(pl.col("recipient").is_in(some.with_feed(feed))))
    rows = pl.concat([rows, back]).unique(["recipient", "event_id"])
    is_held = entity_of_state().is_in(list(held)) | pl.col("entity_id").is_in(list(held))
    rows = rows_identified(rows.filter(~is_held), people, some)
    named = pl.concat([rows.select("sid", "event_id"), rows.select("sid", event_id="named_by")])
    former = hub.ledger.entities.former_subjects(named)
    found = [
        passed_rows(rows.filter(pl.col("recipient").is_in(those)), read, former)
        for read, those in _readers(hub, some, feed)
    ]
    return differing(pl.concat(found, how="diagonal"), told.clear() if anew else told)


def _readers(hub: Hub, some: Recipients, feed: str) -> Iterator[tuple[Contract, list[str]]]:
    """The versions in which the rows of a feed are told today, each with those who read it."""
    read = {partner: outbound_contract(hub, partner, feed) for partner in some.with_feed(feed)}
    for version in sorted({contract.version for contract in read.values()}):
        those = [partner for partner, contract in read.items() if contract.version == version]
        yield read[those[0]], those


def _delta(
    hub: Hub, some: Recipients, people: People, held: Collection[str], wanted: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the view that changed, and those told before that their recipient may no longer have."""
    rows = view_of(hub, some, people)
    everyone = [*some.names, ""]
    registrations = {f"REGI|{cpas}|{sid}" for sid in wanted["sid"].unique() for cpas in everyone}
    ids = {*wanted["entity_id"], *people.states["entity_id"], *registrations}
    told = hub.ledger.publications.last_told(VIEW, ids).filter(pl.col("recipient").is_in(some.names))
    of_them = told.with_columns(_person()).join(wanted, on=["recipient", "sid"], how="semi").select(told.columns)
    return differing(rows, told), taken_back(of_them, rows, held)


def _person() -> pl.Expr:
    """Of whom a row of the view was told, from its key."""
    return pl.col("row_key").str.split("|").list.get(1).alias("sid")


def _whole(hub: Hub, due: Recipients) -> Whole:
    """The whole view of those to whom it is due."""
    due = Recipients(tuple(one for one in due.each if VIEW in one.feeds))
    rows, held = whole_view(hub, due)
    told = hub.ledger.publications.all_told(VIEW, due.names)
    # What was told of its people may be held by a row that was put on somebody else since.
    away = taken_back(told, rows, held).select(_person())["sid"].unique().to_list()
    held |= frozen(hub.ledger.entities.states_of_persons(away), hub.today)
    kept = told.filter(pl.col("row_hash") != GONE, pl.col("entity_id").is_in(list(held)))
    return Whole(frozenset(due.names), rows, differing(rows, told), taken_back(told, rows, held), kept)
