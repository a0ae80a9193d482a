"""Migrations: what they make is what the code declares, on both kinds of databases."""

from datetime import UTC, date, datetime

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
        (command.upgrade if revision == "head" or not _known(connection) else command.downgrade)(config, revision)
        connection.commit()


def _known(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


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


def test_a_first_ledger_with_rows_is_brought_up(ledger: Database) -> None:
    """Nothing is sent again: what was told is known, every entity is marked, and a row knows what it names."""
    move(ledger, "base")
    move(ledger, "0001")
    first = sa.MetaData()
    first.reflect(ledger.engine)
    at = datetime(2026, 3, 9, 7, tzinfo=UTC)
    common = {"source": "900001", "sid": "5" * 32, "version": 1, "notice_status": 0, "effective_date": date(2026, 3, 9)}
    common |= {"recorded_at": at, "received_at": at, "message_id": "m1", "line": 2, "content": "c"}
    rows = [
        ("STAT", "R1", {"core_status": "RECEIVED"}),
        ("FORM", "FORM|900001|F1", {"referral_id": "R1"}),
        ("FORM", "FORM|900001|F2", {"referral_id": None}),
        ("MOBI", "MOBI|062063|5|J1", {"event_id": "J1"}),
        ("INSC", "INSC|900001|5", {}),
        ("CATA", "CATA|900001|S1", {}),
    ]
    state = {"state": "RECEIVED", "class": "AGREED", "codes": [], "reason": "ANSWERED", "stale": False}
    said = {"recipient": "062063", "feed": "RECO", "row_key": "R1", "entity_id": "R1"}
    with ledger.engine.begin() as tx:
        events = [
            common | {"event_id": f"e{n}", "feed": f, "entity_id": e, "payload": p} for n, (f, e, p) in enumerate(rows)
        ]
        tx.execute(first.tables["event"].insert(), events)
        tx.execute(first.tables["entity_state"].insert(), [state | {"entity_id": "R1", "sid": "5" * 32}])
        told = [said | {"publication_id": f"p{n}", "sequence": n, "row_hash": f"h{n}"} for n in (1, 2)]
        tx.execute(first.tables["publication_row"].insert(), told)
        opened = [("062063", "REFERRAL"), ("062063", "STATED"), ("900001", "STATED")]
        since = {"sid": "5" * 32, "since": date(2026, 3, 9), "basis": "x"}
        relations = [since | {"organisation": one, "quality": quality} for one, quality in opened]
        tx.execute(first.tables["relationship"].insert(), relations)
    ledger.migrate()
    assert differences(ledger) == []
    with ledger.read() as tx:
        about = dict(tx.execute(sa.select(tables.event.c.entity_id, tables.event.c.about)).all())
        e, t, r = tables.entity_state.c, tables.told.c, tables.relationship.c
        marked = {tuple(row) for row in tx.execute(sa.select(e.entity_id, e.kind, e.sid, e.stale))}
        last = tx.execute(sa.select(t.row_key, t.row_hash, t.sequence)).all()
        known = {tuple(row) for row in tx.execute(sa.select(r.organisation, r.quality))}
    assert about == {
        **dict.fromkeys([entity for _, entity, _ in rows]),
        "FORM|900001|F1": "R1",
        "MOBI|062063|5|J1": "JOBD|900001|J1",
    }
    kinds = ["REFERRAL", "ENROLMENT", "ENROLMENT", "ANSWER", "REGISTRATION"]
    assert marked == {(entity, kind, "5" * 32, True) for (_, entity, _), kind in zip(rows, kinds, strict=False)}
    assert last == [("R1", "h2", 2)]
    assert known == {("062063", "REFERRAL"), ("900001", "STATED")}
    move(ledger, "0001")
    ledger.migrate()
    assert differences(ledger) == []
