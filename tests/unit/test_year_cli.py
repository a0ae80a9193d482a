"""`passerelle simulate year` starts the simulation as a program of its own, with what was asked."""

from pathlib import Path

import pytest

from hub import cli_files
from hub.cli import main


@pytest.mark.parametrize(
    "asked",
    [[], ["--days", "3", "--cpas", "2", "--seed", "9"], ["--faults", "2", "--sftp-every", "6"], ["--resume"]],
)
def test_the_simulation_is_a_program_of_its_own(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its options are handed on, its exit code is the command's, and the hub imports nothing of it."""
    called: list[list[str]] = []

    def run(words: list[str]) -> int:
        called.append(words)
        return 7

    monkeypatch.setattr(cli_files, "run_program", run)
    assert main(["simulate", "year", *asked]) == 7
    assert Path(called[0][1]).name == "year.py"
    assert called[0][2:] == asked


def test_a_year_is_played_by_the_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Two days of two CPAS, on servers that do wrong, started as anybody would: the report is printed and kept."""
    words = ["--root", str(tmp_path / "year"), "--days", "2", "--cpas", "2", "--people", "20", "--seed", "11"]
    assert main(["simulate", "year", *words, "--sftp-every", "1", "--faults", "1"]) == 0
    assert "The hub and all books agree with the truth." in capfd.readouterr().out
    assert "agree with the truth" in (tmp_path / "year" / "report.txt").read_text("utf-8")
