"""What follows from what was found of one referral: the agreed state, the class, who must move, why, the codes.

The views and the anomalies come in; the tables of `hub.lifecycle` are applied. Which of them hold for which
referral is found by `hub.reconcile`.
"""

from dataclasses import dataclass

import polars as pl

from hub.lifecycle import REASONS, join
from hub.model import Class, Side
from hub.views import CPAS_VIEWS, FOREM_VIEWS

ILLEGAL, STALE, CONTESTED, UNKNOWN_REFERRAL, GAP, OTHER_PERSON = "R401", "R402", "R403", "R404", "R406", "R503"
QUIET = (Class.AGREED, Class.PENDING)
WIDTH = 16  # more than there are views of Le Forem's
_FLAGS = (
    *("late", "cpas_contested", "forem_contested", "illegal", "cpas_stale", "forem_stale"),
    *("orphan", "gap", "other_person"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Both sides' views on one referral, whether their time has run out, and the anomalies of their rows."""

    cpas_view: str
    forem_view: str
    late: bool = False
    cpas_contested: bool = False
    forem_contested: bool = False
    illegal: bool = False
    cpas_stale: bool = False
    forem_stale: bool = False
    orphan: bool = False
    gap: bool = False
    other_person: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The agreed state, None where it is Le Forem's; `reason` gives class and owner unless R503 is there."""

    state: str | None
    reason: str
    klass: Class
    owner: Side | None
    codes: tuple[str, ...]


def verdict(found: Found) -> Verdict:
    """Return what follows: the class of the gravest reason, that of R503 before all."""
    line = join(found.cpas_view, found.forem_view)
    state = line.late_state if found.late else line.state
    reason = _gravest(found, line.late_reason or line.reason if found.late else line.reason)
    why = REASONS[reason]
    klass, owner = (Class.CONFLICT, Side.FOREM) if found.other_person else (why.klass, why.owner)
    return Verdict(state.value if state else None, reason, klass, owner, _codes(found))


def _gravest(found: Found, joined: str) -> str:
    """Another person's rows give no reason, so that the CPAS may be told it; nor does a gap, which is a warning."""
    reasons = (
        (found.cpas_contested, "CONTESTED_BY_CPAS"),
        (found.forem_contested, "CONTESTED_BY_FOREM"),
        (REASONS[joined].klass not in QUIET, joined),
        (found.illegal, "ILLEGAL_STEP"),
        (found.cpas_stale, "STALE_CPAS"),
        (found.forem_stale, "STALE_FOREM"),
    )
    return next((reason for holds, reason in reasons if holds), joined)


def _codes(found: Found) -> tuple[str, ...]:
    codes = (
        (found.illegal, ILLEGAL),
        (found.cpas_stale or found.forem_stale, STALE),
        (found.cpas_contested or found.forem_contested, CONTESTED),
        (found.orphan, UNKNOWN_REFERRAL),
        (found.gap, GAP),
        (found.other_person, OTHER_PERSON),
    )
    return tuple(code for holds, code in codes if holds)


# --- many referrals at once ------------------------------------------------------------------------------


def case() -> pl.Expr:
    """All that decides of a referral as one number: few cases are met, and each is judged once."""
    seen_elsewhere = {
        "orphan": pl.col("cpas_version").is_null() & pl.col("forem_at").is_not_null(),
        "gap": pl.col("gap").is_not_null(),
    }
    number = pl.col("cpas_view").cast(pl.UInt32) * WIDTH + pl.col("forem_view")
    for name in _FLAGS:
        number = number * 2 + seen_elsewhere.get(name, pl.col(name).fill_null(value=False)).cast(pl.UInt32)
    return number.alias("case")


def verdicts(cases: pl.Series) -> pl.DataFrame:
    """What follows in each case: `case`, `agreed` (null where it is Le Forem's view), `class`, `owner` …"""
    found = [(number, verdict(_found(number))) for number in cases]
    rows = [(number, v.state, v.klass.value, v.owner, v.reason, list(v.codes)) for number, v in found]
    names = {"agreed": pl.String, "class": pl.String, "owner": pl.String, "reason": pl.String}
    return pl.DataFrame(rows, {"case": pl.UInt32, **names, "codes": pl.List(pl.String)}, orient="row")


def _found(number: int) -> Found:
    flags = {}
    for name in reversed(_FLAGS):
        number, flag = divmod(number, 2)
        flags[name] = bool(flag)
    return Found(CPAS_VIEWS[number // WIDTH], FOREM_VIEWS[number % WIDTH], **flags)
