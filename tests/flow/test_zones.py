"""Zones: a verb works with the keys and stores of its zone, and cannot ask for those of another."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from play import MONDAY, PROJECT, WEEK, Exchange

from hub import cli, flow, keys
from hub.audit_key import PRIVATE
from hub.errors import OperatorError
from hub.flow.hub import Hub, signed_checkpoint
from hub.keys import PURPOSES, KeyRing
from hub.settings import Settings
from hub.wiring import open_hub
from hub.zones import EVERYTHING, NEEDS, OPENING, Needs, Zone

VERBS = sorted(NEEDS)
REFUSED = "runs in the zone {zone} and is given no key {purpose}"


class Apart(Exchange):
    """An exchange in which each verb has a key folder with its own files only, and an identity store only if it may."""

    @contextmanager
    def hub(self, day: date, half: str = "CPAS", needs: Needs = EVERYTHING) -> Iterator[Hub]:
        with super().hub(day, half) as whole:
            now = whole.now
        with open_hub(apart(self.settings, self.root, needs), now, needs) as hub:
            yield hub


def apart(settings: Settings, root: Path, needs: Needs) -> Settings:
    """The settings of a process that has what the table gives `needs`, and nothing else of the installation."""
    folder = root / "apart" / needs.verb
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {keys.LANDING_PUBLIC} | {f"{purpose}.json" for purpose in needs.keys & set(PURPOSES)}
    for name in wanted | ({PRIVATE} if "audit" in needs.keys else set()):
        shutil.copy(settings.keys / name, folder / name)
    url = settings.identity_url if needs.identity else f"sqlite:///{folder}/none/identity.db"
    ssh = settings.ssh_key if "ssh" in needs.keys else folder / "no_ssh_key"
    api = settings.api_key if "api" in needs.keys else folder / "no_api_key"
    return replace(settings, keys=folder, identity_url=url, ssh_key=ssh, api_key=api)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Two days played, every verb with the keys and stores of its own zone alone."""
    exchange = Apart(tmp_path_factory.mktemp("apart"), cpas="3").prepare()
    exchange.play(WEEK[:2])
    return exchange


def test_each_verb_does_its_work_with_what_its_zone_has(exchange: Exchange) -> None:
    """With key folders and databases taken apart by the table, the partners' books agree with the truth."""
    assert exchange.books_agree(WEEK[1])
    with exchange.hub(WEEK[1], "EVENING", NEEDS["read"]) as hub:
        assert flow.conservation(hub)["read"] > 0
    without = [verb for verb in VERBS if not NEEDS[verb].identity]
    assert without
    assert [v for v in without if (exchange.root / "apart" / v / "none" / "identity.db").exists()] == []


def test_no_zone_but_identity_has_a_key_that_opens_an_identity() -> None:
    """`index` and `landing` are given to the identity zone alone; the match zone has no key and no identity store."""
    assert {need.zone for need in NEEDS.values() if need.keys & OPENING} == {Zone.IDENTITY}
    assert [need for need in NEEDS.values() if need.zone is Zone.MATCH and (need.keys or need.identity)] == []
    assert {need.zone for need in NEEDS.values() if need.identity} == {Zone.IDENTITY, Zone.PUBLISH}
    assert {need.zone for need in NEEDS.values()} == set(Zone)


@pytest.mark.parametrize("verb", VERBS)
def test_a_key_of_another_zone_is_refused_though_it_lies_there(exchange: Exchange, verb: str) -> None:
    """With all keys in the folder, a verb gets its own; for any other it is told its zone and the key's name."""
    needs, partner = NEEDS[verb], exchange.everyone()[0]
    with Exchange.hub(exchange, MONDAY, "CPAS", needs) as hub:
        asked = {purpose: lambda purpose=purpose: hub.keys.active(purpose) for purpose in PURPOSES}
        asked |= {"audit": lambda: signed_checkpoint(hub), "ssh": lambda: hub.mailboxes.open(partner)}
        for purpose, ask in asked.items():
            if purpose in needs.keys:
                ask()
                continue
            with pytest.raises(OperatorError) as refused:
                ask()
            assert REFUSED.format(zone=needs.zone, purpose=purpose) in str(refused.value)
            assert not hub.keys.has(purpose)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if not NEEDS[verb].identity])
