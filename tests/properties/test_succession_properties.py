"""Who is one person by what the registers tell: whatever the order, however often, and taken back without a trace."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.frames import EVENTS
from hub.succession import given_up, persons

SIDS = "abcdef"
FIRST = date(2026, 1, 5)
met: Counter[str] = Counter()

Told = tuple[str, str, str, int, int, int]  # old, new, kind, version, notice, day
ROWS = st.lists(
    st.tuples(
        st.sampled_from(SIDS),
        st.sampled_from(SIDS),
        st.sampled_from(["REPLACED", "MERGED", "MERGED", "UNMERGED", "CANCELLED"]),
        st.integers(1, 4),
        st.sampled_from([0, 0, 0, 1, 9]),
        st.integers(0, 5),
    ).filter(lambda row: row[0] != row[1]),
    max_size=9,
    unique_by=lambda row: (row[0], row[3]),  # one content at one version
)


def frame(rows: list[Told]) -> pl.DataFrame:
    """Rows of MUTA as the ledger has them."""
    made = []
    for n, (old, new, kind, version, notice, day) in enumerate(sorted(rows)):
        at = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(days=day, minutes=n)
        made.append(
            {
                "event_id": f"{old}{version}",
                "feed": "MUTA",
                "source": "900002",
                "side": "CPAS",
                "cpas": None,
                "own": True,
                "entity_id": f"MUTA|900002|{old}",
                "sid": old,
                "about": None if kind == "CANCELLED" else new,
                "version": version,
                "notice_status": notice,
                "effective_date": FIRST + timedelta(days=day),
                "recorded_at": at,
                "received_at": at,
                "received_on": at.date(),
                "message_id": "m",
                "line": n,
                "content": f"{kind} {new} {day}",
                "payload": f'{{"kind": "{kind}"}}',
            }
        )
    return pl.DataFrame(made, schema=dict(EVENTS), orient="row")


def by_hand(rows: list[Told]) -> tuple[dict[str, str], dict[str, str]]:
    """The same, one number at a time; and what is told of each number that is in use no more."""
    tops: dict[str, Told] = {}
    for old in SIDS:
        dates: dict[int, Told] = {}
        for row in sorted((row for row in rows if row[0] == old), key=lambda row: row[3]):
            dates[row[5]] = row
        live = [row for _, row in sorted(dates.items()) if row[4] != 9]
        tops |= {old: live[-1]} if live else {}
    parted = {(new, old): day for old, new, kind, _, _, day in tops.values() if kind == "UNMERGED"}
    steps = {
        old: new
        for old, new, kind, _, _, day in tops.values()
        if kind in ("REPLACED", "MERGED") and parted.get((old, new), -1) < day
    }
    found: dict[str, str] = {}
    for old in steps:
        path = [old]
        while path[-1] in steps and steps[path[-1]] not in path:
            path.append(steps[path[-1]])
        last = steps.get(path[-1])
        end = min(path[path.index(last) :]) if last else path[-1]
        met.update(["a chain"] if len(path) > 2 else [], circle=bool(last))
        found |= {old: end} if end != old else {}
    met.update(row[2] for row in tops.values())
    met.update(cancelled=any(row[4] == 9 for row in rows), joined=bool(found), parted=len(steps) < len(tops))
    gone = dict.fromkeys(steps, "R103") | {old: "R104" for old, row in tops.items() if row[2] == "CANCELLED"}
    return found, gone


@settings(max_examples=400, deadline=None)
@given(ROWS)
def test_what_is_one_person_depends_on_the_rows_alone(rows: list[Told]) -> None:
    """Any order gives the same, and it is what one reads number by number."""
    expected, gone = by_hand(rows)
    found = frame(rows)
    assert persons(found) == expected
    assert given_up(found) == gone
    assert persons(found.sample(fraction=1, shuffle=True, seed=len(rows))) == expected
    assert all(end not in expected for end in expected.values()), "who is known under another knows nobody"
    assert all(expected.get(a) != a for a, _ in pairwise(SIDS))


def test_everything_was_met() -> None:
    """The histories drawn above held every kind of row, chains, circles, cancellations and partings."""
    for name, count in sorted(met.items()):
        print(f"{count:7} {name}")
    wanted = {"REPLACED", "MERGED", "UNMERGED", "CANCELLED", "a chain", "circle", "cancelled", "joined", "parted"}
    assert not [name for name in wanted if not met[name]]
