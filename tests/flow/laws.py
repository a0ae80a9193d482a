"""What must hold of the hub after a half-day of any history, as plain code over its ledger and its mailboxes.

Where it takes another run of the hub, that is done on a copy. Who writes what is drawn by `test_machine`.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from census import MET
from opened import open_file
from play import MONDAY, Exchange
from scene import CPAS, FOREM, OTHER, REGISTERS
from writers import FORMER, NAMES_A_REFERRAL, NISS, SUCCESSOR, WRITES_UNDER, Written

from contracts.registry import lookup
from hub import flow
from hub.flow.process import subjects_of
from hub.stores import tables
from hub.wiring import open_databases

PARTNERS = (CPAS, OTHER, SUCCESSOR, FOREM, REGISTERS)
SENDERS_OF = {"CPAS": {CPAS, OTHER, SUCCESSOR}, "FOREM": {FOREM}, "EVENING": set(PARTNERS)}  # whose half-day it is
_TO_ALL = ("STAT", "INSC", "MANQ")  # by the axes that every plan has
PASSED = {  # feeds whose rows pass through, by the plan of each
    CPAS: (*_TO_ALL, "FORM"),
    OTHER: (*_TO_ALL, "FORM"),
    SUCCESSOR: _TO_ALL,
    FOREM: ("ORIE", "SITU", "MOBI"),
}
LISTED = ("OFFR", "JOBD", "CATA")  # feeds that concern nobody, told to the one CPAS whose plan has them all
JOINS = ("REPLACED", "MERGED")  # what the registers tell of two numbers of one person
OF_A_RUN = ("stale", "moved", "reconciled_on", "message_id")
OF_TIME = ("since", "due", "wake", "held_until")  # what depends on the day on which a row came
KEYS: dict[str, tuple[Path, ...]] = {}  # the private keys of each partner, the same in every copy

Cells = Mapping[str, str]
Rows = list[dict[str, Any]]


# --- what lies in a mailbox ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Letter:
    """A file of ours in a partner's mailbox, its manifest, and its rows as the partner opens them."""

    name: str
    manifest: Mapping[str, Any]
    data: bytes
    rows: tuple[Cells, ...]


def letters(exchange: Exchange, partner: str, feed: str = "*") -> list[Letter]:
    """All that a partner was ever sent of a feed, taken or not, in the order of the numbers."""
    out = exchange.mailbox(partner) / "out"
    paths = [path for folder in (out, out / "taken") for path in folder.glob(f"FO.{feed}.*")]
    return [_letter(partner, path) for path in sorted(paths, key=lambda path: path.name.split(".")[4])]


def _letter(partner: str, path: Path) -> Letter:
    data, manifest = path.read_bytes(), json.loads((path.parent / f"GO{path.name[2:]}.1").read_bytes())
    return Letter(path.name, manifest, data, _opened(partner, data))


@lru_cache(maxsize=10_000)
def _opened(partner: str, data: bytes) -> tuple[Cells, ...]:
    """The rows without empty cells; of an identity the number alone, since not every capsule holds the rest."""
    return tuple(
        {name: cell for name, cell in row.items() if cell and (name == "identity_niss" or "identity_" not in name)}
        for row in open_file(data, KEYS[partner]).to_dicts()
    )


def view(files: Iterable[Letter]) -> dict[tuple[str, ...], Cells]:
    """What a recipient holds after its files of RECO: the last snapshot and every delta since."""
    held: dict[tuple[str, ...], Cells] = {}
    for file in files:
        delta = file.manifest["kind"] == "DELTA"
        held = held if delta else {}
        for row in file.rows:
            name = tuple(row.get(part, "") for part in ("entity_kind", "subject_token", "cpas", "entity_ref"))
            told = {part: cell for part, cell in row.items() if part != "snapshot_date"}
            if row["record"] == "GONE":
                MET["taken back"] += 1
                assert held.pop(name, None) is not None, "taken back, but never told"
            else:
                assert held.get(name) != told, "told twice"
                held[name] = told
    return held


