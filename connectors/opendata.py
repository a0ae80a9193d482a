"""A data set of an Opendatasoft portal (Explore API v2.1): one whole export, never pages, which end at 10,000 rows.

`GET <url>/records` says how many rows there are, `GET <url>/exports/jsonl` gives them all. A body that is cut without
an error, as one that ends with its connection can be, has fewer rows than that: it is then not whole. Nothing of an
answer is in an error. The data are public: no key, no cookie, no redirection.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Throttled, TooLarge, Unreachable

CONNECT, READ = 10.0, 60.0  # seconds to connect, and between two pieces of an answer
DEADLINE = 600.0  # seconds for all of it
LARGEST = 256 * 1024 * 1024  # the whole of Le Forem's offers has some 20 MB
T = TypeVar("T")

HERE = ("localhost", "127.0.0.1", "::1")
_SMALL, _PIECE = 64 * 1024, 64 * 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the server said of the export that we have, to be asked whether there is a newer one; empty if nothing."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of one export, and whether they are all: as many as the portal counts, each of them JSON."""

    records: list[dict[str, Any]]
    whole: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set: `url` ends with `/catalog/datasets/<id>` and is https, or http to this machine."""

    url: str
    largest: int = LARGEST
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Refuse an address over which anybody could change what we read."""
        parts = urlsplit(self.url)
        if parts.scheme != "https" and (parts.scheme, parts.hostname in HERE) != ("http", True):
            raise ProtocolBroken("the address of a data set is https://…, or http:// to this machine")

    def export(self, known: Stamp) -> Export | None:
        """All rows, None when the portal says that `known` is still its last word.

        Raises Throttled when the quota is used up or nearly, Unreachable when it is cut or slow: nothing is kept then.
        """
        with requests.Session() as session:
            session.trust_env = False  # no proxy and no netrc that we did not ask for
            total = self._count(session)
            asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
            headers = {name: value for name, value in asked.items() if value}
            return self._told(session, "/exports/jsonl", headers, lambda answer: self._read(answer, total))

    def _count(self, session: requests.Session) -> int:
        def read(answer: requests.Response) -> int:
            _require_quota(answer)
            try:
                total = json.loads(answer.raw.read(_SMALL, decode_content=True))["total_count"]
            except (ValueError, KeyError, TypeError, RecursionError):
                total = None
            if type(total) is not int or total < 1:
                raise ProtocolBroken("the portal does not say how many rows the data set has, or has none")
            return total

        found = self._told(session, "/records?limit=1", {}, read)
        if found is None:
            raise ProtocolBroken("the portal answered 304 to what was not asked so")
        return found

    def _told(
        self, session: requests.Session, path: str, headers: dict[str, str], read: Callable[[requests.Response], T]
    ) -> T | None:
        """What `read` makes of a good answer; None for 304. Errors of the library end here."""
        try:
            with session.get(
                self.url + path, headers=headers, timeout=(CONNECT, READ), allow_redirects=False, stream=True
            ) as answer:
                if answer.status_code == requests.codes.not_modified and headers:
                    return None
                if answer.status_code != requests.codes.ok:
                    raise _refusal(answer.status_code)
                return read(answer)
        except (requests.RequestException, HTTPError, OSError):  # reading the raw answer raises urllib3's own
            failed: LinkError = Unreachable("the portal did not answer, or not to the end")
        except LinkError as error:
            failed = error
        raise failed from None

    def _read(self, answer: requests.Response, total: int) -> Export:
        records, sound = [], True
        for line in self._lines(answer):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if isinstance(record, dict):
                records.append(record)
            else:
                sound = False
        if not records:
            raise Unreachable("the export ended before its first row")
        stamp = Stamp(answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:200])
        return Export(records, sound and len(records) == total, stamp)

    def _lines(self, answer: requests.Response) -> Iterator[bytes]:
        """The lines that are not empty; the bytes are counted, and the time."""
        size, ends, rest = 0, self.clock() + DEADLINE, b""
        for piece in answer.iter_content(_PIECE):
            size += len(piece)
            if size > self.largest:
                raise TooLarge("the export is larger than we agreed to take")
            if self.clock() > ends:
                raise Unreachable("the export takes too long")
            *lines, rest = (rest + piece).split(b"\n")
            yield from (line for line in lines if line.strip())
        if rest.strip():
            yield rest


def _require_quota(answer: requests.Response) -> None:
    """Nothing is begun that the quota of the day would refuse in the middle of the night's work of others."""
    left = answer.headers.get("X-RateLimit-Remaining", "")
    if left.isascii() and left.isdigit() and int(left) < 1:
        raise Throttled("the portal's quota is used up for now")


def _refusal(status: int) -> LinkError:
    """By the status alone: what the portal writes beside it is its own words."""
    if status == requests.codes.too_many_requests:
        return Throttled("the portal's quota is used up for now")
    if status >= requests.codes.internal_server_error:
        return Unreachable(f"the portal cannot serve now: {status}")
    if status in (401, 403):
        return Denied(f"the portal refuses us: {status}")
    if status == requests.codes.not_found:
        return Missing("the portal has no such data set")
    return ProtocolBroken(f"the portal answered {status}")
