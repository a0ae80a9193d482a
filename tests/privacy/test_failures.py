"""A failure at each step whose text holds a row: what is logged, printed, kept or thrown shows nothing of it."""

import logging
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pandera.errors
import polars as pl
import pytest
import sqlalchemy as sa
from play import BRUSSELS, WEEK

from hub.errors import HubError, InvariantBroken
from tests.privacy.scanner import Hit, Scanner
from tests.privacy.watched import VERBS, ByCommand, searched, sent, watching


class PanicError(BaseException):
    """As polars' own panic: no Exception, so that `except Exception` lets it through."""


Thrown = Callable[[str], BaseException]


def _database(row: str) -> BaseException:
    return sa.exc.IntegrityError(f"the statement {row}", {"niss": row}, ValueError(row))


def _busy(row: str) -> BaseException:
    return sa.exc.OperationalError(f"the statement {row}", {"niss": row}, ValueError(row))


def _schema(row: str) -> BaseException:
    return pandera.errors.SchemaError(schema=None, data=pl.DataFrame({"row": [row]}), message=row)  # type: ignore[arg-type]


def _chained(row: str) -> BaseException:
    error = RuntimeError("harmless by itself")
    error.__cause__, error.__notes__ = KeyError(row), [row]  # type: ignore[attr-defined]
    return error


@dataclass(frozen=True)
class Fault:
    """Where a failure is put, and what is thrown there."""

    verb: str
    target: str
    thrown: Thrown


FAULTS = {
    "chunks of a mailbox": Fault("collect", "connectors.folder.FolderMailbox.chunks", RuntimeError),
    "listing": Fault("collect", "connectors.folder.FolderMailbox.list", _chained),
    "landing": Fault("collect", "hub.stores.files.Files.write", OSError),
    "register": Fault("collect", "hub.stores.submissions.Submissions.register", _database),
    "opening": Fault("process", "hub.flow.process.open_landed", ValueError),
    "verify": Fault("process", "hub.flow.process.verify", UnicodeError),
    "reader": Fault("process", "hub.flow.process.read_table", ValueError),
    "reader, chained": Fault("process", "hub.flow.process.read_table", _chained),
    "one pass": Fault("process", "hub.validate.judge", RuntimeError),
    "one pass, pandera": Fault("process", "hub.validate.judge", _schema),
    "one pass, polars": Fault("process", "hub.validate.judge", pl.exceptions.ComputeError),
    "one pass, panic": Fault("process", "hub.validate.judge", PanicError),
    "schema": Fault("process", "contracts.judge.columns_of", ValueError),
    "compiler": Fault("process", "contracts.judge.rules_of", TypeError),
    "values": Fault("process", "contracts.judge.with_values", TypeError),
    "report": Fault("process", "contracts.judge.report", ValueError),
    "index": Fault("process", "hub.resolve.indexes", KeyError),
    "subjects": Fault("process", "hub.stores.identity.IdentityStore.subjects", _database),
    "event": Fault("process", "hub.flow.process.build_event", ValueError),
    "seal": Fault("process", "hub.pseudonymise.seal", ValueError),
    "keep": Fault("process", "hub.stores.identity.IdentityStore.keep", _database),
    "keep, busy": Fault("process", "hub.stores.identity._capsule_row", _busy),
    "finish": Fault("process", "hub.stores.submissions.Submissions.finish", _database),
    "receipts": Fault("acknowledge", "hub.flow.acknowledge.outcome_rows", KeyError),
    "reconcile": Fault("reconcile", "hub.flow.reconcile.reconcile_referrals", ValueError),
    "build": Fault("publish", "hub.flow.outbox.build", ValueError),
    "told": Fault("publish", "hub.stores.publications.Publications.told", _database),
    "write": Fault("deliver", "connectors.folder.FolderMailbox.write", RuntimeError),
    "write, chained": Fault("deliver", "connectors.folder.FolderMailbox.write", _chained),
}
GUARDED = {
    "opening": "verify: ValueError",
    "reader": "read: ValueError",
    "reader, chained": "read: RuntimeError",
    "one pass": "validate: RuntimeError",
    "one pass, pandera": "validate: SchemaError",
    "one pass, polars": "ComputeError",
    "one pass, panic": "validate: PanicError",
    "schema": "validate: ValueError",
    "compiler": "validate: TypeError",
    "values": "validate: TypeError",
    "report": "validate: ValueError",
    "index": "pseudonymise: KeyError",
    "subjects": "pseudonymise: IntegrityError",
    "seal": "pseudonymise: ValueError",
    "keep": "keep: IntegrityError",
    "finish": "record: IntegrityError",
}


@contextmanager
def failing(fault: Fault, row: str) -> Iterator[list[int]]:
    """The step throws the row; how often it did is told."""
    thrown: list[int] = []

    def throw(*_: object, **__: object) -> Any:
        thrown.append(1)
        raise fault.thrown(row)

    with mock.patch(fault.target, throw):
        yield thrown


@dataclass(frozen=True)
class Left:
    """What a fault left: how often it struck, an exit code or an error thrown, the hub's folder, what was logged."""

    struck: int
    code: int
    error: BaseException | None
    home: Path
    err: str


