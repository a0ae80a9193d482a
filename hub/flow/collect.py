"""collect: take complete files out of a mailbox, land them sealed, claim each by its content.

Expects a mailbox; leaves sealed files in landing, a RECEIVED submission for each, and the partner's files
in its `in/done/`. The raw copy and its row are durable before anything moves on the other side, so a run
killed anywhere and run again takes each file once.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from connectors.errors import Exists, Missing
from hub import events, filenames
from hub.flow.hub import Hub
from hub.flow.replies import note_replies
from hub.flow.visits import visit_each
from hub.keys import Naming
from hub.model import Outcome, Rules
from hub.ports import Entry, Mailbox
from hub.stores.seen import Seen
from hub.stores.submissions import Landed

INBOX, DONE, OUTBOX, TAKEN = "in", "in/done", "out", "out/taken"


@dataclass(frozen=True, slots=True)
class _Find:
    """A file to take: its name, and what says that it is complete."""

    name: str
    size: int | None
    mtime: float | None
    announced_by: str  # GO, TD or NONE
    mark: str | None = None  # the name of the GO or TD


def collect(hub: Hub, partners: Iterable[str], *, insist: bool = False) -> list[Outcome]:
    """Collect from each partner whose time it is; the outcome counts the files newly taken. `insist`: from each."""
    hub.files.sweep()
    return visit_each(hub, "collect", partners, lambda partner: _collect(hub, partner), insist=insist)


def _collect(hub: Hub, partner: str) -> int:
    rules = hub.mailboxes.rules(partner)
    with hub.mailboxes.open(partner) as box:
        _note_taken(hub, partner, box, rules)
        entries = [entry for entry in box.list(INBOX) if not _is_unsafe(entry)]
        replies = note_replies(hub, partner, box, INBOX, entries)
        entries = [entry for entry in entries if entry.name not in replies]
        finds = list(_find(hub, partner, entries, rules))
        if rules.after == "archive" and (entries or replies):
            box.ensure(DONE)
        for name in replies:
            _put_away(box, name, hub.new_id(), rules)
        marks: dict[str | None, str] = {}
        for find in finds:
            with suppress(Missing):  # it went away since it was listed, or is listed and not there
                marks[find.mark] = _take(hub, partner, box, find, rules)
        for mark, message_id in marks.items():  # last: a GO may announce several files
            if mark:
                _put_away(box, mark, message_id, rules)
        _tidy(hub, partner, box, entries, finds, rules)
    return len(finds)


def _is_unsafe(entry: Entry) -> bool:
    return entry.problem is not None or filenames.is_temporary(entry.name)


def _find(hub: Hub, partner: str, entries: list[Entry], rules: Rules) -> Iterator[_Find]:
    """Complete files: data with its GO or TD, or a name outside the grammar that has not moved since so many looks.

    Where files stay in place, one that was taken as it is now is not taken again.
    """
    names = {entry.name for entry in entries}
    for entry in sorted(entries, key=lambda e: e.name):
        name = filenames.parse(entry.name)
        seen = _seen(hub, partner, entry)
        if rules.after == "leave" and hub.ledger.seen.sending(seen)[0]:
            continue
        if name is None:
            if hub.ledger.seen.seen_unchanged(seen, rules.looks, hub.now):
                yield _Find(entry.name, entry.size, entry.mtime, "NONE")
        elif name.kind == "FI":
            for mark in (name.withdrawal_name(), name.manifest_name()):
                if str(mark) in names:
                    yield _Find(entry.name, entry.size, entry.mtime, mark.kind, str(mark))
                    break


def _seen(hub: Hub, partner: str, file: Entry | _Find) -> Seen:
    return Seen(partner, _name_digests(hub, file.name), file.size, file.mtime)


def _take(hub: Hub, partner: str, box: Mailbox, find: _Find, rules: Rules) -> str:
    """Land a file, register it, put it away; its message id."""
    naming = hub.keys.naming()  # once: a key that is put in force meanwhile is for the next file
    manifest_digests, _ = _land(hub, partner, box.chunks(INBOX, find.mark) if find.mark else [], naming)
    digests, size = _land(hub, partner, box.chunks(INBOX, find.name), naming)
    landed = Landed(
        message_id=hub.new_id(),
        partner=partner,
        name=find.name if _is_named(find.name) else filenames.masked_shape(find.name),
        name_digest="",
        sending=_sending(hub, partner, box, find, rules),
        announced_by=find.announced_by,
        digest="",
        manifest_digest="",
        size=size,
        received_at=hub.now,
    )
    named = zip(naming.names(find.name.encode()), digests, manifest_digests, strict=True)
    landed, *before = (replace(landed, name_digest=n, digest=d, manifest_digest=m) for n, d, m in named)
    message_id = hub.ledger.submissions.register(landed, before)
    events.log(events.FILE_LANDED, message_id=message_id, partner=partner, size=size)
    if rules.after != "archive":
        hub.ledger.seen.note_taken(_seen(hub, partner, find), landed.sending, hub.now)
    _put_away(box, find.name, message_id, rules)
    return message_id


def _is_named(text: str) -> bool:
    """Whether a name is of the grammar, so that it may be kept."""
    return filenames.parse(text) is not None or filenames.parse_reply(text) is not None


def _sending(hub: Hub, partner: str, box: Mailbox, find: _Find, rules: Rules) -> str:
    """Empty for a name's first sending, else the time of the file: a file taken before is sent again.

    A server killed in the middle of a move can leave the file in both folders; it has one time then. Where files are
    not moved, the ledger remembers the last one of that name.
    """
    if rules.after != "archive":
        return hub.ledger.seen.sending(_seen(hub, partner, find))[1]
    if not box.exists(DONE, find.name):
        return ""
    moved = next((entry.mtime for entry in box.list(DONE) if entry.name == find.name), None)
    return "" if moved == find.mtime else str(find.mtime)


def _land(hub: Hub, partner: str, chunks: Iterable[bytes], naming: Naming) -> tuple[list[str], int]:
    """Seal the bytes into landing as they stream in; return their keyed digests, the first names them, and their size.

    The others are what they would have been named under the digest keys of before.
    """
    digests = naming.begin(content_context(partner))
    size = 0

    def watched() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            for digest in digests:
                digest.update(chunk)
            size += len(chunk)
            yield chunk

    sealed = hub.seal.seal(watched(), landing_context(partner))
    hub.files.write("landing", sealed, digests[0].hexdigest)
    return [digest.hexdigest() for digest in digests], size


def content_context(partner: str) -> bytes:
    """What comes before the bytes of a file in its digest: two partners may send the same bytes."""
    return f"{partner}\0".encode()


def landing_context(partner: str) -> bytes:
    """What binds a landed file to the mailbox it came from."""
    return f"landing|{partner}".encode()


def _put_away(box: Mailbox, name: str, message_id: str, rules: Rules) -> None:
    """Do with a taken file what was agreed: by default move it to `in/done/`.

    One that is not there any more was moved by an earlier run, or by a server that does so by itself.
    """
    if rules.after == "delete":
        box.remove(INBOX, name)
    if rules.after != "archive":
        return
    for free in (name, f"{name}.{message_id}", f"{name}.{message_id}.{uuid.uuid4()}"):
        with suppress(Exists):
            with suppress(Missing):
                box.rename(INBOX, name, DONE, free)
            return


def _tidy(hub: Hub, partner: str, box: Mailbox, entries: list[Entry], finds: list[_Find], rules: Rules) -> None:
    """Put away a GO or TD whose data was taken before: by a run then killed, or before the TD was written."""
    taken = {name for find in finds for name in (find.name, find.mark)}
    present = {entry.name for entry in entries}
    for entry in entries:
        name = filenames.parse(entry.name)
        if name is None or name.kind == "FI" or entry.name in taken:
            continue
        data = str(name.data_name())
        if (data not in present or rules.after == "leave") and hub.ledger.submissions.is_registered(
            partner, _name_digests(hub, data)
        ):
            if name.kind == "TD":
                hub.ledger.submissions.withdraw(partner, _name_digests(hub, data))
            _put_away(box, entry.name, hub.new_id(), rules)


def _name_digests(hub: Hub, name: str) -> list[str]:
    """What a name is called under each digest key, that of today first."""
    return hub.keys.naming().names(name.encode())


def _note_taken(hub: Hub, partner: str, box: Mailbox, rules: Rules) -> None:
    """Note which deliveries the partner has taken, and which vanished from its mailbox untaken.

    One that vanished is looked for again: a partner may move it to `out/taken/` in two steps. Where the partner's
    server moves away what we deliver, one that is not there was taken.
    """
    waiting = hub.ledger.publications.unacknowledged(partner)
    if not waiting:
        return
    lying = {entry.name for entry in box.list(OUTBOX)}
    taken: set[str] = set()
    with suppress(Missing):  # no such folder before the partner first takes something
        taken = {entry.name for entry in box.list(TAKEN)}
    for row in waiting:
        if row["name"] in taken:
            hub.ledger.publications.acknowledge(row["publication_id"], "TAKEN", hub.now)
        elif row["name"] not in lying:
            kind = "TAKEN" if rules.consumes else "VANISHED"
            hub.ledger.publications.acknowledge(row["publication_id"], kind, hub.now)
