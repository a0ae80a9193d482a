"""`passerelle simulate year` starts the simulation as a program of its own, with what was asked."""

from pathlib import Path

import pytest

from hub import cli_files
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
    called: list[list[str]] = []

    def run(words: list[str]) -> int:
        called.append(words)
        return 7

    monkeypatch.setattr(cli_files, "run_program", run)
    assert main(["simulate", "year", *asked]) == 7
    assert Path(called[0][1]).name == "year.py"
    assert called[0][2:] == given
