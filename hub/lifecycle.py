"""The life of a referral as data: which status may follow which, and how the two sides' views join.

It decides whether a step is legal and, for a CPAS's view and Le Forem's view, the agreed state, the class,
who must move and why. Which notices are live and whether a deadline has passed is left to `hub.reconcile`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.model import Class, Side


class Status(StrEnum):
    """Core status of a referral (Gravity's closed loop, with `RECEIVED`)."""

    REQUESTED = "REQUESTED"  # implied by the CPAS's referral
    RECEIVED = "RECEIVED"  # Le Forem: the referral is with us
    ACCEPTED = "ACCEPTED"  # Le Forem
    IN_PROGRESS = "IN_PROGRESS"  # Le Forem
    ON_HOLD = "ON_HOLD"  # Le Forem
    REFERRED_ONWARD = "REFERRED_ONWARD"  # Le Forem: an operator works on a child referral
    REJECTED = "REJECTED"  # Le Forem
    CANCELLED = "CANCELLED"  # Le Forem, or the hub when the CPAS has cancelled all its notices
    COMPLETED = "COMPLETED"  # Le Forem
    FAILED = "FAILED"  # Le Forem
    EXPIRED = "EXPIRED"  # the hub, when no answer came in time; a late answer ends it
    UNKNOWN = "UNKNOWN"  # the hub, when no referral can be read


class CpasView(StrEnum):
    """What the CPAS says of a referral."""

    ABSENT = "ABSENT"  # no notice of a CPAS can be read
    OPEN = "OPEN"  # at least one notice is live
    WITHDRAWN = "WITHDRAWN"  # every notice is cancelled


class Clock(StrEnum):
    """A deadline: its length is a setting, its start is said here and found by `hub.reconcile`."""

    ANSWER = "answer"  # from the day the hub received the referral
    WITHDRAWAL = "withdrawal"  # from the day the hub had both the withdrawal and a status of Le Forem's
    CONFIRMATION = "confirmation"  # as long; from the day the hub had both the open referral and CANCELLED
    ORPHAN = "orphan"  # from the day the hub received Le Forem's first live notice


NONE = "NONE"  # Le Forem's view while it has no live notice; else its view is a core status
TERMINAL = frozenset({Status.REJECTED, Status.CANCELLED, Status.COMPLETED, Status.FAILED})

_ENDS = frozenset({Status.CANCELLED, Status.COMPLETED, Status.FAILED})
_ANSWERS = frozenset({Status.RECEIVED, Status.ACCEPTED, Status.REJECTED, Status.CANCELLED})

# RECEIVED may be skipped. A terminal status is left by a correction or a cancellation of its notice only.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    Status.REQUESTED: _ANSWERS | {Status.EXPIRED},
    Status.RECEIVED: frozenset({Status.ACCEPTED, Status.REJECTED, Status.CANCELLED}),
    Status.ACCEPTED: _ENDS | {Status.IN_PROGRESS, Status.ON_HOLD, Status.REFERRED_ONWARD},
    Status.IN_PROGRESS: _ENDS | {Status.ON_HOLD, Status.REFERRED_ONWARD},
    Status.ON_HOLD: _ENDS | {Status.IN_PROGRESS},
    Status.REFERRED_ONWARD: _ENDS,
    Status.REJECTED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.EXPIRED: _ANSWERS,
}


def allowed(before: str, after: str) -> bool:
    """Whether `after` may follow `before`; the same status again may (a new business status)."""
    return before == after or after in TRANSITIONS.get(before, frozenset())


