"""Database roles on a real PostgreSQL: each zone works with its own, and reads nothing of the other database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import psycopg
import pytest
import sqlalchemy as sa
from play import WEEK, Exchange

from hub.audit_verify import verify
from hub.errors import OperatorError
from hub.flow.hub import Hub
from hub.stores import tables
from hub.stores.audit import Audit
from hub.stores.database import Database
from hub.stores.roles import IDENTITY, LEDGER, PUBLISH, PUBLISHING
from hub.wiring import migrate, open_hub
from hub.zones import EVERYTHING, Needs, Zone
from tests.postgres import Postgres

ROLES = {Zone.IDENTITY: IDENTITY, Zone.PUBLISH: PUBLISH, Zone.MATCH: None, Zone.MAILBOX: None}


@dataclass
class Walled(Exchange):
    """An exchange whose verbs enter the databases with the roles of their zones; only its owner migrates."""

    server: Postgres | None = None

    @contextmanager
    def hub(self, day: date, half: str = "CPAS", needs: Needs = EVERYTHING) -> Iterator[Hub]:
        with super().hub(day, half) as whole:
            now, settings = whole.now, whole.settings
        role = ROLES[needs.zone] or LEDGER  # for a zone without the identity store: a role that may not enter it
        walled = replace(
            settings, ledger_url=self.as_role("ledger", LEDGER), identity_url=self.as_role("identity", role)
        )
        with open_hub(walled, now, needs) as hub:
            yield hub

    def as_role(self, zone: str, role: str) -> str:
        """The URL of a database for a role."""
        assert self.server
        return self.server.url(self.database(zone), role)

    def database(self, zone: str) -> str:
        """The name of a database."""
        return self.environ[f"PASSERELLE_{zone.upper()}_URL"].rpartition("/")[2]

    def asked(self, zone: str, role: str, statement: str) -> str:
        """`done`, or why the server refuses, in its own words."""
        assert self.server
        try:
            with psycopg.connect(
                host="127.0.0.1", port=self.server.port, user=role, dbname=self.database(zone)
            ) as connection:
                connection.execute(statement)
        except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as refused:
            return str(refused)
        return "done"


@pytest.fixture(scope="module")
def walled(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Walled:
    """A day played with the roles, in databases of an owner who is no superuser."""
    urls = postgres.new_owned("hub_owner", (LEDGER, IDENTITY, PUBLISH))
    environ = dict(zip(("PASSERELLE_LEDGER_URL", "PASSERELLE_IDENTITY_URL"), urls, strict=True))
    exchange = Walled(tmp_path_factory.mktemp("walled"), cpas="3", environ=environ, server=postgres)
    exchange.prepare()
    exchange.play(WEEK[:1])
    return exchange


def test_every_verb_works_with_the_roles_of_its_zone(walled: Walled) -> None:
    """A whole day under the three roles, none of which owns a table, ends as the truth says."""
    assert walled.books_agree(WEEK[0])


@pytest.mark.parametrize(
    ("zone", "role"), [("identity", LEDGER), ("ledger", IDENTITY), ("ledger", PUBLISH), ("identity", "postgres_nobody")]
)
def test_a_role_cannot_enter_the_other_database(walled: Walled, zone: str, role: str) -> None:
    """The role of the ledger is refused at the door of the identity store, and theirs at the door of the ledger."""
    assert walled.server
    with psycopg.connect(host="127.0.0.1", port=walled.server.port, user="postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            connection.execute(f'CREATE ROLE "{role}" LOGIN')
    assert "permission denied for database" in walled.asked(zone, role, "SELECT 1")
    assert walled.asked("ledger", LEDGER, "SELECT 1") == walled.asked("identity", IDENTITY, "SELECT 1") == "done"


@pytest.mark.parametrize("table", sorted(tables.identity.tables))
def test_the_role_of_publishing_reads_no_index(walled: Walled, table: str) -> None:
    """Publishing reads what its list names; everything else, the index of numbers first, is denied, writing too."""
    count, delete = f"SELECT count(*) FROM {table}", f"DELETE FROM {table}"  # noqa: S608
    said = walled.asked("identity", PUBLISH, count)
    assert said == "done" if table in PUBLISHING else f"permission denied for table {table}" in said
    assert f"permission denied for table {table}" in walled.asked("identity", PUBLISH, delete)
    assert walled.asked("identity", IDENTITY, count) == "done"
    assert "subject_index" not in PUBLISHING


@pytest.mark.parametrize(
    "statement", ["DELETE FROM audit_leaf", "UPDATE audit_leaf SET entry = ''", "TRUNCATE audit_leaf"]
)
def test_the_role_of_the_ledger_only_appends_to_the_audit_log(walled: Walled, statement: str) -> None:
    """What the hub did can be added to and not changed, by whoever works in the ledger."""
    assert "permission denied for table audit_leaf" in walled.asked("ledger", LEDGER, statement)
    assert walled.rows(tables.audit_leaf)


def test_only_the_owner_empties_what_is_over_its_term(walled: Walled) -> None:
    """Who works in the ledger is told so; its owner, who migrates, takes the texts out."""
    late = datetime(2040, 1, 1, tzinfo=UTC)
    size = len(walled.rows(tables.audit_leaf))
    worker = Database(walled.as_role("ledger", LEDGER), "ledger")
    with pytest.raises(OperatorError, match="as the owner of the ledger"):
        Audit(worker).empty(late, late)
    assert Audit(worker).over(late) == size
    worker.close()
    owner = Database(walled.environ["PASSERELLE_LEDGER_URL"], "ledger")
    assert Audit(owner).empty(late, late) == size
    with Audit(owner).still() as (head, leaves):
        assert verify(leaves, head, [], []).remarks == ()
    owner.close()


@pytest.mark.parametrize(("zone", "role"), [("ledger", LEDGER), ("identity", IDENTITY), ("identity", PUBLISH)])
def test_no_role_makes_tables(walled: Walled, zone: str, role: str) -> None:
    """The schema is its owner's: no working role can make a table, where a copy of another could be kept."""
    assert "permission denied" in walled.asked(zone, role, "CREATE TABLE copy (id TEXT)")
    assert "permission denied" in walled.asked(zone, role, "CREATE TEMPORARY TABLE copy (id TEXT)")


def test_migrating_again_takes_back_what_was_granted_by_hand(walled: Walled) -> None:
    """`migrate` sets the rights, it does not only add them: a grant too many is gone after it."""
    with sa.create_engine(walled.environ["PASSERELLE_IDENTITY_URL"]).begin() as owner:
        owner.exec_driver_sql(f"GRANT SELECT ON subject_index TO {PUBLISH}")
    assert walled.asked("identity", PUBLISH, "SELECT count(*) FROM subject_index") == "done"
    migrate(walled.settings)
    assert "permission denied" in walled.asked("identity", PUBLISH, "SELECT count(*) FROM subject_index")
