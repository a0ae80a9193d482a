"""What `passerelle status`, `explain` and `dpo` answer to a reader: lines made from the ledger's report."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hub.volume import REASONS


def status_lines(status: Mapping[str, Any]) -> Iterator[str]:
    """The totals of the ledger."""
    fates = ("accepted", "rejected", "duplicate", "superseded")
    for s in status["submissions"]:
        yield f"{s['side']} {s['feed']} {s['state']}: {s['files']} file(s), {s['read']} row(s)"
    for p in status["publications"]:
        yield f"{p['feed']} to {p['side']}: {p['files']} file(s), {p['rows']} row(s), {p['delivered']} delivered"
    named = {"files by finding": "codes", "referrals": "referrals"}
    for title, name in (*named.items(), ("receipts and deliveries", "acknowledgements")):
        yield f"{title}: {', '.join(f'{key} {count}' for key, count in status[name].items()) or 'none'}"
    for kind, classes in status["entities"].items():
        yield f"{kind.lower()}s: {', '.join(f'{key} {count}' for key, count in classes.items()) or 'none'}"
    still = ", ".join(f"{key} {count}" for key, count in status["discrepancies"]["open"].items()) or "none"
    yield f"discrepancies: open {still}, closed {status['discrepancies']['closed']}"
    kept = status["conservation"]
    sums = " + ".join(f"{kept[name]} {name}" for name in fates)
    yield f"rows: {kept['read']} read = {sums}: {'balanced' if kept['holds'] else 'NOT BALANCED'}"
    yield f"published files: {status['outbox']}"


def story_lines(steps: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The story of one thing, a line for each step."""
    for step in steps:
        told = ", ".join(f"{name}={value}" for name, value in step.items() if name not in {"at", "what"})
        yield f"{step['at']}  {step['what']}  {told}"


def volume_lines(days: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The days on which a CPAS named unusually many people, and why that is unusual."""
    for one in days:
        counts = f"{one['strangers']} of them new to everybody, {one['elsewhere']} with another CPAS"
        yield f"{one['day']}  UNUSUAL_VOLUME  CPAS {one['partner']}  {one['newcomers']} new people, {counts}"
        yield from (f"    {REASONS[reason]}" for reason in one["reasons"])


def queue_lines(queue: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What waits for the data-protection officer; who the subject is, only the identity zone can tell."""
    for one in queue:
        yield f"{one['since']}  {one['class']}  subject {one['subject']}  CPAS {', '.join(one['cpas'])}"
        yield from (f"    {entity}" for entity in one["entities"])
