"""The same days over SFTP as over folders: behind the stand-ins' own servers, and behind a real OpenSSH."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from play import PROJECT, WEEK, Exchange

from tests.connectors.openssh import binary, running_sshd

DAYS = WEEK[:3]
PATIENCE = 60  # seconds; the server is ready in one

Served = Callable[[Exchange, Path], AbstractContextManager[None]]


@contextmanager
def misbehaving(exchange: Exchange, work: Path) -> Iterator[None]:
    """The same server, with faults on a third of the visits that a client must bear."""
    with stand_ins(exchange, work, "--faults", "7"):
        yield


@contextmanager
def stand_ins(exchange: Exchange, work: Path, *more: str) -> Iterator[None]:
    """`python -m simulators serve`: one server, a user for each mailbox; it writes the hub's channels."""
    settings, port_file = exchange.settings, work / "port"
    words = [sys.executable, "-m", "simulators", "serve", "--root", str(exchange.partners)]
    words += ["--authorized", str(settings.ssh_key.with_suffix(".pub")), "--port-file", str(port_file)]
    server = subprocess.Popen([*words, "--channels", str(settings.channels), *more], cwd=PROJECT)
    try:
        wait_for(port_file, server)
        yield
    finally:
        server.terminate()
        server.wait()


@contextmanager
def openssh(exchange: Exchange, work: Path) -> Iterator[None]:
    """One sshd for each partner, on its mailbox."""
    if binary() is None:
        pytest.skip("NOT RUN: no sshd on this machine; apt-get install openssh-server")
    public = exchange.settings.ssh_key.with_suffix(".pub").read_text()
    with ExitStack() as stack:
        channels = {}
        for partner in exchange.everyone():
            server = stack.enter_context(running_sshd(exchange.mailbox(partner), public, work / partner))
            where = {"host": server.host, "port": server.port, "user": server.user}
            channels[partner] = where | {"host_keys": [server.host_key]}
        exchange.set_channels(channels)
        yield


def wait_for(file: Path, server: "subprocess.Popen[bytes]") -> None:
    pause = threading.Event()
    for _ in range(PATIENCE * 20):
        if file.exists():
            return
        assert server.poll() is None, "the server has ended"
        pause.wait(0.05)
    raise AssertionError("the server does not start")


@pytest.fixture(scope="module")
def over_folders(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    exchange = Exchange(tmp_path_factory.mktemp("folders")).prepare()
    exchange.play(DAYS)
    return exchange


@pytest.mark.parametrize("served", [stand_ins, misbehaving, openssh], ids=["asyncssh", "faults", "openssh"])
def test_over_sftp_the_same_is_published_as_over_folders(
    over_folders: Exchange, served: Served, tmp_path: Path
) -> None:
    """Three days over a real server end as over folders: same files, same states, same books, nothing left over."""
    exchange = Exchange(tmp_path / "exchange").prepare()
    with served(exchange, tmp_path):
        exchange.play(DAYS)
        exchange.require(exchange.half_day(DAYS[-1], "EVENING"))
    assert exchange.told() == over_folders.told()
    assert exchange.recorded() == over_folders.recorded()
    assert exchange.books_agree(DAYS[-1])
    assert over_folders.books_agree(DAYS[-1])
    assert list(exchange.partners.rglob("mailbox/**/*.part")) == []


def test_a_server_with_another_key_stops_its_partner_alone(tmp_path: Path) -> None:
    """A host key that is not the pinned one is an outcome of that partner; the others are served."""
    exchange = Exchange(tmp_path / "exchange").prepare()
    exchange.simulate("cpas-day", "--day", WEEK[0].isoformat())
    with stand_ins(exchange, tmp_path):
        first, *others = exchange.everyone()
        text = exchange.settings.channels.read_text()
        table, rest = text.split("\n\n", 1)
        assert first in table
        wrong = "ssh-ed25519 " + "AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
        lines = [f'host_keys = ["{wrong}"]' if line.startswith("host_keys") else line for line in table.splitlines()]
        exchange.settings.channels.write_text("\n".join(lines) + "\n\n" + rest)
        outcomes = exchange.half_day(WEEK[0], "CPAS")
    errors = {(o.partner, o.error, o.retry) for o in outcomes if o.error}
    assert errors == {(first, "HostKeyMismatch", False)}
    assert {"900001"} < {o.partner for o in outcomes if o.done} <= set(others)
