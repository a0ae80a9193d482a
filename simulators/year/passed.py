"""The rows that the hub passes on: what is in force at the sender is what the other side holds, word for word."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import versions
from simulators.year.columns import FROM_CPAS, coded
from simulators.year.said import Word, gap, hear
from simulators.year.store import Store
from simulators.year.told import Known

OF_PERSONS = ("STAT", "INSC", "FORM", "MANQ")
Difference = tuple[str, str, str, str]


def compare(store: Store, known: Known, rank: int) -> Iterator[Difference]:
    """Every row in force about one person, at each side that may have it, and no other."""
    held: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for one in store.all("SELECT partner, feed, key, row FROM held WHERE person=? AND feed<>'RECO'", rank):
        held[one["partner"], one["feed"]][one["key"]] = json.loads(one["row"])
    cpas = sorted({one.source for one in known.words if one.source != FOREM})
    whole = known.busies_forem()
    for feed in FROM_CPAS if known.concerns_forem() else ():
        if feed != "ORIE" and not whole:
            continue
        yield from _feed(known, rank, FOREM, feed, cpas, held.get((FOREM, feed), {}))
    for partner in cpas:
        for feed in OF_PERSONS:
            if _may_have(known, partner, feed):
                yield from _feed(known, rank, partner, feed, [FOREM], held.get((partner, feed), {}))


def _may_have(known: Known, cpas: str, feed: str) -> bool:
    """Whether what Le Forem says now may go to that CPAS."""
    return known.helps(cpas) and known.answered(cpas) and known.world.agreed(cpas, feed, known.today)


def _feed(
    known: Known, rank: int, partner: str, feed: str, sources: list[str], held: dict[str, Row]
) -> Iterator[Difference]:
    groups: dict[tuple[str, str], list[Word]] = defaultdict(list)
    for one in known.words:
        if one.feed == feed and one.source in sources:
            groups[one.source, one.entity].append(one)
    for (source, entity), words in groups.items():
        if _is_quiet(known, rank, partner, feed, words):
            columns = coded(feed, versions.read(known.world, partner, feed, known.today))
            yield from _thing(partner, feed, source, entity, words, held, rank, columns)


def _is_quiet(known: Known, rank: int, partner: str, feed: str, words: list[Word]) -> bool:
    """Whether what is in force is beyond doubt: nothing held back, contradicted, on another person or another's."""
    last = gap(_together(known, words))
    contents = {(one.version, one.content, one.person) for one in words}
    plain = len(contents) == len({one.version for one in words}) and {one.person for one in words} == {rank}
    if (last and known.today <= last) or not plain:
        return False
    if partner == FOREM or feed == "INSC":
        return True
    named = (hear(words).rows[-1].cells.get("referral_id") or "") if feed in ("FORM", "MANQ") else words[0].entity
    if not named:
        return True
    return any(one.kind == "REFERRAL" and one.ref == named and one.cpas == partner for one in known.found)


def _together(known: Known, words: list[Word]) -> list[Word]:
    """The rows that wait for each other's missing versions: an orientation's with its answers."""
    both, one = ("ORIE", "STAT"), words[0]
    return (
        [each for each in known.words if each.feed in both and each.entity == one.entity] if one.feed in both else words
    )


def _thing(
    partner: str,
    feed: str,
    source: str,
    entity: str,
    words: list[Word],
    held: dict[str, Row],
    rank: int,
    columns: list[str],
) -> Iterator[Difference]:
    """One thing: its live notices, by date, with the columns of the version that the partner reads today."""
    prefix = _prefix(feed, source, entity, words[0], rank)
    found = {key: row for key, row in held.items() if key.startswith(prefix) and row["notice_status"] != "9"}
    expected = {f"{prefix}{one.effective.isoformat()}": one for one in hear(words).live}
    subject = f"{feed} {entity} {rank}"
    for key in sorted(expected.keys() | found.keys()):
        if key not in found:
            yield f"passed_missing {feed}", partner, subject, f"in force from {key[-10:]}, not held"
        elif key not in expected:
            yield f"passed_shown {feed}", partner, subject, f"held from {key[-10:]}, not in force"
        elif wrong := [name for name in columns if not _same(name, found[key], expected[key].cells)]:
            yield f"passed_content {feed}", partner, subject, f"differ: {', '.join(wrong)}"


def _prefix(feed: str, source: str, entity: str, one: Word, rank: int) -> str:
    """The beginning of the keys under which a book holds one thing."""
    if feed not in ("SITU", "INSC", "MOBI"):
        return f"{entity}|"
    about = entity if feed == "MOBI" else ""
    sender = "" if feed == "INSC" else source
    cells = one.cells
    return f"{about}|{rank}|{sender}|{cells.get('situation_group', '')}|{cells.get('contract_id', '')}|"


def _same(name: str, held: Row, sent: Row) -> bool:
    """Equal; moments as moments, whatever their offset."""
    one, other = held.get(name, ""), sent.get(name, "")
    if one and other and name.endswith("_at") and "T" in one and "T" in other:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    return one == other
