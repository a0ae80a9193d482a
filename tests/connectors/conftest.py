"""Keys, mailboxes of each kind over one local folder, and a guard against hangs."""

import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from connectors.folder import FolderMailbox
from connectors.sftp import Address, SftpMailbox, read_key
from tests.connectors import proftpd
from tests.connectors.faulty import ClientKey, Honest, new_client_key, serving
from tests.connectors.openssh import binary, running_sshd

_HANG = 60  # seconds; no test is near it


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    def give_up(number: int, frame: FrameType | None) -> None:
        pytest.fail("the test hangs")  # no Exception: paramiko swallows those while it sends

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _HANG, 5)  # again and again: what cleans up may hang too
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def client_key(tmp_path_factory: pytest.TempPathFactory) -> ClientKey:
    """The hub's own key, made for this run."""
    return new_client_key(tmp_path_factory.mktemp("keys") / "hub")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The partner's folder, with the three folders of a mailbox."""
    folder = tmp_path / "partner"
    for name in ("in/done", "out/taken"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture(params=["folder", "asyncssh", "openssh", "proftpd"])
def mailbox(
    request: pytest.FixtureRequest, root: Path, client_key: ClientKey, tmp_path: Path
) -> Iterator[SftpMailbox | FolderMailbox]:
    """An open mailbox on `root`, once on the disk itself and once behind each server."""
    key = read_key(client_key.file)
    match request.param:
        case "folder":
            with FolderMailbox(root) as box:
                yield box
        case "asyncssh":
            with serving(root, client_key.public, Honest) as address, SftpMailbox(address, key) as box:
                yield box
        case "proftpd":
            if proftpd.binary() is None:
                pytest.skip("NOT RUN: no proftpd on this machine; apt-get install proftpd-core proftpd-mod-crypto")
            with (
                proftpd.running_proftpd(root, client_key.public, tmp_path / "proftpd") as address,
                SftpMailbox(address, key) as box,
            ):
                yield box
        case _:
            if binary() is None:
                pytest.skip("NOT RUN: no sshd on this machine; apt-get install openssh-server")
            with running_sshd(root, client_key.public, tmp_path / "sshd") as server:
                where = Address(server.host, server.port, server.user, (server.host_key,))
                with SftpMailbox(where, key) as box:
                    yield box
