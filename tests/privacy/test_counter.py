"""The commands in which somebody types a number, or is shown a name, leave nothing of it, whatever fails in them.

As for the verbs: the run is watched, then each function that it called (every few, in the suite) is made to fail in
words that quote all it held, and all that was printed, logged and kept is searched.
"""

import io
import json
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
import sqlalchemy as sa
from play import PROJECT

from hub.cli import main
from hub.stores import tables
from hub.wiring import open_databases
from tests.privacy import everybody
from tests.privacy.everybody import CANARIES, FOREM, VALUES
from tests.privacy.plants import PLANTED
from tests.privacy.scanner import Scanner
from tests.privacy.striking import EVERY, Run, struck
from tests.privacy.watched import ByCommand, searched, watching

LATER, YEARS_LATER = "2026-03-10T09:00+01:00", "2036-03-10T09:00+01:00"
BOTH = f"{VALUES['niss']}\n{VALUES['replaced_by']}\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> ByCommand:
    """Every feed processed; Le Forem has no key, so the vault holds people for it. Two officers and their keys."""
    folder = tmp_path_factory.mktemp("office")
    registry = shutil.copytree(PROJECT / "partners", folder / "registry")
    exchange = everybody.prepared(folder / "ready", {"PASSERELLE_PARTNERS": str(registry)})
    (exchange.settings.partner_keys / f"{FOREM}.pub").unlink()
    with watching(exchange.root / "hub"):
        everybody.through(exchange, until="publish")
        with (registry / "officers.txt").open("a") as officers:
            for name in ("dpo-liege", "juriste"):
                officers.write(said(exchange, "reveal", "key", name, "--out", str(folder / f"{name}.key")))
        request = asked(exchange, folder)
        (folder / "request.txt").write_text(request)
        said(exchange, "reveal", "approve", request, "--key", str(folder / "juriste.key"), "--at", LATER)
    return exchange


def said(exchange: ByCommand, *words: str, typed: str = "") -> str:
    """What a command prints, that ends well."""
    with redirect_stdout(io.StringIO()) as out:
        assert command(*words, typed=typed)(exchange) == 0
    return out.getvalue()


def asked(exchange: ByCommand, folder: Path) -> str:
    """The id of a request for the person of whom something waits in the vault."""
    with open_databases(exchange.settings) as (_, identity), identity.read() as tx:
        sid = tx.execute(sa.select(tables.vault.c.sid).limit(1)).scalar_one()
    words = ("reveal", "request", sid, "--reason", "INCIDENT", "--key", str(folder / "dpo-liege.key"), "--at", LATER)
    return str(json.loads(said(exchange, *words, "--json", typed="un incident"))["request"])


def command(*words: str, typed: str = "") -> Run:
    """A command of `passerelle`, with what is typed on its standard input."""

    def run(exchange: ByCommand) -> int:
        home = exchange.root / "hub"
        environ = {"PASSERELLE_HOME": str(home), **exchange.environ}
        told = [word.replace("HOME", str(home)) for word in words]
        with mock.patch("sys.stdin", io.StringIO(typed)), mock.patch.dict("os.environ", environ):
            return main(["-v", *told])

    return run


def reveal(*words: str) -> Callable[[Path], Run]:
    return lambda folder: command(
        "reveal", words[0], (folder / "request.txt").read_text(), "--at", LATER, "--key", str(folder / words[1])
    )


COMMANDS: dict[str, Callable[[Path], Run]] = {
    "erase": lambda _: command("person", "erase", "--reason", "OBJECTION", "--at", LATER, typed=VALUES["niss"]),
    "report": lambda _: command(
        "person", "report", "--for", "999999", "--out", "HOME/report.csv", "--at", LATER, typed=VALUES["niss"]
    ),
    "join": lambda _: command("numbers", "join", "--reason", "same_person", typed=BOTH),
    "purge": lambda _: command("retention", "purge", "--at", YEARS_LATER),
    "reveal": reveal("open", "dpo-liege.key"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_failure_at_the_counter_shows_anybody(name: str, office: ByCommand, tmp_path: Path) -> None:
    """Whatever function failed, what was typed and what was held is nowhere, and the command said that it failed."""
    called, left = struck(office, COMMANDS[name](office.root.parent), tmp_path / name)
    for one in left:
        if name == "reveal" and one.code == 0:  # it ended well, and showed who it is, as it should
            (one.home / "logs" / "out.txt").unlink()
    found = searched(Scanner([*CANARIES, *PLANTED]), tmp_path / "scan", *(one.home for one in left))
    codes = Counter(one.code for one in left)
    print(f"{name}: {called} functions, {len(left)} of them made to fail, {dict(codes)}, {len(found)} finds")
    assert [f"{hit.place}: {hit.what}" for hit in found] == []
    assert [one.place for one in left if not one.times] == []
    assert codes.keys() <= {0, 10, 11, 12, 13}
    assert len(left) > 100 // EVERY
    assert codes[11] + codes[12] + codes[13] > len(left) // 2
