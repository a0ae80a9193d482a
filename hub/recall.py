"""What recalls the rows that were passed on about somebody who is erased: each of them again, as cancelled. Pure.

A recipient knows what a cancellation is: the notice is as if it had never been. It bears a version above all that the
sender has given, so it prevails whatever comes late, and a number of its own (`EFFACEMENT-…`) by which it is known that
the person is erased, and not that the sender took a row back (article 19 of the GDPR).
"""

import hashlib
from datetime import datetime

import polars as pl

from contracts.model import Contract
from hub.audience import TO_CPAS, TO_FOREM
from hub.calendar import BRUSSELS
from hub.publish import DIGEST, KEY
from hub.told import GONE, passed_rows

PASSED = (*TO_FOREM, *TO_CPAS)
MARK = "EFFACEMENT-"
_CANCELLATION = 9
_EVENT = 64  # characters of the id of an event, with which the digest of a passed row begins
_OF_A_PERSON = ("SITU", "MOBI", "INSC")  # rows named by their person: under whom they were told is in their name


def standing(told: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The rows passed on (`told`, as `hub.stores.erasures` has it) that their `recipient` still holds, by their events.

    What was cancelled, and what was recalled before, is left out. `above` is the version that the cancellation takes.
    """
    passed = told.filter(pl.col("feed").is_in(PASSED), ~pl.col("row_hash").str.starts_with(GONE))
    last = passed.select("recipient", pl.col("entity_id").alias("named"), pl.col("row_hash").str.head(_EVENT))
    highest = events.group_by("feed", "entity_id").agg(pl.col("version").max().alias("highest"))
    rows = events.join(last, left_on="event_id", right_on="row_hash").join(highest, on=["feed", "entity_id"])
    nth = pl.col("effective_date").rank("ordinal").over("recipient", "feed", "named")
    found = rows.filter(pl.col("notice_status") != _CANCELLATION).with_columns((pl.col("highest") + nth).alias("above"))
    return found.sort("recipient", "feed", "named", "effective_date")


def cancellations(rows: pl.DataFrame, contract: Contract, erasure_id: str, at: datetime) -> pl.DataFrame:
    """The rows of one recipient that take back these `standing` ones (with `named_by`), before they are sealed.

    Each under the name and the token by which it was told.
    """
    person = pl.when(pl.col("feed").is_in(_OF_A_PERSON)).then(
        pl.col("named").str.split("|").list.get(2, null_on_oob=True)
    )
    as_told = rows.with_columns(person.otherwise("sid").alias("sid"), entity_id="named")
    day = pl.col("effective_date").cast(pl.String)
    above = as_told.select(pl.concat_str("entity_id", day, separator="|").alias(KEY), pl.col("above").cast(pl.String))
    passed = passed_rows(as_told, contract).join(above, on=KEY, maintain_order="left")
    numbers = [MARK + hashlib.sha256(f"{erasure_id}|{key}".encode()).hexdigest()[:25] for key in passed[KEY]]
    return passed.with_columns(
        pl.lit(str(_CANCELLATION)).alias("notice_status"),
        pl.col("above").alias("version"),
        pl.Series("notice_id", numbers, pl.String),
        pl.lit(at.astimezone(BRUSSELS).isoformat(timespec="seconds")).alias("recorded_at"),
        pl.concat_str(pl.lit(f"{GONE}|"), pl.col(DIGEST).str.head(_EVENT)).alias(DIGEST),
    ).drop("above")
