"""One database: engine, transactions, migrations; SQLite when embedded, PostgreSQL beyond.

Error texts of SQLAlchemy would print the parameters of a statement, so they are hidden. The text of the driver below
it quotes values too (PostgreSQL: `Key (…)=(…) already exists`), so of any error of theirs only the class comes out.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql, sqlite

from hub.errors import OperatorError, Transient, UnforeseenError, raise_bare
from hub.stores.roles import grant

MIGRATIONS = Path(__file__).parent / "migrations"
_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"  # gives 1 where somebody else's reading keeps it from that
PATIENCE = 30.0  # seconds that a writer of SQLite waits for another
# A reader of SQLite sees one state anyway; PostgreSQL has to be asked.
STILL: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
}


class Database:
    """An engine with two kinds of transactions: `read()` and `write()`."""

    def __init__(self, url: str, zone: str) -> None:
        self.zone = zone
        self.engine = _engine(url)
        self._still = self.engine.execution_options(**STILL.get(self.engine.dialect.name, {}))
        self._turn = Lock() if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._told(), self._still.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that happens whole or not at all.

        Writers of SQLite wait for each other; on PostgreSQL a row that decides must be locked as it is read. The
        threads of one process wait at a lock of ours: SQLite itself only looks again after a while. Neither waits for
        ever: a writer that never ends is told as Transient.
        """
        with self._told(), self._in_turn(), self.engine.connect() as connection:
            immediate = connection.execution_options(immediate=True)
            with immediate.begin():
                yield immediate

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
        elif not self._turn.acquire(timeout=PATIENCE):
            raise Transient(f"the {self.zone} database is being written by another task of this process")
        else:
            try:
                yield
            finally:
                self._turn.release()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.OperationalError:
            raise_bare(Transient(f"the {self.zone} database did not answer or was busy"))
        except sa.exc.SQLAlchemyError as error:
            raise_bare(UnforeseenError(f"the {self.zone} database refused a statement: {_class_of(error)}"))

    def migrate(self) -> None:
        """Bring schema and rights of roles to what this code needs; running it twice changes nothing."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS / self.zone))
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if self.engine.dialect.name == "postgresql":
                grant(connection, self.zone)
            connection.commit()

    def has_schema(self) -> bool:
        """Whether the database was ever migrated. No file is made where there is none."""
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        if file and not Path(file).exists():
            return False
        with self.read() as tx:
            return sa.inspect(tx).has_table("alembic_version")

    def require_schema(self) -> None:
        """Raise OperatorError when the database was never migrated."""
        if not sa.inspect(self.engine).has_table("alembic_version"):
            raise OperatorError(f"the {self.zone} database is empty: run `passerelle migrate`")

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    def insert_new(self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> set[Any]:
        """Insert the rows whose key is not there yet; return the first key column of those that were new.

        Sort the rows by key: two writers of the same rows then wait for each other, never in a circle.
        """
        if not rows:
            return set()
        return set(self._put(connection, _added(self.engine.dialect.name, table), rows).scalars())

    def upsert(
        self,
        connection: sa.Connection,
        table: sa.Table,
        rows: list[dict[str, Any]],
        replaced: Collection[str] | None = None,
        lowest: str | None = None,
        summed: str | None = None,
    ) -> None:
        """Insert the rows, of which no two have the same key; where it is there already replace `replaced`, or all
        others given.

        Of `lowest` the smaller value is kept, the one that is there or the one given; `summed` is added to what is
        there.
        """
        if rows:
            names = tuple(rows[0] if replaced is None else replaced)
            statement = _replacing(self.engine.dialect.name, table, names, lowest, summed)
            self._put(connection, statement, rows)

    def among(self, column: sa.ColumnElement[str], values: Collection[str]) -> sa.ColumnElement[bool]:
        """Whether a column is one of these texts, however many: they travel as one parameter."""
        ordered = sorted(values)
        if self.engine.dialect.name == "sqlite":
            listed = sa.func.json_each(json.dumps(ordered)).table_valued("value")
            return column.in_(sa.select(listed.c.value))
        return column.in_(sa.select(sa.func.unnest(sa.literal(ordered, postgresql.ARRAY(sa.Text)))))

    def as_text(self, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """A day, an instant (UTC, microseconds) or JSON as the text of it, the same on both kinds of databases."""
        if not isinstance(column.type, sa.Date | sa.TypeDecorator | sa.JSON):
            return column
        if self.engine.dialect.name == "sqlite":
            return sa.type_coerce(column, sa.Text).label(column.name)
        match column.type:
            case sa.JSON():
                text: sa.ColumnElement[Any] = sa.cast(column, sa.Text)
            case sa.Date():
                text = sa.func.to_char(column, "YYYY-MM-DD")
            case _:
                text = sa.func.to_char(sa.func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
        return text.label(column.name)

    def second(self, column: sa.Column[str]) -> sa.ColumnElement[str]:
        """The part of a text between its first bar and its second; empty where there is none."""
        if self.engine.dialect.name != "sqlite":
            return sa.func.split_part(column, "|", 2)
        rest = sa.func.substr(column, sa.func.instr(column, "|") + 1)
        return sa.func.substr(rest, 1, sa.func.max(sa.func.instr(rest, "|") - 1, 0))

    def give_back(self) -> None:
        """Free what was deleted, as far as the database does that by itself.

        SQLite overwrites as it deletes, and its log of changes is emptied here. PostgreSQL is told that the room is
        free: docs/security.md says what stays on its disk.
        """
        with self._told(), self._in_turn():
            if self.engine.dialect.name == "sqlite":
                self._bare(_EMPTY_LOG)
            else:
                with self.engine.connect() as connection:
                    connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")

    def rewrite(self) -> None:
        """Write the file of SQLite anew; it takes memory as large as the file, and writers wait.

        Scraps of rows stay where SQLite has moved them from one page to another, which `secure_delete` does not reach.
        On PostgreSQL that is the owner's to do: docs/rights.md. Raises Transient while another works in the file.
        """
        if self.engine.dialect.name == "sqlite":
            with self._in_turn():
                # in memory: a temporary file would lie in a folder that is not ours
                busy = self._bare("PRAGMA temp_store=MEMORY", "VACUUM", "PRAGMA temp_store=DEFAULT", _EMPTY_LOG)
            if busy:
                raise Transient(f"the {self.zone} database is being read: what is left of deleted rows is not gone yet")

    def _bare(self, *statements: str) -> int:
        """Execute statements of SQLite outside of any transaction; the first value that the last one gives."""
        raw = self.engine.raw_connection()
        try:
            for statement in statements:
                answer = raw.cursor().execute(statement)
            return int(answer.fetchone()[0])
        except sqlite3.OperationalError:
            raise_bare(Transient(f"the {self.zone} database did not answer or was busy"))
        finally:
            raw.close()

    def _put(self, connection: sa.Connection, statement: Any, rows: list[dict[str, Any]]) -> sa.CursorResult[Any]:
        """Execute an insert with these rows.

        PostgreSQL is given each column as one parameter: a statement with a place for every value of every row takes
        its driver longer to read than the server to execute, and a statement for each row is a message for each.
        """
        if self.engine.dialect.name == "sqlite":
            return connection.execute(statement, rows)
        columns = [statement.table.c[name] for name in rows[0]]
        types = [postgresql.ARRAY(column.type, dimensions=1) for column in columns]
        values = [sa.literal([row[c.name] for row in rows], kind) for c, kind in zip(columns, types, strict=True)]
        given = sa.func.unnest(*values).table_valued(*rows[0]).render_derived()
        return connection.execute(statement.from_select(list(rows[0]), sa.select(given)))


# Statements are made once: for a few rows it takes longer to make one than to execute it.


@cache
def _added(dialect: str, table: sa.Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing().returning(next(iter(table.primary_key)))


@cache
def _replacing(dialect: str, table: sa.Table, names: Sequence[str], lowest: str | None, summed: str | None) -> Any:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    update = {name: statement.excluded[name] for name in names if name not in keys}
    if lowest:
        there, given = table.c[lowest], statement.excluded[lowest]
        update[lowest] = sa.case((there < given, there), else_=given)
    if summed:
        update[summed] = table.c[summed] + statement.excluded[summed]
    return statement.on_conflict_do_update(index_elements=keys, set_=update)


def _insert(dialect: str, table: sa.Table) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _class_of(error: sa.exc.SQLAlchemyError) -> str:
    """The class of an error, and of the driver's below it, with its code if it has one."""
    below = getattr(error, "orig", None)
    code = getattr(below, "sqlstate", None) or getattr(below, "sqlite_errorname", None) or ""
    return f"{type(error).__name__} {type(below).__name__ if below else ''} {code}".strip()


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)
        sa.event.listen(engine, "connect", _on_postgres)
        return engine
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": PATIENCE})
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_postgres(connection: Any, _record: Any) -> None:
    from psycopg.types.array import ListBinaryDumper  # the driver is loaded where there is a server, and nowhere else

    connection.adapters.register_dumper(list, ListBinaryDumper)  # as text it looks through every value


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
