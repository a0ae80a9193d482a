"""A partner's mailbox behind its API: the same methods and errors as the one over SFTP.

The API is ours, for whoever offers one (docs/partners/api-1.openapi.yaml), in the style of the Belgian government's
REST guide. What a partner has for us are its exports, what we have for it its imports. Each is a document: rows, or a
note (the manifest of a GO, an acknowledgement). Rows come in pages and make one file, always the same bytes; an import
is made once however often it is sent, under an idempotency key drawn from its name and bytes, and released when it
was read back. Decides how to keep a mailbox's promises so. Calls are left to `_calls`, what names mean to the caller.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from types import TracebackType
from typing import Self
from urllib.parse import quote

from connectors import _table
from connectors._calls import Calls, Clocks
from connectors._documents import Document, Items, content_of, count_of, document_of, items_of, raw, text_of
from connectors._line import Patience, Trust
from connectors._oauth import Client
from connectors.errors import Changed, Exists, Missing, ProtocolBroken, TooLarge
from connectors.names import PART, Entry, entry, file_name, with_twins

__all__ = ["ApiMailbox", "Client", "Clocks", "Patience", "Trust"]

FOLDERS = {  # the collection and the state that each folder of a mailbox is
    "in": ("exports", "READY"),
    "in/done": ("exports", "TAKEN"),
    "out": ("imports", "RELEASED"),
    "out/taken": ("imports", "TAKEN"),
}
STAGED = "STAGED"
_PAGE, _ROWS = 100, 1000  # documents and rows of a page, at most
_MOST_PAGES = 100_000
_NOTHING_NEW = 10  # pages in a row that hold no row that is new, at most


class ApiMailbox:
    """The documents of one partner. Entering opens a session, leaving ends it. Everything raised is a LinkError.

    `base` is the address of the API, version included. Not for several threads.
    """

    def __init__(
        self,
        base: str,
        client: Client,
        trust: Trust,
        patience: Patience | None = None,
        clocks: Clocks | None = None,
        max_bytes: int = 1 << 30,
    ) -> None:
        self._channel = base, client, trust, patience, clocks
        self._base, self._max_bytes = base, max_bytes
        self._calls: Calls | None = None

    def __enter__(self) -> Self:
        self._calls = Calls(*self._channel)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._calls:
            self._calls.close()
        self._calls = None

    def list(self, folder: str) -> list[Entry]:
        """The documents of a folder, by name. Of two under one name, the first made: the other follows another day."""
        found: dict[str, Document] = {}
        for one in self._documents(*_folder(folder), {}):
            found.setdefault(one["fileName"], one)
        return with_twins(entry(raw(name), None, one["madeAt"]) for name, one in found.items())

    def chunks(self, folder: str, name: str, start: int = 0) -> Iterator[bytes]:
        """The document as a file, from `start`. Whole only once the iterator has ended without an error.

        Changed if it is not the same on all pages, or holds other rows than it says.
        """
        document = self._find(folder, name)
        passed = total = 0
        for data in self._content(document):
            if (total := total + len(data)) > self._max_bytes:
                raise TooLarge("more bytes than we take")
            if passed + len(data) > start:
                yield data[max(0, start - passed) :]
            passed += len(data)
        if start > total:
            raise Changed("it is shorter than what we have of it")

    def read(self, folder: str, name: str) -> bytes:
        """The whole document."""
        return b"".join(self.chunks(folder, name))

    def write(self, folder: str, name: str, data: bytes) -> None:
        """Makes an import of these bytes. Never over another: Exists.

        Under a name that ends in '.part' it is staged, which no application of the partner sees; another that a broken
        visit left staged is removed. Under any other name it is released at once.
        """
        if _folder(folder) != FOLDERS["out"]:
            raise ProtocolBroken("a document is written for a partner into `out` and nowhere else")
        final = _final(name)
        content = content_of(final, data)
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._base}|{final}|{hashlib.sha256(data).hexdigest()}"))
        try:
            self._session.post("/imports", content, key)
        except Exists:
            self.remove(folder, f".{final}{PART}")
            self._session.post("/imports", content, key)
        if final == name:
            self._release(self._find(folder, f".{final}{PART}"))

    def exists(self, folder: str, name: str) -> bool:
        """Whether a document has that name."""
        return next(self._named(folder, name), None) is not None

    def rename(self, folder: str, name: str, folder2: str, name2: str) -> None:
        """Takes an export (`in` to `in/done`) or releases a staged import (within `out`). Missing if there is none.

        What was taken keeps its own name: two of one name may lie in `in/done`. Exists if an import of that name is
        released already.
        """
        if (_folder(folder), _folder(folder2)) == (FOLDERS["in"], FOLDERS["in/done"]):
            self._session.put(f"{self._path(self._find(folder, name))}/receipt")
        elif _folder(folder) == _folder(folder2) == FOLDERS["out"] and _final(name) == name2 != name:
            if self.exists(folder2, name2):
                raise Exists("there is a document of that name")
            self._release(self._find(folder, name))
        else:
            raise ProtocolBroken("an API moves a document from `in` to `in/done`, or releases it, and nothing else")

    def remove(self, folder: str, name: str) -> None:
        """Removes a staged import. One that is not there is fine; nothing else can be removed."""
        if _final(name) == name:
            raise ProtocolBroken("a document that is not staged is not removed")
        for one in self._named(folder, name):
            self._session.delete(self._path(one))

    def ensure(self, folder: str) -> None:
        """The folders are always there."""
        _folder(folder)

    @property
    def _session(self) -> Calls:
        if self._calls is None:
            raise ProtocolBroken("the mailbox is not open")
        return self._calls

    def _release(self, document: Document) -> None:
        self._session.put(f"{self._path(document)}/release", document["etag"])

    def _find(self, folder: str, name: str) -> Document:
        found = next(self._named(folder, name), None)
        if found is None:
            raise Missing("there is no such document")
        return found

    def _named(self, folder: str, name: str) -> Iterator[Document]:
        collection, state = _folder(folder)
        final = _final(name)
        file_name(name)
        if final != name:
            if collection != "imports":
                return
            state = STAGED
        documents = self._documents(collection, state, {"fileName": final})
        yield from (one for one in documents if one["fileName"] == final)

    def _documents(self, collection: str, state: str, more: dict[str, str]) -> Iterator[Document]:
        """All documents of a state, the first made first. Changed when the pages do not add up."""
        query = {"state": state, **more, "page": "1", "pageSize": str(_PAGE)}
        told = self._session.get(f"/{collection}", query).content
        found: dict[str, Document] = {}
        for _ in range(_MOST_PAGES):
            for item in items_of(told):
                one = document_of(collection, item)
                found[one["id"]] = one
            if "next" not in told:
                break
            told = self._session.get(self._session.same_origin(text_of(told, "next"))).content
        if len(found) != count_of(told, "total"):
            raise Changed("the list changed while it was read")
        yield from sorted(found.values(), key=lambda one: (one["madeAt"], one["id"]))

    def _content(self, document: Document) -> Iterator[bytes]:
        path = self._path(document)
        told = self._session.get(path, match=document["etag"]).content
        if "note" in told:
            if not isinstance(told["note"], dict):
                raise ProtocolBroken("a note that is no object")
            yield json.dumps(told["note"], separators=(",", ":"), sort_keys=True).encode() + b"\n"
            return
        properties = told.get("columns")
        if not isinstance(properties, list) or not all(isinstance(one, str) for one in properties):
            raise ProtocolBroken("a document without a list of columns")
        yield _table.header(properties)
        for items in self._rows(path, document["etag"], count_of(told, "rowCount")):
            yield _table.lines(properties, items)

    def _rows(self, path: str, etag: str, count: int) -> Iterator[Items]:
        """The rows, page by page, each once: a page that comes twice is passed over, one that is missing is Changed."""
        got = old = 0
        told = self._session.get(f"{path}/rows", {"pageSize": str(_ROWS)}, match=etag).content
        for _ in range(_MOST_PAGES):
            items, first = items_of(told), count_of(told, "firstRow")
            if first > got + 1:
                raise Changed("rows are missing between two pages")
            if fresh := items[got + 1 - first :]:
                yield fresh
            got, old = got + len(fresh), 0 if fresh else old + 1
            if old > _NOTHING_NEW:
                raise Changed("the same page comes again and again")
            if "next" not in told:
                break
            told = self._session.get(self._session.same_origin(text_of(told, "next")), match=etag).content
        if got != count:
            raise Changed("the rows are not as many as it says")

    def _path(self, document: Document) -> str:
        return f"/{document['collection']}/{quote(document['id'])}"


def _folder(folder: str) -> tuple[str, str]:
    try:
        return FOLDERS[folder]
    except KeyError:
        raise Missing("an API has no such folder") from None


def _final(name: str) -> str:
    """The name that a staged document will have; of any other, its own."""
    staged = name.startswith(".") and name.endswith(PART)
    return name[1 : -len(PART)] if staged else name
