"""A process killed by SIGKILL in the middle of a download over SFTP leaves no clear byte; the next one completes."""

import asyncio
import csv
import io
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from play import WEEK

from hub.flow.process import open_landed
from hub.stores.files import WRITING
from tests.connectors.faulty import Honest, serving
from tests.privacy.scanner import Scanner
from tests.privacy.watched import ByCommand, in_a_process, searched, sent

SIZE = 24 << 20  # bytes of rows
FAST = 10 << 20  # bytes served at once; the rest trickles, so that the kill falls in the middle
NAME = "FI.ORIE.062063.20260309.00777.T.1.1"
PARTNER = "062063"


class Trickles(Honest):
    """Serves the beginning of a file, then hardly anything."""

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        self.moved += size
        if self.moved > FAST:
            await asyncio.sleep(1)
        return super().read(file_obj, offset, size)


@pytest.fixture
def large(morning: ByCommand, tmp_path: Path) -> ByCommand:
    """An exchange in which one mailbox holds a large file of rows about the exchange's people, and its GO."""
    shutil.copytree(morning.root, tmp_path / "exchange")
    exchange = ByCommand(tmp_path / "exchange", cpas=morning.cpas)
    rows = [row for _, _, rows in sent(morning) for row in rows]
    writer = csv.DictWriter(text := io.StringIO(), list(rows[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in rows if None not in row)
    whole = text.getvalue().encode()
    box = tmp_path / "server"
    for folder in ("in/done", "out/taken"):
        (box / folder).mkdir(parents=True)
    (box / "in" / NAME).write_bytes(whole * (SIZE // len(whole) + 1))
    (box / "in" / NAME.replace("FI", "GO")[:-2]).write_text("{}")
    return exchange


@contextmanager
def served(exchange: ByCommand, box: Path, kind: type[Honest]) -> Iterator[None]:
    """The mailbox behind a server of this kind, known to the hub."""
    with serving(box, exchange.settings.ssh_key.with_suffix(".pub").read_text(), kind) as address:
        channel = {"host": address.host, "port": address.port, "user": address.user}
        exchange.set_channels({PARTNER: {**channel, "host_keys": list(address.host_keys)}})
        yield


def test_killed_in_the_middle_of_a_download(large: ByCommand, few: Scanner, tmp_path: Path) -> None:
    """The half of a file that was on the hub's disk when it was killed is sealed; a second run takes the whole."""
    box, home = tmp_path / "server", large.root / "hub"
    writing = home / "files" / WRITING
    with served(large, box, Trickles):
        process = in_a_process(large, "collect", WEEK[0], PARTNER)
        size = _grown(process, writing, FAST // 2)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert FAST // 2 <= size < (box / "in" / NAME).stat().st_size
    assert len(list(writing.iterdir())) == 1
    assert searched(few, tmp_path / "scan", home) == []
    clear = (box / "in" / NAME).read_bytes()
    assert few.search([("clear", clear[: 1 << 20])]).hits, "there was something to find"
    with served(large, box, Honest):
        assert in_a_process(large, "collect", WEEK[0], PARTNER).wait() == 0
    assert not list(writing.iterdir())
    assert (box / "in" / "done" / NAME).exists()
    with large.hub(WEEK[0], "CPAS") as hub:
        (row,) = hub.ledger.submissions.pending([PARTNER])
        assert open_landed(hub, PARTNER, row["digest"]) == clear
    # sealed bytes were scanned above; the rest of what the run left is small
    (home / "files" / "landing" / row["digest"]).unlink()
    assert searched(few, tmp_path / "scan2", home) == []


def _grown(process: "subprocess.Popen[bytes]", writing: Path, wanted: int) -> int:
    """Wait until the file being landed has this many bytes; its size then."""
    for _ in range(600):
        sizes = [path.stat().st_size for path in writing.glob("*")]
        if max(sizes, default=0) >= wanted:
            return max(sizes)
        assert process.poll() is None, "the process ended before it could be killed"
        time.sleep(0.05)
    raise AssertionError("the download never came that far")
