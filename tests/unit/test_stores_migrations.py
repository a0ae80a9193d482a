"""Migrations: what they make is what the code declares, on both kinds of databases."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from hub.errors import OperatorError
from hub.settings import Settings
from hub.stores import tables
from hub.stores.database import MIGRATIONS, Database
from hub.wiring import migrate, open_databases

ZONES = {"ledger": tables.ledger, "identity": tables.identity}


@pytest.fixture(params=list(ZONES))
def database(request: pytest.FixtureRequest, ledger: Database, identity: Database) -> Database:
    """Each of the two databases, migrated."""
    return ledger if request.param == "ledger" else identity


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, ZONES[database.zone]))


def move(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / database.zone))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)
        connection.commit()


def test_the_migrated_schema_is_the_declared_one(database: Database) -> None:
    """Migrating an empty database makes the tables that the code declares, and nothing else."""
    assert differences(database) == []


def test_a_difference_would_be_seen(database: Database) -> None:
    """The comparison finds a column that is too many."""
    table = next(iter(ZONES[database.zone].tables))
    with database.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN stray TEXT"))
    assert len(differences(database)) == 1


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A second migration finds nothing to do and loses nothing."""
    before = differences(database)
    database.migrate()
    assert differences(database) == before == []


def test_downgrading_removes_everything_and_upgrading_brings_it_back(database: Database) -> None:
    """Down to nothing and up again gives the declared schema."""
    move(database, "base")
    assert sa.inspect(database.engine).get_table_names() == ["alembic_version"]
    move(database, "head")
    assert differences(database) == []


def test_a_database_never_migrated_is_told_to_the_operator(settings: Settings) -> None:
    """A hub on empty databases says which command is missing, and works after it."""
    with open_databases(settings) as databases:
        for database in databases:
            with pytest.raises(OperatorError, match="passerelle migrate"):
                database.require_schema()
    migrate(settings)
    with open_databases(settings) as databases:
        for database in databases:
            database.require_schema()
