"""What a run amounts to, as text: from the hub's ledger and from Airflow's task instances, never from the stand-ins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
VERBS = ("collect", "process", "acknowledge", "reconcile", "publish", "deliver", "again", "verdict")
ROWS = ("read", "accepted", "warned", "rejected", "duplicate", "superseded")
FATES = ("accepted", "rejected", "duplicate", "superseded")
Task = Mapping[str, Any]


def ledger(status: Mapping[str, Any]) -> list[str]:
    """Tables of what the ledger holds."""
    files = [
        [s["side"], s["feed"], s["state"], s["files"], *(s[count] for count in ROWS)] for s in status["submissions"]
    ]
    out = [[p["feed"], p["side"], p["files"], p["rows"], p["delivered"]] for p in status["publications"]]
    kept = status["conservation"]
    balance = f"{kept['read']} read = " + " + ".join(f"{kept[name]} {name}" for name in FATES)
    receipts = status["acknowledgements"]
    return [
        "Received (ledger)",
        *table(["from", "feed", "state", "files", *ROWS], files),
        f"  rows: {balance}: {'balanced' if kept['holds'] else 'NOT BALANCED'}",
        "Referrals (ledger)",
        f"  by state: {counts(status['referrals'])}",
        f"  by how the two sides agree: {counts(status['classes'])}",
        f"  discrepancies open: {counts(status['discrepancies']['open'])}; closed: {status['discrepancies']['closed']}",
        "Published (ledger)",
        *table(["feed", "to", "files", "rows", "delivered"], out),
        f"  acknowledgements: {counts(receipts)}",
    ]


def tasks(instances: Iterable[Task]) -> list[str]:
    """Day by verb: how many task instances ended in each state."""
    cells: dict[tuple[date, str], Counter[str]] = {}
    for task in instances:
        day = day_of(task["logical_date"])
        cells.setdefault((day, task["task_id"]), Counter())[task["state"] or "none"] += 1
    days = sorted({day for day, _ in cells})
    rows = [[f"{day:%a %d %b}", *(states(cells.get((day, verb), Counter())) for verb in VERBS)] for day in days]
    return ["Tasks (Airflow): ended well; other states are named", *table(["day", *VERBS], rows)]


def states(cell: Counter[str]) -> str:
    """`4`, `3 +1 failed`; a task that had nothing to do is not shown."""
    rest = "".join(f" +{n} {state}" for state, n in sorted(cell.items()) if state not in ("success", "skipped"))
    return f"{cell['success'] or '-'}{rest}"


def label(task: Task) -> str:
    """`plan`, or `again[062063]`."""
    mapped = task.get("rendered_map_index")
    return f"{task['task_id']}[{mapped}]" if mapped else str(task["task_id"])


def share_of_airflow(runs: Iterable[Mapping[str, Any]], instances: Iterable[Task]) -> tuple[float, float]:
    """Seconds in which a run was open, and those of them in which a task was at work."""
    return (
        covered((moment(run["start_date"]), moment(run["end_date"])) for run in runs if run["end_date"]),
        covered(
            (moment(t["start_date"]), moment(t["end_date"])) for t in instances if t["start_date"] and t["end_date"]
        ),
    )


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Length of the union of spans."""
    total, until = 0.0, 0.0
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def counts(values: Mapping[str, int]) -> str:
    """`AGREED 3, PENDING 2`, or none."""
    return ", ".join(f"{name} {n}" for name, n in sorted(values.items()) if n) or "none"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Columns as wide as they need to be; numbers to the right."""
    if not rows:
        return ["  none"]
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    wide = [max(len(row[n]) for row in cells) for n in range(len(head))]
    right = [all(isinstance(row[n], int) for row in rows) for n in range(len(head))]
    return [
        "  " + "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, wide, right, strict=True)).rstrip()
        for row in cells
    ]


def moment(stamp: str) -> float:
    """Seconds of a timestamp of Airflow's API."""
    return datetime.fromisoformat(stamp).timestamp()


def day_of(stamp: str) -> date:
    """Day in Brussels of a timestamp of Airflow's API."""
    return datetime.fromisoformat(stamp).astimezone(BRUSSELS).date()
