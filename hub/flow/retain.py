"""retention: what is over its time is counted, and removed; what is open, or still needed, is not.

A person goes as in an erasure (`hub.flow.erase`), with the reason RETENTION: its recipients are told that the rows are
gone. Received files go once their senders were answered, published ones once nothing refers to them. Run twice it finds
nothing more; an erasure that was cut short is ended by it too. The texts of the audit log are not its to remove: who
works in the ledger changes none (`passerelle audit purge`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from hub.filenames import parse_out
from hub.flow.erase import erase, resume
from hub.flow.hub import Hub
from hub.retention import CATEGORIES, Term, load_retention, still_open

TOGETHER = 500  # persons erased at once


@dataclass(frozen=True, slots=True)
class Line:
    """One category: its term in days, how many things are kept, and how many of them are over their time."""

    category: str
    days: int
    held: int
    over: int


def terms(hub: Hub) -> dict[str, Term]:
    """How long each category is kept here."""
    return load_retention(hub.settings.partners / "retention.toml")


def report(hub: Hub) -> list[Line]:
    """What is held and what is over its time, by category."""
    kept = terms(hub)
    return [Line(name, kept[name].days, *_counts(hub, name, kept[name])) for name in CATEGORIES]


def purge(hub: Hub) -> dict[str, int]:
    """Remove what is over its time; how many of each category went. The audit log says so.

    Where somebody was erased of late, the databases are written anew.
    """
    resume(hub)
    kept = terms(hub)
    sids = sorted(persons_over(hub, kept["persons"]))
    for some in _parts(sids):
        erase(hub, hub.ledger.erasures.whole(some), "RETENTION")
    gone = {"persons": len(sids)}
    for folder in ("landing", "quarantine"):
        gone[folder] = sum(hub.files.remove(folder, name) for name in _landed(hub, folder, kept[folder]))
    gone["outbox"] = sum(hub.files.remove("outbox", name) for name in _published(hub, kept["outbox"]))
    anew = bool(hub.ledger.erasures.lately())
    until = start_of(hub, kept["traces"])
    gone["traces"] = hub.ledger.erasures.stop_watching(until) + hub.identity.forgetting.clear(hub.today)
    gone["reveals"] = hub.identity.reveals.clear(start_of(hub, kept["reveals"]))
    hub.ledger.erasures.purged(hub.now, **gone)
    if anew:
        hub.ledger.erasures.rewrite()
        hub.identity.forgetting.rewrite()
    return gone


def persons_over(hub: Hub, term: Term) -> set[str]:
    """The subjects of whom nothing is open and nothing was heard for the whole term."""
    silent = hub.ledger.keeping.silent(start_of(hub, term), term.cutoff(hub.today))
    over: set[str] = set()
    for some in _parts(sorted(silent)):
        states = hub.ledger.entities.states_of_persons(some)
        contested = states.filter(pl.col("sid").is_null()).get_column("entity_id").to_list()
        unclear = set(hub.ledger.entities.persons_of(contested).get_column("sid"))
        over |= set(some) - hub.ledger.erasures.whole(still_open(states) | unclear)
    return over


def start_of(hub: Hub, term: Term) -> datetime:
    """The instant, in Brussels, before which something is over its time."""
    return term.begins(hub.today)


def _counts(hub: Hub, category: str, term: Term) -> tuple[int, int]:
    match category:
        case "persons":
            return hub.ledger.keeping.persons(), len(persons_over(hub, term))
        case "landing" | "quarantine":
            return _files(hub, category), len(list(_landed(hub, category, term)))
        case "outbox":
            return _files(hub, category), len(list(_published(hub, term)))
        case "traces":
            return hub.identity.forgetting.count(), hub.identity.forgetting.count(before=hub.today)
        case "reveals":
            return hub.identity.reveals.count(), hub.identity.reveals.count(before=start_of(hub, term))
        case "audit":
            return hub.ledger.audit.checkpoint().size, hub.ledger.audit.over(start_of(hub, term))
    return 0, 0


def _landed(hub: Hub, folder: str, term: Term) -> Iterator[str]:
    for names in hub.ledger.submissions.answered(start_of(hub, term)).values():
        yield from (name for name in sorted(names) if hub.files.exists(folder, name))


def _published(hub: Hub, term: Term) -> Iterator[str]:
    for name in hub.ledger.keeping.published(start_of(hub, term)):
        parsed = parse_out(name)
        names = (name, str(parsed.manifest_name())) if parsed else (name,)
        yield from (one for one in names if hub.files.exists("outbox", one))


def _files(hub: Hub, folder: str) -> int:
    return sum(1 for _ in (hub.files.root / folder).iterdir())


def _parts(sids: list[str]) -> Iterable[list[str]]:
    return (sids[at : at + TOGETHER] for at in range(0, len(sids), TOGETHER))
