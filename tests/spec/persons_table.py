"""What is said of persons as a small text table, for the specification of the second pass.

Columns: `feed`; `v` (version, and `c` behind it for a correction, `x` for a cancellation); `date` (effective; MM-DD of
2026 or a full date); `of` (what it is of: R1 for a referral, RI, PIIS or C1 for a situation, E1@R1 for an enrolment
or a breach that names a referral, R9@R1 for a child that names its parent, J1 for an event); `says` (the chief column,
then others as name=value). Where they matter: `from` (a partner; default: 062063 or Le Forem), `person` (default:
anna), `got` (received; default: the effective date), `written` (recorded; default: as received).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from hub.frames import EVENTS
from hub.model import FOREM
from hub.persons import persons, present
from hub.reconcile import Rules, reconcile

CPAS, OTHER, OLD, NEW = "062063", "052011", "082005", "082039"  # the last took over the one before it
OF_CPAS = ("ORIE", "SITU", "MOBI")
HOLIDAYS = tuple(date(2026, m, d) for m, d in [(1, 1), (4, 6), (5, 1), (5, 14), (5, 25), (7, 21), (11, 11), (12, 25)])
RULES = Rules(
    answer_days=10,
    withdrawal_days=5,
    orphan_days=3,
    gap_days=3,
    holidays=HOLIDAYS,
    registration_days=28,
    registration_stock_days=90,
    decree_since=date(2026, 1, 1),
)
CHIEF = {
    "ORIE": "public",
    "STAT": "core_status",
    "SITU": "situation_kind",
    "INSC": "movement",
    "FORM": "status",
    "MANQ": "status",
    "MOBI": "answer",
    "JOBD": "status",
}
_STATUS = {"": 0, "c": 1, "x": 9}
_BRUSSELS = ZoneInfo("Europe/Brussels")

Row = dict[str, object]


def events(table: str) -> list[Row]:
    """Return the events of a table, as rows of `hub.frames.EVENTS`."""
    head, *lines = [line for line in table.splitlines() if line.strip()]
    names = _cells(head)
    return [_event(n, dict(zip(names, _cells(line), strict=True))) for n, line in enumerate(lines)]


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Return rows as a frame."""
    return pl.DataFrame(list(rows), schema=dict(EVENTS), orient="row")


def states(rows: Sequence[Row], today: date) -> pl.DataFrame:
    """Return the states that rows leave after both passes."""
    read = frame(rows)
    return persons(present(read, reconcile(read, RULES, today), today), RULES, today)


def states_of(table: str, today: str) -> dict[str, Row]:
    """Return the states that a table leaves, by entity."""
    found = states(events(table), day(today))
    return {str(row["entity_id"]): row for row in found.iter_rows(named=True)}


def check(table: str, today: str, entity: str, **expected: object) -> None:
    """Check some columns of the state of one entity; `klass` is the class, codes as text, dates as MM-DD."""
    found = states_of(table, today)
    assert entity in found, f"{entity} is none of {sorted(found)}"
    shown = {name: _shown(found[entity]["class" if name == "klass" else name]) for name in expected}
    assert shown == expected, f"{shown} is not {expected}"


def day(text: str) -> date:
    """Return a date written MM-DD (of 2026) or YYYY-MM-DD."""
    return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


def _shown(value: object) -> object:
    if isinstance(value, list):
        return " ".join(value)
    return value.isoformat().removeprefix("2026-") if isinstance(value, date) else value


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _event(line: int, row: Mapping[str, str]) -> Row:
    feed, person = row["feed"], row.get("person") or "anna"
    source = row.get("from") or (CPAS if feed in OF_CPAS else FOREM)
    received = _moment(row.get("got") or row["date"])
    payload = _payload(feed, row)
    version, status = int(row["v"].rstrip("cx")), row["v"].lstrip("0123456789")
    entity, about = _entity(feed, source, person, row["of"])
    content = json.dumps([row["v"], row["date"], payload], sort_keys=True)
    cpas = {OLD: NEW}.get(source, source) if feed in OF_CPAS else None
    return {
        "event_id": f"{entity}·{source}·{content}·{person}",
        "feed": feed,
        "source": source,
        "side": "CPAS" if feed in OF_CPAS else "FOREM",
        "cpas": cpas,
        "own": cpas in (None, source),
        "entity_id": entity,
        "sid": "" if feed == "JOBD" else person,
        "about": about,
        "version": version,
        "notice_status": _STATUS[status],
        "effective_date": day(row["date"]),
        "recorded_at": _moment(row["written"]) if row.get("written") else received,
        "received_at": received,
        "received_on": received.astimezone(_BRUSSELS).date(),
        "message_id": f"m{line}",
        "line": 1,
        "content": content,
        "payload": json.dumps(payload),
    }


def _entity(feed: str, source: str, person: str, of: str) -> tuple[str, str | None]:
    name, _, about = of.partition("@")
    if feed in ("ORIE", "STAT"):
        return _referral(name), _referral(about) if about else None
    if feed == "SITU":
        group, contract = (name, "") if name in ("RI", "PIIS") else ("CONTRACT", name)
        return f"SITU|{source}|{person}|{group}|{contract}", None
    if feed == "INSC":
        return f"INSC|{source}|{person}", None
    if feed == "MOBI":
        return f"MOBI|{source}|{person}|{name}", f"JOBD|{FOREM}|{name}"
    return f"{feed}|{FOREM}|{name}", _referral(about) if about else None


def _referral(name: str) -> str:
    return f"R62063-2026-{int(name[1:]):06}"


def _payload(feed: str, row: Mapping[str, str]) -> dict[str, str | None]:
    chief, *others = row["says"].split()
    given = {CHIEF[feed]: chief} | dict(other.replace("/", "|").split("=") for other in others)
    on = day(row["date"]).isoformat()
    default: dict[str, dict[str, str | None]] = {
        "ORIE": {
            "ri_start_date": on,
            "exempt_health_equity": "0",
            "delegation": "NONE",
            "requested_action": "ORIENTATION",
            "piis_code": None,
            "digital_autonomy": None,
        },
        "STAT": {"business_status": "ACTION_PLAN", "employability": None, "appointment_at": None},
        "SITU": _of_situation(row["of"], on),
        "INSC": {
            "registration_date": None if chief == "2" else on,
            "deregistration_date": on if chief == "2" else None,
            "stat92_category": "03",
        },
        "MANQ": {"kind": "APPOINTMENT_MISSED", "occurred_on": on},
        "MOBI": {"answered_at": f"{on}T10:00:00+01:00"},
        "JOBD": {"kind": "JOBDAY", "quota_per_cpas": None, "answer_deadline": None},
    }
    return default.get(feed, {}) | given


def _of_situation(of: str, on: str) -> dict[str, str | None]:
    contract = {"weekly_hours": "38", "reference_hours": "38", "measure_code": "116", "contract_start": on}
    group = of if of in ("RI", "PIIS") else "CONTRACT"
    nothing = dict.fromkeys([*contract, "planned_end", "actual_end", "end_date", "piis_code"])
    return nothing | {"situation_group": group, "decision_date": on} | (contract if group == "CONTRACT" else {})


def _moment(text: str) -> datetime:
    if "T" in text:
        head, _, clock = text.partition("T")
        return datetime.combine(day(head), time.fromisoformat(clock), UTC)
    return datetime.combine(day(text), time(12), UTC)
