"""Which role may do what in the two databases, on PostgreSQL. `passerelle migrate`, run by their owner, sets it.

The roles are made by whoever administers the server, with their passwords: docs/security.md. Where none of them is
there nothing is granted and nothing taken away. SQLite has no roles: there the rights of the files are all there is.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from hub.stores import tables

LEDGER, IDENTITY, PUBLISH = "passerelle_ledger", "passerelle_identity", "passerelle_publish"
ROLES = {"ledger": (LEDGER,), "identity": (IDENTITY, PUBLISH)}
ALL = "SELECT, INSERT, UPDATE, DELETE"
APPENDED = {"audit_leaf": "SELECT, INSERT"}  # nobody who works in the ledger rewrites it
PUBLISHING = {  # what `publish` reads, and the two tables in which it may have to be the first
    "capsule": "SELECT",
    "local_reference": "SELECT",
    "told_under": "SELECT, INSERT",
    "key_check": "SELECT, INSERT",
    "key_in_force": "SELECT, INSERT, UPDATE (purpose)",  # to hold the row that says which key is in force
}


def grant(connection: sa.Connection, zone: str) -> None:
    """Let each role that is there do in this database what its zone does, and every other nothing at all."""
    every = [role for roles in ROLES.values() for role in roles]
    names = sa.text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:every)")
    present = set(connection.execute(names, {"every": every}).scalars())
    if not present:
        return
    here = connection.dialect.identifier_preparer.quote(str(connection.execute(sa.func.current_database()).scalar()))
    for statement in _statements(zone, here, present):
        connection.exec_driver_sql(statement)


def _statements(zone: str, database: str, present: set[str]) -> Iterator[str]:
    for role in ("PUBLIC", *sorted(present)):
        yield f"REVOKE ALL ON DATABASE {database} FROM {role}"
        yield f"REVOKE ALL ON SCHEMA public FROM {role}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    for role in ROLES[zone]:
        if role in present:
            yield f"GRANT CONNECT ON DATABASE {database} TO {role}"
            yield f"GRANT USAGE ON SCHEMA public TO {role}"
            for table, rights in _rights(zone, role).items():
                yield f"GRANT {rights} ON {table} TO {role}"


def _rights(zone: str, role: str) -> dict[str, str]:
    if role == PUBLISH:
        return PUBLISHING
    metadata = tables.ledger if zone == "ledger" else tables.identity
    return dict.fromkeys(metadata.tables, ALL) | (APPENDED if zone == "ledger" else {})
