"""Rules that every DAG keeps, and what reading a DAG file may cost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.configuration import conf
from airflow.dag_processing.dagbag import DagBag

from hub.zones import NEEDS, Zone

ROOT = Path(__file__).resolve().parents[2]
VISITING = ("cpas_intake", "forem_intake", "registers_intake", "open_data_intake", "publication")
DAGS = (*VISITING, "retention")
VERBS = {"fetch", "collect", "process", "acknowledge", "reconcile", "publish", "deliver"}


def test_imports(dagbag: DagBag) -> None:
    """Every DAG file is read without an error, and there are six DAGs."""
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) == set(DAGS)


@pytest.mark.parametrize("name", DAGS)
def test_every_dag(dagbag: DagBag, name: str) -> None:
    """A DAG has an owner, tags, a text that says what to do when it fails; it never catches up nor overlaps itself."""
    dag = dagbag.dags[name]
    assert dag.owner == "passerelle"
    assert dag.tags
    assert dag.doc_md
    assert "If it fails" in dag.doc_md
    assert not dag.catchup
    assert dag.max_active_runs == 1


@pytest.mark.parametrize("name", DAGS)
def test_every_task(dagbag: DagBag, name: str) -> None:
    """A task is tried again after a while by the policy that knows our errors, the verdict once; none logs a result."""
    for task in dagbag.dags[name].tasks:
        policy = {"retries": task.retries, "policy": task.retry_policy is not None}
        assert policy == {"retries": 0 if task.task_id == "verdict" else 3, "policy": True}, task.task_id
        assert task.retry_delay.total_seconds() >= 60
        assert not getattr(task, "show_return_value_in_logs", False)


@pytest.mark.parametrize("name", VISITING)
def test_pools(dagbag: DagBag, name: str) -> None:
    """A task that visits mailboxes or reads people takes a slot of a pool that exists, no other task does."""
    pools = json.loads((ROOT / "config" / "pools.json").read_text())
    slots = {task.task_id: task.pool for task in dagbag.dags[name].tasks if task.pool in pools}
    reading = {} if name == "publication" else {"process": "identity", "acknowledge": "identity"}
    visited = {"publication": "cpas_sftp", "cpas_intake": "cpas_sftp", "open_data_intake": "open_data"}.get(
        name, "forem"
    )
    fetching = {"fetch": visited} if name == "open_data_intake" else {}
    assert slots == reading | fetching | {"again": visited, "deliver" if name == "publication" else "collect": visited}


@pytest.mark.parametrize("name", DAGS)
def test_zones(dagbag: DagBag, name: str) -> None:
    """A task is in the queue of its verb's zone; of the identity zone are those that read people, and no other."""
    queues = {task.task_id: task.queue for task in dagbag.dags[name].tasks}
    default = conf.get("operators", "default_queue")
    zones = {
        "purge" if verb == "retention" else verb: default if need.zone is Zone.MATCH else str(need.zone)
        for verb, need in NEEDS.items()
    }
    again = zones["deliver" if name == "publication" else "collect"]
    assert queues == {task: again if task == "again" else zones.get(task, default) for task in queues}
    identity = {task for task, queue in queues.items() if queue == "identity"}
    reading = {"publication": set(), "retention": {"purge"}}
    assert identity == reading.get(name, {"process", "acknowledge"})
    assert {t.task_id for t in dagbag.dags[name].tasks if t.pool == "identity"} == identity


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("open_data_intake", 5),
        ("registers_intake", 6),
        ("cpas_intake", 7),
        ("forem_intake", 13),
        ("publication", 19),
        ("retention", 22),
    ],
)
def test_schedule(dagbag: DagBag, name: str, hour: int) -> None:
    """The DAGs run on weekdays, Brussels time, each at an hour of its own: their logical dates never meet."""
    ticks = dagbag.dags[name].timetable
    assert (ticks.expression, str(ticks.timezone)) == (f"0 {hour} * * 1-5", "Europe/Brussels")


def test_words(dagbag: DagBag) -> None:
    """Tasks bear the names of the verbs, each verb is somewhere, and there are few other words."""
    names = {task.task_id for name in DAGS for task in dagbag.dags[name].tasks}
    assert names == VERBS | {"plan", "failed", "again", "publication", "verdict", "purge"}


def test_sizes() -> None:
    """A DAG file has at most 60 lines, and imports from Airflow what is meant for authors of DAGs."""
    for file in (ROOT / "dags").glob("*.py"):
        lines = file.read_text().splitlines()
        imports = [line.split()[1] for line in lines if line.lstrip().startswith(("import ", "from "))]
        assert len(lines) <= 60, file.name
        allowed = {"typing", "hub", "airflow.sdk", "airflow.providers.standard.operators.trigger_dagrun"}
        assert set(imports) <= allowed, file.name


def test_cost_of_reading() -> None:
    """Reading the DAG files imports nothing heavy: each task would pay for it."""
    code = (
        "import sys; from airflow.dag_processing.dagbag import DagBag;"
        f"bag = DagBag(dag_folder={str(ROOT / 'dags')!r}); assert len(bag.dags) == 6;"
        "heavy = {'polars', 'pandera', 'paramiko', 'hub.flow', 'hub.stores', 'hub.wiring', 'connectors.sftp'};"
        "heavy |= {'contracts'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
