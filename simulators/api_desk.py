"""A partner's desk: the documents behind its API, kept in the same folders as a mailbox.

What lies in in/ is an export that is READY, in in/done/ one that was TAKEN. An import is a record of its own until it
is released: then it is a file in out/, for the partner's application, which moves it to out/taken/.
"""

import csv
import hashlib
import io
import json
import threading
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulators import layout, naming, table

IN, DONE, OUT, TAKEN = "in", "in/done", "out", "out/taken"
Json = dict[str, Any]


class RefusedError(Exception):
    """A request that cannot be granted: a status and the name of a problem."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem


@dataclass(frozen=True, slots=True)
class Document:
    """One document, with its content."""

    id: str
    name: str
    state: str
    created: str
    etag: str
    columns: list[str]
    rows: list[Json]
    note: Json | None


@dataclass(slots=True)
class Import:
    """What is known of a document that the hub has put here."""

    id: str
    name: str
    created: str
    key: str
    body: str  # digest of the request that made it
    content: Json
    released: bool = False


class Desk:
    """The documents of one partner. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._records = folder / ".imports"
        self._read: dict[tuple[str, int], Document] = {}
        for one in (IN, DONE, OUT, TAKEN):
            (folder / one).mkdir(parents=True, exist_ok=True)

    def exports(self, state: str) -> list[Document]:
        """Those that are READY or TAKEN, the oldest first."""
        with self._lock:
            place = self.folder / {"READY": IN, "TAKEN": DONE}[state]
            names = [path for path in place.iterdir() if path.is_file() and not path.name.endswith(".part")]
            return sorted((self._export(path, state) for path in names), key=lambda one: (one.created, one.id))

    def export(self, identifier: str) -> Document:
        """One of them."""
        return _only(identifier, [*self.exports("READY"), *self.exports("TAKEN")])

    def receipt(self, identifier: str) -> None:
        """The hub holds it: it moves to in/done/, beside another of its name if need be."""
        with self._lock:
            for path in (self.folder / IN).iterdir():
                if path.is_file() and self._export(path, "READY").id == identifier:
                    target = self.folder / DONE / path.name
                    path.rename(target.with_name(f"{path.name}.{identifier}") if target.exists() else target)
                    return
            _only(identifier, self.exports("TAKEN"))

    def imports(self, state: str) -> list[Document]:
        """Those that are STAGED, RELEASED or TAKEN, the oldest first."""
        with self._lock:
            found = [_shown(record, self._state(record)) for record in self._all()]
            return sorted((one for one in found if one.state == state), key=lambda one: (one.created, one.id))

    def import_(self, identifier: str) -> Document:
        """One of them."""
        with self._lock:
            return _only(identifier, [_shown(record, self._state(record)) for record in self._all()])

    def put(self, key: str, content: Json) -> Document:
        """A new document, staged; the same again for the same key and content."""
        body = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        with self._lock:
            for record in self._all():
                if record.key == key and record.body != body:
                    raise RefusedError(422, "idempotencyKeyReused")
                if record.key == key:
                    return _shown(record, self._state(record))
                if record.name == content["fileName"]:
                    raise RefusedError(409, "fileNameTaken")
            record = Import(str(uuid.uuid4()), content["fileName"], _now(), key, body, content)
            self._save(record)
            return _shown(record, "STAGED")

    def release(self, identifier: str, etag: str) -> None:
        """The partner's application may see it. Done twice it is done once."""
        with self._lock:
            record = self._record(identifier)
            if etag and etag != _etag(record):
                raise RefusedError(412, "preconditionFailed")
            if not record.released:
                layout.write_whole(self.folder / OUT / record.name, _file(record.content))
                record.released = True
                self._save(record)

    def remove(self, identifier: str) -> None:
        """A staged one is forgotten."""
        with self._lock:
            if self._record(identifier).released:
                raise RefusedError(409, "tooLate")
            (self._records / identifier).unlink()

    def _record(self, identifier: str) -> Import:
        found = next((one for one in self._all() if one.id == identifier), None)
        if found is None:
            raise RefusedError(404, "resourceNotFound")
        return found

    def _all(self) -> list[Import]:
        names = sorted(self._records.iterdir()) if self._records.exists() else []
        return [Import(**layout.read_json(path)) for path in names if not path.name.endswith(".part")]

    def _save(self, record: Import) -> None:
        layout.write_json(self._records / record.id, asdict(record))

    def _state(self, record: Import) -> str:
        if not record.released:
            return "STAGED"
        return next(
            (s for s, at in (("RELEASED", OUT), ("TAKEN", TAKEN)) if (self.folder / at / record.name).exists()), ""
        )

    def _export(self, path: Path, state: str) -> Document:
        status = path.stat()
        seen = (f"{state} {path.name}", status.st_mtime_ns)
        if seen not in self._read:
            self._read[seen] = _of_file(path, state, status.st_mtime)
        return self._read[seen]


def _of_file(path: Path, state: str, mtime: float) -> Document:
    """A file as a document. A name to which an id was added in in/done/ is told without it."""
    data, name = path.read_bytes(), path.name
    if len(parts := name.rsplit(".", 1)) == 2 and len(parts[1]) == 32:
        name = parts[0]
    created = datetime.fromtimestamp(mtime, UTC).isoformat(timespec="microseconds")
    digest = naming.digest(name.encode() + b"\0" + created.encode() + b"\0" + data)
    columns, rows, note = ([], [], json.loads(data)) if data.startswith(b"{") else (*_table(data), None)
    return Document(digest[:32], name, state, created, f'"{naming.digest(data)}"', columns, rows, note)


def _table(data: bytes) -> tuple[list[str], list[Json]]:
    names, *lines = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=";")
    columns = [camel(name) for name in names]
    return columns, [{c: cell for c, cell in zip(columns, line, strict=False) if cell} for line in lines]


def _file(content: Json) -> bytes:
    """What an import is as a file of the mailbox."""
    if "note" in content:
        return json.dumps(content["note"], separators=(",", ":"), sort_keys=True).encode() + b"\n"
    names = [snake(name) for name in content["columns"]]
    rows = [{snake(name): cell for name, cell in row.items()} for row in content["rows"]]
    return table.write(names, rows).encode()


def camel(name: str) -> str:
    """status_date is statusDate."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def snake(name: str) -> str:
    """The other way."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def _shown(record: Import, state: str) -> Document:
    content = record.content
    columns, rows = content.get("columns", []), content.get("rows", [])
    return Document(record.id, record.name, state, record.created, _etag(record), columns, rows, content.get("note"))


def _etag(record: Import) -> str:
    return f'"{record.body}"'


def _only(identifier: str, documents: list[Document]) -> Document:
    found = next((one for one in documents if one.id == identifier), None)
    if found is None:
        raise RefusedError(404, "resourceNotFound")
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
