"""reconcile: recompute the states of all that was touched or that time has changed, person by person.

Expects recorded events; leaves states, discrepancies, the ends of relationships, and what each recipient is to
be told, up to date for `today`. The result depends on the set of events alone, so running it twice, or for
everything, is harmless.
"""

from collections import Counter
from collections.abc import Iterator

import polars as pl

from hub import events
from hub.calendar import BRUSSELS
from hub.flow.hub import Hub
from hub.frames import EVENTS
from hub.model import FOREM, EntityKind, Side
from hub.persons import double_grants, persons, present, relationships
from hub.reconcile import Rules
from hub.reconcile import reconcile as reconcile_referrals
from hub.since import stood
from hub.stores.reconciled import Read, Result, Scope

PERSONS = 10_000  # reconciled in one transaction, and in memory at once


def reconcile(hub: Hub, *, everything: bool = False) -> dict[str, int]:
    """Reconcile what may have changed, or `everything`, and count the entities recomputed by class."""
    answering = _answering(hub)
    counts: Counter[str] = Counter()
    changed = 0
    for scope in _scopes(hub, everything=everything):
        read = hub.ledger.entities.read(scope)
        result = recompute(hub, read, anew=everything)
        changed += hub.ledger.entities.save(read, result, answering, hub.today, hub.new_id())
        counts.update(dict(result.states["class"].value_counts().iter_rows()))
    events.log(events.RECONCILED, entities=counts.total(), changed=changed)
    return dict(counts)


def recompute(hub: Hub, read: Read, *, anew: bool = True) -> Result:
    """What follows today from the rows read; from them alone if `anew`, else the past that stands is not read again."""
    with_sources, known = seen(hub, read.events), rules(hub)
    past = None if anew else stood(read.marked, with_sources, hub.today)
    now = present(with_sources, reconcile_referrals(with_sources, known, hub.today, past), hub.today)
    ends = relationships(now)
    states = _awake(hub, persons(now, known, hub.today, past), read.events, ends)
    return Result(states, ends, double_grants(now))


def seen(hub: Hub, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the ledger as EVENTS: for whom each source speaks and which CPAS answers for it today."""
    sources = [
        {
            "source": source,
            "side": str(Side.FOREM if source == FOREM else Side.CPAS),
            "cpas": None if source == FOREM else hub.registry.successor(source, hub.today),
        }
        for source in rows["source"].unique().sort()
    ]
    schema = {"source": pl.String(), "side": pl.String(), "cpas": pl.String()}
    return (
        rows.join(pl.DataFrame(sources, schema), on="source", how="left")
        .with_columns(
            own=pl.col("cpas").is_null() | (pl.col("cpas") == pl.col("source")),
            received_on=pl.col("received_at").dt.convert_time_zone(str(BRUSSELS)).dt.date(),
        )
        .select(list(EVENTS))
        .sort("event_id")
    )


def rules(hub: Hub) -> Rules:
    """The clocks, the calendar and the decree, as reconciliation needs them."""
    return Rules(
        answer_days=hub.clocks.functional_answer_working_days,
        withdrawal_days=hub.clocks.forem_withdrawal_working_days,
        orphan_days=hub.clocks.orphan_working_days,
        gap_days=hub.clocks.gap_working_days,
        holidays=tuple(sorted(hub.calendar.holidays)),
        registration_days=hub.clocks.registration_days,
        registration_stock_days=hub.clocks.registration_stock_days,
        decree_since=hub.registry.legal_bases["DECR2025"],
    )


def _scopes(hub: Hub, *, everything: bool) -> Iterator[Scope]:
    if everything:
        yield from hub.ledger.entities.everything()
        return
    today = hub.today
    succeeded = [one for one, answers in _answering(hub).items() if one != answers]
    yield from hub.ledger.entities.to_reconcile(today, succeeded).parts(PERSONS)


def _answering(hub: Hub) -> dict[str, str]:
    """For each CPAS there ever was, the one that answers for it today."""
    return {p.partner_id: hub.registry.successor(p.partner_id, hub.today) for p in hub.registry.cpas()}


def _awake(hub: Hub, states: pl.DataFrame, rows: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """Wake the states of a person also on the days on which a notice takes effect or a relationship is over.

    A state without a person, since its rows do not agree on one or nothing of them stands, is of all whom they name.
    """
    ahead = rows.filter((pl.col("effective_date") > hub.today) & (pl.col("feed") != "MOBI"))
    over = ends.filter(pl.col("until") >= hub.today)
    days = pl.concat(
        [
            ahead.select("sid", day="effective_date"),
            over.select("sid", day=pl.col("until").dt.offset_by("1d")),
        ]
    )
    persons = pl.concat([states.select("entity_id", "sid"), rows.select("entity_id", "sid")]).unique()
    first = persons.join(days, on="sid").group_by("entity_id").agg(pl.col("day").min())
    whole = pl.col("kind") != EntityKind.ANSWER  # of an answer's person not everything was read
    wake = pl.when(whole).then(pl.min_horizontal("wake", "day")).otherwise("wake")
    return states.join(first, on="entity_id", how="left").with_columns(wake.alias("wake")).drop("day")
