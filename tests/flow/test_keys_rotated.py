"""Keys are replaced between and during the steps of a run: no subject changes, no link breaks, the books read on."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
import turning
from play import WEEK, Exchange

from hub import flow
from hub.cli import main
from hub.flow.hub import Hub
from hub.flow.process import open_landed
from hub.keys import PURPOSES, KeyRing
from hub.pseudonymise import index
from hub.stores import tables
from hub.wiring import open_databases

DONE: Counter[str] = Counter()


def turn(exchange: Exchange, *purposes: str) -> None:
    """Replace keys, and count how often."""
    turning.turn(exchange, *purposes)
    DONE.update(purposes)


@contextmanager
def once_during(step: str, name: str, act: Callable[[], None], *, call: int = 2, after: bool = False) -> Iterator[None]:
    """Do `act` at this call of a function of a step, before it or `after` it: the step has begun and is not over."""
    module = import_module(f"hub.flow.{step}")
    real: Callable[..., Any] = getattr(module, name)
    calls = 0

    def watched(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        mine = calls == call
        if mine and not after:
            act()
        result = real(*arguments, **named)
        if mine and after:
            act()
        return result

    with mock.patch.object(module, name, watched):
        yield
    assert calls >= call, f"{name} was not called often enough for anything to happen during it"


def disturbed_half(exchange: Exchange, day: date, half: str) -> None:
    """Every verb of a half-day, with keys replaced between each two of them, and during the three that use keys."""
    with exchange.hub(day, half) as hub:
        everyone = [p for kind in ("CPAS", "FOREM") for p in flow.active_partners(hub, kind)]
        senders = flow.active_partners(hub, half)
        with once_during("collect", "_land", lambda: turn(exchange, "landing", "digest")):
            exchange.require(flow.collect(hub, senders))
        turn(exchange, *PURPOSES)
        with once_during("process", "indexes_of", lambda: turn(exchange, "index"), call=1, after=True):
            exchange.require(flow.process(hub, senders))
        turn(exchange, *PURPOSES)
        exchange.require(flow.acknowledge(hub, senders))
        turn(exchange, "index")
        flow.reconcile(hub)
        turn(exchange, "token")
        with once_during("told", "tokens_of", lambda: turn(exchange, "token")):
            exchange.require(flow.publish(hub, everyone))
        turn(exchange, "landing", "token")
        exchange.require(flow.deliver(hub, everyone))


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory, new_stores: Callable[[], dict[str, str]]) -> Exchange:
    """A week in which two days are disturbed in both halves, the first and one in the middle."""
    exchange = Exchange(tmp_path_factory.mktemp("rotated"), cpas="3", environ=new_stores()).prepare()
    for day in WEEK:
        if day not in (WEEK[0], WEEK[2]):
            exchange.play([day])
            continue
        for half, command in {"CPAS": "cpas-day", "FOREM": "forem-day"}.items():
            exchange.simulate(command, "--day", day.isoformat())
            disturbed_half(exchange, day, half)
        exchange.simulate("take", "--day", day.isoformat())
    return exchange


@pytest.fixture
def home(rotated: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(rotated.root / "hub"))
    for name, value in rotated.environ.items():
        monkeypatch.setenv(name, value)


def numbers(exchange: Exchange) -> list[str]:
    """The NISS of everybody of whom a CPAS has sent a row, from the stand-ins' own files."""
    texts = [path.read_text("utf-8") for path in (exchange.partners / "truth").glob("*.json")]
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name == "niss":
                    found.add(str(inner))
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for text in texts:
        walk(json.loads(text))
    return sorted(found)


def test_every_key_was_replaced_many_times(rotated: Exchange) -> None:
    """The week that follows is worth nothing if no key was replaced in it."""
    assert min(DONE[purpose] for purpose in PURPOSES) >= 8
    ring = KeyRing(rotated.settings.keys)
    assert all(len(ring.usable(purpose)) >= 9 for purpose in PURPOSES)


def test_the_partners_books_read_on(rotated: Exchange) -> None:
    """After a week each side's book holds what was meant: rows told under old and new keys are of the same people."""
    assert rotated.books_agree()
    assert rotated.status()["conservation"]["holds"] == 1


def test_every_number_has_one_subject_under_whatever_key(rotated: Exchange) -> None:
    """A person is found under several keys, and under each of them it is the same subject."""
    keys = KeyRing(rotated.settings.keys).usable("index")
    with open_databases(rotated.settings) as (_, identity), identity.read() as tx:
        rows = {bytes(row.idx): row.sid for row in tx.execute(sa.select(tables.subject_index))}
    found = {niss: [rows[i] for key in keys if (i := index(niss, key)) in rows] for niss in numbers(rotated)}
    several = [sids for sids in found.values() if len(sids) > 1]
    assert len(several) > 5
    assert all(len(set(sids)) == 1 for sids in several)
    alone = [set(sids).pop() for sids in found.values() if sids]
    assert len(alone) == len(set(alone))


