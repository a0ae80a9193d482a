"""fetch: the public data set of job offers becomes a file in a mailbox of our own, which `collect` then takes like any.

Expects a channel with `open_data` and a `folder`; leaves an FI and its GO in the folder's `in/`, or nothing when the
portal has nothing new. A file is called complete only where the portal counts as many rows as came and all could be
used: a cut export closes no offer. What was last said of each offer lies beside, in `fetched/`; it names nobody.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.errors import Exists
from connectors.opendata import Export, Stamp
from contracts.registry import lookup
from hub import events
from hub.calendar import BRUSSELS
from hub.errors import InvariantBroken, OperatorError
from hub.filenames import InName, Manifest, parse_out
from hub.flow.collect import INBOX, OUTBOX, TAKEN
from hub.flow.hub import Hub, for_each
from hub.model import Outcome
from hub.open_offers import Known, Values, read, rows
from hub.ports import Mailbox

FEED, KEPT, STATE = "OFFR", "fetched", "offers.json"


@dataclass(frozen=True, slots=True)
class State:
    """What is kept from one fetch to the next: the portal's stamp, our place in the line, and the offers by number."""

    stamp: Stamp = field(default_factory=Stamp)
    sequence: int = 0
    previous: str | None = None
    offers: dict[str, Known] = field(default_factory=dict)


def fetch(hub: Hub, partners: Iterable[str]) -> list[Outcome]:
    """Fetch the data set of each partner that is one; the outcome counts the files written."""
    return for_each("fetch", partners, lambda partner: _fetch(hub, partner))


def _fetch(hub: Hub, partner: str) -> int:
    with hub.mailboxes.open(partner) as box:
        box.ensure(INBOX)
        box.ensure(KEPT)
        _take_answers(box)
        before = _kept(box)
        export = hub.mailboxes.dataset(partner).export(before.stamp)
        if export is None:
            return 0
        name, data, manifest, after = _file(hub, partner, before, export)
        _put(box, str(name), data)
        _put(box, str(name.manifest_name()), manifest.to_bytes())
        _keep(box, after)
    events.log(events.FETCHED, partner=partner, rows=manifest.rows, complete=manifest.complete)
    return 1


def _take_answers(box: Mailbox) -> None:
    """Take the receipts of the files before, as any partner does; `out/taken/` is where to read them."""
    box.ensure(TAKEN)
    names = {entry.name for entry in box.list(OUTBOX)}
    for name in sorted(names):
        found = parse_out(name)
        if found is None or found.kind != "FO" or str(found.manifest_name()) not in names:
            continue
        for one in (name, str(found.manifest_name())):
            box.rename(OUTBOX, one, TAKEN, one)


def _file(hub: Hub, partner: str, before: State, export: Export) -> tuple[InName, bytes, Manifest, State]:
    """The file of an export, its manifest, and what to keep once both are there."""
    offers = read(export.records, hub.registry.postal_codes)
    complete = export.whole and not offers.unusable
    said, known = rows(offers, before.offers, hub.now.astimezone(BRUSSELS))
    contract = lookup(FEED, "in", 1, hub.settings.environment)
    if contract is None:
        raise InvariantBroken(f"no contract for what we fetch as {FEED}")
    _, used = hub.ledger.submissions.last_sequences(partner, FEED)  # should what was kept be lost
    sequence = max(before.sequence, used) + 1
    name = InName("FI", FEED, partner, hub.today, sequence, hub.settings.environment, 1, 1)
    data = _csv(contract.columns, said)
    digest, versions = hashlib.sha256(data).hexdigest(), [int(row["version"]) for row in said]
    first, last = min(versions, default=None), max(versions, default=None)
    manifest = Manifest(str(name), len(said), digest, contract.label, first, last, before.previous, complete=complete)
    if not complete:  # what a cut export does not hold is still known: its versions go on
        known = before.offers | known
    stamp = export.stamp if export.whole else Stamp()  # a cut export is asked for again
    return name, data, manifest, State(stamp, sequence, digest, known)


def _csv(columns: Sequence[str], said: Iterable[Values]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=";", lineterminator="\n", extrasaction="raise")
    writer.writeheader()
    writer.writerows(said)
    return text.getvalue().encode()


def _put(box: Mailbox, name: str, data: bytes) -> None:
    """Write a file and give it its name; one of that name is of a run that was killed, and was not taken yet."""
    part = f".{name}.part"
    box.write(INBOX, part, data)
    with suppress(Exists):
        box.rename(INBOX, part, INBOX, name)
        return
    box.remove(INBOX, name)
    box.rename(INBOX, part, INBOX, name)


def _kept(box: Mailbox) -> State:
    """What the last fetch kept; the `.part` alone is whole too, since the file goes only once that is written."""
    names = [name for name in (STATE, f"{STATE}.part") if box.exists(KEPT, name)]
    if not names:
        return State()
    try:
        content: dict[str, Any] = json.loads(box.read(KEPT, names[0]))
        offers = {number: Known(*one) for number, one in content["offers"].items()}
        return State(Stamp(**content["stamp"]), int(content["sequence"]), content["previous"], offers)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OperatorError(f"{KEPT}/{STATE} cannot be read: remove it, every offer is then said once more") from None


def _keep(box: Mailbox, state: State) -> None:
    offers = {number: [one.first_seen, one.version, one.content] for number, one in state.offers.items()}
    content = asdict(state) | {"offers": offers}
    box.write(KEPT, f"{STATE}.part", json.dumps(content).encode())
    box.remove(KEPT, STATE)
    box.rename(KEPT, f"{STATE}.part", KEPT, STATE)
