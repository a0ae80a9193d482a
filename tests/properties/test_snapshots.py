"""A recipient's view from its files: the same whatever snapshot it is rebuilt from, and equal to what it may know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hub.calendar import Calendar
from hub.publish import KEY, Row, changed
from hub.snapshot import NAME, ViewFile, due, view
from hub.told import GONE, taken_back

PEOPLE = ("a" * 32, "b" * 32, "c" * 32)
KEYS = [f"{kind}|{sid}|{cpas}|{ref}" for sid in PEOPLE for kind, cpas, ref in (
    ("REFERRAL", "", f"R{sid[0]}"),
    ("REGISTRATION", "062063", ""),
    ("SITUATION", "062063", "RI"),
    ("BREACH", "", f"B{sid[0]}"),
)]  # fmt: skip
HOLIDAYS = frozenset({date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 14), date(2026, 5, 25)})
CALENDAR = Calendar(HOLIDAYS)

# A run: what may be known after it (key: state), and whether everything is told.
days = st.lists(st.tuples(st.dictionaries(st.sampled_from(KEYS), st.sampled_from("xyz")), st.booleans()), max_size=8)
seen: Counter[str] = Counter()


def row(key: str, record: str, state: str | None) -> dict[str, str | None]:
    kind, sid, cpas, reference = key.split("|")
    name = {"entity_kind": kind, "subject_token": sid, "cpas": cpas or None, "entity_ref": reference or None}
    return name | {"record": record, "agreed_state": state}


def frame(rows: Mapping[str, str]) -> pl.DataFrame:
    """Rows by key as those of one recipient, whose entities are named as the rows are."""
    cells = {"recipient": ["062063"] * len(rows), "row_key": list(rows), "entity_id": list(rows)}
    return pl.DataFrame(cells | {"row_hash": list(rows.values())}, dict.fromkeys((*cells, "row_hash"), pl.String()))


def files_of(runs: Sequence[tuple[Mapping[str, str], bool]]) -> list[ViewFile]:
    """The files that publishing makes of these runs, by the rule of the hub: deltas with GONE, or everything."""
    told: dict[str, str] = {}
    files = []
    for known, everything in runs:
        gone = taken_back(frame(told), frame(known).rename({"row_key": KEY}), ()).get_column("row_key").to_list()
        news = changed([Row(key, state, key, {}) for key, state in known.items()], told)
        if everything and known:
            files.append(ViewFile("SNAPSHOT", [row(key, "STATE", state) for key, state in sorted(known.items())]))
        elif news or gone:
            rows = [row(one.key, "STATE", one.digest) for one in news] + [row(key, GONE, None) for key in gone]
            files.append(ViewFile("DELTA", rows))
            seen.update(["gone"] * len(gone))
        told |= dict(known) | dict.fromkeys(gone, GONE)
    return files


def held(known: Mapping[str, str]) -> dict[tuple[str | None, ...], str]:
    return {tuple(row(key, "STATE", None)[column] for column in NAME): state for key, state in known.items()}


def test_a_view_is_the_same_from_any_snapshot_on() -> None:
    """The files from any snapshot on give the view of the whole chain, which is what the recipient may know."""
    seen.clear()

    @given(days)
    def rebuilt(runs: list[tuple[dict[str, str], bool]]) -> None:
        files = files_of(runs)
        whole = view(files)
        assert {name: cells["agreed_state"] for name, cells in whole.items()} == held(runs[-1][0] if runs else {})
        for n, file in enumerate(files):
            if file.kind == "SNAPSHOT":
                seen["snapshot in the middle" if 0 < n < len(files) - 1 else "snapshot at an end"] += 1
                assert view(files[n:]) == whole
        told = [tuple(one[column] for column in NAME) for f in files for one in f.rows if one["record"] == "STATE"]
        seen["told again"] += len(told) - len(set(told))

    rebuilt()
    print(dict(sorted(seen.items())))
    assert min(seen[name] for name in ("gone", "told again", "snapshot in the middle", "snapshot at an end")) > 0


@given(st.dates(date(2026, 3, 1), date(2026, 6, 30)), st.lists(st.booleans(), min_size=30, max_size=30))
def test_each_week_has_one_snapshot(first: date, runs: list[bool]) -> None:
    """On whatever days the hub runs, a week gets one snapshot: on its first working day, or the first run after it."""
    last: date | None = None
    weeks: list[tuple[int, int]] = []
    for n, ran in enumerate(runs):
        today = first + timedelta(days=n)
        if ran and due(today, last, CALENDAR):
            last = today
            weeks.append(today.isocalendar()[:2])
            monday = today - timedelta(days=today.weekday())
            opened = next(day for k in range(7) if CALENDAR.is_working_day(day := monday + timedelta(days=k)))
            between = [first + timedelta(days=k) for k in range(n) if runs[k] and first + timedelta(days=k) >= opened]
            assert today >= opened
            assert not between
    assert len(weeks) == len(set(weeks))


def test_a_snapshot_waits_for_the_offices() -> None:
    """On Easter Monday there is none; on the Tuesday there is, once."""
    monday, tuesday = date(2026, 4, 6), date(2026, 4, 7)
    assert not due(monday, date(2026, 3, 30), CALENDAR)
    assert due(tuesday, date(2026, 3, 30), CALENDAR)
    assert not due(tuesday, tuesday, CALENDAR)
