"""An SFTP server of one folder that does on purpose what real servers do wrong: `sftp_faults`, on asyncssh.

Each connection has a script of its own. What was done of it is counted, so that a campaign can show that each happened.
"""

import asyncio
import contextlib
import socket
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.stream import SSHServerStreamSession

from simulators.sftp_faults import Play, Script
from simulators.sftp_faulty import Faulty, reset


@dataclass
class Server:
    """One folder, served to one user; `struck` counts the faults that were seen, `open` the connections."""

    root: Path
    authorized: str
    play: Play = field(default_factory=Play)
    password: str | None = None
    struck: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    open: int = 0
    most_open: int = 0

    def __post_init__(self) -> None:
        """Draw the host key, and the other one."""
        self.host_key, self._other_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        self._listening: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connected: set[asyncssh.SSHServerConnection] = set()

    @property
    def pin(self) -> str:
        """The public line of the host key."""
        return " ".join(str(self.host_key.export_public_key().decode()).split()[:2])

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1]) if self._listening else 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        self._listening = socket.create_server((host, port), backlog=128)
        self._listening.setblocking(False)
        self._keep(self._accept())

    async def stop(self) -> None:
        """Nothing is left of it, those who stall included."""
        if self._listening:
            self._listening.close()
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self._connected):
            connection.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while self._listening:
            line, _ = await loop.sock_accept(self._listening)
            self.connections += 1
            self._keep(self._serve(line, self.play.script(self.connections)))

    def _keep(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, line: socket.socket, script: Script) -> None:
        if "reset_at_once" in script.faults:
            self.struck["reset_at_once"] += 1
            reset(line)
            return
        if "silent" in script.faults:
            self.struck["silent"] += 1
            with contextlib.closing(line):
                await asyncio.sleep(script.pause)
            return
        swapped = "host_key_swapped" in script.faults
        self.struck["host_key_swapped"] += swapped
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            connection = await asyncssh.run_server(
                line,
                server_factory=lambda: _Door(self, script),
                server_host_keys=[self._other_key if swapped else self.host_key],
                keepalive_interval=0,
                allow_scp=False,
            )
            self._connected.add(connection)
            await connection.wait_closed()
            self._connected.discard(connection)
        except (OSError, asyncssh.Error):
            return
        finally:
            self.open -= 1


class _Door(asyncssh.SSHServer):
    """Lets in the one key or the one password, unless the script says otherwise."""

    def __init__(self, server: Server, script: Script) -> None:
        self._server, self._script = server, script
        self._keys = asyncssh.import_authorized_keys(server.authorized) if server.authorized else None
        self._sessions = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember whom it is about."""
        self._connection = conn

    def public_key_auth_supported(self) -> bool:
        """Where a key is known."""
        return self._keys is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """The one key."""
        if self._denies():
            return False
        return self._keys is not None and self._keys.validate(key, username, "", "") is not None

    def password_auth_supported(self) -> bool:
        """Where a password was given."""
        return self._server.password is not None

    def validate_password(self, username: str, password: str) -> bool:  # noqa: ARG002
        """The one password."""
        return not self._denies() and password == self._server.password

    def session_requested(self) -> Any:
        """A session for SFTP, unless there is no room."""
        self._sessions += 1
        for fault, refused in (("no_room", True), ("one_session", self._sessions > 1)):
            if fault in self._script.faults and refused:
                self._server.struck[fault] += 1
                raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "no room")
        if "no_sftp" in self._script.faults:
            self._server.struck["no_sftp"] += 1
            return SSHServerStreamSession(None)
        return SSHServerStreamSession(None, self._sftp, 3)

    def _sftp(self, channel: Any) -> Faulty:
        return Faulty(channel, self._server.root, self._script, self._server.struck)

    def _denies(self) -> bool:
        denied = "denies_login" in self._script.faults
        self._server.struck["denies_login"] += denied
        return denied
