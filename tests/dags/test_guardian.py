"""The guardian of `make run`: it leaves nothing of what was started, and touches nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

GUARDIAN = Path(__file__).resolve().parents[2] / "scripts" / "processes.py"


@pytest.mark.parametrize(("told", "survives"), [("{0}\n", False), ("{0}\n-{0}\n", True), ("", True)])
def test_only_sessions_that_have_not_ended_are_cleared(told: str, survives: bool) -> None:
    """A number that was given back may be somebody else's by now: its processes are left alone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as other:
        subprocess.run([sys.executable, str(GUARDIAN)], input=told.format(other.pid), text=True, check=True, timeout=60)
        assert (other.poll() is None) is survives
        other.kill()
