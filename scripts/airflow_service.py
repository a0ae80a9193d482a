"""Airflow for one run on one machine: its settings, its database, its three processes, its REST API.

SQLite and the local executor, one folder, one free port, no telemetry. It knows nothing of the exchange but
where its DAGs and pools are.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from processes import Failed, Programs, free_port

AIRFLOW = [sys.executable, "-m", "airflow"]
DAGS = ("cpas_intake", "forem_intake", "registers_intake", "publication")


@dataclass(frozen=True, slots=True)
class Place:
    """Where this Airflow lives and how it is reached."""

    root: Path
    home: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """Address of its pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """Its metadata database."""
        return self.home / "airflow.db"


def settle(root: Path, home: Path) -> Place:
    """Make the folder, with the password file written first: Airflow would print one of its own otherwise."""
    home.mkdir(parents=True)
    place = Place(root, home, free_port(), secrets.token_urlsafe(12))
    file = home / "passwords.json"
    file.touch(0o600)
    file.write_text(json.dumps({"admin": place.password}))
    return place


def settings(place: Place) -> dict[str, str]:
    """Environment of its processes; nothing of an Airflow the machine may have already leaks in."""
    sections: dict[str, dict[str, object]] = {
        "CORE": {
            "DAGS_FOLDER": place.root / "dags",
            "EXECUTOR": "LocalExecutor",
            "XCOM_BACKEND": "hub.task_xcom.IdsAndCounts",
            "PARALLELISM": 8,
            "LOAD_EXAMPLES": False,
            "DAGS_ARE_PAUSED_AT_CREATION": False,
            "FERNET_KEY": "",
            "EXECUTION_API_SERVER_URL": f"{place.url}/execution/",
            "SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": place.home / "passwords.json",
        },
        "API": {
            "HOST": "127.0.0.1",
            "PORT": place.port,
            "BASE_URL": place.url,
            "WORKERS": 1,
            "SECRET_KEY": secrets.token_urlsafe(32),
        },
        "API_AUTH": {"JWT_SECRET": secrets.token_urlsafe(48)},
        "DATABASE": {"SQL_ALCHEMY_CONN": f"sqlite:///{place.database}"},
        "DAG_PROCESSOR": {"REFRESH_INTERVAL": 300, "MIN_FILE_PROCESS_INTERVAL": 300},
        "LOGGING": {
            "BASE_LOG_FOLDER": place.home / "logs",
            "COLORED_CONSOLE_LOG": False,
            "LOGGING_CONFIG_CLASS": "hub.task_logs.LOGGING_CONFIG",
        },
        "OPENLINEAGE": {"DISABLED": True},
        "SCHEDULER": {"SCHEDULER_IDLE_SLEEP_TIME": 0.2},
        "USAGE_DATA_COLLECTION": {"ENABLED": False},
        # A finished task would keep its slot for up to five seconds.
        "WORKERS": {"MIN_HEARTBEAT_INTERVAL": 1},
    }
    named = {
        f"AIRFLOW__{section}__{key}": str(value) for section, keys in sections.items() for key, value in keys.items()
    }
    return named | {"AIRFLOW_HOME": str(place.home), "SCARF_ANALYTICS": "false", "DO_NOT_TRACK": "1"}