@dataclass(frozen=True)
class Broken:
    """Every fault played, by a command and in a task, and what one scan found in all that they left."""

    left: dict[tuple[str, str], Left]
    hits: list[Hit]

    def found(self, route: str, name: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.place.startswith(f"{self.left[route, name].home}/")]


@pytest.fixture(scope="module")
def broken(morning: ByCommand, few: Scanner, tmp_path_factory: pytest.TempPathFactory) -> Broken:
    """Each fault on a copy of its own of an exchange that came as far as the verb that fails."""
    folder = tmp_path_factory.mktemp("broken")
    row, ready = a_row(morning, few), copied(morning, folder / "ready")
    left = {}
    for verb in VERBS:
        for name, fault in FAULTS.items():
            if fault.verb == verb:
                for route, play in (("command", by_command), ("task", in_a_task)):
                    exchange = copied(ready, folder / f"{route} {name}")
                    left[route, name] = play(exchange, fault, row)
        assert ready.run(verb, WEEK[0], "CPAS", ready.everyone()) == 0
    hits = searched(few, folder / "scan", *(one.home for one in left.values()))
    return Broken(left, hits)


def copied(exchange: ByCommand, root: Path) -> ByCommand:
    """The exchange once more, elsewhere."""
    shutil.copytree(exchange.root, root)
    copy = ByCommand(root, cpas=exchange.cpas)
    copy.set_channels({p: {"folder": str(copy.mailbox(p))} for p in copy.everyone()})
    return copy


def by_command(exchange: ByCommand, fault: Fault, row: str) -> Left:
    """The verb as an operator runs it; a traceback, if it comes to that, as the interpreter prints it."""
    home, error = exchange.root / "hub", None
    with watching(home) as logged, failing(fault, row) as struck:
        try:
            code = exchange.run(fault.verb, WEEK[0], "CPAS", exchange.everyone())
        except BaseException as caught:  # noqa: BLE001
            code, error = 1, caught
            sys.stderr.write(traceback.format_exc())
    return Left(len(struck), code, error, home, logged.err.read_text())


def in_a_task(exchange: ByCommand, fault: Fault, row: str) -> Left:
    """The verb as a task of Airflow runs it, and the log of the task that failed."""
    from hub import tasks

    home, error = exchange.root / "hub", None
    moment = datetime.combine(WEEK[0], time(7), BRUSSELS)
    run = SimpleNamespace(logical_date=moment, run_after=moment, dag_id="d", run_id="r")
    context = mock.patch.object(tasks, "get_current_context", return_value={"dag_run": run})
    environ = mock.patch.dict(os.environ, {"PASSERELLE_HOME": str(home)})
    with watching(home) as logged, failing(fault, row) as struck, context, environ:
        try:
            tasks.reconcile() if fault.verb == "reconcile" else tasks.perform(fault.verb, exchange.everyone())
        except BaseException as caught:
            error = caught
            logging.getLogger("task").exception("Task failed with exception")
            sys.stderr.write("".join(map(repr, (*dragged(caught), *(e.args for e in dragged(caught))))))
            sys.stderr.write(with_locals(caught))
    return Left(len(struck), 0, error, home, logged.err.read_text())


def with_locals(error: BaseException) -> str:
    """The traceback as a debugger or an error tracker keeps it, with the variables of every frame but this test's."""
    assert error.__traceback__ is not None
    below = error.__traceback__.tb_next
    return "".join(traceback.TracebackException(type(error), error, below, capture_locals=True).format())


def a_row(exchange: ByCommand, scanner: Scanner) -> str:
    """A row that was sent, with everything that identifies a person in it."""
    row = next(rows[0] for _, _, rows in sent(exchange) if rows)
    text = ";".join(row.values())
    kinds = {hit.what.split(" ")[0] for hit in scanner.search([("the row", text.encode())]).hits}
    assert {"niss", "last_name", "birth_date"} <= kinds
    return text


def dragged(error: BaseException | None) -> list[BaseException]:
    """The error and all that it drags along, hidden or not."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and all(one is not other for other in found):
            found.append(one)
            waiting += [one.__cause__, one.__context__]
    return found


@pytest.mark.parametrize("name", FAULTS)
def test_a_failing_command_shows_nothing(broken: Broken, name: str) -> None:
    """A command that fails at this step prints, logs and keeps nothing of the row in the error's text."""
    left = broken.left["command", name]
    assert left.struck, "the fault was never reached"
    assert broken.found("command", name) == []
    assert left.error is None
    assert left.code in {11, 12, 13}
    assert "Traceback" not in left.err


@pytest.mark.parametrize("name", FAULTS)
def test_a_failing_task_throws_nothing(broken: Broken, name: str) -> None:
    """What a failing task throws to Airflow shows nothing of the row, nor does anything chained to it."""
    left = broken.left["task", name]
    assert left.struck, "the fault was never reached"
    assert broken.found("task", name) == []
    assert isinstance(left.error, HubError)
    assert len(dragged(left.error)) == 1, "something hangs on to the error"


@pytest.mark.parametrize("name", GUARDED)
def test_a_step_that_sees_persons_names_itself(broken: Broken, name: str) -> None:
    """Where persons are in memory, a foreign error becomes a broken invariant that names the step and the class."""
    left = broken.left["task", name]
    assert isinstance(left.error, InvariantBroken)
    assert GUARDED[name] in str(left.error)
    assert left.error.args == (str(left.error),)
