"""Rows of a ledger on invented referrals, and what goes wrong with them: frames for the benchmark of reconcile.

`python -m bench.referrals FOLDER REFERRALS BUCKETS` writes them, in a process of its own.

Every frame is made from its number of referrals alone. Each referral has one row of a CPAS and on average three of
Le Forem's; about one in thirty has something out of the ordinary, of each kind that the specification knows.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from bench.people import Dice
from hub.frames import EVENTS
from hub.reconcile import Rules

TODAY = date(2026, 11, 16)
HOLIDAYS = (date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 14), date(2026, 7, 21), date(2026, 11, 11))
RULES = Rules(
    answer_days=10,
    withdrawal_days=5,
    orphan_days=3,
    gap_days=3,
    holidays=HOLIDAYS,
    registration_days=28,
    registration_stock_days=90,
    decree_since=date(2025, 1, 1),
)
CHUNK = 500_000
LIVES: tuple[tuple[str, float], ...] = (
    ("", 0.03),
    ("RECEIVED", 0.08),
    ("RECEIVED ACCEPTED", 0.17),
    ("RECEIVED ACCEPTED IN_PROGRESS", 0.30),
    ("RECEIVED ACCEPTED IN_PROGRESS COMPLETED", 0.25),
    ("RECEIVED REJECTED", 0.05),
    ("RECEIVED CANCELLED", 0.002),
    ("ACCEPTED ON_HOLD IN_PROGRESS FAILED", 0.068),
    ("RECEIVED ACCEPTED IN_PROGRESS ON_HOLD IN_PROGRESS COMPLETED", 0.05),
)
FAULTS = (
    *("contested", "corrected", "cancelled", "stale", "late", "other person", "gap", "orphan", "illegal"),
    *("withdrawn", "updated", "succeeded"),
)
SHARE = 0.0027  # of the referrals, for each fault
BUSINESS = ("REGISTERED_AT_FOREM", "APPT_SCHEDULED", "ASSIGNED_AGENCY", "ASSIGNED_INTENSIVE", "ASSIGNED_DIGITAL")
FOREM, MERGED, SUCCESSOR = "900001", "082005", "082039"
_NOON = timedelta(hours=12)
_STATED = (  # of Le Forem's rows, besides what varies here
    '"appointment_place": null, "appointment_kind": null, "attendance": null, "positioning_occupations": null, '
    '"positioning_robustness": null, "employability": null, "digital_autonomy": "2", "track": null, '
    '"action_plan_date": null, "monthly_contact_last": null, "parent_referral_id": null, "operator_bce": null, '
    '"outcome": null, "outcome_date": null}'
)
_ASKED = (  # of a CPAS's rows
    '"contact_language": "FR", "legislation": "RI", "ri_category": "2", "ri_start_date": "2025-01-01", '
    '"piis_code": "1", "public": "RI", "exempt_health_equity": "0", "voluntary": "0", "legal_basis": "DECR2025", '
    '"delegation": "PARTIAL", "requested_action": "TRAINING", "wished_occupation": null, "study_level": "3", '
    '"languages": null, "driving_license": null, "digital_autonomy": "2", "availability": "FULL_TIME", '
    '"availability_from": null, "childcare_need": null, "mobility_limited": null, "priority": null, '
    '"informed_on": null}'
)


def write(folder: Path, referrals: int, buckets: int = 1) -> None:
    """Writes the events of so many referrals, in no order, to a folder for each hash bucket of the referral's id."""
    for start in range(0, referrals, CHUNK):
        part = events(start, min(CHUNK, referrals - start))
        bucket = part["entity_id"].hash(3) % buckets
        for n in range(buckets):
            path = folder / str(n) / f"{start}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            part.filter(bucket == n).write_parquet(path, compression="lz4")


