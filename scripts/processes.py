"""Programs that end when the one that started them does, however it ends.

Every program is started in a session of its own, and a guardian is told its number. When the guardian's pipe
closes, which even `kill -9` of its owner brings about, it kills whatever is left of those sessions: a child of a
child too, and one that changed its process group or its title, as Airflow's do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

GRACE = 6.0


class Stopped(Exception):  # noqa: N818  not an error: somebody asked
    """A signal asked for the end."""


class Failed(Exception):  # noqa: N818
    """A program of ours did not do its work."""


class Programs:
    """The programs of one run: started, watched, and all stopped on the way out."""

    def __init__(self, env: Mapping[str, str], logs: Path) -> None:
        self.env, self.logs = dict(env), logs
        self.services: dict[str, subprocess.Popen[bytes]] = {}
        guardian = [sys.executable, str(Path(__file__).resolve())]
        self.guardian = subprocess.Popen(guardian, stdin=subprocess.PIPE, text=True, start_new_session=True)

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.stop()

    def start(self, name: str, *argv: str) -> None:
        """Start a service; its output goes to `<name>.log`."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.services[name] = subprocess.Popen(
                argv, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._tell(self.services[name].pid)

    def run(self, *argv: str, codes: Sequence[int] = (0,)) -> str:
        """Run a short program to its end; what it printed. Failed with its last words, unless its code is expected."""
        with (self.logs / "commands.log").open("a+") as log, tempfile.TemporaryFile("w+") as out:
            log.write(f"$ {' '.join(argv)}\n")
            log.flush()
            program = subprocess.Popen(
                argv, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=log, start_new_session=True
            )
            self._tell(program.pid)
            self.last_code = program.wait()
            self._tell(-program.pid)  # its number may be given to somebody else's process from now on
            out.seek(0)
            said = out.read()
            log.write(said)
        if self.last_code not in codes:
            words = (self.logs / "commands.log").read_text().strip().splitlines()[-8:]
            raise Failed("\n  ".join([f"{' '.join(argv[1:4])} ended with {self.last_code}:", *words]))
        return said

    def check(self) -> None:
        """Failed if a service ended on its own."""
        for name, service in self.services.items():
            if service.poll() is not None:
                raise Failed(f"{name} ended by itself ({service.returncode}), see {self.logs / name}.log")

    def stop(self) -> None:
        """Ask, wait a little, then let the guardian insist: nothing of ours is left."""
        for service in self.services.values():
            if service.poll() is None:
                service.terminate()
        patience = time.monotonic() + GRACE
        for service in self.services.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                service.wait(max(0.0, patience - time.monotonic()))
            if service.poll() is None:
                service.kill()
                service.wait()
        if self.guardian.stdin:
            self.guardian.stdin.close()
        self.guardian.wait()

    def _tell(self, session: int) -> None:
        if self.guardian.stdin:
            self.guardian.stdin.write(f"{session}\n")
            self.guardian.stdin.flush()


def guard() -> None:
    """Read numbers of sessions, negative when they ended, until the pipe closes; then leave nothing of the others."""
    told: set[int] = set()
    for line in sys.stdin:
        (told.add if int(line) > 0 else told.discard)(abs(int(line)))
    for _ in range(50):
        left = [pid for pid in processes() if session_of(pid) in told]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return
        time.sleep(0.1)


def processes() -> list[int]:
    """Every process there is."""
    if Path("/proc/self").exists():
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    listed = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for pid in listed.split()]


def session_of(pid: int) -> int | None:
    """Session of a process; None when it is gone, a zombie or another user's."""
    try:
        return os.getsid(pid)
    except OSError:
        return None


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold `lock`, which names the process that holds it; Failed if another does."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another exchange runs in this checkout; `make stop` ends it") from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
        handle.truncate(0)


def holder(lock: Path) -> int | None:
    """Process that holds `lock`, None when nobody does."""
    if not lock.exists():
        return None
    with lock.open("r") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(handle.read() or 0) or None
    return None


def heed_signals() -> None:
    """Turn the signals that ask for the end into Stopped, so that every `finally` is run."""

    def stop(number: int, _frame: object) -> None:
        raise Stopped(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def free_port() -> int:
    """Port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    guard()
