"""The system of one CPAS: sends its orientations, takes statuses, reconciliations and receipts.

It knows its own people only. A row about a referral or a person that is not its own raises an alarm.
"""

import re
from pathlib import Path
from typing import Any

from simulators import envelopes, mailbox, naming, orientation, portal, sealing, table
from simulators.book import Book
from simulators.table import Row

TOKEN = re.compile(r"w1\.[a-z2-7]{4}\.[A-Za-z0-9_-]{43}")
FEEDS = ("STAT", "INSC", "RECO", "OFFR", "ACRF", "NOTI")
CONTRACT = "orientations/1"


def take(root: Path, partner: str) -> int:
    """Take everything from out/ into the book."""
    book = Book(root, partner)
    keys = sealing.keys_of(root, partner)

    def apply(feed: str, file: str, line: int, row: Row) -> None:
        if feed in {"ACRF", "NOTI"}:
            book.data[feed].append(row | {"taken_from": file})
        elif feed == "OFFR":
            portal.note(book, row)
        elif feed == "INSC":
            if _is_sealed_for(book, keys, file, line, row, list(book.data["own"].values())):
                book.data["INSC"][row["subject_token"]] = {
                    name: row[name] for name in ("movement", "registration_date")
                }
        elif feed == "RECO" and row["entity_kind"] != "REFERRAL":
            if _is_our_person(book, keys, file, line, row):
                mailbox.note_in_view(book, file, row, niss=_niss(book, keys, row))
        elif _is_ours(book, keys, file, line, row):
            _note(book, feed, file, row)

    return mailbox.take(book, FEEDS, apply)


def _is_ours(book: Book, keys: dict[str, Any], file: str, line: int, row: Row) -> bool:
    """Whether referral, person and dossier in the row are those which this CPAS sent."""
    own = book.data["own"].get(row.get("referral_id") or row["entity_ref"])
    if own is None:
        book.alarm("foreign_referral", file, line)
        return False
    return _is_sealed_for(book, keys, file, line, row, [own])


def _is_our_person(book: Book, keys: dict[str, Any], file: str, line: int, row: Row) -> bool:
    """Whether a row of the view that is of no referral is of this CPAS, and of somebody whom it oriented."""
    if row["entity_kind"] != "REGISTRATION" or row["cpas"] != book.partner or row["entity_ref"]:
        book.alarm("foreign_entity", file, line)
        return False
    return _is_sealed_for(book, keys, file, line, row, list(book.data["own"].values()))


def _is_sealed_for(book: Book, keys: dict[str, Any], file: str, line: int, row: Row, own: list[dict[str, Any]]) -> bool:
    """Whether the sealed person and dossier are those of one of these referrals; a row that is gone holds neither."""
    if TOKEN.fullmatch(row["subject_token"]) is None:
        book.alarm("bad_token", file, line)
    if row.get("record") == "GONE":
        return True
    try:
        identity = sealing.open_sealed(row["sealed_identity"], book.partner, keys)
        local = sealing.open_sealed(row["sealed_local_ref"], book.partner, keys)
    except sealing.SealedError:
        book.alarm("sealed_unreadable", file, line)
        return False
    same = [one for one in own if one["identity"] == identity]
    if not same:
        book.alarm("foreign_person", file, line)
        return False
    if _dossier(local.get("cpas_dossier_ref", "")) not in {_dossier(one["dossier"]) for one in same}:
        book.alarm("wrong_local_ref", file, line)
    return True


def _niss(book: Book, keys: dict[str, Any], row: Row) -> str:
    """Whom a row is about; empty where it is gone."""
    return sealing.open_sealed(row["sealed_identity"], book.partner, keys).get("niss", "")


def _dossier(text: str) -> str:
    """A dossier number as it is compared: no blanks, dashes, slashes or leading zeros, capitals."""
    return re.sub(r"[\s/-]", "", text).upper().lstrip("0")


