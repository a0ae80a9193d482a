"""What several kinds of tests share: a real PostgreSQL, and each pair of databases that the hub can have."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.keys import PURPOSES
from tests.postgres import MISSING, Postgres, binaries, running_postgres
from tests.softhsm import SoftHsm, missing, new_token

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.stores.database import Database

NewStores = Callable[[], dict[str, str]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of our own. Skips, and says why, where it is not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip(MISSING)
    with running_postgres(programs) as server:
        yield server


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    """A software token with a key for each purpose. Skips, and says why, where it is not installed."""
    if reason := missing():
        pytest.skip(reason)
    purposes = (*PURPOSES, "audit")
    return new_token(tmp_path_factory.mktemp("softhsm"), [f"passerelle-{purpose}" for purpose in purposes])


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_stores(request: pytest.FixtureRequest) -> NewStores:
    """Makes the hub's environment for a fresh pair of databases: files in its home, or on a server."""
    if request.param == "sqlite":
        return dict
    server: Postgres = request.getfixturevalue("postgres")

    def fresh() -> dict[str, str]:
        return dict(zip(("PASSERELLE_LEDGER_URL", "PASSERELLE_IDENTITY_URL"), server.new_pair(), strict=True))

    return fresh


@pytest.fixture
def settings(new_stores: NewStores, tmp_path: Path) -> "Settings":
    """Where a hub of its own keeps things; nothing is there yet."""
    from hub.settings import load_settings

    return load_settings({"PASSERELLE_HOME": str(tmp_path / "hub"), **new_stores()})


@pytest.fixture
def ledger(settings: "Settings") -> "Iterator[Database]":
    """An empty ledger."""
    yield from _migrated(settings.ledger_url, "ledger")


@pytest.fixture
def identity(settings: "Settings") -> "Iterator[Database]":
    """An empty identity store."""
    yield from _migrated(settings.identity_url, "identity")


def _migrated(url: str, zone: str) -> "Iterator[Database]":
    from hub.stores.database import Database

    database = Database(url, zone)
    database.migrate()
    yield database
    database.close()