def anomalies(statuses: Sequence[str]) -> tuple[int, ...]:
    """Positions of the illegal steps of statuses in effective order; the life begins at REQUESTED.

    Each step is judged from the status just before it, illegal or not, so one gap is flagged once.
    """
    before = [Status.REQUESTED, *statuses][: len(statuses)]
    return tuple(n for n, step in enumerate(zip(before, statuses, strict=True)) if not allowed(*step))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a referral has its class: the class, who must move, and the words for it."""

    klass: Class
    owner: Side | None
    text: str


REASONS: Mapping[str, Reason] = {
    # from the join of the two views
    "ANSWERED": Reason(Class.AGREED, None, "Le Forem has answered an open referral"),
    "WITHDRAWN": Reason(Class.AGREED, None, "the CPAS has withdrawn and Le Forem holds nothing open"),
    "NOTHING_HELD": Reason(Class.AGREED, None, "no notice of either side is live"),
    "AWAITING_ANSWER": Reason(Class.PENDING, Side.FOREM, "Le Forem has not answered yet"),
    "NO_ANSWER": Reason(Class.MISSING_FOREM, Side.FOREM, "Le Forem has not answered in time"),
    "AWAITING_WITHDRAWAL": Reason(
        Class.PENDING, Side.CPAS, "Le Forem holds the referral as withdrawn, the CPAS not yet"
    ),
    "NOT_WITHDRAWN": Reason(
        Class.CONFLICT, Side.CPAS, "Le Forem holds the referral as withdrawn, the CPAS keeps it open"
    ),
    "AWAITING_CLOSURE": Reason(Class.PENDING, Side.FOREM, "the CPAS has withdrawn, Le Forem has not closed yet"),
    "NOT_CLOSED": Reason(Class.CONFLICT, Side.FOREM, "the CPAS has withdrawn, Le Forem has not closed in time"),
    "WITHDRAWN_AFTER_END": Reason(
        Class.CONFLICT, Side.CPAS, "the CPAS has withdrawn what Le Forem has brought to its end"
    ),
    "AWAITING_REFERRAL": Reason(Class.PENDING, Side.FOREM, "the referral that Le Forem answers is not here yet"),
    "NO_REFERRAL": Reason(Class.ORPHAN_ACK, Side.FOREM, "Le Forem answers a referral that no CPAS has sent"),
    # from an anomaly of one side's rows
    "CONTESTED_BY_CPAS": Reason(Class.CONFLICT, Side.CPAS, "two contents at one version of the CPAS"),
    "CONTESTED_BY_FOREM": Reason(Class.CONFLICT, Side.FOREM, "two contents at one version of Le Forem"),
    "ILLEGAL_STEP": Reason(Class.OUT_OF_ORDER, Side.FOREM, "a status that may not follow the one before it"),
    "STALE_CPAS": Reason(Class.OUT_OF_ORDER, Side.CPAS, "the CPAS recorded a lower version after its highest one"),
    "STALE_FOREM": Reason(Class.OUT_OF_ORDER, Side.FOREM, "Le Forem recorded a lower version after its highest one"),
}


@dataclass(frozen=True, slots=True)
class Join:
    """A line of the join table: what holds for a pair of views, and what after its clock has run out.

    `state` is None where Le Forem's status is the agreed state.
    """

    cpas: CpasView
    forem: tuple[str, ...]
    state: Status | None
    reason: str
    clock: Clock | None = None
    late_state: Status | None = None
    late_reason: str | None = None


_WORKING = (
    Status.RECEIVED,
    Status.ACCEPTED,
    Status.IN_PROGRESS,
    Status.ON_HOLD,
    Status.REFERRED_ONWARD,
)  # Le Forem has the referral in hand
_CLOSED = (Status.REJECTED, Status.COMPLETED, Status.FAILED)

JOINS: tuple[Join, ...] = (
    Join(
        CpasView.OPEN,
        (NONE,),
        Status.REQUESTED,
        "AWAITING_ANSWER",
        Clock.ANSWER,
        Status.EXPIRED,
        "NO_ANSWER",
    ),
    Join(CpasView.OPEN, _WORKING + _CLOSED, None, "ANSWERED"),
    Join(
        CpasView.OPEN,
        (Status.CANCELLED,),
        Status.CANCELLED,
        "AWAITING_WITHDRAWAL",
        Clock.CONFIRMATION,
        Status.CANCELLED,
        "NOT_WITHDRAWN",
    ),
    Join(CpasView.WITHDRAWN, (NONE, Status.CANCELLED, Status.REJECTED), Status.CANCELLED, "WITHDRAWN"),
    Join(
        CpasView.WITHDRAWN,
        _WORKING,
        Status.CANCELLED,
        "AWAITING_CLOSURE",
        Clock.WITHDRAWAL,
        Status.CANCELLED,
        "NOT_CLOSED",
    ),
    Join(CpasView.WITHDRAWN, (Status.COMPLETED, Status.FAILED), None, "WITHDRAWN_AFTER_END"),
    Join(CpasView.ABSENT, (NONE,), Status.UNKNOWN, "NOTHING_HELD"),
    Join(
        CpasView.ABSENT,
        (*_WORKING, *_CLOSED, Status.CANCELLED),
        Status.UNKNOWN,
        "AWAITING_REFERRAL",
        Clock.ORPHAN,
        Status.UNKNOWN,
        "NO_REFERRAL",
    ),
)

_BY_VIEWS = {(line.cpas.value, str(view)): line for line in JOINS for view in line.forem}


def join(cpas_view: str, forem_view: str) -> Join:
    """Return the line of the join table for a pair of views; there is exactly one for each pair."""
    return _BY_VIEWS[cpas_view, forem_view]


def describe() -> str:
    """Return the two tables as Markdown, for the page of the step: a state diagram and the join of views."""
    return "\n".join(["```mermaid", *_diagram(), "```", "", *_join_table()]) + "\n"


def _diagram() -> list[str]:
    steps = [f"    {a} --> {b}" for a, following in TRANSITIONS.items() for b in Status if b in following]
    ends = [f"    {status} --> [*]" for status in Status if status in TERMINAL]
    return ["stateDiagram-v2", "    [*] --> REQUESTED", *steps, *ends]


def _join_table() -> list[str]:
    head = ["CPAS", "Le Forem", "when", "agreed state", "class", "who must move", "reason", "in words"]
    rows = [row for line in JOINS for row in _join_rows(line)]
    return [_markdown(head), _markdown(["---"] * len(head)), *map(_markdown, rows)]


def _join_rows(line: Join) -> list[list[str]]:
    views = [line.cpas.value, ", ".join(line.forem)]
    if line.clock is None or line.late_reason is None:
        return [[*views, "always", *_outcome(line.state, line.reason)]]
    return [
        [*views, f"until the {line.clock} deadline", *_outcome(line.state, line.reason)],
        [*views, "after it", *_outcome(line.late_state, line.late_reason)],
    ]


def _outcome(state: Status | None, reason: str) -> list[str]:
    why = REASONS[reason]
    return [state or "Le Forem's", why.klass, why.owner or "nobody", f"`{reason}`", why.text]


def _markdown(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
