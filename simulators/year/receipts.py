"""What the partners were told of their files, and whether every file of the hub came once, and in order."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from simulators import layout
from simulators.year.store import Store

# what a partner does now and then, and the rows by which it is seen
ACTS = {
    "appointment kept or not": "feed='STAT' AND json_extract(row,'$.attendance') IS NOT NULL",
    "sent onward": "feed='STAT' AND json_extract(row,'$.parent_referral_id') IS NOT NULL",
    "not registered": "feed='MANQ' AND json_extract(row,'$.kind')='NOT_REGISTERED'",
    "session for staff": "feed='JOBD' AND json_extract(row,'$.kind')='STAFF_SESSION'",
    "came to a job day or not": "feed='MOBI' AND json_extract(row,'$.attendance') IS NOT NULL",
    "result of a job day": "feed='MOBI' AND json_extract(row,'$.result') IS NOT NULL",
}
Difference = tuple[str, str, str, str]
OF_THE_LINE = ("F06", "F37", "F38")  # a sequence left out, a file before it missing: after one was cut short, too
COUNTS = ("read", "accepted", "warned", "rejected", "duplicate", "superseded")


def sent(store: Store) -> dict[str, Any]:
    """Files and rows by feed and by fault."""
    feeds = store.all("SELECT feed, count(*) AS files, sum(rows) AS rows FROM file GROUP BY feed")
    wrong = store.all("SELECT fault, count(*) AS files FROM file WHERE fault<>'' GROUP BY fault")
    codes = store.all("SELECT value AS code, count(*) AS rows FROM file, json_each(findings) GROUP BY value")
    taken = store.all("SELECT feed, count(*) AS files, sum(rows) AS rows FROM taken GROUP BY feed")
    labels = store.all(
        "SELECT contract, count(*) AS files FROM (SELECT contract FROM file UNION ALL SELECT contract FROM taken) "
        "WHERE contract NOT LIKE '%/1' GROUP BY contract"
    )
    counted = "SELECT count(*) AS rows FROM statement WHERE sent IS NOT NULL AND "
    return {
        "acts": {name: store.all(counted + rows)[0]["rows"] for name, rows in ACTS.items()},
        "later_versions": {row["contract"]: row["files"] for row in labels},
        "files": {row["feed"]: [row["files"], row["rows"]] for row in feeds},
        "faults": {row["fault"]: row["files"] for row in wrong},
        "rejected": {row["code"]: row["rows"] for row in codes},
        "taken": {row["feed"]: [row["files"], row["rows"]] for row in taken},
    }


def compare(store: Store) -> Iterator[Difference]:
    """Every file that was read by now has its receipt, and its outcome adds up."""
    last = store.all("SELECT max(day) AS day FROM done")[0]["day"]
    for file in store.all("SELECT * FROM file WHERE day<=?", last):
        rows = [
            (row["feed"], json.loads(row["row"]))
            for row in store.all(
                "SELECT feed, row FROM receipt WHERE partner=? AND file=?", file["sender"], file["name"]
            )
        ]
        told = [row for feed, row in rows if feed == "ACRF"]
        if not told:
            yield "receipt_missing", file["sender"], file["name"], f"{file['verdict']} expected"
        elif told[-1]["verdict"] != file["verdict"] or not _is_code(file["codes"], file["verdict"], told[-1]["code"]):
            detail = f"{told[-1]['verdict']} {told[-1]['code']} told, {file['verdict']} {file['codes']} expected"
            yield "receipt_wrong", file["sender"], file["name"], detail
        elif file["verdict"] == "ACCEPTED":
            yield from _outcome(dict(file), [row for feed, row in rows if feed == "NOTI"])


def _is_code(expected: str, verdict: str, told: str) -> bool:
    """Whether the code is the one expected; of several warnings one is told, so that of the line may stand for it."""
    return expected in ("", told) or (verdict == "ACCEPTED" and told in OF_THE_LINE)


def _outcome(file: dict[str, Any], rows: list[dict[str, str]]) -> Iterator[Difference]:
    """The counts are those expected, they add up, and each mistake was told under one of its codes."""
    totals = [{name: int(row[name]) for name in COUNTS} for row in rows if row["record"] == "TOTAL"]
    if not totals:
        yield "outcome_missing", file["sender"], file["name"], "no total"
        return
    count = totals[-1]
    whole = count["accepted"] + count["rejected"] + count["duplicate"] + count["superseded"]
    if (count["read"], count["rejected"]) != (file["rows"], file["rejected"]) or whole != count["read"]:
        yield (
            "outcome_wrong",
            file["sender"],
            file["name"],
            f"{count} told, {file['rows']} read, {file['rejected']} rejected",
        )
    errors = {row["code"] for row in rows if row["record"] == "FINDING" and row["severity"] == "ERROR"}
    for codes in json.loads(file["findings"]):
        if not errors & set(codes):
            yield "finding_wrong", file["sender"], file["name"], f"{'/'.join(codes)} expected, {sorted(errors)} told"
    if errors and not json.loads(file["findings"]):
        yield "finding_unexpected", file["sender"], file["name"], f"{sorted(errors)} told"


def deliveries(store: Store) -> Iterator[Difference]:
    """Alarms; gaps and forks in what came; what nobody could take."""
    for row in store.all("SELECT partner, kind, file, line FROM alarm"):
        yield f"alarm {row['kind']}", row["partner"], row["file"], f"line {row['line']}"
    last: dict[tuple[str, str], tuple[int, str | None]] = defaultdict(lambda: (0, None))
    for row in store.all("SELECT * FROM taken ORDER BY partner, feed, sequence"):
        sequence, previous = last[row["partner"], row["feed"]]
        if row["sequence"] != sequence + 1 or row["previous"] != previous:
            yield "delivery_gap", row["partner"], row["name"], "the file before it was never taken"
        last[row["partner"], row["feed"]] = row["sequence"], row["sha256"]
    for partner in layout.partners(store.root):
        for path in sorted((layout.mailbox(store.root, partner) / "out").iterdir()):
            if path.is_file():
                yield "left_in_out", partner, path.name, "not taken: no GO, no data, or not as announced"
