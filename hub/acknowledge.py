"""What a sender is told, in French: of its file (ACRF), of its rows (NOTI), of what was not taken (NOND).

Pure. A receipt names the sender's own file, counts, codes and shapes; it shows no value, not even to the
one who sent it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.words import mend, says, shape_in
from hub.calendar import BRUSSELS
from hub.publish import Row, Values

VERDICTS = {"DONE": "ACCEPTED", "REFUSED": "REFUSED", "DUPLICATE": "DUPLICATE", "WITHDRAWN": "WITHDRAWN"}
NOT_TAKEN = {
    "OVERDUE": (
        "Le fichier a été remis, mais son destinataire ne l'a pas pris dans le délai.",
        "Rien à renvoyer : le fichier attend dans sa boîte. S'il y a urgence, appelez le destinataire.",
    ),
    "TAKEN_LATE": ("Le destinataire a pris le fichier, après le délai.", "Rien à faire."),
}
COUNTS = ("read", "accepted", "warned", "rejected", "duplicate", "superseded")


@dataclass(frozen=True, slots=True)
class Late:
    """One referral in a published file that was not taken by the end of `due`; `taken_on` once it was."""

    file: str
    feed: str
    recipient: str
    referral_id: str
    delivered_on: date
    due: date
    taken_on: date | None


def receipt_row(submission: Mapping[str, Any], sha256: str) -> Row:
    """The ACRF row of a finished file; `sha256` is of the sender's own bytes, for the sender alone."""
    code = submission["code"] or next(iter(submission["warnings"]), None)
    values: Values = {
        "file": submission["name"],
        "received_at": submission["received_at"].astimezone(BRUSSELS).isoformat(),
        "size": str(submission["size"]),
        "sha256": sha256,
        "verdict": VERDICTS[submission["state"]],
        "code": code,
        **_sentences(code),
    }
    return _row(submission, 0, values)


def outcome_rows(submission: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The NOTI rows of a finished file: its totals when its rows were read, then its findings."""
    rows: list[Values] = []
    if submission["state"] == "DONE" or submission["read"]:
        rows.append({"record": "TOTAL", **{name: str(submission[name]) for name in COUNTS}})
    for finding in findings:
        shown = ("line", "column", "code", "severity", "count", "shape")
        cells = {name: None if finding[name] is None else str(finding[name]) for name in shown}
        cells["shape"] = shape_in("fr", finding["shape"])
        rows.append({"record": "FINDING", **cells, **_sentences(finding["code"])})
    return [_row(submission, n, {"file": submission["name"], **values}) for n, values in enumerate(rows)]


def late_row(late: Late) -> Row:
    """The NOND row of one referral in a file that its recipient did not take in time, or took later."""
    state = "TAKEN_LATE" if late.taken_on else "OVERDUE"
    message, mend_it = NOT_TAKEN[state]
    values: Values = {
        "file": late.file,
        "feed": late.feed,
        "recipient": late.recipient,
        "referral_id": late.referral_id,
        "delivered_on": str(late.delivered_on),
        "due": str(late.due),
        "state": state,
        "taken_on": str(late.taken_on) if late.taken_on else None,
        "message_fr": message,
        "mend_fr": mend_it,
    }
    return Row(f"{late.file}|{late.referral_id}", state, late.referral_id, values)


def _sentences(code: str | None) -> Values:
    if code is None:
        return {"message_fr": None, "mend_fr": None}
    return {"message_fr": says(code), "mend_fr": mend(code)}


def _row(submission: Mapping[str, Any], n: int, values: Values) -> Row:
    key = f"{submission['message_id']}|{n:06d}"
    return Row(key, "told", submission["message_id"], values)
