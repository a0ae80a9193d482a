"""What a task may return, when it is red, and which clock it reads."""

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hub import tasks
from hub.errors import InvariantBroken, OperatorError, Transient, UnforeseenError
from hub.model import Outcome
from hub.zones import Needs

CANARY = "Zéphyrine D'Hondt"
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@dataclass
class Fake:
    """A flow whose outcomes are given, and what it was asked."""

    outcomes: Sequence[Outcome] = ()
    error: Exception | None = None
    partners: Sequence[str] = ()
    holds: int = 1
    clock: datetime | None = None


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """`hub.flow` and its wiring replaced, in a task of a run whose logical date is noon."""
    fake, flow, wiring = Fake(), ModuleType("hub.flow"), ModuleType("hub.wiring")

    def verb(_hub: object, _partners: Sequence[str]) -> Sequence[Outcome]:
        if fake.error:
            raise fake.error
        return fake.outcomes

    @contextmanager
    def open_hub(_settings: object, now: datetime, needs: Needs) -> Any:
        fake.clock = now
        yield SimpleNamespace()

    flow.__dict__.update(collect=verb, process=verb, active_partners=lambda _hub, _kind: list(fake.partners))
    flow.__dict__.update(conservation=lambda _hub: {"read": 1, "holds": fake.holds})
    wiring.__dict__.update(open_hub=open_hub)
    monkeypatch.setitem(sys.modules, "hub.flow", flow)
    monkeypatch.setattr("hub.flow", flow, raising=False)
    monkeypatch.setitem(sys.modules, "hub.wiring", wiring)
    run = SimpleNamespace(logical_date=NOON, run_after=NOON, dag_id="d", run_id="r")
    ti = SimpleNamespace(get_ti_count=lambda **_asked: 0)
    monkeypatch.setattr(tasks, "get_current_context", lambda context={"dag_run": run, "ti": ti}: context)
    monkeypatch.delenv("PASSERELLE_WINDOW", raising=False)
    return fake


@pytest.mark.parametrize("value", [None, 7, True, "062063", "Unreachable", "", [], [["900001"]], {"read": 3}])
def test_ids_and_counts_pass(value: object) -> None:
    """Ids, counts, codes, and lists and mappings of them are given back as they are."""
    assert tasks.only_ids_and_counts(value) is value


@pytest.mark.parametrize(
    "value",
    [
        CANARY,
        "Dupont",
        "85073100165",
        85073100165,
        "a b",
        "x" * 65,
        "062063\n",
        b"062063",
        1.5,
        NOON,
        {"062063"},
        Outcome("062063"),
        [["062063", CANARY]],
        {"partner": CANARY},
        {CANARY: 1},
        {"deep": [{"er": CANARY}]},
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    """Anything that is not an id or a count stops the task, and the error shows nothing of it."""
    with pytest.raises(InvariantBroken) as refused:
        tasks.only_ids_and_counts(value)
    assert CANARY not in str(refused.value)
    assert "062063" not in str(refused.value)


@pytest.mark.parametrize(("section", "name"), tasks.GUARDS)
def test_without_its_guards_a_task_does_not_begin(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, section: str, name: str
) -> None:
    """Where Airflow would keep whatever any task gives it, the hub is not opened; the setting is named."""
    tasks.attempt("collect", ["062063"])
    fake.clock = None
    monkeypatch.setenv(f"AIRFLOW__{section}__{name}".upper(), "")
    with pytest.raises(OperatorError, match=f"AIRFLOW__{section}__{name}".upper()):
        tasks.attempt("collect", ["062063"])
    assert fake.clock is None


def test_an_outcome_with_a_value_is_refused(fake: Fake) -> None:
    """A verb that returns a value by mistake cannot have it stored by Airflow."""
    fake.outcomes = [Outcome("062063", 1, error=CANARY)]
    with pytest.raises(InvariantBroken) as refused:
        tasks.attempt("collect", ["062063"])
    assert CANARY not in str(refused.value)


def test_an_unforeseen_error_keeps_its_text_to_itself(fake: Fake) -> None:
    """Of an error that nobody foresaw a task tells the class and the place, and nothing of it hangs on."""
    fake.error = ValueError(f"row of {CANARY}")
    with pytest.raises(UnforeseenError, match=r"ValueError at test_tasks\.py") as told:
        tasks.attempt("collect", ["062063"])
    assert CANARY not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__context__ is None


def test_one_partner_fails_nobody(fake: Fake) -> None:
    """A shard whose partner could not be reached is green and says so; a partner with nothing to tell is left out."""
    fake.outcomes = [Outcome("062003", 2), Outcome("062006"), Outcome("062009", 0, "Unreachable", retry=True)]
    outcomes = tasks.attempt("collect", ["062003", "062006", "062009"])
    assert [outcome["partner"] for outcome in outcomes] == ["062003", "062009"]
    assert tasks.failed([outcomes, []]) == ["062009"]


@pytest.mark.parametrize(("retry", "error"), [(True, Transient), (False, OperatorError)])
def test_again_is_red(fake: Fake, retry: bool, error: type[Exception]) -> None:
    """A partner tried on its own is red with its id and code: tried again if that may help, else at once."""
    fake.outcomes = [Outcome("062009", 0, "Unreachable", retry=retry)]
    with pytest.raises(error, match="collect: 062009 Unreachable"):
        tasks.again("collect", "062009")
    assert tasks.get_current_context()["partner"] == "062009"  # type: ignore[typeddict-item]


def test_shards(fake: Fake) -> None:
    """A plan holds every partner once, in even shards of at most twenty."""
    fake.partners = [f"{n:06d}" for n in range(252)]
    shards = tasks.plan("CPAS")
    assert sorted(partner for shard in shards for partner in shard) == list(fake.partners)
    assert {len(shard) for shard in shards} == {19, 20}


def test_the_clock_is_the_logical_date(fake: Fake) -> None:
    """The hub's clock stands at the run's logical date, whatever the time of day is."""
    tasks.attempt("collect", [])
    assert fake.clock == NOON


def test_outside_the_window_nothing_is_planned(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """While old days are replayed, a run whose logical date is another day has nothing to do."""
    fake.partners = ["062063"]
    monkeypatch.setenv("PASSERELLE_WINDOW", "2026-03-10/2026-03-13")
    assert tasks.plan("CPAS") == []
    assert [tasks.in_window(date(2026, 3, day)) for day in (9, 10, 13, 14)] == [False, True, True, False]


def test_verdict(fake: Fake) -> None:
    """A run is red when one of its tasks stayed red, or when rows got lost between the ledger's counts."""
    assert tasks.conserved() == {"read": 1, "holds": 1, "failed": 0}
    fake.holds = 0
    with pytest.raises(InvariantBroken):
        tasks.conserved()
    tasks.get_current_context()["ti"].get_ti_count = lambda **_asked: 2  # type: ignore[method-assign]
    with pytest.raises(OperatorError, match="2 task"):
        tasks.verdict()
