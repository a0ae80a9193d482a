"""How long each category of data is kept, and when a person's file is over. Pure.

A person is over when nothing of it is open and nothing was heard for the whole term: what a state says counts, never
its age alone. Whatever this page does not know to be closed is open.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from hub.calendar import BRUSSELS
from hub.errors import OperatorError
from hub.lifecycle import TERMINAL
from hub.model import Class, EntityKind

CATEGORIES = ("persons", "landing", "quarantine", "outbox", "traces", "reveals", "audit")
_NOTHING = frozenset({"UNKNOWN", "WITHDRAWN", "CANCELLED"})  # every notice was taken back
_CLOSED: Mapping[str, frozenset[str]] = {
    EntityKind.REFERRAL: frozenset(map(str, TERMINAL)),
    EntityKind.SITUATION: _NOTHING | {"RI_REFUSAL", "RI_WITHDRAWAL", "TRANSFER_OUT", "DECEASED"},
    EntityKind.ENROLMENT: _NOTHING
    | {"COMPLETED", "ABANDONED", "EXCLUDED", "NO_SHOW", "CANCELLED_BY_PROVIDER", "REFUSED"},
    EntityKind.BREACH: _NOTHING | {"CLOSED"},
}
_OVERTAKEN = (str(Class.SUPERSEDED), str(Class.DUPLICATE))


@dataclass(frozen=True, slots=True)
class Term:
    """How many days a category is kept, from what on, and why; all but the number in French, for the register."""

    days: int
    label: str
    starts: str
    basis: str
    source: str

    def cutoff(self, today: date) -> date:
        """What is of a day before this one is over its time."""
        return today - timedelta(days=self.days)

    def begins(self, today: date) -> datetime:
        """The instant, in Brussels, before which something is over its time."""
        return datetime.combine(self.cutoff(today), time(), BRUSSELS)


def load_retention(path: Path) -> dict[str, Term]:
    """Read `retention.toml`: a table for each of CATEGORIES. OperatorError says which one is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise OperatorError(f"{path.name}: missing, or not TOML in UTF-8") from None
    if set(content) != set(CATEGORIES):
        raise OperatorError(f"{path.name} must hold exactly {', '.join(CATEGORIES)}")
    return {name: _term(name, content[name], path.name) for name in CATEGORIES}


def _term(name: str, table: Any, file: str) -> Term:
    wanted = {field.name for field in fields(Term)}
    if not isinstance(table, Mapping) or set(table) != wanted:
        raise OperatorError(f"{file}: [{name}] must hold exactly {', '.join(sorted(wanted))}")
    days, texts = table["days"], [table[one] for one in wanted - {"days"}]
    if type(days) is not int or not 0 < days <= 36_500 or not all(isinstance(one, str) and one for one in texts):
        raise OperatorError(f"{file}: [{name}] needs days from 1 to 36500, and a text for each of the others")
    return Term(**table)


def still_open(states: pl.DataFrame) -> set[str]:
    """The persons (`sid`) of whom something is open, or not known to be closed.

    `states` are their states (`hub.frames.STATES` and `stale`). A right is open until it was refused, withdrawn or
    handed on; a PIIS goes with the right, a contract with its own end, which only its CPAS knows: with the right too.
    """
    right = states.filter(pl.col("kind") == EntityKind.SITUATION, pl.col("entity_id").str.contains(r"\|RI\|"))
    judged = states.join(right.select("sid", has_right=True).unique(), on="sid", how="left")
    closed = pl.any_horizontal(
        *((pl.col("kind") == kind) & pl.col("state").is_in(sorted(names)) for kind, names in _CLOSED.items()),
        (pl.col("kind") == EntityKind.REGISTRATION) & (pl.col("forem_view").fill_null("NONE") != "REGISTERED"),
        pl.col("kind") == EntityKind.ANSWER,
        (pl.col("kind") == EntityKind.SITUATION) & ~pl.col("entity_id").str.contains(r"\|RI\|") & pl.col("has_right"),
        (pl.col("kind") == EntityKind.REFERRAL) & pl.col("class").is_in(_OVERTAKEN),
    ).fill_null(value=False)
    quiet = ~pl.col("stale") & pl.col("wake").is_null() & pl.col("held_until").is_null()
    agreed = pl.col("class").is_in([str(Class.AGREED), *_OVERTAKEN])
    return set(judged.filter(~(closed & quiet & agreed)).get_column("sid").drop_nulls())
