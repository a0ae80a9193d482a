"""The summary of a run tells what the ledger and Airflow hold: change these, and it changes."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import summary

STATUS: dict[str, Any] = {
    "submissions": [
        {"side": "CPAS", "feed": "ORIE", "state": "DONE", "files": 2}
        | {"read": 10, "accepted": 7, "warned": 1, "rejected": 1, "duplicate": 1, "superseded": 1}
    ],
    "referrals": {"REQUESTED": 7},
    "classes": {"PENDING": 7},
    "discrepancies": {"open": {}, "closed": 0},
    "publications": [{"feed": "ORIE", "side": "FOREM", "files": 2, "rows": 7, "delivered": 2}],
    "acknowledgements": {"ACRF": 2, "NOTI": 2, "taken": 4},
    "conservation": {"read": 10, "accepted": 7, "rejected": 1, "duplicate": 1, "superseded": 1, "holds": 1},
}


def task(name: str, day: int, state: str = "success", index: int = -1) -> dict[str, Any]:
    """A task instance as Airflow's API gives it."""
    at = f"2026-03-{day:02d}T06:00:00Z"
    return {"task_id": name, "logical_date": at, "state": state, "map_index": index, "rendered_map_index": None}


def test_all_is_well() -> None:
    """Rows that add up are shown with their sum, tasks that ended well as a number."""
    text = "\n".join([*summary.ledger(STATUS), *summary.tasks([task("collect", 9), task("again", 9, "skipped")])])
    assert "10 read = 7 accepted + 1 rejected + 1 duplicate + 1 superseded: balanced" in text
    assert "failed" not in text


def test_a_file_not_delivered_shows() -> None:
    """A published file that was not delivered changes the summary."""
    less = copy.deepcopy(STATUS)
    less["publications"][0]["delivered"] = 1
    assert summary.ledger(less) != summary.ledger(STATUS)


def test_rows_lost_show() -> None:
    """Rows that went nowhere are said loudly."""
    less = copy.deepcopy(STATUS)
    less["conservation"] |= {"accepted": 6, "holds": 0}
    assert any("NOT BALANCED" in line for line in summary.ledger(less))


@pytest.mark.parametrize("state", ["failed", "upstream_failed", "running", None])
def test_a_task_that_did_not_end_well_shows(state: str | None) -> None:
    """A task in any state but success and skipped is named in its day and under its verb."""
    tasks = [task("collect", 9), task("collect", 9) | {"state": state}, task("collect", 10)]
    lines = summary.tasks(tasks)
    assert f"1 +1 {state or 'none'}" in next(line for line in lines if "09 Mar" in line)
    assert state is None or state not in next(line for line in lines if "10 Mar" in line)


def test_a_day_is_a_day_in_brussels() -> None:
    """A run at 23:30 UTC belongs to the next day."""
    assert str(summary.day_of("2026-03-09T23:30:00Z")) == "2026-03-10"


def test_time_at_work_is_counted_once() -> None:
    """Two tasks that work at the same time count once."""
    assert summary.covered([(0, 10), (2, 5), (8, 12), (20, 21)]) == 13


def test_a_red_square_has_its_partner() -> None:
    """A task mapped over one partner is called by the partner's id."""
    assert summary.label(task("again", 9) | {"rendered_map_index": "062063"}) == "again[062063]"
