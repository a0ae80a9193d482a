"""Once and only once over an API too: the process dies before and after calls to it, and runs again."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mortal import Death
from play import WEEK, Exchange

from connectors.api import ApiMailbox, Client, Trust
from hub import flow
from hub.flow.hub import Hub
from hub.model import Rules
from hub.stores import tables
from simulators.api_desk import Desk
from simulators.api_faults import Faults
from simulators.api_trust import CLIENT, SCOPE, Tokens, make_authority, require_certificate
from simulators.forem_api import Api, running

CPAS = "062063"
CHANGING = ("write", "rename", "remove")


class Dying:
    """An API's mailbox whose user dies at call `last`: before it, or after it where it changes something."""

    def __init__(self, box: ApiMailbox, last: int, how: str) -> None:
        self._box, self._last, self._how, self.calls = box, last, how, 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            self.calls += 1
            dying = self.calls == self._last
            if dying and self._how == "before":
                raise Death
            done = getattr(self._box, name)(*given)
            if dying and name in CHANGING:
                raise Death
            return done

        return call


class Reached:
    """The API, for every partner."""

    def __init__(self, open_box: Callable[[], ApiMailbox], last: int = 0, how: str = "") -> None:
        self._open, self._last, self._how = open_box, last, how
        self.calls = 0

    def partners(self) -> set[str]:
        return {CPAS}

    @contextmanager
    def _opened(self) -> Iterator[Dying]:
        with self._open() as box:
            dying = Dying(box, self._last, self._how)
            try:
                yield dying
            finally:
                self.calls = dying.calls

    def open(self, partner: str) -> AbstractContextManager[Any]:
        return self._opened()

    def rules(self, partner: str) -> Rules:
        return Rules()

    def mark(self, partner: str) -> str:
        return ""


@contextmanager
def api_of(exchange: Exchange) -> Iterator[Callable[[], ApiMailbox]]:
    """An API on the mailbox of the CPAS; what opens a session with it."""
    key, trust = exchange.settings.api_key, exchange.root / "trust"
    tls = make_authority(trust, "127.0.0.1")
    require_certificate(tls, key.with_suffix(".crt"))
    desk = Desk(exchange.mailbox(CPAS))
    api = Api(("127.0.0.1", 0), tls, {CPAS: desk}, Tokens(key.with_suffix(".pub")), Faults(0, 0))
    end = running(api)
    client = Client(f"{api.origin}/oauth/v5/token", CLIENT, SCOPE, key)
    try:
        yield lambda: ApiMailbox(
            f"{api.origin}/{CPAS}/v1", client, Trust(trust / "ca.pem", key.with_suffix(".crt"), key)
        )
    finally:
        end()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """A first morning: files of the CPAS wait to be collected."""
    exchange = Exchange(tmp_path_factory.mktemp("crash"), cpas=CPAS).prepare()
    exchange.simulate("cpas-day", "--day", WEEK[0].isoformat())
    return exchange


@pytest.fixture(scope="module")
def published(prepared: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """The same, up to the point where files wait to be delivered."""
    exchange = Exchange(tmp_path_factory.mktemp("crash"), cpas=CPAS)
    shutil.copytree(prepared.root, exchange.root, dirs_exist_ok=True)
    exchange.set_channels({CPAS: {"folder": str(exchange.mailbox(CPAS))}})
    with exchange.hub(WEEK[0]) as hub:
        for verb in (flow.collect, flow.process, flow.acknowledge):
            exchange.require(verb(hub, [CPAS]))
        flow.reconcile(hub)
        exchange.require(flow.publish(hub, [CPAS]))
    return exchange


def killed_everywhere(
    before: Exchange, work: Path, verb: Callable[[Hub, list[str]], Any], check: Callable[[Exchange], None]
) -> int:
    """Run a verb, killed at each call in turn, then again to its end; how many kills there were."""
    kills, last, over = 0, 0, False
    while not over:
        last += 1
        for how in ("before", "after"):
            exchange = Exchange(work / f"{last}-{how}", cpas=CPAS)
            shutil.copytree(before.root, exchange.root)
            with api_of(exchange) as opened, exchange.hub(WEEK[0]) as hub:
                reached = Reached(opened, last, how)
                try:
                    exchange.require(verb(replace(hub, mailboxes=reached), [CPAS]))
                    over = over or reached.calls < last
                except Death:
                    kills += 1
                    exchange.require(verb(replace(hub, mailboxes=Reached(opened)), [CPAS]))
            check(exchange)
            shutil.rmtree(exchange.root)
    return kills


def test_each_file_is_taken_once_wherever_collect_is_killed(prepared: Exchange, tmp_path: Path) -> None:
    """Every file of the day is one submission and lies in `in/done`, whatever call was the last one."""
    inbox = prepared.mailbox(CPAS) / "in"
    wanted = sorted(path.name for path in inbox.glob("FI.*") if (inbox / f"GO{path.name[2:-2]}").exists())
    assert wanted

    def check(exchange: Exchange) -> None:
        assert sorted(row["name"] for row in exchange.rows(tables.submission)) == wanted
        assert list((exchange.mailbox(CPAS) / "in").glob("GO.*")) == []
        assert {path.name for path in (exchange.mailbox(CPAS) / "in/done").iterdir()} >= set(wanted)

    assert killed_everywhere(prepared, tmp_path, flow.collect, check) > 5


def test_each_file_is_there_once_wherever_deliver_is_killed(published: Exchange, tmp_path: Path) -> None:
    """Every publication is released once with its bytes and its GO, nothing is left staged."""
    names = sorted(row["name"] for row in published.rows(tables.publication))
    assert names
    out = published.settings.files / "outbox"

    def check(exchange: Exchange) -> None:
        assert {row["state"] for row in exchange.rows(tables.publication)} == {"DELIVERED"}
        desk = Desk(exchange.mailbox(CPAS))
        assert desk.imports("STAGED") == []
        released = sorted(one.name for one in desk.imports("RELEASED"))
        assert released == sorted([*names, *(f"GO{name[2:]}.1" for name in names)])
        for name in released:
            assert (exchange.mailbox(CPAS) / "out" / name).read_bytes() == (out / name).read_bytes()

    assert killed_everywhere(published, tmp_path, flow.deliver, check) > 10
