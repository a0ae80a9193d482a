"""Do the stand-ins' books agree with the ground truth? Every difference is one line, by class.

It reads books, mailboxes and truth, never the hub. Subjects are referral ids and file names: no value of a
person is printed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulators import layout, portal, receipts, registrations, truth
from simulators.book import Book
from simulators.layout import FOREM
from simulators.orientation import CODED
from simulators.receipts import Difference

Standing = dict[str, Any]
ORPHAN_AFTER = 4  # an orphan waits three working days for its referral before it is told
RECO_CODES = {"R404", "R503"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found, and how much it looked at."""

    day: str
    referrals: int
    files: int
    differences: list[Difference]

    def as_json(self) -> dict[str, Any]:
        """For --json: the counts by class and every difference."""
        counts = dict(sorted(Counter(one.kind for one in self.differences).items()))
        found = [asdict(one) for one in self.differences]
        head = {"agree": not found, "day": self.day, "referrals": self.referrals, "files": self.files}
        return head | {"counts": counts, "differences": found}


def check(root: Path, day: str = "") -> Verdict:
    """Compare at the end of `day`, by default the last day of the scenario."""
    story = truth.read(root)
    day = day or story["days"][-1]
    books = {partner: Book(root, partner) for partner in layout.partners(root)}
    standing = {one["referral_id"]: _standing(one, day) for one in story["referrals"]}
    found: list[Difference] = []
    for one in story["referrals"]:
        found += _at_cpas(books[one["cpas"]], one["referral_id"], standing[one["referral_id"]])
        found += _at_forem(books[FOREM], one, standing[one["referral_id"]])
    for book in books.values():
        found += _registrations(book, story, standing, books[FOREM].data["registered"])
    found += _unexpected(books, {key for key, now in standing.items() if now}, set(story["orphans"]))
    if story["days"].index(day) >= ORPHAN_AFTER:
        found += _orphans(books[FOREM], story["orphans"])
    expected = [one for one in story["files"] if one["due"] <= story["days"].index(day)]
    for book in books.values():
        found += receipts.of_book(book, [one for one in expected if one["partner"] == book.partner], day)
        found += _deliveries(book)
        found += portal.check(root, book)
    return Verdict(day, sum(map(bool, standing.values())), len(expected), found)


def _standing(one: dict[str, Any], day: str) -> Standing | None:
    """How the referral stands at the end of that day; None before any row of it counts."""
    past: list[Standing] = [standing for standing in one["standing"] if standing["from"] <= day]
    return past[-1] if past else None


def _at_cpas(book: Book, referral: str, now: Standing | None) -> Iterator[Difference]:
    """The CPAS must hold the agreed state and the statuses of Le Forem, and before that nothing."""
    if now is None:
        return
    reco = book.data["RECO"].get(referral)
    if reco is None:
        yield Difference("state", book.partner, referral, f"no RECO row, {now['core']} expected")
    else:
        yield from _compare_reco(book.partner, referral, reco, now)
    live = book.live("STAT", referral)
    status = live["core_status"] if live else ""
    if status != now["forem_core"]:
        detail = f"{status or 'none'} held, {now['forem_core'] or 'none'} expected"
        yield Difference("status", book.partner, referral, detail)


def _compare_reco(partner: str, referral: str, reco: dict[str, Any], now: Standing) -> Iterator[Difference]:
    """Core status, class and versions of the last RECO row; what the rules leave open is not compared."""
    if reco["agreed_state"] != now["core"]:
        yield Difference("state", partner, referral, f"{reco['agreed_state']} told, {now['core']} expected")
    if now["class"] and reco["class"] != now["class"]:
        yield Difference("class", partner, referral, f"{reco['class']} told, {now['class']} expected")
    if now["conflict"]:
        return
    for column in ("cpas_version", "forem_version"):
        if reco[column] != now[column]:
            detail = f"{column} {reco[column] or 'none'} told, {now[column] or 'none'} expected"
            yield Difference("version", partner, referral, detail)
    wrong = RECO_CODES & set(reco["codes"].split("|"))
    if wrong:
        yield Difference("codes", partner, referral, f"{', '.join(sorted(wrong))} told without a cause")


def _at_forem(book: Book, one: dict[str, Any], now: Standing | None) -> Iterator[Difference]:
    """Le Forem must hold the referral in force with the right person, and the reconciled state."""
    if now is None:
        return
    key = one["referral_id"]
    if key not in book.data["ORIE"]:
        yield Difference("referral", FOREM, key, "not received")
        return
    live: dict[str, Any] | None = book.live("ORIE", key)
    if live is None or now["row"] is None:
        if (live is None) != (now["row"] is None):
            yield Difference("referral", FOREM, key, "cancelled here only" if live is None else "not cancelled")
    else:
        yield from _compare_row(live, one, now["row"])
    yield from _forem_reco(book, key, now)


def _compare_row(live: dict[str, Any], one: dict[str, Any], row: dict[str, str]) -> Iterator[Difference]:
    """The opened person, and every coded column of the version in force."""
    key = one["referral_id"]
    opened = {name: live["identity"].get(name, "") for name in one["person"]}
    wrong = [name for name, value in one["person"].items() if opened[name] != value]
    if wrong:
        yield Difference("identity", FOREM, key, f"not the person's: {', '.join(wrong)}")
    wrong = [name for name in CODED if not _same(name, live[name], row[name])]
    if live["sender"] != one["cpas"]:
        wrong.append("sender")
    if wrong:
        yield Difference("content", FOREM, key, f"differ: {', '.join(wrong)}")


