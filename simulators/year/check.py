"""Does the hub say what is true? Every thing of every person, in the hub, in each CPAS's book and in Le Forem's.

The truth is computed here, from the rows that really reached the hub and by the stand-ins' own rules. Each
difference is counted under its kind, and the first of each are named by reference and rank, never by a value.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from simulators.layout import FOREM
from simulators.year import erasures, faults, numbers, passed, plan_changes, public, receipts, replies
from simulators.year.ages import Ages
from simulators.year.duties import granted_twice
from simulators.year.heard import Heard
from simulators.year.persons import grouped
from simulators.year.referrals import Standing
from simulators.year.said import Word
from simulators.year.store import Store
from simulators.year.told import Known, told
from simulators.year.world import World

NAMED = 40  # differences of one kind that are named
COMPARED = (
    "cpas_view",
    "forem_view",
    "state",
    "klass",
    "owner",
    "codes",
    "due",
    "since",
    "cpas_version",
    "forem_version",
)
Fields = dict[str, str]
Difference = tuple[str, str, str, str]  # kind, partner, subject, detail
HUB = "hub"


def check(store: Store, world: World, hub: Path | None) -> dict[str, Any]:
    """The report at the end of the last day that was played; `agree` when nothing differs."""
    today = date.fromisoformat(store.all("SELECT max(day) AS day FROM done")[0]["day"])
    down = {one for one in (FOREM, *world.place) if faults.is_down(world, one, today)}
    found, counts = Counter[str](), Counter[str]()
    examples: dict[str, list[list[str]]] = defaultdict(list)
    for kind, *rest in _differences(store, world, hub, today, down, counts):
        found[kind] += 1
        if len(examples[kind]) < NAMED:
            examples[kind].append(rest)
    return {
        "agree": not found,
        "day": today.isoformat(),
        "unreached": sorted(down),
        "differences": dict(sorted(found.items())),
        "examples": dict(sorted(examples.items())),
        "counts": dict(sorted(counts.items())),
        "sent": receipts.sent(store),
        "plans_changed": sum(since <= today for _, since, _ in plan_changes.changes(world)),
    }


def _differences(
    store: Store, world: World, hub: Path | None, today: date, down: Collection[str], counts: Counter[str]
) -> Iterator[Difference]:
    ages = Ages(store, today)
    held_by_hub, heard = _of_hub(hub) if hub else None, Heard(store, today)
    for rank, words in heard.people():
        found = ages.standings(rank, words)
        for one in found:
            counts[f"{one.kind} {one.klass}"] += 1
            counts.update(f"code {code}" for code in one.codes)
        known = Known(world, words, found, today)
        if held_by_hub is not None:
            found = [*found, *_twice(rank, words, today)]
            counts["DOUBLE_GRANT"] += len(found) - len(known.found)
            held = held_by_hub.pop(rank, {}) | _of_nobody(found, held_by_hub[-1])
            yield from _compare(HUB, _expected(found), held, today, rank)
        counts["ERASED"] += rank in heard.erased
        if heard.erased.get(rank) == today:  # in the evening: its partners are told in the morning
            continue
        yield from _of_reached(_books(store, known, rank), down)
        yield from _of_reached(passed.compare(store, known, rank), down)
        if rank in heard.erased and not words:
            yield from _of_reached(erasures.compare(store, world, rank, today), down)
    for rows in (held_by_hub or {}).values():
        yield from (("unknown_to_truth", HUB, key, "no row of anybody accounts for it") for key in rows)
    yield from public.compare(store, world, today)
    yield from receipts.compare(store)
    yield from numbers.compare(store, world, heard.of)
    yield from receipts.deliveries(store)
    if hub:
        yield from replies.compare(store, world, hub.with_name("replies.jsonl"), today)


def _of_nobody(found: Iterable[Standing], held: dict[str, Fields]) -> dict[str, Fields]:
    """What the hub holds without a person: the referrals of which neither side says anything any more."""
    keys = [_key(one.kind, one.cpas, one.ref) for one in found if one.kind == "REFERRAL" and one.cpas_version is None]
    return {key: held.pop(key) for key in keys if key in held}


def _of_reached(found: Iterable[Difference], down: Collection[str]) -> Iterator[Difference]:
    """Without those who could not be reached today: what they are to be told waits for them."""
    return (one for one in found if one[1] not in down)


def _twice(rank: int, words: list[Word], today: date) -> list[Standing]:
    """What only the hub may hold: that two CPAS help one person."""
    if not granted_twice(grouped(words, today), today):
        return []
    return [Standing("DOUBLE_GRANT", "", "", rank, "", "", "DOUBLE_GRANT", "DOUBLE_GRANT", "HUB")]


def _books(store: Store, known: Known, rank: int) -> Iterator[Difference]:
    """The rows of RECO about one person, in every book."""
    held: dict[str, dict[str, Fields]] = defaultdict(dict)
    for row in store.all("SELECT partner, row FROM held WHERE person=? AND feed='RECO'", rank):
        cells = json.loads(row["row"])
        held[row["partner"]][_key(cells["entity_kind"], cells.get("cpas", ""), cells.get("entity_ref", ""))] = _of_row(
            cells
        )
    waiting = {_key(one.kind, one.cpas, one.ref) for one in known.found if one.held and known.today <= one.held}
    for partner in sorted({FOREM, *held, *(one.source for one in known.words)}):
        yield from _compare(partner, _expected(told(known, partner)), held.get(partner, {}), known.today, rank, waiting)


def _key(kind: str, cpas: str, ref: str) -> str:
    """The name of a thing of one person. A reference that nobody else has needs no CPAS beside it."""
    return f"{kind}|{'' if kind in ('REFERRAL', 'ENROLMENT', 'BREACH') else cpas}|{ref}"


def _of_row(cells: Mapping[str, Any]) -> Fields:
    """What a row of RECO says, in the words of the truth."""
    names = {"state": "agreed_state", "klass": "class"}
    found = {name: str(cells.get(names.get(name, name)) or "") for name in COMPARED}
    return found | {"codes": "|".join(sorted(filter(None, found["codes"].split("|"))))}


def _expected(found: Iterable[Standing]) -> dict[str, tuple[Standing, Fields]]:
    return {_key(one.kind, one.cpas, one.ref): (one, _fields(one)) for one in found}


def _fields(one: Standing) -> Fields:
    values = {name: getattr(one, name) for name in COMPARED} | {"codes": "|".join(sorted(one.codes))}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _compare(
    where: str,
    expected: Mapping[str, tuple[Standing, Fields]],
    held: Mapping[str, Fields],
    today: date,
    rank: int,
    waiting: Collection[str] = (),
) -> Iterator[Difference]:
    side = "hub" if where == HUB else "book"
    for key, (one, fields) in expected.items():
        subject = f"{key}|{one.person}"
        if where != HUB and one.held and today <= one.held:
            continue  # a version is missing: what is told waits, what is known does not
        if key not in held:
            yield f"{side}_missing {one.kind}", where, subject, f"{one.state} {one.klass} expected"
            continue
        for name in COMPARED:
            if fields[name] != held[key][name]:
                detail = f"{held[key][name] or 'nothing'} held, {fields[name] or 'nothing'} expected ({one.klass})"
                yield f"{side}_{name} {one.kind}", where, subject, detail
    for key in sorted(held.keys() - expected.keys() - set(waiting)):  # nor is anything taken back that waits
        yield f"{side}_shown {key.partition('|')[0]}", where, f"{key}|{rank}", "held, though it is not to be"


def _of_hub(path: Path) -> dict[int, dict[str, Fields]]:
    """The hub's states as the driver wrote them, by person."""
    found: dict[int, dict[str, Fields]] = defaultdict(dict)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            cells = json.loads(line)
            found[cells["rank"]][_key(cells["kind"], cells["cpas"], cells["ref"])] = {
                name: cells[name] for name in COMPARED
            }
    return found
