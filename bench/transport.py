"""How fast files move over SFTP, beside OpenSSH's own client, on the same server, cipher and line, in one run.

`python -m bench.transport`: one large file down and up at 0 and 20 ms of delay, sealed and not, and a night of 252
mailboxes beside the bare handshakes of as many `sftp`. Ratios of medians; every client in turn, so that all bear the
same load of the machine. Ends with a line for each goal and exit code 0 whatever they say.
"""

import argparse
import hashlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from connectors import _wire
from connectors._pipes import write_to
from connectors._visit import opened
from connectors.envelope import seal
from connectors.sftp import Address, SftpMailbox, file_path, read_key
from connectors.slots import Slots
from tests.connectors.faulty import ClientKey, new_client_key
from tests.connectors.openssh import Sshd, running_sshd

CIPHER = "aes128-gcm@openssh.com"
MAILBOXES, SMALL, THREADS = 252, 10_000, 16
GOALS = {0: 0.6, 20: 0.8}  # of OpenSSH's speed, by milliseconds of delay there and back
NIGHT, GROWTH = 1.5, 64  # times the floor; MiB


@dataclass(frozen=True)
class Line:
    """A server behind a relay: where it is, our key, and the relay."""

    server: Sshd
    key: ClientKey
    relay: "subprocess.Popen[str]"
    port: int
    work: Path

    @property
    def address(self) -> Address:
        """For our client."""
        return Address(self.server.host, self.port, self.server.user, (self.server.host_key,))

    def sftp(self, *batch: str) -> None:
        """OpenSSH's client, with these commands."""
        known = self.work / f"known-{self.port}"
        if not known.exists():  # many run at a time; the first is alone
            known.write_text(f"[127.0.0.1]:{self.port} {self.server.host_key}\n")
        options = [f"UserKnownHostsFile={known}", f"IdentityFile={self.key.file}", "IdentitiesOnly=yes"]
        words = ["sftp", "-q", "-b", "-", "-P", str(self.port), "-c", CIPHER, "-F", "/dev/null"]
        words += [word for option in options for word in ("-o", option)]
        text = "".join(f"{line}\n" for line in batch)
        subprocess.run(
            [*words, f"{self.server.user}@127.0.0.1"], input=text, text=True, check=True, capture_output=True
        )

    def most_open(self) -> int:
        """The most connections at a time since this was last asked."""
        if self.relay.stdin is None or self.relay.stdout is None:
            raise RuntimeError("the relay cannot be asked")
        print("?", file=self.relay.stdin, flush=True)
        return int(self.relay.stdout.readline())


@contextmanager
def line_to(server: Sshd, key: ClientKey, work: Path, delay: float) -> Iterator[Line]:
    """A line with so many milliseconds there and back."""
    command = [sys.executable, "-m", "bench.delay", str(server.port), str(delay / 2)]
    relay = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Line(server, key, relay, int(relay.stdout.readline() if relay.stdout else ""), work)
    finally:
        relay.terminate()
        relay.wait()


