"""A real PostgreSQL for the tests, in a folder of its own: started once, on a free port, gone at the end.

Nothing is kept, so nothing is synchronised. Databases sort by French rules (ICU) where the server can: an
order that the hub leaves to the database would show. What is tested on it is left to the tests.
"""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

MISSING = "NOT RUN: no PostgreSQL server on this machine; apt-get install postgresql"
_TRIES = 3  # another process may take the port between the choice and the start


@dataclass
class Postgres:
    """A running server whose superuser is `postgres`, without a password, on 127.0.0.1."""

    port: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_pair(self) -> tuple[str, str]:
        """The URLs of a fresh pair of empty databases: the ledger and the identity store."""
        number = next(self._numbers)
        return self._new(f"ledger_{number}"), self._new(f"identity_{number}")

    def new_owned(self, owner: str, roles: Iterable[str]) -> tuple[str, str]:
        """The same, owned by a role that is no superuser, on a server that has these roles; none has a password."""
        number = next(self._numbers)
        with psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", autocommit=True) as connection:
            there = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in {owner, *roles} - there:
                connection.execute(f'CREATE ROLE "{role}" LOGIN')
            for name in (f"ledger_{number}", f"identity_{number}"):
                connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}"')
        return self.url(f"ledger_{number}", owner), self.url(f"identity_{number}", owner)

    def url(self, database: str, role: str = "postgres") -> str:
        """Where a database is for a role."""
        return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{database}"

    def _new(self, name: str) -> str:
        with psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)


def binaries() -> Path | None:
    """The folder that holds `initdb` and `pg_ctl`, None if PostgreSQL is not installed."""
    folders = [Path(found).resolve().parent] if (found := shutil.which("pg_ctl")) else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


@contextlib.contextmanager
def running_postgres(programs: Path) -> Iterator[Postgres]:
    """A server for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="passerelle-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _initialise(programs, folder / "data")
        port = _start(programs, folder)
        try:
            yield Postgres(port)
        finally:
            _run(programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(programs: Path, data: Path) -> None:
    common = ("-D", data, "-U", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync", "--locale", "C")
    french = _run(programs / "initdb", *common, "--locale-provider=icu", "--icu-locale=fr-BE")
    if french.returncode:  # before version 15, or built without ICU
        plain = _run(programs / "initdb", *common)
        assert plain.returncode == 0, plain.stdout


def _start(programs: Path, folder: Path) -> int:
    told = ""
    for _ in range(_TRIES):
        port = _free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 200,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        started = _run(programs / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start")
        if started.returncode == 0:
            return port
        told = started.stdout
    raise RuntimeError("PostgreSQL does not start: " + told)


def _run(program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """As the user `postgres` when we are root: the server refuses to run as root."""
    words = [str(program), *map(str, arguments)]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open in the server that is started
        done = subprocess.run(words, stdout=output, stderr=subprocess.STDOUT, cwd="/", check=False)
        output.seek(0)
        return subprocess.CompletedProcess(words, done.returncode, output.read())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
