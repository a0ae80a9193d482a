"""The partners' SFTP servers, all in one process: each user sees its own mailbox and nothing else.

Only the hub's public key is let in; there is no shell, no scp, and no way to make links.
"""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncssh

from simulators import layout
from simulators.sftp_faults import Play
from simulators.sftp_faulty import Faulty

LOCAL = "127.0.0.1"  # nobody beyond this machine, unless asked for


class Door(asyncssh.SSHServer):
    """Lets in the hub's key for the users that exist."""

    def __init__(self, root: Path, key: asyncssh.SSHKey) -> None:
        self._root = root
        self._key = key

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002 (asyncssh's signature)
        """Every user must show a key, known or not."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys only."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """The hub's key, for a user that has a mailbox."""
        return key == self._key and partner_of(self._root, username) is not None


class Mailboxes(Faulty):
    """One partner's mailbox as the root of its user, with the faults of its script."""

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002 (asyncssh's signature)
        """Refused: a link could lead out of the mailbox."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed")

    def link(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002 (asyncssh's signature)
        """Refused like symbolic ones."""
        raise asyncssh.SFTPPermissionDenied("links are not allowed")


def partner_of(root: Path, username: str) -> str | None:
    """The partner whose mailbox that user sees."""
    users = {layout.user(partner): partner for partner in layout.partners(root)}
    return users.get(username)


async def listen(
    root: Path,
    authorized: Path,
    port: int = 0,
    host: str = LOCAL,
    play: Play | None = None,
    seen: Counter[str] | None = None,
) -> asyncssh.SSHAcceptor:
    """Start to serve every mailbox under `root` at that address; port 0 takes a free one.

    `play` is what goes wrong; `seen` counts the faults that were.
    """
    key, wrong = asyncssh.read_public_key(authorized), play or Play()
    visits: Counter[str] = Counter()
    struck: Counter[str] = Counter() if seen is None else seen

    def mailbox(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        partner = partner_of(root, channel.get_connection().get_extra_info("username"))
        if partner is None:
            raise asyncssh.SFTPPermissionDenied("no mailbox")
        visits[partner] += 1
        script = replace(wrong, seed=wrong.seed + int(partner)).script(visits[partner])
        return Mailboxes(channel, layout.mailbox(root, partner), script, struck)

    return await asyncssh.listen(
        host,
        port,
        server_factory=lambda: Door(root, key),
        server_host_keys=[str(root / "server" / "host_key")],
        sftp_factory=mailbox,
        allow_scp=False,
        password_auth=False,
        kbdint_auth=False,
    )


async def serve(
    root: Path,
    authorized: Path,
    port_file: Path,
    channels: Path | None,
    port: int = 0,
    host: str = LOCAL,
    apis: Mapping[str, Mapping[str, Any]] | None = None,
    play: Play | None = None,
    more: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> None:
    """Serve until SIGTERM or SIGINT; the port file appears, whole, once connections are taken.
    `more` are channels of what is served elsewhere.

    Where things go wrong on purpose, how often each did is added up in `struck.json` beside the port file.
    """
    stop, counts = asyncio.Event(), port_file.with_name("struck.json")
    seen = Counter(layout.read_json(counts) if counts.exists() else {})
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with await listen(root, authorized, port, host, play, seen) as acceptor:
        if channels is not None:
            layout.write_whole(channels, channels_toml(root, acceptor.get_port(), host, apis or {}, more).encode())
        layout.write_whole(port_file, f"{acceptor.get_port()}\n".encode())
        await stop.wait()
    if play is not None:
        layout.write_json(counts, dict(sorted(seen.items())))
    port_file.unlink(missing_ok=True)


def channels_toml(
    root: Path,
    port: int,
    host: str = LOCAL,
    apis: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    more: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> str:
    """The hub's channels file for these servers: one table per partner. `apis` are the words of those that have one.

    `more` are whole tables of partners without a mailbox here.
    """
    host_key = " ".join((root / "public" / "host_key.pub").read_text("utf-8").split()[:2])
    tables = []
    for one in layout.read_json(root / "public" / "channels.json"):
        partner = one["partner"]
        words: dict[str, Any] = {"host": host, "port": port, "sessions": 32, "host_keys": [host_key]}
        words |= {name: one[name] for name in ("user", "inbox", "done", "outbox")}
        api = apis.get(partner, {})
        if not api or api["feeds"]:
            tables.append(_table(f"channel.{partner}", words))
        if api:
            tables.append(_table(f"channel.{partner}.api", api))
    tables += [_table(f"channel.{partner}", words) for partner, words in more.items()]
    return "\n\n".join(tables) + "\n"


def _table(name: str, words: Mapping[str, Any]) -> str:
    return "\n".join([f"[{name}]", *(f"{word} = {json.dumps(value)}" for word, value in words.items())])  # JSON is TOML