def _same(name: str, held: str, sent: str) -> bool:
    """Equal; moments are compared as moments, whatever their offset."""
    if name != "recorded_at" or not held:
        return held == sent
    return datetime.fromisoformat(held) == datetime.fromisoformat(sent)


def _forem_reco(book: Book, key: str, now: Standing) -> Iterator[Difference]:
    """Le Forem's own RECO row; a status about another person is told as its conflict to mend."""
    reco = book.data["RECO"].get(key)
    if reco is None:
        yield Difference("state", FOREM, key, "no RECO row")
    elif not now["conflict"]:
        yield from _compare_reco(FOREM, key, reco, now)
    elif reco["class"] != "CONFLICT" or "R503" not in reco["codes"].split("|") or reco["owner"] != "FOREM":
        yield Difference("conflict", FOREM, key, "CONFLICT with R503 owned by FOREM expected")


def _registrations(
    book: Book, story: dict[str, Any], standing: dict[str, Standing | None], registered: dict[str, str]
) -> Iterator[Difference]:
    """A registration is told of somebody whom its CPAS oriented, to that CPAS once Le Forem has answered it.

    Whom Le Forem has said to be registered is found so, and nobody else.
    """
    known = [one for one in story["referrals"] if standing[one["referral_id"]]]
    if book.partner != FOREM:
        known = [one for one in known if book.data["STAT"].get(one["referral_id"])]
    pairs = {(one["cpas"], one["person"]["niss"]) for one in known}
    for row in book.data["RECO"].values():
        kind = row["entity_kind"]
        if kind == "REFERRAL":
            continue
        niss = row["identity"]["niss"] if book.partner == FOREM else row["niss"]
        if (row["cpas"], niss) not in pairs:
            yield Difference("unexpected", book.partner, kind, "told of a person who is not its own, or too soon")
        right = (
            {"ON_TIME", "LATE", "NOT_APPLICABLE"}
            if niss in registered.values()
            else {"PENDING", "OVERDUE", "NOT_APPLICABLE"}
        )
        if (row["forem_view"] == "REGISTERED") != (niss in registered.values()) or row["agreed_state"] not in right:
            yield Difference("state", book.partner, kind, f"{row['forem_view']} {row['agreed_state']} told")
    for one in known:
        niss, now = registered.get(one["referral_id"]), standing[one["referral_id"]]
        concerned = book.partner in (FOREM, one["cpas"]) and now is not None and bool(now["row"])
        if niss and concerned and not registrations.held(book.data["RECO"], niss):
            yield Difference("registration", book.partner, one["referral_id"], "registered, and not told so")


def _orphans(book: Book, orphans: list[str]) -> Iterator[Difference]:
    """Le Forem must be told of each status for an unknown referral."""
    for key in orphans:
        reco = book.data["RECO"].get(key, {"class": "", "codes": ""})
        if reco["class"] != "ORPHAN_ACK" or "R404" not in reco["codes"].split("|"):
            yield Difference("orphan", FOREM, key, "ORPHAN_ACK with R404 expected")


def _unexpected(books: dict[str, Book], known: set[str], orphans: set[str]) -> Iterator[Difference]:
    """Nobody may hold a referral that is not in the truth yet; an orphan is told to Le Forem only."""
    for partner, book in books.items():
        view = {key for key, row in book.data["RECO"].items() if row["entity_kind"] == "REFERRAL"}
        held = set(book.data["ORIE"]) | set(book.data["STAT"]) | view
        for key in sorted(held - known - (orphans if partner == FOREM else set())):
            yield Difference("unexpected", partner, key, "held, though no valid row was sent")
        if partner == FOREM:
            for key in sorted(orphans & set(book.data["ORIE"])):
                yield Difference("unexpected", partner, key, "an orphan was published as an orientation")


def _deliveries(book: Book) -> Iterator[Difference]:
    """Alarms, second deliveries, gaps in the chain of files, and what still lies in out/."""
    for alarm in book.data["alarms"]:
        kind = "foreign" if alarm["kind"].startswith("foreign") else "delivery"
        yield Difference(
            kind,
            book.partner,
            alarm["file"],
            f"{alarm['kind']} line {alarm['line']} {alarm['reason']}".strip(),
        )
    for name in book.data["duplicates"]:
        yield Difference("duplicate_delivery", book.partner, name, "delivered again after it was taken")
    last: dict[str, str] = {}
    for name in sorted(book.data["taken"], key=lambda name: name.split(".")[4]):
        feed = name.split(".")[1]
        if book.data["taken"][name]["previous"] != last.get(feed):
            yield Difference("missing_delivery", book.partner, name, "the file before it was never taken")
        last[feed] = book.data["taken"][name]["sha256"]
    for path in sorted(path for box in book.boxes for path in (box / "out").iterdir()):
        if path.is_file():
            yield Difference("left_in_out", book.partner, path.name, "not taken: no GO, no data, or not as announced")
