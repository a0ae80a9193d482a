"""The stand-ins' SFTP server, asked by a real SFTP client."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncssh
import pytest

from simulators import layout, server

USERS = {"062063": "cpas062063", "900001": "forem"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two mailboxes, the server's key, and the hub's key."""
    for partner in USERS:
        for folder in layout.MAILBOX:
            (layout.mailbox(tmp_path, partner) / folder).mkdir(parents=True)
    for name in ("server/host_key", "hub_key", "other_key"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        (tmp_path / name).parent.mkdir(exist_ok=True)
        key.write_private_key(str(tmp_path / name))
        key.write_public_key(f"{tmp_path / name}.pub")
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "host_key.pub").write_text((tmp_path / "server" / "host_key.pub").read_text())
    channels = [
        {"partner": partner, "user": user, "inbox": "in", "done": "in/done", "outbox": "out"}
        for partner, user in USERS.items()
    ]
    layout.write_json(tmp_path / "public" / "channels.json", channels)
    return tmp_path


@contextlib.asynccontextmanager
async def connect(
    root: Path, port: int, user: str, key: str = "hub_key", host: str = "127.0.0.1"
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A client that pins the server's key."""
    line = (root / "public" / "host_key.pub").read_text()
    known = asyncssh.import_known_hosts(f"[{host}]:{port} {line}")
    keys = [str(root / key)]
    async with asyncssh.connect(
        host, port, username=user, client_keys=keys, known_hosts=known, config=None
    ) as connection:
        yield connection


async def put_and_list(root: Path, port: int, user: str) -> list[str]:
    """Write a file named after the user into out/, rename it, and list out/."""
    async with connect(root, port, user) as connection, connection.start_sftp_client() as client:
        async with client.open(f"out/.{user}.part", "w") as file:
            await file.write(user)
        await client.rename(f"out/.{user}.part", f"out/{user}")
        names = await client.listdir("/out")
    return sorted(str(name) for name in names)


def test_two_users_are_apart(root: Path) -> None:
    """Each user sees its own mailbox only, under the same folder names."""

    seen: list[list[str]] = []

    async def both() -> None:
        async with await server.listen(root, root / "hub_key.pub") as acceptor:
            port = acceptor.get_port()
            seen.extend(await asyncio.gather(*(put_and_list(root, port, user) for user in USERS.values())))

    asyncio.run(both())
    for user, names in zip(USERS.values(), seen, strict=True):
        assert names == [".", "..", user, "taken"]
    assert (layout.mailbox(root, "900001") / "out" / "forem").read_text() == "forem"


def test_no_way_out_of_the_mailbox(root: Path) -> None:
    """Neither a path upwards nor a link leads to another partner's files."""
    (layout.mailbox(root, "900001") / "out" / "secret").write_text("x")

    async def climb() -> None:
        async with (
            await server.listen(root, root / "hub_key.pub") as acceptor,
            connect(root, acceptor.get_port(), "cpas062063") as connection,
            connection.start_sftp_client() as client,
        ):
            assert not await client.exists("../../900001/mailbox/out/secret")
            assert not await client.exists("/900001/mailbox/out/secret")
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await client.symlink("/../../900001/mailbox", "in/link")

    asyncio.run(climb())


@pytest.mark.parametrize(("user", "key"), [("cpas062063", "other_key"), ("cpas062096", "hub_key"), ("", "hub_key")])
def test_only_the_hub_and_only_known_users(root: Path, user: str, key: str) -> None:
    """Another key, or a user without a mailbox, is refused."""

    async def knock() -> None:
        async with await server.listen(root, root / "hub_key.pub") as acceptor:
            with pytest.raises(asyncssh.PermissionDenied):
                async with connect(root, acceptor.get_port(), user, key):
                    pass

    asyncio.run(knock())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.1 is the only local address")
def test_listens_where_it_is_told(root: Path) -> None:
    """Told another address, it answers there and no longer at 127.0.0.1, and the hub's channels file names it."""
    host = "127.0.0.2"

    async def knock() -> None:
        async with await server.listen(root, root / "hub_key.pub", host=host) as acceptor:
            port = acceptor.get_port()
            async with connect(root, port, "forem", host=host) as connection:
                assert connection.get_extra_info("username") == "forem"
            with pytest.raises(ConnectionRefusedError):
                async with connect(root, port, "forem"):
                    pass

    asyncio.run(knock())
    channels = tomllib.loads(server.channels_toml(root, 2222, host))["channel"]
    assert {(one["host"], one["port"]) for one in channels.values()} == {(host, 2222)}


@pytest.fixture
def running(root: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The server as a process of its own."""
    port_file = root / "port"
    command = [sys.executable, "-m", "simulators", "serve", "--root", str(root), "--port-file", str(port_file)]
    command += ["--authorized", str(root / "hub_key.pub"), "--channels", str(root / "channels.toml")]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 30
        while not port_file.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield process, port_file
        process.kill()


def test_serves_until_told_to_stop(root: Path, running: tuple[subprocess.Popen[bytes], Path]) -> None:
    """Once the port file is there it answers; on SIGTERM it ends well and takes the port file away."""
    process, port_file = running
    channels = tomllib.loads((root / "channels.toml").read_text())["channel"]
    assert channels["062063"]["port"] == int(port_file.read_text())
    assert channels["062063"]["user"] == "cpas062063"
    assert channels["900001"]["host_keys"][0].startswith("ssh-ed25519 AAAA")
    assert asyncio.run(put_and_list(root, int(port_file.read_text()), "forem"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    assert not port_file.exists()