def _note(book: Book, feed: str, file: str, row: Row) -> None:
    """Keep the row without its sealed columns."""
    if feed == "RECO":
        mailbox.note_in_view(book, file, row)
        return
    plain = {name: value for name, value in row.items() if name not in mailbox.SEALED} | {"taken_from": file}
    book.note("STAT", row["referral_id"], row["status_date"], plain)


def write_day(root: Path, partner: str, day: str) -> int:
    """Write the files of that day into in/; how many were put there now."""
    book = Book(root, partner)
    if day not in book.data["written"]:
        script = book.script()
        book.data["written"][day] = [
            entry for parcel in script["parcels"] if parcel["day"] == day for entry in _files(book, script, parcel)
        ]
        book.save()
    return mailbox.put_day(book, day)


def _files(book: Book, script: dict[str, Any], parcel: dict[str, Any]) -> list[dict[str, str]]:
    """The files of one parcel in the order in which they are put; the mistakes are made here."""
    if parcel["mistake"] == "late_go":
        return [book.sent_parcel(parcel["of"])["go"]]
    name, data, previous = _data(book, script, parcel)
    versions = [int(row["version"]) for row in parcel["rows"]]
    go = naming.manifest(name, data, CONTRACT, versions, previous, len(parcel["rows"]))
    if parcel["mistake"] == "manifest_count_mismatch":
        go["rows"] += 1
    if parcel["mistake"] == "hash_mismatch":
        go["sha256"] = naming.digest(data + b"another file")
    go = envelopes.signed(book.root, book.partner, go)
    go_name = naming.go_of(name)
    entries = [
        {"name": name, "path": mailbox.store(book, parcel["day"], name, data)},
        {"name": go_name, "path": mailbox.store(book, parcel["day"], go_name, naming.render(go))},
    ]
    _remember(book, parcel, name, naming.digest(data), previous, entries)
    return entries[:1] if parcel["mistake"] == "no_go" else entries


def _data(book: Book, script: dict[str, Any], parcel: dict[str, Any]) -> tuple[str, bytes, str | None]:
    """Name, bytes, digest of the file before; a repeated file has the bytes or the name of an earlier one."""
    mistake, sender = parcel["mistake"], parcel["sender"]
    if mistake == "same_name_new_content":
        first = book.sent_parcel(parcel["of"])
        data = _render(script["encoding"], parcel)
        return first["name"], envelopes.wrapped(book.root, book.partner, first["name"], data), first["previous"]
    env = "R" if mistake == "wrong_environment" else "T"
    name = naming.inbound("ORIE", sender, parcel["day"], book.next_sequence(sender), env)
    if mistake == "duplicate_file":
        data = (book.home / book.sent_parcel(parcel["of"])["entries"][0]["path"]).read_bytes()
    else:
        data = _render("cp1252" if mistake == "wrong_encoding" else script["encoding"], parcel)
        data = envelopes.wrapped(book.root, book.partner, name, data)
    return name, data, book.data["last_digest"].get(sender)


def _render(encoding: str, parcel: dict[str, Any]) -> bytes:
    """The CSV in the partner's encoding."""
    return table.write(orientation.COLUMNS, parcel["rows"], parcel["ragged"]).encode(encoding)


def _remember(
    book: Book,
    parcel: dict[str, Any],
    name: str,
    digest: str,
    previous: str | None,
    entries: list[dict[str, str]],
) -> None:
    """Enter a sent file in the book, and the people of its rows where they are this CPAS's own."""
    book.data["last_digest"][parcel["sender"]] = digest
    sent = {
        "parcel": parcel["id"],
        "name": name,
        "sha256": digest,
        "rows": len(parcel["rows"]),
        "feed": "ORIE",
    }
    more = {"previous": previous, "entries": entries, "go": entries[1], "day": parcel["day"]}
    book.data["sent"].append(sent | more)
    for row in parcel["rows"] if parcel["sender"] == book.partner else []:
        identity = {column: row[column] for column in ("niss", "last_name", "first_name", "birth_date")}
        book.data["own"][row["referral_id"]] = {"identity": identity, "dossier": row["cpas_dossier_ref"]}
