"""One watched week of twelve CPAS for all the tests that look at what it left, and a small exchange to break."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from play import WEEK

from tests.privacy.scanner import Scanner
from tests.privacy.watched import ByCommand, Logged, kept_open, scanner_of, watching

os.environ.setdefault("AIRFLOW__CORE__XCOM_BACKEND", "hub.task_xcom.IdsAndCounts")
os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS", "hub.task_logs.LOGGING_CONFIG")
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="passerelle-airflow-"))  # before anything imports it


@dataclass(frozen=True)
class Week:
    """A week played, what was logged, and the scanner of its people."""

    exchange: ByCommand
    logged: Logged
    scanner: Scanner

    @property
    def home(self) -> Path:
        return self.exchange.root / "hub"

    @property
    def outbox(self) -> Path:
        return self.home / "files" / "outbox"


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """A week of twelve CPAS with every named defect; the write-ahead logs of its databases are still there."""
    exchange = ByCommand(tmp_path_factory.mktemp("watched"), cpas="12").prepare()
    home = exchange.root / "hub"
    with kept_open(home / "ledger.db", home / "identity.db"):
        with watching(home) as logged:
            exchange.play()
        yield Week(exchange, logged, scanner_of(exchange))


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> ByCommand:
    """Three CPAS that have just sent their first files; each test breaks a copy."""
    exchange = ByCommand(tmp_path_factory.mktemp("morning"), cpas="3").prepare()
    exchange.simulate("cpas-day", "--day", WEEK[0].isoformat())
    return exchange


@pytest.fixture(scope="session")
def few(morning: ByCommand) -> Scanner:
    """The scanner of the people of `morning`."""
    return scanner_of(morning)
