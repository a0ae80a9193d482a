"""`passerelle simulate api`: a vendor starts it from its help alone, and it does what it says."""

import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.api import ApiMailbox, Client, Trust
from connectors.errors import Denied, LinkError, Unreachable
from hub.api_key import initialise_api
from hub.cli import main
from simulators.api_faults import NAMES, describe

NAME = "FI.INSC.900001.20260309.00001.T.1.1"
PART, OUT = ".FO.RECO.900001.20260309.00001.T.part", "FO.RECO.900001.20260309.00001.T"


class Running:
    """The command while it runs; `said`, what it printed at its end."""

    def __init__(self, folder: Path, key: Path, *words: str) -> None:
        command = [sys.executable, "-m", "hub", "simulate", "api", "--folder", str(folder)]
        command += ["--public", str(key.with_suffix(".pub")), *words]
        self.key, self.said = key, list[str]()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        out = self.process.stdout
        assert out is not None
        self.told = tomllib.loads("".join(out.readline() for _ in range(5)))

    def mailbox(self) -> ApiMailbox:
        """A client with the settings that were printed."""
        client = Client(self.told["token"], self.told["client"], self.told["scope"], self.key)
        trust = Trust(Path(self.told["authority"]), self.key.with_suffix(".crt"), self.key)
        return ApiMailbox(self.told["url"], client, trust)

    def end(self) -> None:
        """As a service manager ends it."""
        self.process.send_signal(signal.SIGTERM)
        self.said = self.process.communicate(timeout=30)[0].splitlines()


@contextmanager
def running(tmp_path: Path, *words: str) -> Iterator[Running]:
    """The command, ended at the end of the block."""
    key = tmp_path / "hub" / "api_key"
    initialise_api(key)
    served = Running(tmp_path / "desk", key, *words)
    try:
        yield served
    finally:
        if not served.said:
            served.end()


def test_a_vendor_starts_it_and_the_hub_exchanges_with_it(tmp_path: Path) -> None:
    """With what it prints a client is let in, gets what lies in `in/` and brings into `out/`; faults are counted."""
    certificate = str(tmp_path / "hub" / "api_key.crt")
    with running(tmp_path, "--certificate", certificate, "--fault", "answer_lost", "--times", "2") as served:
        (tmp_path / "desk/in" / NAME).write_bytes(b"notice_id\nN1\n")
        with served.mailbox() as box:
            assert box.read("in", NAME) == b"notice_id\nN1\n"
            box.rename("in", NAME, "in/done", NAME)
            box.write("out", PART, b"record\nROW\n")
            box.rename("out", PART, "out", OUT)
        served.end()
    assert (tmp_path / "desk/in/done" / NAME).exists()
    assert (tmp_path / "desk/out" / OUT).read_bytes() == b"record\nROW\n"
    assert served.said[1:] == ["answer_lost: 2"]
    assert served.process.returncode == 0


def test_another_client_is_not_let_in(tmp_path: Path) -> None:
    """Another key than the one it was given gets no token; without the certificate nothing is said at all."""
    with running(tmp_path) as served:
        other = tmp_path / "other" / "api_key"
        initialise_api(other)
        served.key = other
        with pytest.raises(Denied), served.mailbox() as box:
            box.list("in")
    with running(tmp_path / "more", "--certificate", str(tmp_path / "other/api_key.crt")) as served:
        with pytest.raises(LinkError) as told, served.mailbox() as box:
            box.list("in")
        assert told.type in (Denied, Unreachable)


def test_its_catalogue_and_its_refusals(capfd: pytest.CaptureFixture[str]) -> None:
    """`--list` is the table of the page, with a row for each fault; without what it needs it says so, with code 2."""
    assert main(["simulate", "api", "--list"]) == 0
    assert capfd.readouterr().out == describe()
    assert len(describe().splitlines()) == 2 + len(NAMES) == 20
    assert main(["simulate", "api"]) == 2
    assert main(["simulate", "api", "--folder", "x", "--public", "y", "--partner", "12"]) == 2
    assert "--folder and --public" in capfd.readouterr().err
