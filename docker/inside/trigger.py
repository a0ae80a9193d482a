"""Start a DAG for a logical date; wait until it, and the publication that it starts, have ended well.

Without arguments it only waits until Airflow can be asked. `docker/cycle` runs it beside Airflow's API, whose
password never leaves that container.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests

AIRFLOW = "http://127.0.0.1:8080"
DAGS = ("cpas_intake", "forem_intake", "publication")
PATIENCE = 600.0  # a killed scheduler's task is given up after five minutes, then tried again
PASSWORDS = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])


def main(dag: str = "", moment: str = "") -> int:
    """0 when both runs succeeded."""
    session = requests.Session()
    session.trust_env = False  # no proxy between two processes of one container
    if not until(lambda: up(session)):
        return say("Airflow does not answer, or its DAGs are not there: see the logs of api-server and dag-processor")
    if not dag:
        return 0
    started = session.post(f"{AIRFLOW}/api/v2/dags/{dag}/dagRuns", json={"logical_date": moment}, timeout=60)
    if not started.ok:
        return say(f"{dag} of {moment} is not started: {started.status_code} {started.json().get('detail')}")
    return 0 if all(ended_well(session, name, moment) for name in (dag, "publication")) else 1


def until(done: Callable[[], bool]) -> bool:
    """Ask each second, for as long as there is patience; whether it came true."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(1)
    return True


def up(session: requests.Session) -> bool:
    """Log in, and see whether the DAGs are read."""
    login = {"username": "admin", "password": json.loads(PASSWORDS.read_text())["admin"]}
    try:
        answer = session.post(f"{AIRFLOW}/auth/token", json=login, timeout=60)
        answer.raise_for_status()
        session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return all(session.get(f"{AIRFLOW}/api/v2/dags/{dag}", timeout=60).ok for dag in DAGS)
    except requests.ConnectionError:
        return False


def ended_well(session: requests.Session, dag: str, moment: str) -> bool:
    """Wait for the run of `dag` at that moment; whether it succeeded."""
    began, state = time.monotonic(), "absent"
    span = {"logical_date_gte": moment, "logical_date_lte": moment}

    def over() -> bool:
        nonlocal state
        runs = session.get(f"{AIRFLOW}/api/v2/dags/{dag}/dagRuns", params=span, timeout=60).json()["dag_runs"]
        state = runs[0]["state"] if runs else "absent"
        return state in ("success", "failed")

    until(over)
    say(f"{dag} of {moment}: {state}, waited {time.monotonic() - began:.0f} s")
    return state == "success"


def say(text: str) -> int:
    """One line, at once; 1, for whoever ends with it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
