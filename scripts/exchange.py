"""The whole exchange on this machine: stand-ins for the partners, the hub, and Airflow driving it, day by day.

`run` plays the days, prints what came of them and stops all; `start` leaves it running in the background;
`stop` ends that. Everything is written below var/ of this checkout; nothing that was started outlives its driver.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import airflow_service as airflow
import standins
import summary
from processes import Failed, Programs, Stopped, heed_signals, holder, only_one

ROOT = Path(__file__).resolve().parents[1]
VAR = Path(os.environ.get("PASSERELLE_VAR", ROOT / "var")).absolute()  # a test plays in a folder of its own
RUN, LOCK, LOG = VAR / "run", VAR / "exchange.lock", VAR / "exchange.log"
READY = RUN / "ready.json"
FIRST_DAY = date(2026, 3, 9)
OFFERS = ("portal-day", "open_data_intake", 5)
OFFER_DAYS = (0, 4)  # Mondays and Fridays: twice is enough to see offers come and go
INTAKES = (("cpas-day", "cpas_intake", 7), ("forem-day", "forem_intake", 13))
SHOWN = ("collect", "process", "acknowledge", "publish", "deliver")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    days: list[date]
    seed: int
    cpas: int


@dataclass(frozen=True, slots=True)
class Running:
    """An exchange that is up."""

    exchange: standins.Exchange
    client: airflow.Client
    place: airflow.Place


def say(text: str = "") -> None:
    """One line of progress, at once."""
    print(text, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 all went well, 1 something did not, 130 stopped on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["run", "start", "keep", "stop"])
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20260309)
    parser.add_argument("--cpas", type=int, default=12)
    asked = parser.parse_args(argv)
    wanted = Wanted(standins.working_days(FIRST_DAY, asked.days), asked.seed, asked.cpas)
    heed_signals()
    try:
        if asked.command == "stop":
            return stop()
        if asked.command == "start":
            return start(sys.argv[2:])
        with only_one(LOCK):
            return keep(wanted) if asked.command == "keep" else run(wanted)
    except Failed as error:
        say(f"FAILED: {error}")
        return 1
    except Stopped as signalled:
        say(f"stopped ({signalled})")
        return 130


def run(wanted: Wanted, then: Callable[[Running, int], None] | None = None) -> int:
    """Play the days, sum them up, stop; `then` is done before the end."""
    began = time.monotonic()
    shutil.rmtree(RUN, ignore_errors=True)
    with ExitStack() as stack:
        running, ready = bring_up(wanted, stack)
        well = True
        for day in wanted.days:
            well = play(running, day) and well
        played = time.monotonic()
        well = sum_up(running, wanted) and well
        runs, instances = running.client.runs(), running.client.task_instances()
        opened, worked = summary.share_of_airflow(runs, instances)
        say(
            f"Time: {played - began:.0f} s: {ready:.0f} s until Airflow was up, {opened:.0f} s in its {len(runs)} runs,"
            f" where a task was at work for {worked:.0f} s; the other {opened - worked:.0f} s of them are Airflow's."
        )
        if then:
            then(running, 0 if well else 1)
    say(f"All stopped after {time.monotonic() - began:.0f} s. {'It all went well.' if well else 'NOT ALL WENT WELL.'}")
    return 0 if well else 1


def bring_up(wanted: Wanted, stack: ExitStack) -> tuple[Running, float]:
    """Airflow, the stand-ins and the hub, all three at once; and the seconds until Airflow was there."""
    began = time.monotonic()
    logs = RUN / "logs"
    for folder in (logs, VAR / "tmp", RUN / "hub"):
        folder.mkdir(parents=True, exist_ok=True)
    place = airflow.settle(ROOT, RUN / "airflow")
    env = (
        airflow.clean(os.environ)
        | airflow.settings(place)
        | {
            "PASSERELLE_HOME": str(RUN / "hub"),
            "PASSERELLE_PARTNERS": str(RUN / "registry"),
            "PASSERELLE_WINDOW": f"{wanted.days[0]}/{wanted.days[-1]}",
            "PASSERELLE_RETRY_SECONDS": "2",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'config'}",
            "TMPDIR": str(VAR / "tmp"),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
    )
    programs = stack.enter_context(Programs(env, logs))
    airflow.migrate(place, programs, VAR / "cache")
    airflow.start(programs)
    exchange = standins.Exchange(programs, RUN / "hub", RUN / "partners")
    standins.prepare(exchange, wanted.seed, wanted.cpas, wanted.days)
    say(f"{wanted.cpas} CPAS and Le Forem have their mailboxes  {time.monotonic() - began:.1f} s")
    client = airflow.Client(place, programs)
    client.wait_until_up()
    ready = time.monotonic() - began
    say(f"Airflow is up at {place.url}  {ready:.1f} s")
    return Running(exchange, client, place), ready


def play(running: Running, day: date) -> bool:
    """One day: each side sends, the hub takes in and publishes, all take what lies in their mailboxes."""
    well = True
    for part, dag, hour in (OFFERS, *INTAKES) if day.weekday() in OFFER_DAYS else INTAKES:
        running.exchange.play(part, day)
        at = datetime(day.year, day.month, day.day, hour, tzinfo=summary.BRUSSELS)
        well = exchange_once(running, dag, at) and well
    running.exchange.play("take", day)
    return well


def exchange_once(running: Running, dag: str, at: datetime) -> bool:
    """An intake and the publication that it starts; one line says what they did."""
    began, client, date_ = time.monotonic(), running.client, at.isoformat()
    run_id = client.trigger(dag, date_)
    ended = {dag: client.wait(dag, run_id)}
    tasks = client.task_instances(dag, run_id)
    after = client.run_at("publication", date_)
    ended["publication"] = client.wait("publication", after) if after else "absent"
    tasks += client.task_instances("publication", after) if after else []
    wrong = "".join(f"  {name}: {state.upper()}" for name, state in ended.items() if state != "success")
    wrong += "".join(f" {summary.label(task)}" for task in tasks if task["state"] == "failed")
    say(f"{at:%a %d %b %H:%M}  {dag:<17} {did(client, tasks)}{wrong}  {time.monotonic() - began:.1f} s")
    return not wrong


def did(client: airflow.Client, tasks: list[dict[str, Any]]) -> str:
    """Counts of what each verb did, from what its tasks returned; a dash where a task is not green."""
    parts = []
    for verb in SHOWN:
        of = [task for task in tasks if task["task_id"] == verb]
        if of and all(task["state"] == "success" for task in of):
            done = sum(outcome["done"] for task in of for outcome in client.result(task))
            parts.append(f"{verb} {done}")
        else:
            parts.append(f"{verb} -")
    return ", ".join(parts)


def sum_up(running: Running, wanted: Wanted) -> bool:
    """Print what the ledger and Airflow hold, then apart from it what the stand-ins found; whether all is well."""
    status = running.exchange.status()
    instances = [t for t in running.client.task_instances() if summary.day_of(t["logical_date"]) in wanted.days]
    say()
    for line in [*summary.ledger(status), *summary.tasks(instances)]:
        say(line)
    say(f"Published files: {status['outbox']}; what the partners received: {running.exchange.partners}")
    agree, said = running.exchange.check()
    say(f"Stand-ins' own check of their books: {'they agree' if agree else 'THEY DIFFER'}. {said}")
    red = [t for t in instances if t["state"] not in ("success", "skipped")]
    return agree and not red and bool(status["conservation"]["holds"])


def keep(wanted: Wanted) -> int:
    """Play the days, then stay until asked to stop."""

    def stay(running: Running, code: int) -> None:
        say(f"Airflow stays up: {running.place.url}  user admin  password {running.place.password}")
        say("`make stop` ends it.")
        READY.write_text(json.dumps({"code": code}))
        while True:
            running.exchange.programs.check()
            time.sleep(1)

    return run(wanted, stay)


def start(asked: Sequence[str]) -> int:
    """Leave `keep` in the background and show what it says until it is ready."""
    if holder(LOCK):
        raise Failed("it runs already; `make stop` ends it")
    READY.unlink(missing_ok=True)
    VAR.mkdir(exist_ok=True)
    LOG.touch(0o600)
    with LOG.open("wb") as log:
        command = [sys.executable, str(Path(__file__).resolve()), "keep", *asked]
        kept = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        with LOG.open() as log:
            while True:
                ended = kept.poll() is not None or READY.exists()
                print(log.read(), end="", flush=True)
                if ended:
                    break
                time.sleep(0.3)
    except Stopped:
        kept.terminate()
        kept.wait()
        raise
    return int(json.loads(READY.read_text())["code"]) if kept.poll() is None else kept.returncode


def stop() -> int:
    """End what `start` left running; its guardian clears up after it even when it has to be killed."""
    pid = holder(LOCK)
    if pid is None:
        say("nothing runs")
        return 0
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(pid, number)
        for _ in range(150):
            if holder(LOCK) is None:
                say("stopped")
                return 0
            time.sleep(0.2)
    raise Failed(f"process {pid} does not end")


if __name__ == "__main__":
    sys.exit(main())
