"""Was each file that a stand-in sent answered as it should be? Receipts (ACRF) and outcomes (NOTI).

A receipt is matched by file name and digest, since a name can be used again with other contents.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulators.book import Book
from simulators.defects import WARNED
from simulators.layout import FOREM


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement: its class, whose book, about which referral or file, and what."""

    kind: str
    partner: str
    subject: str
    detail: str


def of_book(book: Book, expected: list[dict[str, Any]], day: str) -> Iterator[Difference]:
    """Everything that is wrong with the answers to the files which this partner sent until `day`."""
    if book.partner == FOREM:
        expected = [_sound(sent) for sent in book.data["sent"] if sent["day"] <= day]
    sent_by_parcel = {sent["parcel"]: sent for sent in book.data["sent"]}
    for wanted in expected:
        sent = sent_by_parcel.get(wanted["parcel"])
        if sent is None:
            yield Difference("not_sent", book.partner, wanted["parcel"], "this day was not played")
            continue
        yield from _receipt(book, sent, wanted)
        if "ACCEPTED" in wanted["verdicts"]:
            yield from _outcome(book, sent, wanted)


def _sound(sent: dict[str, Any]) -> dict[str, Any]:
    """What is expected of a file of Le Forem: its mistakes are about whom, never about form."""
    same = {"parcel": sent["parcel"], "rows": sent["rows"]}
    return same | {
        "verdicts": ["ACCEPTED"],
        "codes": list(WARNED),
        "rejected": 0,
        "duplicate": 0,
        "findings": [],
    }


def _receipt(book: Book, sent: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Difference]:
    """The last ACRF row about these bytes under that name."""
    about = [row for row in book.data["ACRF"] if row["file"] == sent["name"]]
    rows = [row for row in about if row["sha256"] in {sent["sha256"], ""}]
    if not rows:
        yield Difference("receipt", book.partner, sent["name"], f"no ACRF, {wanted['verdicts'][0]} expected")
        return
    verdict, code = rows[-1]["verdict"], rows[-1]["code"]
    if verdict not in wanted["verdicts"] or code not in wanted["codes"]:
        hoped = f"{'/'.join(wanted['verdicts'])} {'/'.join(wanted['codes'])}".strip()
        yield Difference("receipt", book.partner, sent["name"], f"{verdict} {code} told, {hoped} expected")


def _outcome(book: Book, sent: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Difference]:
    """The TOTAL of the NOTI, and the codes of its errors."""
    rows = [row for row in book.data["NOTI"] if row["file"] == sent["name"]]
    totals = [row for row in rows if row["record"] == "TOTAL"]
    if not any(_adds_up(row, wanted) for row in totals):
        told = "; ".join(" ".join(row[name] for name in COUNTS) for row in totals) or "none"
        hoped = f"{wanted['rows']} read, {wanted['rejected']} rejected, {wanted['duplicate']} duplicate"
        yield Difference("outcome", book.partner, sent["name"], f"{hoped} expected; told ({', '.join(COUNTS)}): {told}")
    errors = {row["code"] for row in rows if row["record"] == "FINDING" and row["severity"] == "ERROR"}
    allowed = set(wanted["findings"])
    if errors - allowed or (allowed and not errors):
        detail = f"{'/'.join(sorted(allowed)) or 'no error'} expected, {'/'.join(sorted(errors)) or 'none'} told"
        yield Difference("finding", book.partner, sent["name"], detail)


COUNTS = ("read", "accepted", "warned", "rejected", "duplicate", "superseded")


def _adds_up(row: dict[str, str], wanted: dict[str, Any]) -> bool:
    """The counts are the expected ones, and read = accepted + rejected + duplicate + superseded."""
    if not all(row[name].isdecimal() for name in COUNTS):
        return False
    count = {name: int(row[name]) for name in COUNTS}
    known = all(
        count[name] == wanted[key]
        for name, key in (("read", "rows"), ("rejected", "rejected"), ("duplicate", "duplicate"))
    )
    whole = count["accepted"] + count["rejected"] + count["duplicate"] + count["superseded"]
    return known and count["read"] == whole and count["warned"] <= count["accepted"]
