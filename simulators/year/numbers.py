"""Who must be told that a number in its file was replaced or cancelled, and who must not (R103, R104).

A sender is told where an orientation that stands and was answered ties it to the person, by what the hub had made of
all that came in the half-days before. What the registers send on the same morning the hub may read before the file or
after it: then either answer is right.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import people
from simulators.year.persons import everything
from simulators.year.said import Word
from simulators.year.store import Store
from simulators.year.told import Known
from simulators.year.world import World

Difference = tuple[str, str, str, str]
SAID = ("ORIE", "STAT", "SITU")  # what decides whether a person is known to both sides
CODES = ("R103", "R104")


def note(store: Store, world: World, sender: str, feed: str, rows: Iterable[Row]) -> None:
    """Write down whose numbers the last file of that line bears that are given up on some day of the year."""
    known = _given_up(world.seed, world.people)
    ranks = Counter(known[row["niss"]] for row in rows if row.get("niss") in known and feed != "MUTA")
    if ranks:
        named = store.all("SELECT name FROM file WHERE sender=? AND feed=? ORDER BY rowid DESC LIMIT 1", sender, feed)
        found = [(named[0]["name"], rank, count) for rank, count in ranks.items()]
        store.db.executemany("INSERT INTO old_number VALUES (?,?,?)", found)


def compare(store: Store, world: World, words: Callable[[int, date], Sequence[Word]]) -> Iterator[Difference]:
    """Each file that was read had as many lines warned of as it must; `words` are all that reached the hub of one."""
    last = store.all("SELECT max(day) AS day FROM done")[0]["day"]
    for file in store.all("SELECT * FROM file WHERE verdict='ACCEPTED' AND day<=?", last):
        least, most = Counter[str](), Counter[str]()
        for old in store.all("SELECT person, rows FROM old_number WHERE file=?", file["name"]):
            rank, code = old["person"], CODES[people.is_cancelled(old["person"])]
            day = date.fromisoformat(file["day"])
            if _is_told(world, words(rank, day), rank, file["sender"], day):
                told_on = _told_by_registers(store, rank)
                least[code] += old["rows"] * (told_on < day or (told_on == day and file["half"] != "CPAS"))
                most[code] += old["rows"] * (told_on <= day)
        told = _told(store, file["sender"], file["name"])
        for code in CODES:
            if not least[code] <= told[code] <= most[code]:
                detail = f"{code}: {told[code]} told, {least[code]} to {most[code]} expected"
                yield "number_told", file["sender"], file["name"], detail


@cache
def _given_up(seed: int, count: int) -> Mapping[str, int]:
    """The rank of whoever has, or had, each number that the registers replace or cancel."""
    found = {people.person(seed, rank).niss: rank for rank in range(count) if people.is_cancelled(rank)}
    return found | {number: rank for rank in range(count) if (number := people.former(seed, rank, count))}


def _told_by_registers(store: Store, rank: int) -> date:
    """The day on which the hub has read what the registers say of that person's numbers."""
    rows = store.all("SELECT counts FROM statement WHERE feed='MUTA' AND entity=?", f"MUTA-{rank}")
    return date.fromisoformat(rows[0]["counts"]) if rows and rows[0]["counts"] else date.max


def _is_told(world: World, words: Sequence[Word], rank: int, sender: str, day: date) -> bool:
    """Whether an orientation that stands and was answered ties the sender to the person, before it sends that day.

    In the morning everything of the days before is known; at noon what CPAS sent in the morning, too.
    """
    then = day if sender == FOREM else day - timedelta(days=1)
    before = [one for one in words if one.day < day or (sender == FOREM and one.day == day and one.source != FOREM)]
    found = everything([one for one in before if one.feed in SAID], rank, {}, lambda *_: False, then)
    known = Known(world, before, found, day)
    standing = [one for one in found if one.kind == "REFERRAL" and one.person == rank and one.cpas_view == "OPEN"]
    if sender == FOREM:
        return known.concerns_forem() and bool(standing)
    return known.helps(sender) and any(one.cpas == sender and one.forem_view != "NONE" for one in standing)


def _told(store: Store, partner: str, file: str) -> Counter[str]:
    """How many lines of a file were told each code: named one by one, and counted in full where there are more."""
    rows = store.all(
        "SELECT json_extract(row,'$.code') AS code, json_extract(row,'$.line') AS line, "
        "json_extract(row,'$.count') AS count FROM receipt WHERE partner=? AND file=? AND record='FINDING'",
        partner, file,
    )  # fmt: skip
    found = Counter[str]()
    for row in rows:
        if row["code"] in CODES:
            found[row["code"]] = found[row["code"]] + 1 if row["line"] else int(row["count"])
    return found
