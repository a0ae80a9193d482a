"""A worker for each zone: four Celery workers of four users, to whom Airflow gives the tasks of their queue alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from parted import ALONE, USERS, Parted, group_of
from play import BRUSSELS, HALVES, MONDAY, PROJECT

from hub.model import Outcome
from hub.stores.roles import IDENTITY, LEDGER, PUBLISH
from hub.zones import NEEDS, Zone
from tests.postgres import Postgres

sys.path.insert(0, str(PROJECT / "scripts"))

CELERY = PROJECT / "var" / "tools" / "celery"
CENTRAL = 61005  # the user of all that is no worker: it has neither keys nor databases of the hub
QUEUES = {zone: "default" if zone is Zone.MATCH else str(zone) for zone in Zone}
VERBS = ("collect", "process", "acknowledge", "reconcile", "publish", "deliver")
BESIDE = {"plan", "failed", "again", "verdict", "publication"}  # tasks that take no key
METADATA = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC")
# what no worker is given: its tokens come with each task
WITHHELD = {*METADATA, "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY"}

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: only root can become five other users"),
    pytest.mark.skipif(not CELERY.exists(), reason="NOT RUN: no Celery for Airflow here: make var/tools/celery"),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="NOT RUN: no broker; apt-get install redis-server"),
]


@dataclass
class Queued(Parted):
    """An exchange that Airflow drives, each zone's verbs in its worker. `airflow` is a client of Airflow's API."""

    airflow: Any = None
    tasks: list[dict[str, Any]] = field(default_factory=list)

    def half_day(self, day: date, half: str) -> list[Outcome]:
        self.hand_over()
        at = datetime(day.year, day.month, day.day, HALVES[half], tzinfo=BRUSSELS).isoformat()
        intake = self.airflow.trigger(f"{half.lower()}_intake", at)
        assert self.airflow.wait(f"{half.lower()}_intake", intake) == "success"
        publication = self.airflow.run_at("publication", at)
        assert self.airflow.wait("publication", publication) == "success"
        self.tasks += self.airflow.task_instances(f"{half.lower()}_intake", intake)
        self.tasks += self.airflow.task_instances("publication", publication)
        return []

    def logs(self, zone: Zone) -> Path:
        """Where the worker of a zone writes the logs of its tasks."""
        return self.home(zone) / "airflow" / "logs"

    def ran(self, zone: Zone) -> set[str]:
        """The tasks of which a zone's worker has written the log."""
        return {path.name.removeprefix("task_id=") for path in self.logs(zone).glob("*/*/task_id=*")}


@pytest.fixture(scope="module")
def queued(postgres: Postgres) -> Iterator[Queued]:
    """A day that went through four queues."""
    urls = postgres.new_owned("hub_owner", (LEDGER, IDENTITY, PUBLISH))
    environ = dict(zip(("PASSERELLE_LEDGER_URL", "PASSERELLE_IDENTITY_URL"), urls, strict=True))
    with TemporaryDirectory(prefix="passerelle-queues-") as folder, ExitStack() as stack:
        exchange = Queued(Path(folder), cpas="3", environ=environ, server=postgres)
        exchange.prepare()
        exchange.part()
        start(exchange, postgres.new_pair()[0], stack)
        exchange.play([MONDAY])
        yield exchange


def start(exchange: Queued, metadata: str, stack: ExitStack) -> None:
    """Start the broker, Airflow and the four workers, until the end of the stack. Skips where they cannot run."""
    import airflow_service
    from processes import Programs, free_port

    place, port = airflow_service.settle(PROJECT, exchange.root / "airflow"), free_port()
    settings = airflow_service.clean(os.environ) | airflow_service.settings(place) | of_queues(port)
    settings |= {"HOME": str(place.home), "LOGNAME": "airflow"}  # for users without an account
    own(place.home, CENTRAL)
    tried = subprocess.run([*as_user(CENTRAL, ALONE), sys.executable, "-c", "import hub"], env=settings, check=False)
    if tried.returncode:
        pytest.skip("NOT RUN: another user may not run this Python: it lies in a home")

    logs = exchange.root / "logs"
    logs.mkdir()
    programs = stack.enter_context(Programs(settings | dict.fromkeys(METADATA, metadata), logs))
    airflow = (*as_user(CENTRAL, ALONE), *airflow_service.AIRFLOW)
    programs.start("redis", "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "")
    programs.run(*airflow, "db", "migrate")
    programs.run(*airflow, "pools", "import", str(PROJECT / "config" / "pools.json"))
    for name, *words in (("api-server",), ("dag-processor",), ("scheduler", "--skip-serve-logs")):
        programs.start(name, *airflow, name, *words)
    for zone, user in USERS.items():
        own_settings = {name: value for name, value in settings.items() if name not in WITHHELD}
        own_settings |= exchange.environment(zone) | {"PYTHONPATH": settings["PYTHONPATH"]}
        own_settings |= {"AIRFLOW_HOME": str(exchange.logs(zone).parent)}
        own_settings |= {"AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(exchange.logs(zone))}
        exchange.logs(zone).mkdir(parents=True)
        own(exchange.logs(zone).parent, user)
        words = ("celery", "worker", "--queues", QUEUES[zone], "--skip-serve-logs", "--celery-hostname", f"{zone}@%h")
        workers = stack.enter_context(Programs(own_settings, logs))
        workers.start(f"worker-{zone}", *as_user(user, group_of(zone)), *airflow_service.AIRFLOW, *words)
    exchange.airflow = airflow_service.Client(place, programs)
    exchange.airflow.wait_until_up()


def of_queues(port: int) -> dict[str, str]:
    """What makes Airflow give tasks to workers by their queue."""
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{port}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"redis://127.0.0.1:{port}/1",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "1",
        "PASSERELLE_WINDOW": f"{MONDAY}/{MONDAY}",
        "PYTHONPATH": f"{PROJECT}{os.pathsep}{CELERY}",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def as_user(user: int, group: int) -> tuple[str, ...]:
    """What a command is begun with to be run by a user in one group."""
    return ("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--")


def own(folder: Path, user: int) -> None:
    """Give a folder and what is in it to a user."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, ALONE)


def test_a_day_goes_through_four_queues(queued: Queued) -> None:
    """Every task ended well, and the partners' books agree with the truth."""
    assert {task["task_id"] for task in queued.tasks} >= set(VERBS)
    assert {task["state"] for task in queued.tasks} <= {"success", "skipped"}
    assert queued.books_agree(MONDAY)
    assert queued.status()["conservation"]["holds"] == 1


@pytest.mark.parametrize("zone", list(Zone))
def test_a_worker_runs_the_tasks_of_its_zone_and_no_others(queued: Queued, zone: Zone) -> None:
    """By the logs that its user wrote: a verb ran where its keys are, what needs none ran in the default queue."""
    of_zone = {verb for verb in VERBS if NEEDS[verb].zone is zone}
    assert of_zone
    assert of_zone <= queued.ran(zone) <= of_zone | (BESIDE if zone is Zone.MATCH else set())
    assert {task["queue"] for task in queued.tasks if task["task_id"] in of_zone} == {QUEUES[zone]}
    assert {path.stat().st_uid for path in queued.logs(zone).rglob("*")} == {USERS[zone]}