def events(start: int, referrals: int) -> pl.DataFrame:
    """Gives the events of referrals from number `start` on, as `hub.frames.EVENTS`, shuffled."""
    dice = Dice(start, referrals)
    lives = pl.Series([life for life, share in LIVES for _ in range(round(share * 1000))])
    base = pl.DataFrame(
        {
            "n": pl.int_range(start, start + referrals, eager=True),
            "life": lives[dice.integers(0, len(lives))],
            "opened": dice.days(date(2025, 11, 3), date(2026, 9, 30)),
            "recent": dice.days(date(2026, 10, 12), TODAY),
            "fault": pl.Series(FAULTS)[dice.integers(0, len(FAULTS))],
            "faulty": dice.chance(SHARE * len(FAULTS)),
            "cpas": dice.integers(61003, 93090).cast(pl.String).str.zfill(6),
            "delay": dice.integers(1, 6),
        }
    ).with_columns(
        opened=pl.when(pl.col("life").is_in(["", "RECEIVED CANCELLED"])).then("recent").otherwise("opened"),
        fault=pl.when("faulty").then("fault").otherwise(pl.lit("")),
        statuses=pl.when(pl.col("life") == "")
        .then(pl.lit([], pl.List(pl.String)))
        .otherwise(pl.col("life").str.split(" ")),
    )
    rows = pl.concat([_cpas(base), _forem(base)], how="diagonal")
    return _finished(rows).sample(fraction=1, shuffle=True, seed=1)


def _cpas(base: pl.DataFrame) -> pl.DataFrame:
    """The CPAS's rows: one, and what updates, takes over or withdraws it."""
    first = base.filter(pl.col("fault") != "orphan").select(
        "n",
        "fault",
        source=pl.when(pl.col("fault") == "succeeded").then(pl.lit(MERGED)).otherwise("cpas"),
        version=pl.lit(1, pl.Int64),
        notice_status=pl.lit(0, pl.Int64),
        effective_date="opened",
        received_on="opened",
    )
    later = pl.col("effective_date") + timedelta(days=30)
    again = {"version": pl.lit(2, pl.Int64), "received_on": later}
    updated = first.filter(pl.col("fault") == "updated").with_columns(**again, effective_date=later)
    succeeded = first.filter(pl.col("fault") == "succeeded").with_columns(
        received_on=later, effective_date=later, source=pl.lit(SUCCESSOR)
    )
    withdrawn = first.filter(pl.col("fault") == "withdrawn").with_columns(**again, notice_status=pl.lit(9, pl.Int64))
    return pl.concat([first, updated, succeeded, withdrawn]).with_columns(side=pl.lit("CPAS"))


def _forem(base: pl.DataFrame) -> pl.DataFrame:
    """Le Forem's rows: a step a week, and the fault that befell the last of them."""
    steps = (
        base.select("n", "fault", "opened", "delay", "statuses", last=pl.col("statuses").list.len())
        .explode("statuses")
        .filter(pl.col("statuses").is_not_null())
        .with_columns(version=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("n"))
    )
    on = pl.col("opened") + pl.duration(days=pl.col("delay") + 7 * (pl.col("version") - 1))
    dated = steps.with_columns(on.alias("effective_date"), last=pl.col("version") == pl.col("last"))
    struck = {fault: pl.col("last") & (pl.col("fault") == fault) for fault in FAULTS}
    rows = dated.select(
        "n",
        "fault",
        "effective_date",
        source=pl.lit(FOREM),
        notice_status=pl.lit(0, pl.Int64),
        version=pl.col("version") + struck["gap"].cast(pl.Int64),
        status=pl.when(struck["illegal"]).then(pl.lit("REFERRED_ONWARD")).otherwise("statuses"),
        received_on=pl.col("effective_date") - pl.duration(days=14 * struck["late"].cast(pl.Int64)),
        recorded_on=pl.col("effective_date") - pl.duration(days=14 * struck["stale"].cast(pl.Int64)),
        other=struck["other person"],
        last="last",
    )
    ends = rows.filter("last")
    contested = ends.filter(pl.col("fault") == "contested").with_columns(note=pl.lit("other"))
    after = {"version": pl.col("version") + 1, "received_on": pl.col("received_on") + timedelta(days=2)}
    after["recorded_on"] = after["received_on"]
    corrected = ends.filter(pl.col("fault") == "corrected").with_columns(**after, notice_status=pl.lit(1, pl.Int64))
    cancelled = ends.filter(pl.col("fault") == "cancelled").with_columns(**after, notice_status=pl.lit(9, pl.Int64))
    return pl.concat([rows, contested, corrected, cancelled], how="diagonal").with_columns(side=pl.lit("FOREM"))