def last_said(files: Iterable[Letter], feed: str) -> dict[tuple[str, ...], Cells]:
    """What a recipient was last told under each name of a row of a feed that passes through."""
    contract = lookup(feed, "out", 1, "T")
    assert contract is not None
    return {tuple(row.get(part, "") for part in contract.key): row for file in files for row in file.rows}


def unnamed(rows: Iterable[Cells], numbers: Collection[str]) -> tuple[list[Cells], list[Cells]]:
    """The rows on the persons of these numbers, without what names them; and all others."""
    theirs: list[Cells] = []
    others: list[Cells] = []
    for row in rows:
        if row.get("identity_niss") in numbers:
            theirs.append({name: cell for name, cell in row.items() if name not in ("subject_token", "identity_niss")})
        else:
            others.append(row)
    return theirs, others


def on_offer(files: Iterable[Letter]) -> dict[str, Cells]:
    """The offers, events or trainings that a recipient holds: what it was told last of each, unless that is GONE."""
    held: dict[str, Cells] = {}
    for row in (row for file in files for row in file.rows):
        name = row.get("offer_number") or row.get("event_id") or row["service_id"]
        if row["record"] == "GONE":
            MET["listed no more"] += 1
            assert held.pop(name, None) is not None, "taken back, but never told"
        else:
            held[name] = row
    return held


# --- what the ledger holds -----------------------------------------------------------------------------


def states(exchange: Exchange) -> Rows:
    """Every state, but for what tells which run has written it."""
    found = sorted(exchange.rows(tables.entity_state), key=lambda row: str(row["entity_id"]))
    return [{name: value for name, value in row.items() if name not in OF_A_RUN} for row in found]


def standing_open(exchange: Exchange) -> set[tuple[str, ...]]:
    """The discrepancies that stand open, but for what only the data-protection officer is to see."""
    named = ("entity_id", "class", "owner", "reason")
    rows = [row for row in exchange.rows(tables.discrepancy) if row["closed"] is None]
    return {tuple(row[name] for name in named) for row in rows if not row["entity_id"].startswith("PERSON|")}


def published(exchange: Exchange) -> list[tuple[str, str]]:
    """Every publication and how far it got."""
    return sorted((row["name"], row["state"]) for row in exchange.rows(tables.publication))


def timeless(exchange: Exchange, day: date) -> list[dict[str, Any]]:
    """The states without what depends on when a row came; each person by a name of ours."""
    with exchange.hub(day) as hub:
        sids = subjects_of(hub, (*NISS, *FORMER))
    found = []
    for state in states(exchange):
        row = {name: value for name, value in state.items() if name not in OF_TIME}
        for n, sid in enumerate(sids):
            row |= {name: str(row[name]).replace(sid, f"person {n}") for name in ("entity_id", "sid")}
        if row["state"] == "EXPIRED":
            row["status_date"] = None  # the day on which the time to answer was over
        found.append(row)
    return sorted(found, key=lambda row: str(row["entity_id"]))


# --- what must hold after a half-day -------------------------------------------------------------------


def check_rows(exchange: Exchange, sent: Mapping[str, tuple[Written, ...]], half: str) -> None:
    """Each file put was read once and whole, no row was refused, and each different statement is one event.

    What a verb out of turn has collected of those whose half-day this is not waits for theirs.
    """
    everything = exchange.rows(tables.submission)
    files = read_of(everything)
    whose = {row["partner"] for row in everything if row not in files}
    assert not whose & SENDERS_OF[half]
    assert {row["state"] for row in files} <= {"DONE"}
    assert len({row["name"] for row in everything}) == len(everything)
    for row in files:
        assert row["read"] == len(sent[row["name"]])
        assert row["read"] == row["accepted"] + row["duplicate"] + row["superseded"], row["name"]
    statements = {_stated(one) for row in files for one in sent[row["name"]]}
    assert len(exchange.rows(tables.event)) == len(statements)
    with exchange.hub(MONDAY) as hub:
        assert flow.conservation(hub)["holds"] == 1


