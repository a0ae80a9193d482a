"""The stand-in of an Opendatasoft portal (Explore API v2.1) with the data set of job offers and its real limits.

It refuses what the portal refuses: `limit` above 100, `offset + limit` above 10,000, formats that it does not have, and
calls beyond the quota of the day. It misbehaves when told to: `cut` ends an export early and silently, `break` in the
middle of a chunk, `busy` answers 503. Attribution: the real data are Le Forem's, CC BY-SA 4.0; these are invented.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DATASET = "offres-d-emploi-forem"
PATH = f"/api/explore/v2.1/catalog/datasets/{DATASET}"
ROWS, WINDOW = 100, 10_000
Record = dict[str, Any]


@dataclass
class Portal:
    """What the portal holds, how many calls it still allows, and what is asked of it to do wrong."""

    records: list[Record]
    quota: int = 50_000
    trouble: str = ""
    cut_at: int = 0
    etags: bool = True
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def held(self) -> list[Record]:
        """The records of the data set now."""
        return self.records


def offer(number: int, postal_code: str, **changed: Any) -> Record:
    """An invented offer, with the fields and the habits of the real ones."""
    return {
        "numerooffreforem": f"{number}",
        "titreoffre": "Magasinier (H/F/X)",
        "nomemployeur": "Entreprise d'exemple",
        "metier": "Magasinier",
        "metiercodedimeco": "N1103",
        "secteurs": ["Commerce de gros"],
        "typecontrat": "Durée Indéterminée",
        "regimetravail": "Temps plein",
        "nombrepostes": 1,
        "lieuxtravaillocalite": ["LIEGE"],
        "lieuxtravailcodepostal": [postal_code],
        "lieuxtravailregion": ["Belgique", "RÉGION WALLONNE"],
        "lieuxtravailregionnuts": ["BE", "BE3"],
        "languescodeiso2": ["FR"],
        "permisdeconduire": ["[B] Véhicules < 3,5 tonnes"],
        "datedebutdiffusion": "2026-03-02",
        "datefindiffusion": "2026-04-30",
        "source": "Le Forem",
        "url": f"https://www.leforem.be/recherche-offres/offre-detail/{number}",
    } | changed


@contextmanager
def running(portal: Portal) -> Iterator[Portal]:
    """Serve it on this machine, at `portal.url`."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"portal": portal}))
    server.daemon_threads = True
    portal.url = f"http://127.0.0.1:{server.server_address[1]}{PATH}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no trouble of the portal's."""


class _Handler(BaseHTTPRequestHandler):
    portal: Portal
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer one call."""
        parts, portal = urlsplit(self.path), self.portal
        portal.asked.append(self.path)
        if portal.trouble == "busy":
            self._error(HTTPStatus.SERVICE_UNAVAILABLE, "ServiceUnavailable", "Try again later")
        elif len(portal.asked) > portal.quota:
            body = {"errorcode": 10002, "limit_time_unit": "day", "call_limit": portal.quota}
            said = body | {"error": "Too many requests on the domain. Please contact the domain administrator."}
            self._answer(HTTPStatus.TOO_MANY_REQUESTS, json.dumps(said).encode())
        elif parts.path == f"{PATH}/records":
            self._records(parse_qs(parts.query))
        elif parts.path.startswith(f"{PATH}/exports/"):
            self._export(parts.path.rpartition("/")[2])
        else:
            self._error(HTTPStatus.NOT_FOUND, "NotFound", "Unknown dataset")

    def _records(self, query: dict[str, list[str]]) -> None:
        try:
            limit, offset = (int(query.get(name, [default])[0]) for name, default in (("limit", "10"), ("offset", "0")))
        except ValueError:
            limit = offset = ROWS + 1
        if not -1 <= limit <= ROWS or offset < 0:
            text = f"Invalid value for limit API parameter: {limit} was found but -1 <= limit <= 100 is expected."
            self._error(HTTPStatus.BAD_REQUEST, "InvalidRESTParameterError", text)
            return
        limit = ROWS if limit < 0 else limit
        if offset + limit > WINDOW:
            text = f"Invalid value for sum of offset + limit API parameter: {offset + limit} was found but <= 10000"
            self._error(HTTPStatus.BAD_REQUEST, "InvalidRESTParameterError", f"{text} is expected.")
            return
        held = self.portal.held()
        body = json.dumps({"total_count": len(held), "results": held[offset : offset + limit]}).encode()
        if self.portal.trouble == "break_count":
            self._broken(body[: self.portal.cut_at], in_chunk=True)
            return
        self._answer(HTTPStatus.OK, body)

    def _export(self, form: str) -> None:
        if form != "jsonl":
            self._error(HTTPStatus.BAD_REQUEST, "InvalidRESTParameterError", f"Unknown format {form}")
            return
        portal = self.portal
        lines = [json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in portal.held()]
        tag = '"' + hashlib.sha256(b"".join(lines)).hexdigest()[:16] + '"'
        if portal.etags and self.headers.get("If-None-Match") == tag:
            self._answer(HTTPStatus.NOT_MODIFIED, b"", {"ETag": tag})
            return
        body = b"".join(lines)
        if portal.trouble in ("cut", "break"):
            self._broken(body[: portal.cut_at], in_chunk=portal.trouble == "break")
            return
        self._answer(HTTPStatus.OK, body, {"ETag": tag} if portal.etags else {})

    def _broken(self, body: bytes, in_chunk: bool) -> None:
        """A part of an answer: ended by the connection, which nobody notices, or in the middle of a chunk."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Connection", "close")
        if in_chunk:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"ffffff\r\n" + body)
        else:
            self.end_headers()
            self.wfile.write(body)
        self.close_connection = True

    def _error(self, status: HTTPStatus, code: str, text: str) -> None:
        self._answer(status, json.dumps({"error_code": code, "message": text}).encode())

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        left = {"X-RateLimit-Limit": self.portal.quota, "X-RateLimit-Remaining": self._left()}
        told = left | (headers or {}) | {"Content-Length": len(body), "Content-Type": "application/json; charset=utf-8"}
        for name, value in told.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def _left(self) -> int:
        return max(0, self.portal.quota - len(self.portal.asked))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
        """Nothing is printed."""
