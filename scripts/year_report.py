"""What came of a simulated year: the hub and all books against the truth, counts, files and times."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from year_place import BRUSSELS, ROOT, Year, lines, say

from hub import flow
from hub.flow.hub import Hub
from hub.pseudonymise import index
from hub.reply import ALTERED, VERDICTS
from hub.stores import tables
from hub.wiring import open_databases, open_hub
from hub.zones import EVERYTHING
from simulators.year import people

TOLD = ("cpas_view", "forem_view", "state", "owner", "due", "since", "cpas_version", "forem_version", "reason")
DOUBLE_GRANT = {  # what stands open for the data-protection officer alone, as a state
    **dict.fromkeys((*TOLD, "codes", "ref", "cpas"), ""),
    "kind": "DOUBLE_GRANT",
    "klass": "DOUBLE_GRANT",
    "state": "DOUBLE_GRANT",
    "owner": "HUB",
}
VERBS = ("collect", "process", "acknowledge", "reconcile", "publish", "deliver")


def report(year: Year) -> int:
    """Compare all with the truth, print and keep the report."""
    states = year.root / "states.jsonl"
    conserved = _dump(year, states)
    command = [sys.executable, "-m", "simulators.year", "check", "--root", str(year.partners), "--hub", str(states)]
    checked = subprocess.run(command, check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if not checked.stdout:
        raise RuntimeError("the stand-ins' check ended without a report")
    found = json.loads(checked.stdout) | {"conservation": conserved, "time": _times(year)}
    errors = [one for line in lines(year) for one in line["errors"]]
    noted = states.with_name("replies.jsonl").read_text("utf-8").splitlines()
    found["replies"] = dict(Counter(json.loads(line)["kind"] for line in noted))
    struck = year.partners / "struck.json"
    found |= {"errors": errors[:50], "struck": json.loads(struck.read_text()) if struck.exists() else {}}
    found["agree"] = bool(found["agree"] and conserved["holds"] and not errors)
    (year.root / "report.json").write_text(json.dumps(found, ensure_ascii=False, indent=1))
    text = "\n".join(_text(found))
    (year.root / "report.txt").write_text(text + "\n")
    say(text)
    return 0 if found["agree"] else 1


def _dump(year: Year, path: Path) -> dict[str, int]:
    """What the hub holds, by the rank of the person, for the stand-ins to compare; and whether its rows add up."""
    last = lines(year)[-1]["day"]
    day = date.fromisoformat(last)
    with open_hub(year.settings, datetime(day.year, day.month, day.day, 13, tzinfo=BRUSSELS), EVERYTHING) as hub:
        ranks = _ranks(year, hub)
        conserved = flow.conservation(hub)
        twice = [ranks.get(one["subject"], -1) for one in hub.ledger.report.data_protection()]
    with open_databases(year.settings) as (ledger, _), ledger.read() as tx, path.open("w", encoding="utf-8") as file:
        for row in tx.execute(sa.select(tables.entity_state).where(~tables.entity_state.c.stale)).mappings():
            file.write(json.dumps(_state(dict(row), ranks), ensure_ascii=False) + "\n")
        path.with_name("replies.jsonl").write_text("".join(_replies(tx)), encoding="utf-8")
        file.writelines(json.dumps(DOUBLE_GRANT | {"rank": rank}) + "\n" for rank in twice)
    return conserved


def _replies(tx: sa.Connection) -> Iterator[str]:
    """What the hub has noted of the answers to its files, a line each."""
    p, a = tables.publication.c, tables.acknowledgement.c
    answered = sa.select(p.recipient, p.name, a.kind).where(p.publication_id == a.publication_id)
    said = answered.where(a.kind.in_((*VERDICTS, ALTERED)))
    yield from (json.dumps(dict(row)) + "\n" for row in tx.execute(said).mappings())


def _ranks(year: Year, hub: Hub) -> dict[str, int]:
    """The rank of the person behind each subject id; the persons are invented, so this shows nobody."""
    keys = hub.keys.usable("index")
    asked = json.loads((year.partners / "year.json").read_text("utf-8"))
    numbers = [(rank, people.person(asked["seed"], rank).niss) for rank in range(asked["people"])]
    former = ((rank, people.former(asked["seed"], rank, asked["people"])) for rank in range(asked["people"]))
    numbers += [(rank, number) for rank, number in former if number]
    by_index = {index(number, key): rank for key in keys for rank, number in numbers}
    with open_databases(year.settings) as (_, identity), identity.read() as tx:
        rows = tx.execute(sa.select(tables.subject_index.c.idx, tables.subject_index.c.sid)).all()
    return {row.sid: by_index[bytes(row.idx)] for row in rows if bytes(row.idx) in by_index}


def _state(row: dict[str, Any], ranks: dict[str, int]) -> dict[str, Any]:
    """A state in the words of the stand-ins."""
    parts = row["entity_id"].split("|")
    ref = ":".join(filter(None, parts[3:])) if row["kind"] == "SITUATION" else parts[-1]
    ref = "" if row["kind"] == "REGISTRATION" else ref
    text = {name: "" if row[name] is None else str(row[name]) for name in TOLD}
    found = {"kind": row["kind"], "ref": ref, "cpas": row["cpas"] or "", "rank": ranks.get(row["sid"] or "", -1)}
    return found | text | {"klass": row["class"], "codes": "|".join(sorted(row["codes"] or []))}


def _times(year: Year) -> dict[str, Any]:
    """Files, seconds and milliseconds a file of the whole run, by verb."""
    seconds: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for line in lines(year):
        seconds.update(line["seconds"])
        files.update({name: line.get(name, 0) for name in ("sent", "taken", *VERBS) if name != "reconcile"})
    each = {verb: round(1000 * seconds[verb] / files[verb], 1) for verb in VERBS if files[verb]}
    total = sum(seconds.values())
    moved = files["sent"] + files["taken"]
    return {
        "seconds": {name: round(value, 1) for name, value in seconds.most_common()},
        "files": dict(files),
        "milliseconds_a_file_by_verb": each,
        "total_seconds": round(total, 1),
        "hub_processor_seconds": round(sum(line.get("hub_processor", 0.0) for line in lines(year)), 1),
        "visits_again": sum(line.get("again", 0) for line in lines(year)),
        "files_in_and_out": moved,
        "milliseconds_a_file": round(1000 * total / max(moved, 1), 1),
        "limit": seconds.most_common(1)[0][0] if seconds else "",
    }


def _text(found: dict[str, Any]) -> list[str]:
    """The report in lines."""
    times = found["time"]
    lines = [
        f"End of {found['day']}: {times['files_in_and_out']} files in {times['total_seconds']} s, "
        f"{times['milliseconds_a_file']} ms a file "
        f"(the hub's processor time: {times['hub_processor_seconds']} s); most time in: {times['limit']}",
        f"Seconds: {times['seconds']}",
        f"Milliseconds a file: {times['milliseconds_a_file_by_verb']}",
        f"Sent: {found['sent']}",
        f"Truth: {found['counts']}",
        f"Rows: {found['conservation']}",
        f"Plans changed: {found['plans_changed']}; acknowledgement files noted: {found['replies']}",
        f"Faults of the partners' servers: {found['struck']}; visits repeated: {times['visits_again']}",
    ]
    if found["unreached"]:
        lines.append(f"Books not compared, out of reach on the last day: {', '.join(found['unreached'])}")
    lines += [f"ERROR {one}" for one in found["errors"]]
    for kind, number in found["differences"].items():
        lines.append(f"DIFFERS {kind}: {number}")
        lines += [f"    {' '.join(one)}" for one in found["examples"][kind][:5]]
    verdict = "The hub and all books agree with the truth." if found["agree"] else "NOT ALL AGREES WITH THE TRUTH."
    return [*lines, verdict]
