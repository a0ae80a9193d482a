"""What publishing leaves: a file and its manifest in the outbox, then a READY publication in the ledger.

The file is durable before its row; a file without a row is overwritten by the next run, which takes the same place
in the sequence. Which rows are told to whom is decided by the callers.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from contracts.model import Contract
from contracts.registry import lookup, versions
from hub import events
from hub.errors import InvariantBroken
from hub.filenames import FileKind, OutName
from hub.flow.hub import Hub, signed_checkpoint
from hub.publish import DIGEST, ENTITY, KEY, Row, build, sheet_of
from hub.stores.publications import Made

THREADS = 2  # publishing computes: more of them would wait for each other

Told = Mapping[str, tuple[str, str]]  # row key → (entity id, digest)


def make(hub: Hub, recipient: str, feed: str, rows: Sequence[Row]) -> int:
    """Publish these rows as one file; 0 when there are none."""
    return put(hub, recipient, feed, sheet_of(rows, outbound_contract(hub, recipient, feed))) if rows else 0


def put(
    hub: Hub, recipient: str, feed: str, sheet: pl.DataFrame, kind: FileKind = "DELTA", news: Told | None = None
) -> int:
    """Publish a sheet as one file; 0 when it has no rows. `news` is what it tells anew, by default all of it."""
    if sheet.is_empty():
        return 0
    contract = outbound_contract(hub, recipient, feed)
    sequence, previous = hub.ledger.publications.last(recipient, feed)
    name = OutName("FO", feed, recipient, hub.today, sequence + 1, hub.settings.environment)
    clear = build(name, sheet, contract, previous, kind, signed_checkpoint(hub))
    built = hub.envelopes.enclosed(recipient, hub.today, clear)
    made = Made(
        publication_id=hub.new_id(),
        recipient=recipient,
        feed=feed,
        sequence=name.sequence,
        contract=contract.label,
        name=str(name),
        sha256=built.sha256,
        manifest_sha256=built.manifest_sha256,
        digest=hub.keys.digest(built.data),
        previous=previous,
        published_at=hub.now,
        rows=told_by(sheet) if news is None else news,
        count=sheet.height,
        kind=kind,
    )

    def keep() -> None:
        hub.files.write("outbox", [built.data], lambda: str(name))
        hub.files.write("outbox", [built.manifest], lambda: str(name.manifest_name()))

    hub.ledger.publications.add(made, keep)
    events.log(
        events.PUBLISHED,
        publication_id=made.publication_id,
        recipient=recipient,
        feed=feed,
        sequence=made.sequence,
        rows=sheet.height,
    )
    return 1


def told_by(sheet: pl.DataFrame) -> Told:
    """What a sheet tells, as the ledger keeps it."""
    return {key: (entity, digest) for key, entity, digest in sheet.select(KEY, ENTITY, DIGEST).iter_rows()}


def outbound_contract(hub: Hub, recipient: str, feed: str) -> Contract:
    """The contract under which we publish a feed to this recipient today: the version that it agreed to read."""
    version = hub.registry.version(recipient, feed, hub.today)
    contract = lookup(feed, "out", version, hub.settings.environment)
    if contract is None:
        raise InvariantBroken(f"no contract for what we publish as {feed}")
    return contract


def widest_contract(hub: Hub, feed: str) -> Contract:
    """The last version of what we publish as a feed: it has every column that some recipient may be told."""
    return versions(feed, "out", hub.settings.environment)[-1]
