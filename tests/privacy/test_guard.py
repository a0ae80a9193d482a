"""What leaves a step that sees persons: the text of our own errors, the class and place of any other, no frame."""

import asyncio
import gc
import subprocess
import sys
import traceback
from collections.abc import Callable

import polars as pl
import pytest
import sqlalchemy as sa
from play import PROJECT

from connectors.errors import Tampered
from hub.cli import main
from hub.errors import HubError, InvariantBroken, OperatorError, Transient, bare, raise_bare
from hub.flow.guard import guarded
from hub.settings import Settings
from hub.stores.database import Database
from tests.privacy.plants import NISS, ROW
from tests.privacy.scanner import Scanner
from tests.privacy.test_failures import dragged
from tests.privacy.watched import PLANTED

scanner = Scanner(PLANTED)


def _deep(error: BaseException) -> None:
    row, frame = ROW, pl.DataFrame({"niss": [NISS]})
    try:
        int(row)
    except ValueError:
        error.add_note(str(frame))
        raise error  # noqa: B904  the one before it hangs on to it, on purpose


THROWN = [
    *(HubError("ours"), InvariantBroken("ours"), OperatorError("ours"), Transient("ours"), Tampered("ours")),
    *(KeyboardInterrupt(), SystemExit(1), ValueError(ROW), KeyError(ROW), MemoryError(ROW), RecursionError(ROW)),
    *(pl.exceptions.ComputeError(ROW), asyncio.CancelledError(ROW), ExceptionGroup(ROW, [ValueError(ROW)])),
]


@pytest.mark.parametrize("error", THROWN, ids=lambda error: type(error).__name__)
def test_no_frame_of_a_guarded_step_comes_out(error: BaseException) -> None:
    """Whatever is thrown where rows are in variables, a traceback with locals of what comes out shows none of them."""
    left = _caught(lambda: guarded("step", _deep, error))
    assert type(left) is type(error) or (isinstance(left, InvariantBroken) and type(error).__name__ in str(left))
    assert dragged(left) == [left]
    assert getattr(left, "__notes__", []) == []
    assert scanner.search([("told", _told(left))]).hits == []


def test_arguments_of_a_guarded_step_do_not_come_out() -> None:
    """The guard's own frame is in the traceback, and holds the arguments of the step no more."""
    left = _caught(lambda: guarded("step", _on, ROW.encode(), row={"niss": NISS}))
    assert scanner.search([("told", _told(left))]).hits == []


def test_an_unguarded_step_does_show_them() -> None:
    """The control: the same step without the guard, and the guard without the stripping, show the row."""
    assert scanner.search([("told", _told(_caught(lambda: _deep(ValueError(ROW)))))]).hits
    assert scanner.search([("told", _told(_caught(lambda: _deep(InvariantBroken("ours")))))]).hits


def test_bare_even_where_another_is_handled() -> None:
    """An error raised bare while another is being handled has nothing of that other, through a context manager too."""

    def within() -> None:
        try:
            int(ROW)
        except ValueError:
            raise_bare(InvariantBroken("ours"))

    left = _caught(within)
    assert dragged(left) == [left]
    assert bare(left).__traceback__ is None


