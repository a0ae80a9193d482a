"""The ground of the benchmark of reconcile: its referrals have every fault it speaks of, and its engines agree."""

import importlib
import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bench.referrals import EVENTS, HOLIDAYS, LIVES, RULES, TODAY, events, write
from hub.calendar import Calendar
from hub.model import FOREM, Side
from hub.verdict import CONTESTED, GAP, ILLEGAL, OTHER_PERSON, STALE, UNKNOWN_REFERRAL
from tests.reference import fold, frames

REFERRALS = 3_000
WORLD = fold.Rules(
    answer_days=RULES.answer_days,
    withdrawal_days=RULES.withdrawal_days,
    orphan_days=RULES.orphan_days,
    gap_days=RULES.gap_days,
    working_day_after=Calendar(frozenset(HOLIDAYS)).add_working_days,
    side_of=lambda source: Side.FOREM if source == FOREM else Side.CPAS,
    cpas_on=lambda source, _: "082039" if source == "082005" else source,
)


@pytest.fixture(scope="module")
def drawn() -> pl.DataFrame:
    """The events of a few thousand referrals."""
    return events(0, REFERRALS)


def _states(engine: str, given: pl.DataFrame) -> pl.DataFrame:
    states: pl.DataFrame = importlib.import_module(f"bench.engines.referrals_{engine}").run(given, RULES, TODAY)
    return states


def test_the_referrals_are_what_the_benchmark_says(drawn: pl.DataFrame) -> None:
    """About three statuses a referral, a few in a hundred out of the ordinary, and every anomaly among them."""
    assert dict(drawn.schema) == dict(EVENTS)
    assert 2.9 < drawn.filter(feed="STAT").height / REFERRALS < 3.1
    states = _states("product", drawn)
    assert {ILLEGAL, STALE, CONTESTED, UNKNOWN_REFERRAL, GAP, OTHER_PERSON} == set(
        states["codes"].explode().drop_nulls()
    )
    assert 0.02 < states.filter(pl.col("codes").list.len() > 0).height / REFERRALS + 3 * 0.0027 < 0.05
    assert {"AGREED", "PENDING", "MISSING_FOREM", "CONFLICT", "OUT_OF_ORDER", "ORPHAN_ACK"} == set(states["class"])
    assert {"CANCELLED", "EXPIRED", "REQUESTED"} < set(states["state"])
    assert states.filter(pl.col("next_appointment_at").is_not_null()).height
    assert len(LIVES) > 5


def test_the_engines_give_the_same_states(drawn: pl.DataFrame) -> None:
    """Every column of every state is the same by the product and written by hand."""
    ours, theirs = _states("product", drawn), _states("polars", drawn)
    assert_frame_equal(ours, theirs.select(pl.col(name).cast(dtype) for name, dtype in ours.schema.items()))


def test_the_states_are_those_of_the_reference(drawn: pl.DataFrame) -> None:
    """What is measured is the right answer: that of the reference, referral by referral, holidays included."""
    some = drawn.filter(pl.col("entity_id").is_in(drawn["entity_id"].unique().sort().head(600).implode()))
    found = frames.states(frames.whole(_states("product", some)))
    rows = {entity: [_row(row) for row in part.iter_rows(named=True)] for (entity,), part in some.group_by("entity_id")}
    assert found == {entity: fold.reconcile(entity, said, WORLD, TODAY) for entity, said in rows.items()}


def test_buckets_hold_every_event_once(tmp_path: Path) -> None:
    """The same events are in the buckets, each referral whole in one of them."""
    write(tmp_path, 200, buckets=3)
    parts = [pl.read_parquet(bucket / "*.parquet") for bucket in sorted(tmp_path.iterdir())]
    assert pl.concat(parts).sort("event_id", "sid").equals(events(0, 200).sort("event_id", "sid"))
    assert sum(part["entity_id"].n_unique() for part in parts) == events(0, 200)["entity_id"].n_unique()


def _row(event: dict) -> fold.Row:
    named = {name: event[name] for name in fold.Row.__slots__}
    return fold.Row(**named | {"payload": json.loads(event["payload"])})
