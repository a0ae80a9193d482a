"""`python -m simulators faults`: an SFTP server that misbehaves on purpose, for whoever writes a client."""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from simulators import layout, sftp_faults
from simulators.sftp_faults import NAMES, Play
from simulators.sftp_server import Server


def add_faults(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.add_argument("--list", action="store_true", help="the faults, what each does and what a client should do")
    parser.add_argument("--folder", type=Path, help="the folder to serve; in/done and out/taken are made in it")
    parser.add_argument("--authorized", type=Path, help="the public key that is let in, as a line of authorized_keys")
    parser.add_argument("--password", type=Path, help="or a file whose first line is the password that is let in")
    parser.add_argument("--fault", action="append", default=[], choices=NAMES, metavar="NAME", help="always this one")
    parser.add_argument("--share", type=float, default=0.0, help="on this share of connections, one or two at random")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same faults on the same connections")
    parser.add_argument("--at", type=int, default=100_000, help="transfers break at this byte, or at a drawn one below")
    parser.add_argument("--pause", type=float, default=3600.0, help="seconds that a stall lasts")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=0, help="by default a free one")


def run_faults(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT, then say how often each fault was seen."""
    if options.list:
        print(sftp_faults.describe(), end="")
        return 0
    if options.folder is None or (options.authorized is None) == (options.password is None):
        raise ValueError("faults takes --folder, and either --authorized or --password; or --list")
    drawn = NAMES if options.share else ()
    play = Play(frozenset(options.fault), drawn, options.share, options.seed, options.at, options.pause)
    public = options.authorized.read_text("utf-8") if options.authorized else ""
    password = options.password.read_text("utf-8").splitlines()[0] if options.password else None
    for folder in layout.MAILBOX:
        (options.folder / folder).mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(Server(options.folder.absolute(), public, play, password), options.host, options.port))
    return 0


async def _serve(server: Server, host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await server.start(host, port)
    print(f"host = {json.dumps(host)}\nport = {server.port}\nhost_keys = [{json.dumps(server.pin)}]", flush=True)
    await stop.wait()
    await server.stop()
    print(f"{server.connections} connections, at most {server.most_open} at a time", *_counts(server), sep="\n")


def _counts(server: Server) -> list[str]:
    return [f"{name}: {server.struck[name]}" for name in NAMES if server.struck[name]]
