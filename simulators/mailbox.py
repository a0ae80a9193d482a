"""What every stand-in does with its mailbox: put files into in/, take files from out/.

Both can be run again after a kill: files are put only where they are missing, and a file is taken into the
book before it is moved. A file from the hub that contradicts its GO stays where it is and raises an alarm.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from simulators import courses, envelopes, layout, naming, orientation, registrations, table
from simulators.book import Book
from simulators.table import Row, words

SEALED = ["subject_token", "sealed_identity", "sealed_local_ref"]
RECO = words(
    "entity_kind cpas entity_ref cpas_view forem_view agreed_state business_status status_date class reason codes "
    "owner since due lead next_service lead_rule cpas_version forem_version next_appointment_at snapshot_date"
)
OFFR = words(
    "record notice_id version notice_status effective_date recorded_at offer_number title rome nace contract_type "
    "regime positions work_nis work_postal_codes work_nuts study_levels languages experience driving_license "
    "published_from published_until first_seen last_seen closed_at source url attribution"
)
ACRF = words("file received_at size sha256 verdict code message_fr mend_fr")
NOTI = words(
    "file record line column code severity count shape message_fr mend_fr read accepted warned rejected "
    "duplicate superseded"
)
FEEDS: dict[str, tuple[str, list[str]]] = {
    "ORIE": ("orientations_out/1", [*SEALED[:2], "sender", *orientation.CODED]),
    "STAT": ("statuses_out/1", SEALED + courses.CODED),
    "INSC": ("registrations_out/1", SEALED + registrations.CODED),
    "RECO": ("reconciliation/1", ["record", *SEALED, *RECO]),
    "OFFR": ("job_offers_out/1", OFFR),
    "ACRF": ("acrf/1", ACRF),
    "NOTI": ("noti/1", NOTI),
}
Apply = Callable[[str, str, int, Row], None]  # feed, file, line, row


def name_in_view(row: Row) -> str:
    """What a row of RECO is called in a book: a referral by its reference, all else by kind, person and CPAS too."""
    if row["entity_kind"] == "REFERRAL":
        return row["entity_ref"]
    return "|".join(row[column] for column in ("entity_kind", "subject_token", "cpas", "entity_ref"))


def note_in_view(book: Book, file: str, row: Row, **more: Any) -> None:
    """Keep the last word of each row of RECO, without its sealed columns; one that is gone is kept no longer."""
    name = name_in_view(row)
    if file < book.data["RECO"].get(name, {"taken_from": ""})["taken_from"]:
        return
    book.data["RECO"].pop(name, None)
    if row["record"] != "GONE":
        plain = {column: value for column, value in row.items() if column not in SEALED}
        book.data["RECO"][name] = plain | {"taken_from": file} | more


def store(book: Book, day: str, name: str, data: bytes) -> str:
    """Keep the bytes of a file to send, in the partner's own folder; its path below that folder."""
    path = f"sent/{day}/{name}"
    layout.write_whole(book.home / path, data)
    return path


def put_day(book: Book, day: str) -> int:
    """Put the files of that day into in/, in order, where they are not there or collected already.

    A file whose name was used again on a later day is not put back: the later contents stand.
    """
    count = 0
    later = {entry["name"] for one, entries in book.data["written"].items() if one > day for entry in entries}
    for entry in [entry for entry in book.data["written"].get(day, []) if entry["name"] not in later]:
        data = (book.home / entry["path"]).read_bytes()
        box = book.home / entry.get("box", "mailbox")
        if not _present(box / "in", entry["name"], data):
            layout.write_whole(box / "in" / entry["name"], data)
            count += 1
    return count


def _present(folder: Path, name: str, data: bytes) -> bool:
    """Whether these bytes are below `folder` under that name, or one that begins with it."""
    same = (path for path in folder.rglob(f"{name}*") if path.is_file() and not path.name.endswith(".part"))
    return any(path.read_bytes() == data for path in same)


def take(book: Book, feeds: Iterable[str], apply: Apply) -> int:
    """Take every complete file from out/ into the book, then move it and its GO to out/taken/."""
    lying = {path.name: box for box in book.boxes for path in (box / "out").iterdir() if naming.outbound(path.name)}
    complete = [name for name in sorted(lying) if (lying[name] / "out" / naming.go_of(name)).exists()]
    count = sum(_take_one(book, lying[name], name, list(feeds), apply) for name in complete)
    book.save()
    for name, taken in book.data["taken"].items():
        if not taken["moved"]:
            _move(book, name)
            taken["moved"] = True
    book.save()
    return count


def _take_one(book: Book, box: Path, name: str, feeds: list[str], apply: Apply) -> bool:
    """Check one file against its GO and read it into the book; True when it was new and sound."""
    data = (box / "out" / name).read_bytes()
    taken = book.data["taken"].get(name)
    if taken is not None:
        if taken["moved"]:
            book.data["duplicates"].append(name)
            taken["moved"] = False
        return False
    go, rows, reason = _read(book, box, name, data, feeds)
    if reason:
        book.alarm("bad_delivery", name, reason=reason)
        return False
    if go["kind"] == "SNAPSHOT":
        book.data["RECO"] = {}  # what is not told again holds no longer
    for line, row in enumerate(rows, start=2):
        apply(name.split(".")[1], name, line, row)
    book.data["taken"][name] = {
        "sha256": go["sha256"],
        "previous": go["previous"],
        "rows": len(rows),
        "moved": False,
    }
    return True


def _read(book: Book, box: Path, name: str, data: bytes, feeds: list[str]) -> tuple[dict[str, Any], list[Row], str]:
    """GO, rows, and why the file is not what its GO announces (empty when it is)."""
    parts = naming.outbound(name)
    if parts is None or parts.recipient != book.partner or parts.environment != "T" or parts.feed not in feeds:
        return {}, [], "not for this partner"
    contract, columns = FEEDS[parts.feed]
    try:
        go = json.loads((box / "out" / naming.go_of(name)).read_text("utf-8"))
        clear = envelopes.unwrapped(book.root, book.partner, name, data, go)
        header, rows = table.read(clear.decode("utf-8"))
    except (ValueError, OSError, LookupError, TypeError):
        return {}, [], "unreadable"
    promised = (go.get("file"), go.get("sha256"), go.get("rows"), go.get("contract"), header)
    found = (name, naming.digest(data), len(rows), contract, columns)
    wrong = [
        what
        for what, a, b in zip(("file", "sha256", "rows", "contract", "header"), promised, found, strict=True)
        if a != b
    ]
    wrong += [key for key in ("first_version", "last_version", "previous") if key not in go]
    wrong += ["kind"] if go.get("kind") not in (("DELTA", "SNAPSHOT") if parts.feed == "RECO" else ("DELTA",)) else []
    return go, rows, ", ".join(wrong)


def _move(book: Book, name: str) -> None:
    """FO, then GO, to out/taken/; a second delivery replaces the first there."""
    for one in (name, naming.go_of(name)):
        for box in book.boxes:
            if (box / "out" / one).exists():
                (box / "out" / one).replace(box / "out" / "taken" / one)
