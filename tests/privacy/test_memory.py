"""What is in the memory of a process of the hub stays there: no core dump, no reading by another process."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from play import PROJECT, WEEK

from hub.errors import OperatorError
from hub.memory import TALKATIVE, require_quiet
from tests.privacy.plants import NISS
from tests.privacy.scanner import Scanner
from tests.privacy.watched import PLANTED, ByCommand

# Each does its work in a process of its own, then crashes with an identity in memory and core dumps allowed.
CRASH = f"""
import ctypes, os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
niss = {NISS!r}.encode("utf-16-le")
sys.argv = ["passerelle", *sys.argv[1:]]
if sys.argv[1] == "task":
    from datetime import UTC, datetime
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS
    with open_hub(load_settings(), datetime.now(UTC), NEEDS["process"]):
        pass
elif sys.argv[1] != "control":
    from hub.cli import main
    try:
        main()
    except SystemExit:
        pass
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE), flush=True)
os.abort()
"""
PROCESSES = {
    "a task": ["task"],
    "status": ["status"],
    "process": ["process"],
    "open": ["open", "no.file", "--key", "no.key"],
    "check": ["check", "no.file"],
    "draft": ["draft", "no.file", "--profile", "x"],
    "keys": ["keys", "list"],
}


def crashed(folder: Path, home: Path, *words: str) -> tuple[str, bool, list[Path]]:
    """What it said of itself, whether the kernel says that it dumped, and the files that are there afterwards."""
    child = subprocess.Popen(
        [sys.executable, "-c", CRASH, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "PASSERELLE_HOME": str(home)},
    )
    assert child.stdout is not None
    said = child.stdout.read().decode()
    _, status = os.waitpid(child.pid, 0)
    child.returncode = -os.WTERMSIG(status)
    return said.splitlines()[-1], os.WCOREDUMP(status), sorted(folder.iterdir())


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_of_the_hub_leaves_no_core(name: str, morning: ByCommand, tmp_path: Path) -> None:
    """A crash of any process that opens identities dumps nothing, and nobody may read its memory or attach to it."""
    said, dumped, left = crashed(tmp_path, morning.root / "hub", *PROCESSES[name])
    assert said.split()[:2] == ["0", "0"], "dumpable, and the limit in force"
    assert not dumped
    assert left == []


def test_without_it_a_crash_does_dump(tmp_path: Path) -> None:
    """The control: the same crash of a process that did not close itself is a core with the number in it."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    said, dumped, left = crashed(tmp_path, tmp_path, "control")
    assert said.startswith("1 ")
    assert dumped or hard == 0, "this machine dumps nothing at all"
    if left:  # where core_pattern names a file
        found = Scanner(PLANTED).search([(path.name, path.read_bytes()) for path in left]).hits
        print(f"{sum(path.stat().st_size for path in left)} bytes of core, {len(found)} finds")
        assert found


@pytest.mark.parametrize("name", TALKATIVE)
def test_a_talkative_environment_stops_the_hub(name: str, monkeypatch: pytest.MonkeyPatch, morning: ByCommand) -> None:
    """With a variable that makes a library print what is in memory, the hub does not open; the message names it."""
    require_quiet()
    monkeypatch.setenv(name, "1")
    with pytest.raises(OperatorError, match=name):
        require_quiet()
    with pytest.raises(OperatorError, match=name), morning.hub(WEEK[0]):
        pass
