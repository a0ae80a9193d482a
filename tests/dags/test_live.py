"""A live Airflow, as `make run` starts it: two good days, a bad one, and what is left on the disk.

One bring-up serves all of it, since a start costs more than a day. The tests run in the order of the file.
"""

import io
import os
import re
import shutil
import sqlite3
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.dags.hostile.hostile import PUSHED, RETURNED, SPOKEN
from tests.privacy import everybody
from tests.privacy.everybody import CANARIES
from tests.privacy.plants import PLANTED
from tests.privacy.scanner import Scanner, read_canaries

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

CPAS, ALONE = "062009", "062003"  # of the second, its API is the only door


@dataclass
class Live:
    """The exchange that is up, its module, and what it has said."""

    module: Any
    running: Any
    wanted: Any
    var: Path
    said: io.StringIO = field(default_factory=io.StringIO)

    def play(self, day: int) -> bool:
        with redirect_stdout(self.said):
            return bool(self.module.play(self.running, self.wanted.days[day]))

    def sum_up(self) -> tuple[bool, str]:
        told = io.StringIO()
        with redirect_stdout(told):
            well = self.module.sum_up(self.running, self.wanted)
        return well, told.getvalue()

    def agree(self, day: int) -> bool:
        """Whether the stand-ins' books are what the truth says they are at the end of that day."""
        exchange, standins = self.running.exchange, sys.modules["standins"]
        words = ("check", "--root", str(exchange.partners), "--day", self.wanted.days[day].isoformat())
        return "the books agree" in exchange.programs.run(*standins.SIMULATORS, *words, codes=(0, 1))

    @property
    def channels(self) -> Path:
        return self.var / "run" / "hub" / "channels.toml"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    var = tmp_path_factory.mktemp("live")
    os.environ["PASSERELLE_VAR"] = str(var)
    import exchange
    import standins

    dags = shutil.copytree(exchange.ROOT / "dags", var / "dags")
    shutil.copy(Path(__file__).parent / "hostile" / "hostile.py", dags)
    settings = exchange.airflow.settings
    more = {"AIRFLOW__CORE__DAGS_FOLDER": str(dags), "PASSERELLE_STRUCK": str(var / "struck")}
    wanted = exchange.Wanted(standins.working_days(exchange.FIRST_DAY, 5), 20260309, 4)
    with ExitStack() as stack:
        stack.callback(os.environ.pop, "PASSERELLE_VAR")
        stack.enter_context(mock.patch.object(exchange.airflow, "settings", lambda place: settings(place) | more))
        running, _ = exchange.bring_up(wanted, stack)
        yield Live(exchange, running, wanted, var)


def test_two_days_go_well(live: Live) -> None:
    """Every task of two days ends well, rows are conserved, the books agree with the truth so far."""
    assert live.play(0), live.said.getvalue()
    assert live.play(1), live.said.getvalue()
    told = live.sum_up()[1]
    assert "balanced" in told
    assert "NOT BALANCED" not in told
    assert " failed" not in told
    assert live.agree(1)


def test_files_go_from_an_api_to_an_api(live: Live) -> None:
    """Orientations came from a CPAS's API, registrations from Le Forem's; statuses and RECO went to them."""
    partners = live.var / "run" / "partners"
    channel = tomllib.loads(live.channels.read_text())["channel"]
    assert "host" not in channel[ALONE]
    assert channel["900001"]["api"]["feeds"] == ["RECO"]
    for folder, pattern in (
        (f"{ALONE}/mailbox/in/done", "FI.ORIE.*"),
        (f"{ALONE}/mailbox/out/taken", "FO.STAT.*"),
        (f"{ALONE}/mailbox/out/taken", "FO.RECO.*"),
        ("900001/desk/in/done", "FI.INSC.*"),
        ("900001/desk/out/taken", "FO.RECO.*"),
    ):
        assert list((partners / folder).glob(pattern)), (folder, pattern)


def test_public_offers_go_from_their_portal_to_a_cpas(live: Live) -> None:
    """What the hub fetched on Monday came to a CPAS, through its API, with whose the data are."""
    (file,) = (live.var / "run/partners" / ALONE / "mailbox/out/taken").glob("FO.OFFR.*.T")
    rows = file.read_text("utf-8").splitlines()[1:]
    assert rows
    assert all(row.startswith("STATE;") and row.endswith(";Le Forem, CC BY-SA 4.0") for row in rows)
    (said,) = (one for one in live.running.exchange.status()["submissions"] if one["side"] == "OPEN_DATA")
    assert (said["feed"], said["state"], said["files"]) == ("OFFR", "DONE", 1)


