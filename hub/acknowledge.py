"""Receipts: what a sender is told of its file (ACRF) and of its rows (NOTI), in French.

Pure. A receipt names the sender's own file, counts, codes and shapes; it shows no value, not even to the
one who sent it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from contracts.words import mend, says, shape_in
from hub.calendar import BRUSSELS
from hub.publish import Row, Values

VERDICTS = {"DONE": "ACCEPTED", "REFUSED": "REFUSED", "DUPLICATE": "DUPLICATE", "WITHDRAWN": "WITHDRAWN"}
COUNTS = ("read", "accepted", "warned", "rejected", "duplicate", "superseded")


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


def _sentences(code: str | None) -> Values:
    if code is None:
        return {"message_fr": None, "mend_fr": None}
    return {"message_fr": says(code), "mend_fr": mend(code)}


def _row(submission: Mapping[str, Any], n: int, values: Values) -> Row:
    key = f"{submission['message_id']}|{n:06d}"
    return Row(key, "told", submission["message_id"], values)