def test_databases_keep_the_values_of_a_refused_statement(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """On SQLite and PostgreSQL, a statement that is refused shows neither its parameters nor the row that is there."""
    database = Database(settings.identity_url, "identity")
    table = sa.Table("person", sa.MetaData(), sa.Column("niss", sa.Text, primary_key=True), sa.Column("n", sa.Integer))
    with database.write() as tx:
        table.create(tx)
        tx.execute(table.insert(), {"niss": NISS, "n": 1})
    statements: dict[str, Callable[[sa.Connection], object]] = {
        "twice": lambda tx: tx.execute(table.insert(), {"niss": NISS, "n": 1}),
        "many": lambda tx: tx.execute(table.insert(), [{"niss": NISS, "n": 1}, {"niss": NISS, "n": 2}]),
        "no column": lambda tx: tx.execute(sa.text("INSERT INTO person (nis) VALUES (:n)"), {"n": NISS}),
        "no number": lambda tx: tx.execute(sa.text("SELECT abs(:n) + '{'::int"), {"n": ROW}),
        "no day": lambda tx: tx.execute(sa.select(sa.bindparam("d", ROW, sa.Date))),
        "no parameter": lambda tx: tx.execute(sa.text("SELECT :other"), {"niss": NISS}),
    }
    shown = {}
    for name, statement in statements.items():
        left = _caught(lambda: _written(database, statement))  # noqa: B023
        assert isinstance(left, HubError), name
        assert dragged(left) == [left]
        shown[name] = str(left)
    database.close()
    parts = [(name, text.encode()) for name, text in shown.items()] + [("log", caplog.text.encode())]
    assert scanner.search(parts).hits == []
    print(shown)
    assert "IntegrityError" in shown["twice"]


def test_the_driver_itself_would_show_them(settings: Settings) -> None:
    """The control: with the parameters hidden, the text of PostgreSQL still shows a value; SQLite names the column."""
    settings.home.mkdir()
    engine = sa.create_engine(settings.identity_url, hide_parameters=True)
    with engine.connect() as tx:
        tx.execute(sa.text("CREATE TEMP TABLE p (niss text primary key)"))
        tx.execute(sa.text("INSERT INTO p VALUES (:n)"), {"n": NISS})
        left = _caught(lambda: tx.execute(sa.text("INSERT INTO p VALUES (:n)"), {"n": NISS}))
    engine.dispose()
    shows = not settings.identity_url.startswith("sqlite")
    assert bool(scanner.search([("told", str(left).encode())]).hits) is shows


STRAY = f"""
import sys, threading
from hub.memory import keep_private
if sys.argv[1] == "kept":
    keep_private()
class Stray:
    def __del__(self):
        raise ValueError({ROW!r})
Stray()
def throw():
    raise KeyError({ROW!r})
thread = threading.Thread(target=throw)
thread.start()
thread.join()
"""


@pytest.mark.parametrize(("how", "shows"), [("kept", False), ("control", True)])
def test_an_error_that_nobody_can_catch_shows_nothing(how: str, shows: bool) -> None:
    """An error in a thread or at an object's end tells its class and place; the interpreter would print its text."""
    gc.collect()
    done = subprocess.run(
        [sys.executable, "-c", STRAY, how], cwd=PROJECT, capture_output=True, env={"PYTHONPATH": str(PROJECT)}
    )
    assert bool(scanner.search([("told", done.stdout + done.stderr)]).hits) is shows
    if how == "kept":
        assert done.stderr.count(b"stray_error") == 2


def _on(data: bytes, row: dict[str, str]) -> None:
    raise ValueError((data, row))


def _written(database: Database, statement: Callable[[sa.Connection], object]) -> None:
    with database.write() as tx:
        statement(tx)


def _caught(work: Callable[[], object]) -> BaseException:
    try:
        work()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was thrown")


def _told(error: BaseException) -> bytes:
    """All that a debugger or an error tracker would keep of it, below `_caught` and the function given to it."""
    assert error.__traceback__ is not None
    assert error.__traceback__.tb_next is not None
    below = error.__traceback__.tb_next.tb_next
    told = traceback.TracebackException(type(error), error, below, capture_locals=True)
    return "".join([*told.format(), repr(error.args)]).encode()


def test_stopping_a_command_shows_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while an error is being handled ends the command with 130; a traceback would quote that error."""

    def stopped(_: object) -> None:
        try:
            int(ROW)
        except ValueError:
            raise KeyboardInterrupt  # noqa: B904  as the interpreter does, wherever it is

    monkeypatch.setattr("hub.cli.answer_contracts", stopped)
    assert main(["contracts", "list"]) == 130
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")