def _finished(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds what the ledger knows of every row."""
    number = pl.col("n").cast(pl.String).str.zfill(7)
    moment = pl.coalesce("recorded_on", "received_on").cast(pl.Datetime("us", "UTC")) + _NOON
    cpas = pl.col("side") == "CPAS"
    entity = pl.concat_str(pl.lit("R82039-2026-"), number)
    known = rows.with_columns(
        entity.alias("entity_id"),
        pl.concat_str(
            pl.lit("0199c3f2-0000-7000-8000-0000"),
            pl.col("n").cast(pl.String).str.zfill(7),
            pl.when("other").then(pl.lit("2")).otherwise(pl.lit("1")),
        ).alias("sid"),
        feed=pl.when(cpas).then(pl.lit("ORIE")).otherwise(pl.lit("STAT")),
        cpas=pl.when(cpas & (pl.col("source") == MERGED)).then(pl.lit(SUCCESSOR)).when(cpas).then("source"),
        own=~cpas | (pl.col("source") != MERGED),
        recorded_at=moment,
        received_at=pl.col("received_on").cast(pl.Datetime("us", "UTC")) + _NOON,
        payload=_payload(entity),
        line=pl.lit(1),
    )
    content = pl.concat_str(
        "source",
        "version",
        "notice_status",
        "effective_date",
        pl.col("status").fill_null(""),
        pl.col("note").fill_null(""),
    )
    named = known.with_columns(content=content.hash(1).cast(pl.String).str.zfill(64), about=pl.lit(None, pl.String))
    named = named.with_columns(
        event_id=pl.concat_str("entity_id", "sid", "content").hash(2).cast(pl.String).str.zfill(64)
    )
    named = named.with_columns(
        message_id=pl.concat_str(pl.lit("0199c3f2-1111-7000-8000-"), pl.col("received_on").cast(pl.String))
    )
    return named.select(pl.col(name).cast(dtype) for name, dtype in EVENTS.items())


def _payload(entity: pl.Expr) -> pl.Expr:
    """The coded columns as JSON text, in the order of the contracts."""
    business = pl.Series(BUSINESS)
    picked = pl.lit(business).gather((pl.col("n") + pl.col("version")) % len(BUSINESS))
    soon = pl.col("status").is_in(["ACCEPTED", "IN_PROGRESS"]) & (pl.col("n") % 4 == 0)
    appointment = pl.concat_str(
        pl.lit('"'), (pl.col("effective_date") + timedelta(days=60)).cast(pl.String), pl.lit('T10:00:00+01:00"')
    )
    head = (
        *(pl.lit('{"notice_id": "n-'), pl.col("n"), pl.lit('", "version": "'), pl.col("version")),
        *(
            pl.lit('", "notice_status": "'),
            pl.col("notice_status"),
            pl.lit('", "status_date": "'),
            pl.col("effective_date"),
        ),
        *(pl.lit('", "recorded_at": "2026-01-01T10:00:00+01:00", "referral_id": "'), entity, pl.lit('", ')),
    )
    forem = (
        *(pl.lit('"core_status": "'), pl.col("status"), pl.lit('", "business_status": "'), picked),
        *(pl.lit('", "status_reason_code": null, "advisor_unit": "LIEGE-1", "appointment_at": '),),
        *(pl.when(soon).then(appointment).otherwise(pl.lit("null")), pl.lit(", " + _STATED)),
    )
    sent = pl.concat_str(*head, pl.lit('"cpas_nis": "82039", ' + _ASKED))
    return pl.when(pl.col("side") == "CPAS").then(sent).otherwise(pl.concat_str(*head, *forem))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
