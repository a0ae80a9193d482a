"""The flow as Airflow tasks: a clock, shards of partners, and when a task is red.

Decides what a task may return (ids and counts), what is tried again and what is not. What a verb does is in
`hub.flow`; the order of the verbs is in `dags/`. Nothing heavy is imported at the top: each parse of a DAG
file and each task process pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from zoneinfo import ZoneInfo

from airflow.sdk import (
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    get_current_context,
)
from airflow.sdk.configuration import conf

from hub.crossing import may_cross
from hub.errors import HubError, InvariantBroken, OperatorError, Transient, bare, unforeseen
from hub.zones import NEEDS, Zone

if TYPE_CHECKING:
    from hub.flow.hub import Hub
    from hub.model import Outcome

Kind = Literal["CPAS", "FOREM", "REGISTERS", "OPEN_DATA"]
Verb = Literal["fetch", "collect", "process", "publish", "deliver", "acknowledge"]

T = TypeVar("T")

BRUSSELS = "Europe/Brussels"
SHARD = 20
WAIT = timedelta(seconds=int(os.environ.get("PASSERELLE_RETRY_SECONDS", "300")))
GUARDS = {
    ("core", "xcom_backend"): "hub.task_xcom.IdsAndCounts",
    ("logging", "logging_config_class"): "hub.task_logs.LOGGING_CONFIG",
}

RETRY = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="hub.errors.Transient", action=RetryAction.RETRY, reason="may succeed later"),
        RetryRule(exception="hub.errors.OperatorError", action=RetryAction.FAIL, reason="an operator must"),
        RetryRule(exception="hub.errors.InvariantBroken", action=RetryAction.FAIL, reason="a developer must"),
    ]
)
EVERY_TASK: dict[str, Any] = {
    "owner": "passerelle",
    "retries": 3,
    "retry_delay": WAIT,
    "retry_policy": RETRY,
    "show_return_value_in_logs": False,  # it is logged before XCom can refuse it, and is in XCom if it may be
}
EVERY_DAG: dict[str, Any] = {"catchup": False, "max_active_runs": 1, "default_args": EVERY_TASK}


def weekdays(at: str) -> CronTriggerTimetable:
    """Monday to Friday at `HH:MM` in Brussels; a first start waits for the next tick, and runs no past one."""
    hour, minute = at.split(":")
    return CronTriggerTimetable(f"{int(minute)} {int(hour)} * * 1-5", timezone=BRUSSELS, run_immediately=timedelta(0))


def placed(verb: str) -> dict[str, str]:
    """Where a verb's tasks run: the queue of its zone, so that its worker alone needs its keys, and the identity pool.

    Tasks without it stay in the default queue, and need no key. The local executor runs all queues as one user.
    """
    zone = NEEDS[verb].zone
    return {"queue": str(zone)} | ({"pool": str(zone)} if zone is Zone.IDENTITY else {})


def only_ids_and_counts(value: T) -> T:
    """Give `value` back if it holds nothing but ids, counts and our own words: what a task returns is kept in clear.

    Raises InvariantBroken, whose text shows nothing of the value.
    """
    if may_cross(value):
        return value
    raise InvariantBroken(f"a task returned something else than ids and counts: {type(value).__name__}")


def require_guards() -> None:
    """Raise OperatorError unless Airflow refuses what may not cross, and redacts its logs, whoever wrote the task."""
    for (section, name), wanted in GUARDS.items():
        if conf.get(section, name, fallback="") != wanted:
            raise OperatorError(f"AIRFLOW__{section.upper()}__{name.upper()} is not {wanted}: set it, restart Airflow")


def plan(*kinds: Kind) -> list[list[str]]:
    """Shards of at most 20 active partners; none outside the window of days, which skips the whole run."""
    if not in_window(now().astimezone(ZoneInfo(BRUSSELS)).date()):
        return []
    from hub import flow

    partners = _with_hub("read", lambda hub: sorted(one for kind in kinds for one in flow.active_partners(hub, kind)))
    shards = -(-len(partners) // SHARD)
    return only_ids_and_counts([partners[first::shards] for first in range(shards)])


def attempt(verb: Verb, partners: Sequence[str]) -> list[dict[str, Any]]:
    """Run one verb for a shard: the outcomes of partners that had work or trouble; one's trouble fails nobody."""
    from hub import flow

    outcomes: list[Outcome] = _with_hub(verb, lambda hub: getattr(flow, verb)(hub, list(partners)))
    return only_ids_and_counts([asdict(outcome) for outcome in outcomes if outcome.done or outcome.error])


