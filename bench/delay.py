"""A TCP relay that delays each way by a fixed time and counts connections: a line to a partner far away, at home.

Run as `python -m bench.delay PORT MILLISECONDS`: prints its own port; answers each line on standard input with the most
connections that were open at a time since the last one.
"""

import asyncio
import contextlib
import sys
from collections import deque

PIECE = 1 << 18
UNDER_WAY = 1 << 24  # bytes held each way: 16 MiB is what 20 ms hold at 800 MB/s


class Relay:
    """Forwards to one port of this machine."""

    def __init__(self, port: int, one_way: float) -> None:
        self._port, self._one_way = port, one_way
        self._open = self.most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            await asyncio.sleep(2 * self._one_way)  # what the handshake of TCP costs
            there = await asyncio.open_connection("127.0.0.1", self._port, limit=PIECE)
            await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))
        except OSError:
            return
        finally:
            self._open -= 1

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        loop, late, held = asyncio.get_running_loop(), deque[tuple[float, bytes]](), 0
        changed = asyncio.Event()

        async def deliver() -> None:
            nonlocal held
            while True:
                while not late:
                    changed.clear()
                    await changed.wait()
                due, data = late[0]
                if (pause := due - loop.time()) > 0:
                    await asyncio.sleep(pause)
                late.popleft()
                if not data:
                    target.close()
                    return
                held -= len(data)
                target.write(data)
                await target.drain()

        task = loop.create_task(deliver())
        with contextlib.suppress(OSError):
            while data := await source.read(PIECE):
                late.append((loop.time() + self._one_way, data))
                held += len(data)
                changed.set()
                while held > UNDER_WAY:
                    await asyncio.sleep(0.001)
        late.append((loop.time() + self._one_way, b""))
        changed.set()
        with contextlib.suppress(OSError):
            await task

    def told(self) -> int:
        """The most at a time since it was last asked."""
        most, self.most = self.most, self._open
        return most


async def main(port: int, milliseconds: float) -> None:
    """Relay until standard input ends."""
    relay = Relay(port, milliseconds / 1000)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0, limit=PIECE, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(relay.told(), flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