def test_the_identity_store_is_shut_to_other_zones(exchange: Exchange, verb: str) -> None:
    """A verb without the identity store is told so at each door of it, though its URL is in the settings."""
    with Exchange.hub(exchange, MONDAY, "CPAS", NEEDS[verb]) as hub:
        for ask in (
            lambda: hub.identity.subjects({"aaaa": [b"0" * 16]}, hub.now),
            lambda: hub.identity.sealed("062063", ["0" * 64]),
            lambda: hub.identity.told_under(["0" * 32], "aaaa", hub.now),
        ):
            with pytest.raises(
                OperatorError, match=f"{verb} runs in the zone {NEEDS[verb].zone}, without the identity"
            ):
                ask()


@pytest.mark.parametrize("verb", ["collect", "process", "acknowledge", "publish"])
def test_another_digest_key_is_refused_in_every_zone(exchange: Exchange, tmp_path: Path, verb: str) -> None:
    """A worker whose digest key is not that of the installation does not start, the identity store at hand or not."""
    needs = NEEDS[verb]
    settings = apart(exchange.settings, tmp_path, needs)
    with Exchange.hub(exchange, MONDAY) as hub:
        now = hub.now
    keys.initialise(tmp_path / "other", now)
    shutil.copy((KeyRing(tmp_path / "other").where / "digest.json"), settings.keys / "digest.json")
    with pytest.raises(OperatorError, match="for digest was never put in force here"), open_hub(settings, now, needs):
        pass


BY_NAME = ("self.needs", "arguments.verb")  # of QUESTIONS and of VERBS


def test_no_command_of_the_hub_is_given_everything() -> None:
    """Every hub that the product opens is opened for a verb of the table; `EVERYTHING` is for plays alone."""
    opened, everything = 0, []
    for path in sorted((PROJECT / "hub").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open_hub":
                opened += 1
                assert ast.unparse(node.args[2]).startswith("NEEDS["), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hub_for":
                opened += 1
                asked = node.args[0]
                named = asked.value in NEEDS if isinstance(asked, ast.Constant) else ast.unparse(asked) in BY_NAME
                assert named, f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Name) and node.id == "EVERYTHING":
                everything.append(path.name)
    assert opened + len(cli.QUESTIONS) >= 15
    assert {one.needs for one in cli.QUESTIONS} | set(cli.VERBS) <= NEEDS.keys()
    assert set(everything) <= {"zones.py", "keys.py"}


LISTENING = """
import json, sys
from pathlib import Path
opened = set()
def hear(event, args):
    if event in ("open", "sqlite3.connect", "os.listdir", "os.scandir") and args and isinstance(args[0], (str, bytes)):
        opened.add(args[0] if isinstance(args[0], str) else args[0].decode())
sys.addaudithook(hear)
from hub.cli import main
code = main(sys.argv[2:])
Path(sys.argv[1]).write_text(json.dumps(sorted(opened)))
sys.exit(code)
"""


def touched(home: Path, heard: Path, *words: str) -> set[str]:
    """Below the hub's home, what a command of its own process opens or lists: the first part of each path."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    environ |= {"PASSERELLE_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "-c", LISTENING, heard, *words], env=environ, check=True, stdout=subprocess.DEVNULL)
    paths = [Path(one.removeprefix("file:").partition("?")[0]) for one in json.loads(heard.read_text())]
    return {path.relative_to(home).parts[0] for path in paths if path.is_relative_to(home) and path != home}


def test_a_worker_of_the_match_zone_touches_no_key_and_no_identity(exchange: Exchange, tmp_path: Path) -> None:
    """Who writes or runs a verb of that zone has opened no key file and no identity store, though all lie there."""
    home, at = exchange.settings.home, ("--at", "2026-03-11T19:00+01:00")
    matched = touched(home, tmp_path / "heard", "reconcile", "--all", *at)
    matched |= touched(home, tmp_path / "heard", "status")
    assert "ledger.db" in matched
    assert matched & {"keys", "identity.db", "ssh_key", "files"} == set()
    assert touched(home, tmp_path / "heard", "process", *at) >= {"keys", "identity.db", "ledger.db"}
