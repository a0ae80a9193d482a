"""The system of Le Forem: takes orientations, opens who they are about, and answers with statuses.

It answers only what it has taken and opened itself, in the words of its script: a referral that never arrived
is never answered. The NISS it sends back is the one it opened.
"""

from datetime import date
from pathlib import Path
from typing import Any

from simulators import courses, days, envelopes, mailbox, naming, registrations, sealing, table
from simulators.book import Book
from simulators.cpas import TOKEN
from simulators.layout import FOREM
from simulators.table import Row

FEEDS = ("ORIE", "RECO", "ACRF", "NOTI")
KINDS = {"STAT": (courses.COLUMNS, "statuses/1"), "INSC": (registrations.COLUMNS, registrations.CONTRACT)}


def take(root: Path) -> int:
    """Take everything from out/ into the book."""
    book = Book(root, FOREM)
    keys = sealing.keys_of(root, FOREM)

    def apply(feed: str, file: str, line: int, row: Row) -> None:
        if feed in {"ACRF", "NOTI"}:
            book.data[feed].append(row | {"taken_from": file})
        else:
            _note(book, keys, feed, file, line, row)

    return mailbox.take(book, FEEDS, apply)


def _note(book: Book, keys: dict[str, Any], feed: str, file: str, line: int, row: Row) -> None:
    """Keep the row with the identity that was sealed in it; a row of the view that is gone holds none."""
    if TOKEN.fullmatch(row["subject_token"]) is None:
        book.alarm("bad_token", file, line)
    try:
        identity = sealing.open_sealed(row["sealed_identity"], FOREM, keys)
    except sealing.SealedError:
        book.alarm("sealed_unreadable", file, line)
        return
    if row.get("sealed_local_ref"):
        book.alarm("foreign_local_ref", file, line)
    plain: dict[str, Any] = {name: value for name, value in row.items() if name not in mailbox.SEALED}
    plain |= {"taken_from": file, "identity": identity}
    if feed == "ORIE":
        book.note("ORIE", row["referral_id"], row["effective_date"], plain)
        return
    if row["entity_kind"] not in {"REFERRAL", "REGISTRATION"}:
        book.alarm("foreign_entity", file, line)
    mailbox.note_in_view(book, file, row, identity=identity)


def write_day(root: Path, day: str) -> int:
    """Write the statuses which are due into in/; how many files were put there now."""
    book = Book(root, FOREM)
    if day not in book.data["written"]:
        script = book.script()
        rows, people = _due(book, script, day), _registered(book, script, day)
        book.data["written"][day] = _files(book, day, "INSC", people) + _files(book, day, "STAT", rows)
        book.save()
    return mailbox.put_day(book, day)


def _due(book: Book, script: dict[str, Any], day: str) -> list[Row]:
    """Every status planned until then, not yet sent, about a referral which is in the book as it must be."""
    rows: list[Row] = []
    for orphan in script["orphans"]:
        key = orphan["row"]["referral_id"]
        if orphan["day"] <= day and key not in book.data["answered"]:
            book.data["answered"][key] = 1
            rows.append(orphan["row"])
    for referral in sorted(book.data["ORIE"]):
        rows += _due_of(book, script["steps"].get(referral, []), referral, day)
    moment = date.fromisoformat(day)
    return [
        row
        | {
            "notice_id": f"F{day.replace('-', '')}-{rank:05d}",
            "recorded_at": days.stamp(moment, 9 + rank // 60 % 4, rank % 60),
        }
        for rank, row in enumerate(rows, start=1)
    ]


def _due_of(book: Book, steps: list[dict[str, Any]], referral: str, day: str) -> list[Row]:
    """The due statuses of one referral, in order; one that is not ready holds those after it."""
    rows: list[Row] = []
    for step in steps[book.data["answered"].get(referral, 0) :]:
        live = book.live("ORIE", referral) is not None
        person = _niss(book, step["niss_of"] or referral)
        if step["day"] > day or live != (step["when"] == "live") or person is None:
            break
        book.data["answered"][referral] = step["version"]
        rows.append(step["cells"] | {"referral_id": referral, "version": str(step["version"]), "niss": person})
    return rows


def _niss(book: Book, referral: str) -> str | None:
    """The NISS opened in the latest row about that referral."""
    rows: dict[str, Any] = book.data["ORIE"].get(referral, {})
    return rows[max(rows)]["identity"].get("niss") if rows else None


def _registered(book: Book, script: dict[str, Any], day: str) -> list[Row]:
    """Whom it registers: those planned until then whom it knows by a live referral, each once."""
    rows: list[Row] = []
    for planned in script.get("registrations", []):
        referral = planned["referral"]
        person = _niss(book, referral) if book.live("ORIE", referral) else None
        if planned["day"] <= day and person and person not in book.data["registered"].values():
            book.data["registered"][referral] = person
            rows.append(registrations.row(planned, person, day, len(rows) + 1))
    return rows


def _files(book: Book, day: str, feed: str, rows: list[Row]) -> list[dict[str, str]]:
    """The data file and its GO, unless there is nothing to say: registrations and every other file of statuses
    wait behind the API where there is one."""
    if not rows:
        return []
    stream = FOREM if feed == "STAT" else f"{FOREM}.{feed}"
    columns, contract = KINDS[feed]
    data = table.write(columns, rows).encode("utf-8")
    previous, number = book.data["last_digest"].get(stream), book.next_sequence(stream)
    name = naming.inbound(feed, FOREM, day, number)
    data = envelopes.wrapped(book.root, FOREM, name, data)
    go = naming.manifest(name, data, contract, [int(row["version"]) for row in rows], previous, len(rows))
    go = envelopes.signed(book.root, FOREM, go)
    go_name = naming.go_of(name)
    digest = book.data["last_digest"][stream] = naming.digest(data)
    part = "regular" if feed == "STAT" else feed
    sent = {"parcel": f"{FOREM}/{day}/{part}", "name": name, "sha256": digest, "rows": len(rows), "day": day}
    book.data["sent"].append(sent | {"feed": feed})
    by_api = len(book.boxes) > 1 and (feed == "INSC" or number % 2 == 1)
    box = {"box": "desk"} if by_api else {}
    return [
        {"name": name, "path": mailbox.store(book, day, name, data), **box},
        {"name": go_name, "path": mailbox.store(book, day, go_name, naming.render(go)), **box},
    ]