def large(line: Line, folder: Path, times: int) -> dict[str, float]:
    """Seconds of each way of moving one large file, the median of so many turns."""
    landed, data = line.work / "landed", (folder / "large").read_bytes()
    private = X25519PrivateKey.generate()
    ways: dict[str, Callable[[], object]] = {
        "theirs down": lambda: line.sftp(f"get large {landed}"),
        "ours down": lambda: _download(line, landed),
        "ours down, sealed": lambda: _download(line, landed, private),
        "theirs up": lambda: line.sftp(f"put {folder / 'large'} up"),
        "ours up": lambda: _upload(line, data),
        "ours up, read back": lambda: _upload_checked(line, data),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, way in ways.items():
            (folder / "up").unlink(missing_ok=True)
            landed.unlink(missing_ok=True)
            began = time.monotonic()
            way()
            taken[name].append(time.monotonic() - began)
            if name == "ours down":
                _require(holds=_hash(landed) == hashlib.sha256(data).hexdigest())
    return {name: statistics.median(one) for name, one in taken.items()}


def _download(line: Line, landed: Path, key: X25519PrivateKey | None = None) -> None:
    with SftpMailbox(line.address, read_key(line.key.file)) as box, landed.open("wb") as file:
        pieces = box.chunks("", "large")
        for piece in seal(pieces, key.public_key(), b"bench") if key else pieces:
            file.write(piece)


def _upload(line: Line, data: bytes) -> None:
    """The bytes alone, as OpenSSH's client sends them: nothing is read back."""
    creating = _wire.FOR_CREATION.to_bytes(4)
    with SftpMailbox(line.address, read_key(line.key.file)) as box:
        session = box.visit.session
        with opened(session, _wire.OPEN, file_path("", "up"), creating, _wire.NO_ATTRIBUTES) as handle:
            for _ in write_to(session, handle, data):
                pass


def _upload_checked(line: Line, data: bytes) -> None:
    with SftpMailbox(line.address, read_key(line.key.file)) as box:
        box.write("", "up", data)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def night(line: Line, folder: Path) -> dict[str, float]:
    """Seconds for 252 visits and for 252 bare handshakes of OpenSSH's client, so many at a time; most at a time."""
    for number in range(MAILBOXES):
        for name in ("in", "out"):
            (folder / str(number) / name).mkdir(parents=True, exist_ok=True)
        for each in range(3):
            (folder / str(number) / "in" / f"FI.{each}").write_bytes(os.urandom(SMALL))
    line.most_open()
    slots, key = Slots(line.work / "slots", jitter=0.02), read_key(line.key.file)

    def visit(number: int) -> None:
        with SftpMailbox(line.address, key, slots=slots, sessions=THREADS) as box:
            for entry in box.list(f"{number}/in"):
                _require(holds=len(box.read(f"{number}/in", entry.name)) == SMALL)
            for each in range(2):
                box.write(f"{number}/out", f".FO.{each}.part", bytes(SMALL))
                box.rename(f"{number}/out", f".FO.{each}.part", f"{number}/out", f"FO.{each}")

    line.sftp("bye")
    ours = _at_a_time(visit)
    most = line.most_open()
    _require(holds=all((folder / str(n) / "out" / "FO.1").stat().st_size == SMALL for n in range(MAILBOXES)))
    return {"ours": ours, "most": most, "floor": _at_a_time(lambda _: line.sftp("bye"))}


def _require(*, holds: bool) -> None:
    """What is measured must be right."""
    if not holds:
        raise RuntimeError("a file did not arrive as it was")


def _at_a_time(work: Callable[[int], None]) -> float:
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(MAILBOXES)))
    return time.monotonic() - began


def _peak() -> float:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure, and say how it stands with each goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="MiB of the large file")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    size, lines = options.size << 20, list[str]()
    in_memory = "/dev/shm"  # noqa: S108  so that no disk is measured
    with tempfile.TemporaryDirectory(dir=in_memory if Path(in_memory).is_dir() else None) as root:
        folder, work = Path(root) / "box", Path(root) / "work"
        folder.mkdir()
        work.mkdir()
        key = new_client_key(work / "key")
        key.file.chmod(0o600)
        with running_sshd(folder, key.public, work / "sshd") as server:
            lines += _growth(server, key, work, folder, size)
            for delay, goal in GOALS.items():
                with line_to(server, key, work, delay) as line:
                    lines += _large_lines(large(line, folder, options.times), delay, goal, options.size)
            with line_to(server, key, work, 0) as line:
                lines += _night_lines(night(line, folder))
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("\n".join(lines))
    return 0


def _growth(server: Sshd, key: ClientKey, work: Path, folder: Path, size: int) -> list[str]:
    """Memory that a large download takes, before anything else of this process holds as much."""
    with (folder / "large").open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    before = _peak()
    with line_to(server, key, work, 0) as line:
        _download(replace(line), work / "landed")
    grown = _peak() - before
    return [_verdict("memory for a large download, MiB", grown, GROWTH, met=grown <= GROWTH)]


def _large_lines(seconds: dict[str, float], delay: int, goal: float, size: int) -> list[str]:
    print(f"{size} MiB at {delay} ms, MB/s: " + ", ".join(f"{n} {size * 1.048576 / s:.0f}" for n, s in seconds.items()))
    lines = []
    for way in ("down", "up"):
        ratio = seconds[f"theirs {way}"] / seconds[f"ours {way}"]
        lines.append(_verdict(f"{way} at {delay} ms, times OpenSSH's speed", ratio, goal, met=ratio >= goal))
    sealed = seconds["theirs down"] / seconds["ours down, sealed"]
    checked = seconds["theirs up"] / seconds["ours up, read back"]
    print(f"  sealed down {sealed:.2f} x, up with every byte read back {checked:.2f} x OpenSSH's speed")
    return lines


def _night_lines(told: dict[str, float]) -> list[str]:
    print(f"{MAILBOXES} visits, {THREADS} at a time: {told['ours']:.1f} s; bare handshakes {told['floor']:.1f} s")
    ratio, most = told["ours"] / told["floor"], told["most"]
    return [
        _verdict("a night's visits, times the handshake floor", ratio, NIGHT, met=ratio <= NIGHT),
        _verdict("most sessions at a time", most, THREADS, met=most <= THREADS),
    ]


def _verdict(name: str, value: float, goal: float, *, met: bool) -> str:
    return f"{name}: {value:.4g} (goal {goal:g}) {'met' if met else 'short'}"


if __name__ == "__main__":
    sys.exit(main())