def test_a_partner_that_is_not_the_pinned_one_changes_the_summary(live: Live) -> None:
    """A changed host key is one red task with the partner's name; the others are served, the day is not well."""
    before = live.sum_up()[1]
    content = live.channels.read_text()
    at = content.index(f"[channel.{CPAS}]")
    pin = content.index("ssh-ed25519 ", at) + len("ssh-ed25519 ") + 30
    live.channels.write_text(content[:pin] + ("B" if content[pin] != "B" else "C") + content[pin + 1 :])
    assert not live.play(2)
    live.channels.write_text(content)
    last = live.said.getvalue().splitlines()[-2:]
    assert any(f"again[{CPAS}]" in line for line in last)
    assert "process" in last[0]
    well, told = live.sum_up()
    assert not well
    assert " failed" in told
    assert " failed" not in before


def test_the_next_day_catches_up(live: Live) -> None:
    """Once the cause is mended, what waited is taken, and all books agree again."""
    assert live.play(3), live.said.getvalue()
    assert live.agree(3)
    assert " failed" in live.sum_up()[1]  # the red task of the day before stays in the summary


def test_a_delivery_deleted_untaken_changes_the_summary(live: Live) -> None:
    """A delivered file that disappears from its mailbox is counted, and its recipient's book disagrees."""
    exchange, module, day = live.running.exchange, live.module, live.wanted.days[4]
    before = exchange.status()["acknowledgements"]["vanished"]
    exchange.play("cpas-day", day)
    with redirect_stdout(live.said):
        for hour in (7, 8):
            at = module.datetime(day.year, day.month, day.day, hour, tzinfo=module.summary.BRUSSELS)
            assert module.exchange_once(live.running, "cpas_intake", at), live.said.getvalue()
            if hour == 7:
                next((live.var / "run/partners" / CPAS / "mailbox/out").glob("FO.*")).unlink()
    assert exchange.status()["acknowledgements"]["vanished"] == before + 1
    exchange.play("take", day)
    assert not live.agree(4)


def run_of(live: Live, dag: str, day: int) -> dict[str, str]:
    """Run a DAG at the hub's clock of that day, an hour nothing else uses; the state of each of its tasks."""
    day_ = live.wanted.days[day]
    at = live.module.datetime(day_.year, day_.month, day_.day, 22, tzinfo=live.module.summary.BRUSSELS)
    client = live.running.client
    run = client.trigger(dag, at.isoformat())
    client.wait(dag, run)
    return {task["task_id"]: task["state"] for task in client.task_instances(dag, run)}


def logs_of(live: Live, dag: str) -> dict[str, str]:
    """The logs of a DAG's tasks, as Airflow wrote them."""
    found: dict[str, str] = {}
    for path in sorted((live.var / "run/airflow/logs").rglob("*.log")):
        if f"dag_id={dag}" in str(path):
            task = next(part for part in path.parts if part.startswith("task_id=")).removeprefix("task_id=")
            found[task] = found.get(task, "") + path.read_text()
    return found


def test_a_value_in_xcom_fails_its_task(live: Live) -> None:
    """Whoever wrote it: a task that returns or pushes a value to Airflow is red, its log says why, nothing is kept."""
    states, logs = run_of(live, "hostile", 0), logs_of(live, "hostile")
    assert {task: state for task, state in states.items() if task.startswith(("returns_", "pushes_"))} == {
        **{f"returns_{name}": "failed" for name in RETURNED},
        **{f"pushes_{name}": "failed" for name in PUSHED},
    }
    assert states["harmless"] == "success"
    for name in (*(f"returns_{n}" for n in RETURNED), *(f"pushes_{n}" for n in PUSHED)):
        assert "XCom takes ids, counts and words of hub/crossing.py" in logs[name], name
    with sqlite3.connect(live.running.place.database) as database:
        kept = database.execute("SELECT task_id, key, value FROM xcom WHERE dag_id = 'hostile'").fetchall()
    assert [(task, key) for task, key, _ in kept] == [("harmless", "return_value")]


def test_what_a_task_says_is_redacted(live: Live) -> None:
    """Numbers, addresses, telephones and tokens, printed, logged, or in a traceback, are struck out of a task's log."""
    logs = logs_of(live, "hostile")
    scheduler = (live.var / "run/logs/scheduler.log").read_text()
    for name in SPOKEN:
        assert f"spoke {name}" in logs["speaks"], name
    assert "spoke print" in scheduler, "Airflow no longer repeats there what a task prints"
    assert Scanner(PLANTED).search([("task", logs["speaks"].encode()), ("scheduler", scheduler.encode())]).hits == []
    for kind in ("niss", "e-mail", "telephone", "token"):
        assert logs["speaks"].count(f"[{kind}]") >= len(SPOKEN) - 1


