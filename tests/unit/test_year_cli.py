"""`passerelle simulate year` starts the simulation as a program of its own, with what was asked."""

import subprocess
from typing import Any

import pytest

from hub.cli import main


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ([], []),
        (["--days", "3", "--cpas", "2", "--seed", "9"], ["--days", "3", "--cpas", "2", "--seed", "9"]),
        (["--resume"], ["--resume"]),
    ],
)
def test_the_simulation_is_a_program_of_its_own(
    asked: list[str], given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its options are handed on, its exit code is the command's, and the hub imports nothing of it."""
    called: list[list[Any]] = []
    monkeypatch.setattr(subprocess, "call", lambda words: called.append(list(words)) or 7)
    assert main(["simulate", "year", *asked]) == 7
    assert called[0][1].name == "year.py"
    assert called[0][2:] == given