def clean(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without the settings of another Airflow or hub."""
    foreign = ("AIRFLOW", "PASSERELLE", "OTEL_", "OPENLINEAGE")
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "DEV")
    return {name: value for name, value in env.items() if not name.startswith(foreign) and name not in dropped}


def migrate(place: Place, programs: Programs, cache: Path) -> None:
    """An empty database with our pools; the first one made by a version of Airflow is kept for the next runs."""
    pools = place.root / "config" / "pools.json"
    version = importlib.metadata.version("apache-airflow")
    kept = cache / f"airflow-{version}-{hashlib.sha256(pools.read_bytes()).hexdigest()[:8]}.db"
    if not kept.exists():
        programs.run(*AIRFLOW, "db", "migrate")
        programs.run(*AIRFLOW, "pools", "import", str(pools))
        cache.mkdir(parents=True, exist_ok=True)
        shutil.copy(place.database, kept.with_suffix(f".{os.getpid()}"))
        kept.with_suffix(f".{os.getpid()}").replace(kept)
    else:
        shutil.copy(kept, place.database)


def start(programs: Programs) -> None:
    """Start the three processes; the logs are read from disk, so none serves them."""
    programs.start("api-server", *AIRFLOW, "api-server")
    programs.start("dag-processor", *AIRFLOW, "dag-processor")
    programs.start("scheduler", *AIRFLOW, "scheduler", "--skip-serve-logs")


class Client:
    """Airflow's REST API, as far as a run needs it."""

    def __init__(self, place: Place, programs: Programs) -> None:
        self.place, self.programs, self.session = place, programs, requests.Session()
        self.session.trust_env = False  # a proxy has no business between two processes of one machine

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Answer to one call; Failed when it is refused."""
        answer = self.session.request(method, f"{self.place.url}/api/v2{path}", timeout=60, **options)
        if not answer.ok:
            raise Failed(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    def wait_until_up(self, patience: float = 120) -> None:
        """Wait for the API, log in, wait for the DAGs."""
        self._until(lambda: self._get("/api/v2/monitor/health"), patience, "its API to answer")
        login = {"username": "admin", "password": self.place.password}
        answer = self.session.post(f"{self.place.url}/auth/token", json=login, timeout=60)
        answer.raise_for_status()
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._until(lambda: all(self._get(f"/api/v2/dags/{dag}") for dag in DAGS), patience, "its DAGs to be read")

    def trigger(self, dag: str, logical_date: str) -> str:
        """Start a run of `dag`; its id."""
        run = self.call("POST", f"/dags/{dag}/dagRuns", json={"logical_date": logical_date})
        return str(run["dag_run_id"])

    def run_at(self, dag: str, logical_date: str) -> str | None:
        """Id of the run of `dag` with that logical date."""
        span = {"logical_date_gte": logical_date, "logical_date_lte": logical_date}
        runs = self.call("GET", f"/dags/{dag}/dagRuns", params=span)["dag_runs"]
        return str(runs[0]["dag_run_id"]) if runs else None

    def wait(self, dag: str, run_id: str, patience: float = 300) -> str:
        """State in which the run ended."""
        path = f"/dags/{dag}/dagRuns/{run_id}"
        state = ""

        def over() -> bool:
            nonlocal state
            state = self.call("GET", path)["state"]
            return state in ("success", "failed")

        self._until(over, patience, f"{dag} to end", pause=0.4)
        return state

    def task_instances(self, dag: str = "~", run_id: str = "~") -> list[dict[str, Any]]:
        """Task instances of one run, or of all runs of all DAGs."""
        return list(self._pages(f"/dags/{dag}/dagRuns/{run_id}/taskInstances", "task_instances"))

    def runs(self) -> list[dict[str, Any]]:
        """All runs of all DAGs."""
        return list(self._pages("/dags/~/dagRuns", "dag_runs"))

    def result(self, task: Mapping[str, Any]) -> Any:
        """What a task instance returned: ids and counts."""
        path = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        params = {"map_index": task["map_index"], "deserialize": "true"}
        return self.call("GET", f"{path}/xcomEntries/return_value", params=params)["value"]

    def _pages(self, path: str, key: str) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self.call("GET", path, params={"limit": 100, "offset": offset})
            yield from page[key]
            offset += 100
            if offset >= page["total_entries"]:
                return

    def _get(self, path: str) -> bool:
        try:
            return self.session.get(self.place.url + path, timeout=5).ok
        except requests.RequestException:
            return False

    def _until(self, done: Any, patience: float, what: str, pause: float = 0.3) -> None:
        end = time.monotonic() + patience
        while not done():
            self.programs.check()
            if time.monotonic() > end:
                raise Failed(f"Airflow: waited {patience:.0f} s for {what}")
            time.sleep(pause)
