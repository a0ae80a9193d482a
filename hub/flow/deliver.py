"""deliver: put each publication into its recipient's mailbox, once.

Expects READY publications; leaves them DELIVERED. Each of the two files, data then GO, is written under a
temporary name, read back, and renamed; that the rename is about to happen is written down first. After a
crash the mailbox and the ledger together say how far it got, so at most one copy is ever visible.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from hub import events, filenames
from hub.errors import InvariantBroken
from hub.filenames import OutName
from hub.flow.collect import OUTBOX, TAKEN
from hub.flow.hub import Hub
from hub.flow.visits import visit_each
from hub.model import Outcome
from hub.ports import Mailbox

ORDER = ("READY", "DATA_SENDING", "DATA_SENT", "GO_SENDING", "DELIVERED")
BEFORE = dict(zip(ORDER[1:], ORDER, strict=False))


def deliver(hub: Hub, partners: Iterable[str], *, insist: bool = False) -> list[Outcome]:
    """Deliver to each partner whose time it is; the outcome counts the publications delivered. `insist`: to each."""
    return visit_each(hub, "deliver", partners, lambda partner: _deliver(hub, partner), insist=insist)


def _deliver(hub: Hub, partner: str) -> int:
    waiting = hub.ledger.publications.undelivered(partner)
    if waiting:
        with hub.mailboxes.open(partner) as box:
            for row in waiting:
                _send(hub, box, row)
    return len(waiting)


def _send(hub: Hub, box: Mailbox, row: dict[str, Any]) -> None:
    name = filenames.parse_out(row["name"])
    if name is None:
        raise InvariantBroken("a publication has a name outside the grammar")
    publication, state = row["publication_id"], row["state"]
    for file, sending, sent, digest in (
        (name, "DATA_SENDING", "DATA_SENT", row["sha256"]),
        (name.manifest_name(), "GO_SENDING", "DELIVERED", row["manifest_sha256"]),
    ):
        if ORDER.index(state) >= ORDER.index(sent):
            continue
        if state != sending or not _has_arrived(hub, row["recipient"], box, file, digest):
            if state == sending:  # not renamed: say so before the temporary file, which proves it, is touched
                hub.ledger.publications.advance(publication, BEFORE[sending], hub.now)
            _upload(hub, box, file, digest)
            hub.ledger.publications.advance(publication, sending, hub.now)
            box.rename(OUTBOX, filenames.temporary_name(file), OUTBOX, str(file))
        hub.ledger.publications.advance(publication, sent, hub.now)
        state = sent
    events.log(
        events.DELIVERED,
        publication_id=publication,
        recipient=row["recipient"],
        feed=row["feed"],
        sequence=row["sequence"],
    )


def _has_arrived(hub: Hub, recipient: str, box: Mailbox, file: OutName, digest: str) -> bool:
    """Whether the rename that was about to happen did, in a run that was killed before it wrote that down.

    Visible or taken: it did. Data leaves only when its GO is there, so data that is nowhere is sent again, and
    a GO whose data has left was seen. So was a GO that is nowhere, not even under its temporary name: nobody
    else removes it. A server killed in the middle of a rename may have left that name too. A partner whose server
    moves files away at once leaves the temporary name alone: what is under neither name has arrived.
    """
    temporary = filenames.temporary_name(file)
    arrived = box.exists(TAKEN, str(file)) or (box.exists(OUTBOX, str(file)) and _matches(box, str(file), digest))
    if hub.mailboxes.rules(recipient).consumes and not arrived:
        arrived = not (box.exists(OUTBOX, temporary) or box.exists(OUTBOX, str(file)))
    elif file.kind == "GO" and not arrived:
        arrived = not (box.exists(OUTBOX, temporary) and box.exists(OUTBOX, str(file.data_name())))
    if arrived:
        box.remove(OUTBOX, temporary)
    return arrived


def _upload(hub: Hub, box: Mailbox, file: OutName, digest: str) -> None:
    data, temporary = hub.files.read("outbox", str(file)), filenames.temporary_name(file)
    if hashlib.sha256(data).hexdigest() != digest:
        raise InvariantBroken("a file in the outbox is not the one that was published")
    box.write(OUTBOX, temporary, data)


def _matches(box: Mailbox, file: str, digest: str) -> bool:
    return hashlib.sha256(box.read(OUTBOX, file)).hexdigest() == digest
