"""The registration clock and the places of a job day, read row by row in plain Python, to hold the frames to."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.reconcile import Rules

Row = Mapping[str, Any]

_DAY = timedelta(days=1)
_BRUSSELS = ZoneInfo("Europe/Brussels")
_GIVES = {"RI_GRANT", "RI_CHANGE", "RI_SUSPENSION"}
_ENDS = {"RI_REFUSAL", "RI_WITHDRAWAL", "TRANSFER_OUT", "DECEASED"}


@dataclass(frozen=True)
class Duty:
    """What the duty of one person towards one CPAS is on a day."""

    state: str
    cpas_view: str
    due: date | None


def live(rows: Iterable[Row]) -> list[Row]:
    """The live notices of one thing, by date: of each sender the highest uncontested version, the successor's last."""
    notices: dict[date, Row] = {}
    by_sender: defaultdict[tuple[bool, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_sender[row["own"], row["source"]].append(row)
    for sender in sorted(by_sender):
        versions: defaultdict[int, dict[tuple[str, str], Row]] = defaultdict(dict)
        for row in by_sender[sender]:
            versions[row["version"]][row["content"], row["sid"]] = row
        for version in sorted(versions):
            if len(versions[version]) == 1:
                (row,) = versions[version].values()
                notices[row["effective_date"]] = row
    return [notices[on] for on in sorted(notices) if notices[on]["notice_status"] != 9]


def duty(rows: Sequence[Row], cpas: str, sid: str, views: Mapping[str, str], rules: Rules, today: date) -> Duty:
    """Read the duty of one person from all rows; `views` are Le Forem's views of the referrals."""
    mine = [row for row in rows if row["cpas"] == cpas]
    right = _says(live(_of(mine, "SITU", sid, "RI")))
    piis = _says(live(_of(mine, "SITU", sid, "PIIS")))
    contracts = [_says(live(same))[-1:] for same in _contracts(mine, sid)]
    referrals = _referrals(mine, sid)
    insc = _says(live(_of(rows, "INSC", sid)))
    over, began, decided, given = _right(right, [one for c in contracts for one in c], referrals, views, today)
    if not given:
        return Duty("NOT_APPLICABLE", "ENDED" if began is not None else "NONE", None)
    exempt, freed = _exemption(right + piis, referrals, today)
    if today < rules.decree_since or exempt or over or began is None:
        return Duty("NOT_APPLICABLE", "GRANTED", None)
    due = _due(began, decided, freed, insc, rules)
    top = insc[-1] if insc else {}
    if top.get("movement") in ("1", "3"):
        on_time = date.fromisoformat(top["registration_date"]) <= due
        return Duty("ON_TIME" if on_time else "LATE", "GRANTED", due)
    return Duty("PENDING" if today <= due else "OVERDUE", "GRANTED", due)


def beyond(rows: Sequence[Row]) -> set[str]:
    """The answers that no place of their CPAS is left for, by person, CPAS and event."""
    events: dict[str, dict[str, Any]] = {}
    for entity in {row["entity_id"] for row in rows if row["feed"] == "JOBD"}:
        notices = _says(live(row for row in rows if row["entity_id"] == entity))
        if notices:
            events[entity] = notices[-1]
    asked: defaultdict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
    for cpas, sid, about in {(r["cpas"], r["sid"], r["about"]) for r in rows if r["feed"] == "MOBI"}:
        same = [r for r in rows if r["feed"] == "MOBI" and (r["cpas"], r["sid"], r["about"]) == (cpas, sid, about)]
        notices = _says(live(same))
        if notices and notices[-1]["answer"] == "CONFIRMED":
            asked[cpas, about].append((datetime.fromisoformat(notices[-1]["answered_at"]), sid))
    found = set()
    for (cpas, about), people in asked.items():
        event = events.get(about, {})
        if (
            event.get("status") in (None, "CANCELLED")
            or event["kind"] == "STAFF_SESSION"
            or not event["quota_per_cpas"]
        ):
            continue
        found |= {f"MOBI|{cpas}|{sid}|{about[12:]}" for _, sid in sorted(people)[int(event["quota_per_cpas"]) :]}
    return found


def next_open(day: date, holidays: Collection[date]) -> date:
    """The day itself, or the first one after it on which offices are open."""
    while day.weekday() >= 5 or day in holidays:
        day += _DAY
    return day


def _says(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [{**json.loads(row["payload"]), "on": row["effective_date"]} for row in rows]


def _of(rows: Iterable[Row], feed: str, sid: str, group: str = "") -> list[Row]:
    return [row for row in rows if (row["feed"], row["sid"]) == (feed, sid) and f"|{group}" in row["entity_id"]]


def _contracts(rows: Iterable[Row], sid: str) -> list[list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in _of(rows, "SITU", sid, "CONTRACT|"):
        found[row["entity_id"].split("|")[4]].append(row)
    return list(found.values())


def _referrals(rows: Iterable[Row], sid: str) -> list[dict[str, Any]]:
    entities: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["feed"] == "ORIE":
            entities[row["entity_id"]].append(row)
    tops = [
        {**_says(notices)[-1], "id": name, "sid": notices[-1]["sid"]}
        for name, same in entities.items()
        if (notices := live(same))
    ]
    return sorted((top for top in tops if top["sid"] == sid), key=lambda top: (top["on"], top["id"]))


def _right(
    told: list[dict[str, Any]],
    contracts: list[dict[str, Any]],
    referrals: list[dict[str, Any]],
    views: Mapping[str, str],
    today: date,
) -> tuple[bool, date | None, date | None, bool]:
    """Walk through the statements: whether only an ended referral speaks, the start, the decision, whether it runs."""
    steps = [(one["on"], one) for one in told if one["situation_kind"] in _GIVES | _ENDS and one["on"] <= today]
    over = False
    if not steps:
        able = [r for r in referrals if r["public"] not in ("ART60", "ART61", "ART60_POST")]
        running = [r for r in able if views.get(r["id"]) not in ("COMPLETED", "FAILED")]
        if able:
            over = not running
            chosen = (running or able)[-1]
            start = date.fromisoformat(chosen["ri_start_date"])
            steps = [(start, {"situation_kind": "RI_GRANT"})] if start <= today else []
    for contract in contracts:
        start = date.fromisoformat(contract["contract_start"])
        if contract["weekly_hours"] == contract["reference_hours"] and start <= today:
            steps.append((start, {"situation_kind": "WORK"}))
    began = decided = until = None
    given, ever = False, bool(steps)
    for on, one in sorted(steps, key=lambda step: (step[0], step[1]["situation_kind"] not in _GIVES)):
        lapsed = given and until is not None and until + _DAY < on
        if one["situation_kind"] not in _GIVES:
            given, until = False, None
            continue
        if not given or lapsed:
            began, decided = _start(on, one, referrals)
        given = True
        bounded = one["situation_kind"] in ("RI_GRANT", "RI_CHANGE") and one.get("end_date")
        until = date.fromisoformat(one["end_date"]) if bounded else None
    if given and until is not None and until < today:
        given = False
    return over and given, (began or today) if ever else None, decided, given


def _start(on: date, one: Mapping[str, Any], referrals: list[dict[str, Any]]) -> tuple[date, date | None]:
    if one["situation_kind"] == "RI_GRANT":
        return on, date.fromisoformat(one["decision_date"]) if "decision_date" in one else None
    known = [date.fromisoformat(referrals[-1]["ri_start_date"])] if referrals else []
    return min([on, *known]), None


def _exemption(coded: list[dict[str, Any]], referrals: list[dict[str, Any]], today: date) -> tuple[bool, date | None]:
    codes = [(one["on"], one["piis_code"] == "8") for one in coded if one["piis_code"]]
    if not codes:
        codes = [(one["on"], one["piis_code"] == "8") for one in referrals if one["piis_code"]]
    flags = [(one["on"], one["exempt_health_equity"] == "1") for one in referrals]
    exempt, freed = False, []
    for track in (codes, flags):
        present = [step for step in track if step[0] <= today]
        last = max((on for on, yes in present if yes), default=None)
        if last is None:
            continue
        after = [on for on, yes in present if not yes and on > last]
        exempt |= last >= max(on for on, _ in present)
        freed += [min(after)] if after else []
    return exempt, max(freed, default=None)


def _due(began: date, decided: date | None, freed: date | None, insc: list[dict[str, Any]], rules: Rules) -> date:
    days, decree = timedelta(days=rules.registration_days), rules.decree_since
    ends = [decree + timedelta(days=rules.registration_stock_days) if began < decree else began + days]
    ends += [on + days for on in (decided, freed) if on and on >= decree]
    struck = [date.fromisoformat(one["deregistration_date"]) for one in insc if one["deregistration_date"]]
    ends += [max(struck) + days] if struck and max(struck) >= began else []
    return next_open(max(ends), rules.holidays)