def read_of(files: Rows) -> Rows:
    """Those of these files that are not only collected."""
    return [row for row in files if row["state"] != "RECEIVED"]


def _stated(written: Written) -> tuple[object, ...]:
    said = {name: cell for name, cell in written.row.items() if name not in ("notice_id", "recorded_at")}
    return written.thing.feed, written.thing.sender, frozenset(said.items())


def check_chains(exchange: Exchange) -> None:
    """What the ledger says is delivered lies in the mailboxes once; numbers and hashes are an unbroken chain."""
    rows = exchange.rows(tables.publication)
    for partner in PARTNERS:
        chains: dict[str, list[Letter]] = defaultdict(list)
        for letter in letters(exchange, partner):
            chains[letter.name.split(".")[1]].append(letter)
        there = [letter.name for chain in chains.values() for letter in chain]
        assert sorted(there) == sorted(r["name"] for r in rows if r["recipient"] == partner)
        for chain in chains.values():
            hashes = [hashlib.sha256(letter.data).hexdigest() for letter in chain]
            assert [int(letter.name.split(".")[4]) for letter in chain] == list(range(1, len(chain) + 1))
            assert [letter.manifest["previous"] for letter in chain] == [None, *hashes[:-1]]
            assert [letter.manifest["sha256"] for letter in chain] == hashes
            assert [letter.manifest["rows"] for letter in chain] == [len(letter.rows) for letter in chain]
    assert {row["state"] for row in rows} <= {"DELIVERED"}


def check_nothing_of_another_cpas(exchange: Exchange, sent: Mapping[str, tuple[Written, ...]]) -> None:
    """A CPAS is told of its own referrals, and of nobody of whom it has not written itself."""
    for cpas in WRITES_UNDER:
        others = tuple(one for other, prefixes in WRITES_UNDER.items() if other != cpas for one in prefixes)
        known = {one.row["niss"] for rows in sent.values() for one in rows if one.thing.sender == cpas}
        for letter in letters(exchange, cpas, "[!AN]*"):
            for row in letter.rows:
                assert row.get("identity_niss", min(known, default="")) in known
                assert row.get("cpas", cpas) == cpas
                names = [row.get(part) for part in ("referral_id", "entity_ref", "enrolment_id", "breach_id")]
                about = [NAMES_A_REFERRAL.get(str(name)) or str(name) for name in names]
                assert not [one for one in about if one.startswith(others)], letter.name
                MET["told to the successor"] += any(one.startswith("R82005") for one in about)


def check_what_is_open(exchange: Exchange, today: date) -> None:
    """A discrepancy stands open for each state on which the sides disagree; only what is held waits to be told."""
    rows = exchange.rows(tables.entity_state)
    disagreed = {
        (row["entity_id"], row["class"], row["owner"], row["reason"])
        for row in rows
        if row["class"] not in ("AGREED", "PENDING")
    }
    assert standing_open(exchange) == disagreed
    held = {row["entity_id"] for row in rows if row["held_until"] and row["held_until"] >= today}
    waiting = {row["entity_id"] for row in exchange.rows(tables.to_tell)}
    MET["held back"] += len(waiting)
    assert waiting <= held
    assert not [row for row in rows if row["stale"]]


def check_numbers(copy: Exchange, sent: Mapping[str, tuple[Written, ...]]) -> None:
    """No state is of a number that was given up for another: whatever bears it has found its person."""
    received = [one for row in read_of(copy.rows(tables.submission)) for one in sent[row["name"]]]
    given_up = [
        niss for niss in FORMER if _is_given_up([one.row for one in received if one.thing.feed == "MUTA"], niss)
    ]
    with copy.hub(MONDAY) as hub:
        sids = set(subjects_of(hub, given_up)) if given_up else set()
    assert not [row["entity_id"] for row in copy.rows(tables.entity_state) if row["sid"] in sids]
    told = {row["sid"] for row in copy.rows(tables.event) if row["feed"] != "MUTA"}
    MET["person found under a former number"] += len(sids & told)


