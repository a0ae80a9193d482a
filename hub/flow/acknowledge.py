"""acknowledge: publish to each sender a receipt of its files (ACRF) and the outcome of their rows (NOTI).

Expects finished submissions; leaves READY publications. A file is told once: its message id is among the
rows already published. What was delivered and not taken in time is noted, and told to those whose rows are in it
(NOND). All of it travels with `deliver` like any other feed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from contracts.model import Contract
from hub.acknowledge import outcome_rows, receipt_row
from hub.flow.hub import Hub, for_each
from hub.flow.outbox import THREADS, make, outbound_contract
from hub.flow.overdue import late_rows, late_rows_of, note_overdue
from hub.flow.process import open_landed
from hub.model import Outcome
from hub.publish import Row, changed

Files = list[dict[str, Any]]


def acknowledge(hub: Hub, partners: Iterable[str]) -> list[Outcome]:
    """Make the receipts of each partner; the outcome counts the publications made."""
    everyone = list(partners)
    for partner in everyone:  # first for all: who is told of a late file must not depend on whose turn comes first
        note_overdue(hub, partner)
    late, waiting = late_rows(hub), defaultdict[str, Files](list)
    for row in hub.ledger.submissions.unanswered(everyone):
        waiting[row["partner"]].append(row)

    def one(partner: str) -> int:
        return _receipts(hub, partner, waiting[partner]) + _not_taken(hub, partner, late_rows_of(hub, partner, late))

    return for_each("acknowledge", everyone, one, THREADS)


def _receipts(hub: Hub, partner: str, waiting: Files) -> int:
    if not waiting:
        return 0
    of_them = [row["message_id"] for row in waiting]
    receipted = {key.split("|")[0] for key in hub.ledger.publications.told(partner, "ACRF", of_them)}
    fresh = [row for row in waiting if row["message_id"] not in receipted]
    receipts = [receipt_row(row, _sha256(hub, partner, row["digest"])) for row in fresh]
    findings = hub.ledger.submissions.findings(of_them)
    outcomes = [
        line
        for row in waiting
        for line in outcome_rows(row, [f for f in findings if f["message_id"] == row["message_id"]])
    ]
    made = make(hub, partner, "ACRF", _fit(_apart(receipts), outbound_contract(hub, partner, "ACRF")))
    news = changed(outcomes, hub.ledger.publications.told(partner, "NOTI", of_them))
    return made + make(hub, partner, "NOTI", _fit(_apart(news), outbound_contract(hub, partner, "NOTI")))


def _not_taken(hub: Hub, partner: str, rows: list[Row]) -> int:
    if not rows:
        return 0
    told = hub.ledger.publications.told(partner, "NOND", {row.entity_id for row in rows})
    return make(hub, partner, "NOND", changed(rows, told))


def _apart(rows: Iterable[Row]) -> list[Row]:
    """The rows of one file for each name: of two files sent under one name, the second is told next time."""
    first: dict[str | None, str] = {}
    return [row for row in rows if first.setdefault(row.values["file"], row.entity_id) == row.entity_id]


def _fit(rows: Iterable[Row], contract: Contract) -> list[Row]:
    """Every column of the contract, empty where a row has nothing to say; in the order of the files' names."""

    def place(row: Row) -> tuple[str, str, str]:
        return str(row.values["file"]), str(row.values.get("sha256")), row.key.rpartition("|")[2]

    return [
        Row(row.key, row.digest, row.entity_id, {name: row.values.get(name) for name in contract.columns})
        for row in sorted(rows, key=place)
    ]


def _sha256(hub: Hub, partner: str, digest: str) -> str:
    return hashlib.sha256(open_landed(hub, partner, digest)).hexdigest()