def test_rows_came_under_several_token_keys_and_each_person_under_one(rotated: Exchange) -> None:
    """A recipient reads tokens of several keys; of one person it only ever reads one."""
    told: dict[tuple[str, str], set[str]] = {}
    for name, rows in published(rotated).items():
        recipient = name.split(".")[2]
        for row in rows:
            if row.get("identity_niss"):
                told.setdefault((recipient, row["identity_niss"]), set()).add(row["subject_token"])
    assert len(told) > 20
    assert {len(tokens) for tokens in told.values()} == {1}
    assert len({token.split(".")[1] for tokens in told.values() for token in tokens}) > 1


def published(exchange: Exchange) -> dict[str, list[dict[str, Any]]]:
    """Every published file with its tokens, the sealed columns opened by its recipient."""
    from opened import open_file

    opened = {}
    for path in sorted((exchange.settings.files / "outbox").glob("FO.*")):
        keys = sorted((exchange.partners / path.name.split(".")[2] / "keys").glob("*.key"))
        opened[path.name] = open_file(path.read_bytes(), keys).to_dicts()
    return opened


def test_every_landed_file_still_opens(rotated: Exchange) -> None:
    """Files sealed to whichever key of the week, and the whole of each."""
    with rotated.hub(WEEK[-1], "EVENING") as hub:
        opened = [_opened(hub, row) for row in rotated.rows(tables.submission)]
    assert len(opened) > 20
    assert all(opened)


def _opened(hub: Hub, row: dict[str, Any]) -> bool:
    return bool(open_landed(hub, row["partner"], row["digest"]))


def test_running_every_verb_again_tells_nothing_anew(rotated: Exchange) -> None:
    """New keys are no news: with all of them replaced, nothing is published again."""
    turn(rotated, *PURPOSES)
    before = sorted((rotated.settings.files / "outbox").glob("FO.*"))
    rotated.require(rotated.half_day(WEEK[-1], "EVENING"))
    turn(rotated, "token")
    rotated.require(rotated.half_day(WEEK[-1], "EVENING"))
    assert sorted((rotated.settings.files / "outbox").glob("FO.*")) == before


@pytest.mark.usefixtures("home")
def test_the_command_line_does_the_same(rotated: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    """Rotate, doctor, and the refusals with their reasons; a dry run changes nothing."""
    ring = KeyRing(rotated.settings.keys)
    assert main(["keys", "doctor"]) == 0
    before = [path.read_bytes() for path in sorted(ring.where.iterdir())]
    assert main(["keys", "rotate", "index", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["dry_run"] is True
    assert main(["keys", "init", "--dry-run"]) == 0
    assert [path.read_bytes() for path in sorted(ring.where.iterdir())] == before
    oldest = {purpose: ring.all(purpose)[0].kid for purpose in PURPOSES}
    reasons = {"index": "known only by", "token": "are told under", "landing": "sealed to", "digest": "be named under"}
    for purpose, why in reasons.items():
        needed = [key.kid for key in ring.all(purpose) if key.status == "retired"]
        codes = {kid: main(["keys", "destroy", purpose, kid, "--dry-run"]) for kid in needed}
        told = capsys.readouterr().err
        assert 11 in codes.values(), purpose
        assert why in told
    assert main(["keys", "destroy", "landing", ring.active("landing").kid]) == 11
    assert main(["keys", "retire", "token", oldest["token"]]) == 11
    assert main(["keys", "rotate", "index", "--prepare"]) == 0
    waiting = next(key.kid for key in ring.all("index") if key.status == "pre")
    assert main(["keys", "retire", "index", waiting]) == 0
    assert main(["keys", "destroy", "index", waiting]) == 0
    shown = capsys.readouterr()
    assert main(["keys", "list"]) == 0
    shown_list = capsys.readouterr().out
    assert {"active", "retired", "destroyed"} <= set(shown_list.split())
    entries = [one for path in ring.where.glob("*.json") for one in json.loads(path.read_text())["keys"]]
    secrets = [one["secret"][:10] for one in entries if "secret" in one]
    assert len(secrets) > 30
    assert not any(secret in shown.out + shown.err + shown_list for secret in secrets)
    assert main(["keys", "doctor", "--json"]) == 0


@pytest.mark.usefixtures("home")
def test_a_worker_with_another_key_refuses_to_start(
    rotated: Exchange, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the verb, exit code 11, and the doctor says which key."""
    path = KeyRing(rotated.settings.keys).where / "index.json"
    kept = path.read_bytes()
    path.unlink()
    assert main(["keys", "init"]) == 0
    capsys.readouterr()
    try:
        assert main(["process"]) == 11
        assert "never put in force here" in capsys.readouterr().err
        assert main(["keys", "doctor"]) == 11
        assert "never put in force here" in capsys.readouterr().out
    finally:
        path.write_bytes(kept)
        path.chmod(0o600)
    assert main(["status"]) == 0