def numbers_ever_joined(copy: Exchange, sent: Mapping[str, tuple[Written, ...]]) -> set[str]:
    """Both numbers of each person whose numbers the registers have joined, be it that they parted them again."""
    received = [one for row in copy.rows(tables.submission) for one in sent[row["name"]]]
    persons = {one.thing.person for one in received if one.row.get("kind") in JOINS}
    return {numbers[person] for person in persons for numbers in (NISS, FORMER)}


def _is_given_up(rows: Iterable[Cells], niss: str) -> bool:
    """Whether the registers' last word on a number is another one: of the latest date, in the highest version."""
    versions: dict[int, list[Cells]] = defaultdict(list)
    for row in rows:
        said = {name: cell for name, cell in row.items() if name not in ("notice_id", "recorded_at")}
        if row["niss"] == niss and said not in versions[int(row["version"])]:
            versions[int(row["version"])].append(said)
    plain = (said[0] for _, said in sorted(versions.items()) if len(said) == 1)
    by_date = {said["effective_date"]: said for said in plain}
    live = [said for _, said in sorted(by_date.items()) if said["notice_status"] != "9"]
    return bool(live) and live[-1]["kind"] in JOINS


def check_again(copy: Exchange, day: date, half: str) -> None:
    """Every verb once more makes no publication and changes no state."""
    before = published(copy), states(copy), standing_open(copy), copy.rows(tables.to_tell)
    copy.require(copy.half_day(day, half))
    assert [one for one in published(copy) if one not in before[0]] == [], "published again"
    assert (states(copy), standing_open(copy), copy.rows(tables.to_tell)) == before[1:]


def check_rebuilt(copy: Exchange, day: date, half: str) -> None:
    """Every state is what is computed from all events, when none is there."""
    before = states(copy), standing_open(copy), copy.rows(tables.relationship)
    with open_databases(copy.settings) as (ledger, _), ledger.write() as tx:
        tx.execute(tables.entity_state.delete())
        tx.execute(tables.discrepancy.delete())
        tx.execute(tables.relationship.update().values(until=None))
    with copy.hub(day, half) as hub:
        flow.reconcile(hub, everything=True)
    assert (states(copy), standing_open(copy), copy.rows(tables.relationship)) == before


def check_told(copy: Exchange, sent: Mapping[str, tuple[Written, ...]], day: date, half: str) -> None:
    """What each was told is what would be told today to one who had lost everything.

    A row that passes through keeps the name under which it went (decision 0039): where the registers have joined two
    numbers, it is enough that it went under one of the person's names.
    """
    moved = numbers_ever_joined(copy, sent)
    before = {(one, feed): letters(copy, one, feed) for one, feeds in PASSED.items() for feed in (*feeds, "RECO")}
    listed = {feed: letters(copy, CPAS, feed) for feed in LISTED}
    with copy.hub(day, half) as hub:
        copy.require(flow.publish(hub, PARTNERS, anew=True))
        copy.require(flow.deliver(hub, PARTNERS))
    for (partner, feed), files in before.items():
        anew = letters(copy, partner, feed)[len(files) :]
        if feed == "RECO":
            assert view(files) == view(anew), partner
        else:
            (told, others), (wanted, wanted_others) = (
                unnamed(last_said(of, feed).values(), moved) for of in (files, anew)
            )
            assert not [row for row in wanted if row not in told], (partner, feed)
            assert not [row for row in wanted_others if row not in others], (partner, feed)
    for feed, files in listed.items():
        anew = letters(copy, CPAS, feed)[len(files) :]
        assert on_offer(files) == on_offer(anew), feed
