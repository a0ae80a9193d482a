"""The feeds that concern nobody, for publish: which rows of offers, events and trainings each CPAS is to be told.

Made once for a run of publish: the selection of all its CPAS is one pass over what is open today. A row that leaves
what a CPAS is told of (closed, run out, moved, no longer wanted) is told once more, as GONE.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from threading import Lock

import polars as pl

from contracts.model import Contract
from hub.choices import read_choices
from hub.errors import InvariantBroken
from hub.flow.hub import BRUSSELS, Hub
from hub.flow.outbox import outbound_contract
from hub.offers import IMPERSONAL, closings, current, last_words, offered_on, open_on, told_once
from hub.partners import Kind
from hub.publish import Row, Values
from hub.selection import Selection
from hub.stores.listings import GONE


class Impersonal:
    """What each of some CPAS is to be told of the feeds that concern nobody."""

    def __init__(self, hub: Hub, partners: Iterable[str]) -> None:
        known = (hub.registry.partners[partner] for partner in partners)
        self._hub = hub
        self._cpas = sorted(p.partner_id for p in known if p.kind is Kind.CPAS)
        self._lock = Lock()
        self._selected: dict[str, tuple[pl.DataFrame, Mapping[str, str]]] = {}
        self._last_words: dict[str, tuple[str, date | None]] = {}

    def rows(self, partner: str, feed: str, *, anew: bool = False) -> list[Row]:
        """The rows of a feed that differ from what this CPAS was last told, by key; `anew` all of today."""
        with self._lock:
            chosen, payloads = self._selection(feed)
        of_partner = chosen.filter(pl.col("cpas") == partner)
        now = dict(of_partner.select("entity_id", "event_id").iter_rows())
        told = self._hub.ledger.listings.shown(partner, feed)
        fresh = [entity for entity, event in now.items() if anew or told.get(entity) != event]
        left = [entity for entity in told if entity not in now]
        contract = outbound_contract(self._hub, partner, feed)
        rows = [_row(entity, now[entity], "STATE", payloads[now[entity]], contract) for entity in fresh]
        return sorted([*rows, *self._gone(feed, left, contract)], key=lambda row: row.key)

    def chosen(self, partner: str, feed: str) -> list[str]:
        """The payloads of what this CPAS is told of a feed today, as JSON; of offers the nearest and newest first."""
        with self._lock:
            chosen, payloads = self._selection(feed)
        return [payloads[event] for event in chosen.filter(pl.col("cpas") == partner)["event_id"]]

    def _selection(self, feed: str) -> tuple[pl.DataFrame, Mapping[str, str]]:
        """What each CPAS is told of a feed, and the payload of each of its rows by event id."""
        if feed not in self._selected:
            hub, today = self._hub, self._hub.today
            events = seen_from_brussels(hub.ledger.listings.candidates(feed, today))
            live = current(events, feed)
            selection = Selection(hub.registry, read_choices(hub.settings.partners), self._cpas, today)
            chosen = _choose(selection, feed, live, today)
            used = live.join(chosen, on="event_id", how="semi")
            self._selected[feed] = chosen, dict(used.select("event_id", "payload").iter_rows())
        return self._selected[feed]

    def _gone(self, feed: str, entities: list[str], contract: Contract) -> Iterable[Row]:
        """The last words of what is no longer for this CPAS; an offer that an export closed carries its day."""
        with self._lock:
            self._learn(feed, [entity for entity in entities if entity not in self._last_words])
        for entity in entities:
            payload, closed_on = self._last_words[entity]
            row = _row(entity, GONE, "GONE", payload, contract)
            if "closed_at" in row.values and closed_on:
                row.values["closed_at"] = row.values["closed_at"] or closed_on.isoformat()
            yield row

    def _learn(self, feed: str, entities: list[str]) -> None:
        """Read the last words of these entities; the CPAS of one neighbourhood lose the same ones."""
        if not entities:
            return
        listings = self._hub.ledger.listings
        closed: dict[str, date] = dict(closings(listings.listed(entities), listings.exports(feed)).iter_rows())
        said = last_words(seen_from_brussels(listings.events(entities)))
        for entity, payload in said.select("entity_id", "payload").iter_rows():
            self._last_words[entity] = payload, closed.get(entity)


def _choose(selection: Selection, feed: str, live: pl.DataFrame, today: date) -> pl.DataFrame:
    match feed:
        case "OFFR":
            return selection.offers(told_once(open_on(live, today)))
        case "JOBD":
            return selection.events(live)
        case "CATA":
            return selection.trainings(offered_on(live, today))
    raise InvariantBroken(f"{feed} is no feed that concerns nobody: these are {', '.join(IMPERSONAL)}")


def seen_from_brussels(recorded: pl.DataFrame) -> pl.DataFrame:
    """Rows of the ledger with what reading them needs beside: they are all their senders' own."""
    day = pl.col("received_at").dt.convert_time_zone(str(BRUSSELS)).dt.date()
    return recorded.with_columns(own=pl.lit(value=True), cpas=pl.lit(None, pl.String), received_on=day)


def _row(entity: str, digest: str, record: str, payload: str, contract: Contract) -> Row:
    carried: Values = json.loads(payload) | {"record": record}
    return Row(entity, digest, entity, {name: carried.get(name) for name in contract.columns})
