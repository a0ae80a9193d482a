"""Since when a row has its present class and owner: what it was on each day on which it could have changed.

Only rows that are not agreed are looked at, each with the entities that are read together with it, on the days on
which something of them arrived and on those that a rule had named as a turn. Where all that is new came today, the
past stands as it was read before, and is not read again: what is stored tells of yesterday.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.model import EntityKind

Judge = Callable[[pl.DataFrame], pl.DataFrame]  # events in worlds → rows with world, entity_id, class, owner, turns


@dataclass(frozen=True, slots=True)
class Stood:
    """What is known of yesterday: `states` as they were stored, and the persons of whom the past is read `anew`.

    Of a state, `before` tells whether it tells what held yesterday: one that is agreed since today does not.
    """

    states: pl.DataFrame
    anew: pl.Series


CLUSTERS = 5_000  # read at once: each is in memory once for every day on which something of it arrived
_DAYS = ("cluster", "on")


def since(rows: pl.DataFrame, events: pl.DataFrame, judge: Judge, today: date) -> pl.DataFrame:
    """Return `entity_id` and `since`: the first day of the unbroken run of the present class and owner.

    `rows` are states that are not agreed, `events` all that they were judged from, by the names of `hub.world`.
    """
    wanted = _clustered(rows, events)
    names = wanted.select("name").unique().sort("name").with_row_index("cluster")
    parts = [_part(wanted, some, events, judge, today) for some in names.iter_slices(CLUSTERS)]
    present = rows.select("entity_id", pl.col("class").alias("now"), pl.col("owner").alias("mover"))
    if not parts:
        return present.select("entity_id", pl.lit(today).cast(pl.Date).alias("since"))
    return _last_run(present, pl.concat(parts), today)


def stood(marked: pl.DataFrame, events: pl.DataFrame, today: date) -> Stood:
    """Return what is known of yesterday; `marked` are the stored states that may depend on `events`.

    `marked` has the columns of `hub.stores.framed.MARKED`, `events` those of EVENTS, before they are named. A person's
    past reads otherwise than it did when news reach behind today, when time alone may have changed something on an
    earlier day, a CPAS has been succeeded, or an entity is said to be of several persons or names one of another's.
    """
    of = events.select("entity_id", "sid", "about", "feed", "own")
    reached = marked.filter((pl.col("moved") < today) | (pl.col("wake") < today)).select("entity_id", "sid")
    named = of.filter(pl.col("feed") != "MOBI").drop_nulls("about").select("sid", pl.col("about").alias("entity_id"))
    persons = pl.concat([of.select("sid", "entity_id"), named]).unique()
    several = persons.group_by("entity_id").agg(pl.col("sid").n_unique()).filter(pl.col("sid") > 1)
    moved = pl.concat([reached.select("entity_id"), several.select("entity_id")])
    anew = pl.concat(
        [
            reached.select("sid"),
            persons.join(moved, on="entity_id", how="semi").select("sid"),
            of.filter(~pl.col("own")).select("sid"),
        ]
    )
    before = ((pl.col("since") < today) | (pl.col("reconciled_on") < today)).fill_null(value=False)
    made = pl.col("reconciled_on").is_not_null() | pl.col("since").is_not_null()  # else it is a mark, and no state yet
    states = marked.filter(made).select("entity_id", "sid", "class", "owner", "since", before.alias("before"))
    return Stood(states, anew.unique().drop_nulls()["sid"])


def carried(rows: pl.DataFrame, known: Stood, today: date) -> pl.DataFrame:
    """Return `entity_id` and `since` of the rows of which yesterday is known: what held then goes on, or began today.

    `rows` are states that are not agreed. Answers are left out: they depend on what is said of other people.
    """
    mine = rows.filter(pl.col("sid").is_not_null() & (pl.col("kind") != EntityKind.ANSWER))
    mine = mine.filter(~pl.col("sid").is_in(known.anew.implode())).select("entity_id", "sid", "class", "owner")
    found = mine.join(known.states, on="entity_id", how="left", suffix="_then")
    sure = pl.col("before").is_null() | (pl.col("before") & (pl.col("sid") == pl.col("sid_then")))
    same = pl.col("class").eq_missing(pl.col("class_then")) & pl.col("owner").eq_missing(pl.col("owner_then"))
    since = pl.when(same).then("since").otherwise(pl.lit(today))
    return found.filter(sure).select("entity_id", since.alias("since"))


def _clustered(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The rows with the name of their cluster: the event answered, the person, or the entity when that is contested."""
    about = events.filter(pl.col("feed") == "MOBI").select("entity_id", "about").unique("entity_id")
    answers = pl.col("kind") == EntityKind.ANSWER
    name = pl.when(answers).then("about").otherwise(pl.coalesce("sid", "entity_id"))
    return rows.join(about, on="entity_id", how="left").select("entity_id", name.alias("name"))


def _part(wanted: pl.DataFrame, names: pl.DataFrame, events: pl.DataFrame, judge: Judge, today: date) -> pl.DataFrame:
    """Class and owner of the rows of some clusters on each day on which they could have changed."""
    rows = wanted.join(names, on="name").select("cluster", "entity_id")
    told = _members(names, events)
    days = told.select("cluster", pl.col("received_on").alias("on")).unique()
    known = days.clear()
    past: list[pl.DataFrame] = []
    while days.height:
        found = judge(days.join(told, on="cluster").filter(pl.col("received_on") <= pl.col("on")))
        past.append(
            found.select(*_DAYS, "entity_id", "class", "owner", "turns").join(rows, on=["cluster", "entity_id"])
        )
        known = pl.concat([known, days])
        turned = past[-1].select("cluster", pl.col("turns").alias("on")).explode("on").drop_nulls().unique()
        days = turned.filter(pl.col("on") <= today).join(known, on=_DAYS, how="anti")
    return pl.concat(past).select("on", "entity_id", "class", "owner")


def _members(names: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The events of each cluster: of a person, every entity that was ever said to be hers, and what they name."""
    said = events.select("entity_id", "sid", "about", "feed")
    answers = pl.col("feed") == "MOBI"
    own = (
        said.select(pl.col("sid").alias("name"), "entity_id"),
        said.select(pl.col("entity_id").alias("name"), "entity_id"),
        said.filter(answers).select(pl.col("about").alias("name"), "entity_id"),
    )
    members = pl.concat(own).join(names, on="name").select("cluster", "entity_id").unique()
    abouts = said.drop_nulls("about").select("entity_id", "about").unique()
    further = members.join(abouts, on="entity_id").select("cluster", pl.col("about").alias("entity_id"))
    return pl.concat([members, further]).unique().join(events, on="entity_id")


def _last_run(present: pl.DataFrame, past: pl.DataFrame, today: date) -> pl.DataFrame:
    same = pl.col("class").eq_missing(pl.col("now")) & pl.col("owner").eq_missing(pl.col("mover"))
    other = pl.col("on").filter(~same).max()
    runs = (
        past.join(present, on="entity_id")
        .group_by("entity_id")
        .agg(pl.col("on").filter(same & (pl.col("on") > other).fill_null(value=True)).min().alias("since"))
    )
    found = present.select("entity_id").join(runs, on="entity_id", how="left")
    return found.with_columns(pl.col("since").fill_null(today))
