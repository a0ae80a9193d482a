"""A referral's events as a small text table, for the specification of reconcile.

Columns: `from` (a CPAS's partner id, or FOREM), `v`, `kind` (new, corr, cancel), `date` (effective; MM-DD
of 2025 or a full date), `status` (core/business, for Le Forem); and, where they matter, `got` (received;
default: the effective date), `written` (recorded; default: as received), `person`, `note` (makes another
content), `appointment`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from hub.model import FOREM, Side
from hub.reconcile import Rules, notices, reconcile, visible_to_cpas, visible_to_forem
from tests.reference import fold, frames
from tests.reference.fold import Row, State

REFERRAL = "R62063-2025-000001"
CPAS = "062063"
KINDS = {"new": 0, "corr": 1, "cancel": 9}
MERGED_ON = date(2025, 1, 1)


def working_day_after(day: date, n: int) -> date:
    """Monday to Friday, no holidays."""
    while n:
        day += timedelta(days=1)
        n -= day.weekday() < 5
    return day


def cpas_on(source: str, day: date) -> str:
    """Bertogne's CPAS is Bastogne's from 2025."""
    return "082039" if source == "082005" and day >= MERGED_ON else source


RULES = Rules(
    answer_days=10,
    withdrawal_days=5,
    orphan_days=5,
    gap_days=3,
    holidays=(),
    registration_days=28,
    registration_stock_days=90,
    decree_since=date(2025, 1, 1),
)
WORLD = fold.Rules(
    answer_days=10,
    withdrawal_days=5,
    orphan_days=5,
    gap_days=3,
    working_day_after=working_day_after,
    side_of=lambda source: Side.FOREM if source == FOREM else Side.CPAS,
    cpas_on=cpas_on,
)


def events(table: str) -> list[Row]:
    """Return the events of a table."""
    head, *lines = [line for line in table.splitlines() if line.strip()]
    names = _cells(head)
    return [_event(n, dict(zip(names, _cells(line), strict=True))) for n, line in enumerate(lines)]


def state_of(table: str, today: str) -> State:
    """Return the state that a table leaves, the same in whatever order its lines come."""
    rows = events(table)
    state = read(rows, day(today))
    assert read([*reversed(rows), rows[0]], day(today)) == state
    return state


def read(rows: list[Row], today: date) -> State:
    """Return the state that rows of one referral leave: the frames' and, no other, the reference's."""
    (state,) = frames.states(reconcile(frames.events(rows, WORLD, today), RULES, today)).values()
    assert state == fold.reconcile(REFERRAL, rows, WORLD, today)
    return state


def told_to_cpas(state: State) -> State | None:
    """Return what the CPAS may be told: by the frames and, no other, by the reference."""
    told = frames.states(visible_to_cpas(frames.frame([state]))).get(REFERRAL)
    assert told == fold.visible_to_cpas(state)
    return told


def told_to_forem(state: State) -> State:
    """Return what Le Forem may be told: by the frames and, no other, by the reference."""
    (told,) = frames.states(visible_to_forem(frames.frame([state]))).values()
    assert told == fold.visible_to_forem(state)
    return told


def passed_on(rows: list[Row], side: Side, today: date) -> list[tuple[int, int]]:
    """Return version and status of the rows that one side's are passed on as."""
    found = notices(frames.events(rows, WORLD, today), side)
    assert found["event_id"].to_list() == [row.event_id for row in fold.notices(rows, side, WORLD, today)]
    return list(found.select("version", "notice_status").iter_rows())


def check(table: str, today: str, **expected: object) -> None:
    """Check the fields of the state that a table leaves; `codes` as text, dates as MM-DD."""
    state = state_of(table, today)
    found = {name: _shown(getattr(state, name)) for name in expected}
    assert found == expected, f"{found} is not {expected}"


def day(text: str) -> date:
    """Return a date written MM-DD (of 2025) or YYYY-MM-DD."""
    return date.fromisoformat(text if len(text) == 10 else f"2025-{text}")


def _shown(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(value)
    return value.isoformat().removeprefix("2025-") if isinstance(value, date) else value


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _event(line: int, row: Mapping[str, str]) -> Row:
    source = FOREM if row["from"] == "FOREM" else row["from"]
    received = _noon(row.get("got") or row["date"])
    core, _, business = row.get("status", "").partition("/")
    content = "·".join(row.get(name, "") for name in ("v", "kind", "date", "status", "note", "appointment"))
    return Row(
        event_id=f"{source}·{content}·{row.get('person')}",
        feed="STAT" if source == FOREM else "ORIE",
        source=source,
        entity_id=REFERRAL,
        sid=row.get("person") or "anna",
        version=int(row["v"]),
        notice_status=KINDS[row["kind"]],
        effective_date=day(row["date"]),
        recorded_at=_noon(row["written"]) if row.get("written") else received,
        received_at=received,
        message_id=f"m{line}",
        line=1,
        content=content,
        payload={
            "core_status": core or None,
            "business_status": business or None,
            "appointment_at": row.get("appointment") or None,
        },
    )


def _noon(text: str) -> datetime:
    return datetime.combine(day(text), time(12), UTC)