def test_every_forced_failure_under_airflow(live: Live) -> None:
    """Each step of every verb fails in a task of Airflow, in words that quote a row; the verbs go on afterwards."""
    states = run_of(live, "faults", 4)
    struck = (live.var / "struck").read_text().splitlines()
    verbs = {task.removeprefix("break_") for task in states if task.startswith("break_")}
    print(f"{len(struck)} failures in {len(verbs)} verbs")
    assert {task: state for task, state in states.items() if task.startswith("break_")} == dict.fromkeys(
        (f"break_{verb}" for verb in verbs), "failed"
    )
    assert {task: state for task, state in states.items() if task.startswith("mend_")} == dict.fromkeys(
        (f"mend_{verb}" for verb in verbs), "success"
    )
    missed = [line for line in struck if line.endswith(" 0")]
    assert missed == []
    assert len(struck) > 25


def test_every_feed_goes_through_airflow(live: Live) -> None:
    """Of every feed a right file and a wrong one, with a canary in each field that identifies, come through the DAGs of
    all senders to an end, and the nightly purge after them."""
    run = live.var / "run"
    for name, found, put in (
        ("envelopes", r"^(900001;[^;]*);SIGNED;", r"\1;BARE;"),
        ("plans", rf"^({CPAS};.*);1\|4;", r"\1;1|3|4;"),
    ):
        agreed = run / "registry" / f"{name}.csv"
        agreed.write_text(re.sub(f"(?m){found}", put, agreed.read_text("utf-8")), "utf-8")
    registers = run / "partners" / everybody.REGISTERS / "mailbox"
    for folder in ("in/done", "out/taken"):
        (registers / folder).mkdir(parents=True)
    with live.channels.open("a") as channels:
        channels.write(f'\n[channel.{everybody.REGISTERS}]\nfolder = "{registers}"\n')
    names = everybody.send_from(run / "partners", everybody.SENDER | {"CPAS": CPAS}, 9900)
    day = datetime.combine(live.wanted.days[4], time(19), live.module.summary.BRUSSELS)
    for hour, dag in enumerate(("cpas_intake", "forem_intake", "registers_intake")):
        with redirect_stdout(live.said):
            assert live.module.exchange_once(live.running, dag, day + timedelta(hours=hour)), live.said.getvalue()
    assert set(run_of(live, "retention", 4).values()) == {"success"}
    with sqlite3.connect(run / "hub" / "ledger.db") as ledger:
        states = dict(ledger.execute("SELECT name, state FROM submission").fetchall())
        rows = dict(ledger.execute("SELECT name, accepted FROM submission").fetchall())
        (purges,) = ledger.execute("SELECT count(*) FROM audit_leaf WHERE entry LIKE '%\"purge\"%'").fetchone()
    print({name.split(".")[1]: (states.get(name), rows.get(name)) for name in names})
    assert {states.get(name) for name in names} == {"DONE"}
    every = {feed for feeds in everybody.FEEDS.values() for feed in feeds}
    assert {name.split(".")[1] for name in names if rows.get(name)} == every
    assert purges == 1


def test_nothing_that_airflow_keeps_names_anybody(live: Live) -> None:
    """Databases, logs, Airflow's own database and logs, published and landed files: no identity in clear."""
    canaries = [*read_canaries(live.var / "run" / "partners"), *PLANTED, *CANARIES]
    run = live.var / "run"
    places = [path for path in run.iterdir() if path.name not in ("partners", "registry")]  # the stand-ins', and public
    assert {"airflow", "hub", "logs"} <= {path.name for path in places}
    scanner = Scanner(canaries)
    report = scanner.scan(*places, live.var / "tmp")
    print(scanner.told(report))
    assert report.hits == []
    assert report.unread == []
    assert {"xcom", "rendered_task_instance_fields", "task_instance", "dag_run", "log", "event"} <= report.tables


def test_the_same_scan_finds_what_airflow_would_keep(live: Live, tmp_path: Path) -> None:
    """An identity in a result, in a task's log or in a process's log is found by that scan."""
    canaries = read_canaries(live.var / "run" / "partners")
    niss = next(canary.value for canary in canaries if canary.kind == "niss")
    shutil.copy(live.var / "run/airflow/airflow.db", tmp_path / "airflow.db")
    with sqlite3.connect(tmp_path / "airflow.db") as database:
        database.execute("UPDATE xcom SET value = json_quote(?) WHERE task_id = 'process'", (niss,))
        assert database.total_changes
    for log in ("airflow/logs", "logs"):
        path = next(path for path in (live.var / "run" / log).rglob("*.log") if path.stat().st_size)
        (tmp_path / f"{len(log)}.log").write_bytes(path.read_bytes() + b" " + niss.encode())
    found = {hit.place for hit in Scanner(canaries).scan(tmp_path).hits}
    assert {Path(place.split("!")[0]).name for place in found} >= {"airflow.db", "12.log", "4.log"}
