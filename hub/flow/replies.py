"""The acknowledgements that partners put into `in/`: noted with the publication that they speak of, then put away.

Part of `collect`. One that cannot be read, or that speaks of a file never delivered to this partner, is left to be
taken like any other file, and answered with F40.
"""

from collections.abc import Iterable

from hub import events, filenames
from hub.flow.hub import Hub
from hub.ports import Entry, Mailbox
from hub.reply import Reply


def note_replies(hub: Hub, partner: str, box: Mailbox, inbox: str, entries: Iterable[Entry]) -> list[str]:
    """Note what can be noted, once; the names of the files that may be put away."""
    return [entry.name for entry in entries if _is_noted(hub, partner, box, inbox, entry)]


def _is_noted(hub: Hub, partner: str, box: Mailbox, inbox: str, entry: Entry) -> bool:
    name = filenames.parse_reply(entry.name)
    if name is None or (entry.size or 0) > filenames.MANIFEST_BYTES:
        return False
    reply = Reply.parse(b"".join(box.chunks(inbox, entry.name)))
    published = hub.ledger.publications.delivered(partner, str(name))
    if reply is None or reply.file != str(name) or published is None:
        return False
    kind = reply.kind(published["sha256"])
    if hub.ledger.publications.acknowledge(published["publication_id"], kind, hub.now, reply.code):
        told = {name: published[name] for name in ("publication_id", "recipient", "feed", "sequence")}
        events.log(events.ACKNOWLEDGED if kind == "ACCEPTED" else events.NOT_ACCEPTED, **told, kind=kind)
    return True