def perform(verb: Verb, partners: Sequence[str]) -> list[dict[str, Any]]:
    """Run one verb for a shard, then be red if it went wrong for a partner: the others are done by then."""
    outcomes = attempt(verb, partners)
    wrong = [outcome for outcome in outcomes if outcome["error"]]
    if wrong:
        kind: type[HubError] = Transient if any(outcome["retry"] for outcome in wrong) else OperatorError
        raise kind(f"{verb}: " + ", ".join(f"{outcome['partner']} {outcome['error']}" for outcome in wrong))
    return outcomes


def failed(shards: Iterable[Sequence[Mapping[str, Any]]]) -> list[str]:
    """Partners whose outcome is an error: each becomes one task labelled with its id."""
    outcomes = [outcome for shard in shards for outcome in shard]
    return only_ids_and_counts(sorted(outcome["partner"] for outcome in outcomes if outcome["error"]))


def again(verb: Verb, partner: str) -> list[dict[str, Any]]:
    """Try one partner on its own; red with its name when only an operator can help, or nothing helped."""
    cast(dict[str, Any], get_current_context())["partner"] = partner  # `map_index_template` shows it
    return perform(verb, [partner])


def reconcile() -> dict[str, int]:
    """Compare the two sides; counts by class."""
    from hub import flow

    return only_ids_and_counts(_with_hub("reconcile", flow.reconcile))


def purge() -> dict[str, int]:
    """Remove what is over its time; how many of each category. Nothing outside the window of days."""
    if not in_window(now().astimezone(ZoneInfo(BRUSSELS)).date()):
        return {}
    from hub.flow.retain import purge as remove

    return only_ids_and_counts(_with_hub("retention", remove))


def verdict() -> dict[str, int]:
    """Fail the run if one of its tasks stayed red: a run's colour is that of its last task alone."""
    context = get_current_context()
    run = context["dag_run"]
    bad = ["failed", "upstream_failed"]
    count = context["ti"].get_ti_count(dag_id=run.dag_id, run_ids=[run.run_id], states=bad)
    if count:
        raise OperatorError(f"{count} task(s) of this run failed: the red ones name the partner and the code")
    return {"failed": count}


def conserved() -> dict[str, int]:
    """Verdict, and the books balance: every row read is accepted, rejected, duplicate or superseded."""
    from hub import flow

    rows = _with_hub("read", flow.conservation)
    if not rows["holds"]:
        raise InvariantBroken("rows read are not accepted + rejected + duplicate + superseded")
    return only_ids_and_counts(rows | verdict())


def now() -> datetime:
    """The run's logical date: a replayed day travels in it. A run that was given none has its own time."""
    run = get_current_context()["dag_run"]
    return run.logical_date or run.run_after


def in_window(day: date) -> bool:
    """Whether `day` lies in PASSERELLE_WINDOW (`first/last`), which keeps real ticks out of a replay of old days."""
    window = os.environ.get("PASSERELLE_WINDOW")
    if not window:
        return True
    first, last = (date.fromisoformat(end) for end in window.split("/"))
    return first <= day <= last


def _with_hub(verb: str, work: Callable[[Hub], T]) -> T:
    from hub.settings import load_settings
    from hub.wiring import open_hub

    require_guards()
    stripped: HubError
    try:
        with open_hub(load_settings(), now(), NEEDS[verb]) as hub:
            return work(hub)
    except HubError as error:
        stripped = bare(error)
    except Exception as error:  # noqa: BLE001  whatever it is, its text may hold a value of a row
        stripped = unforeseen(error)
    raise stripped  # outside the except: nothing of the error hangs on to it
