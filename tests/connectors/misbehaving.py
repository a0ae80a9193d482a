"""The stand-ins' misbehaving server in a thread of the test, so that the connector can be tried against it."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from connectors.sftp import Address
from simulators.sftp_faults import Play
from simulators.sftp_server import Server


class Loop:
    """An event loop in a thread; servers are started and stopped in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def start(self, server: Server) -> Address:
        """The server, listening."""
        asyncio.run_coroutine_threadsafe(server.start(), self._loop).result(30)
        return Address("127.0.0.1", server.port, "partner", (server.pin,))

    def stop(self, *servers: Server) -> None:
        """The servers and the loop, ended."""
        for server in servers:
            asyncio.run_coroutine_threadsafe(server.stop(), self._loop).result(30)
        asyncio.run_coroutine_threadsafe(_nothing_left(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _nothing_left() -> None:
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@contextlib.contextmanager
def misbehaving(root: Path, authorized: str, play: Play) -> Iterator[tuple[Address, Server]]:
    """One server for as long as the block lasts."""
    loop, server = Loop(), Server(root, authorized, play)
    try:
        yield loop.start(server), server
    finally:
        loop.stop(server)
