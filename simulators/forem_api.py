"""The API of Le Forem, and of any partner that has one: it answers by its document, and misbehaves when asked to.

The standard library's threading HTTP server behind TLS. Nothing of a request is ever logged. What it answers is in
api_routes.py, which faults there are in api_faults.py.
"""

import os
import socket
import ssl
import struct
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulators import api_schema
from simulators.api_desk import Desk
from simulators.api_faults import Faults
from simulators.api_routes import LARGEST, Reply, Request, Routes, problem
from simulators.api_trust import Tokens

LATER = ("too_many", "unavailable")
INSTEAD: dict[str, Callable[[], Reply]] = {
    "key_in_use": lambda: problem(409, "idempotencyKeyInUse"),
    "elsewhere": lambda: Reply(302, headers={"Location": "https://elsewhere.example/"}),
    "server_error": lambda: problem(500, "internalServerError"),
}
SKEW = timedelta(hours=2)


class Api(ThreadingHTTPServer):
    """The server. `slow` is the seconds that a trickle lasts, `pause` those of Retry-After; `asked` counts requests."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], tls: ssl.SSLContext, desks: Mapping[str, Desk], tokens: Tokens, faults: Faults
    ) -> None:
        super().__init__(address, Handler)
        self.tls, self.tokens, self.faults = tls, tokens, faults
        self.origin = f"https://{address[0]}:{self.server_address[1]}"
        self.routes = Routes(desks, tokens, self.origin, self.now)
        self.slow, self.pause, self.asked = 1.0, 0, 0
        self.skew = timedelta()

    def get_request(self) -> tuple[socket.socket, Any]:
        """A connection whose handshake is made by its own thread."""
        line, address = super().get_request()
        line.settimeout(60)
        return self.tls.wrap_socket(line, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a connection that was cut is what clients do."""

    def now(self) -> datetime:
        """The server's own clock."""
        return datetime.now(UTC) + self.skew


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a head and a body sent apart would wait 40 ms for each other
    server: Api

    def handle_one_request(self) -> None:
        """One request, of whatever method."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or len(self.raw_requestline) > 65536 or not self.parse_request():
            self.close_connection = True
            return
        self.server.asked += 1
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Request(self.command, self.path, headers, self._body())
        kind = asked.kind()
        fault = self.server.faults.draw(kind) if kind else ""
        if not self._instead(fault):
            self._send(self.server.routes.answer(replace(asked, fault=fault)), fault)

    def _body(self) -> bytes:
        text = self.headers.get("Content-Length", "0")
        size = int(text) if text.isdigit() else 0
        if size > LARGEST:
            self.close_connection = True
            return bytes(LARGEST + 1)
        return self.rfile.read(size)

    def _instead(self, fault: str) -> bool:
        """What goes wrong before anything is done; whether that was all."""
        if fault in ("token_ends", "clock"):
            self.server.tokens.end_all()
        if fault == "clock":
            self.server.skew = timedelta() if self.server.skew else SKEW if self.server.faults.form() else -SKEW
        if fault == "reset":
            self._reset()
        elif fault in LATER:
            self._send(self._later(fault), "")
        elif fault in INSTEAD:
            self._send(INSTEAD[fault](), "")
        else:
            return False
        return True

    def _later(self, fault: str) -> Reply:
        status, name = (429, "tooManyRequests") if fault == "too_many" else (503, "serviceUnavailable")
        reply = problem(status, name)
        until = self.server.now() + timedelta(seconds=self.server.pause)
        date = format_datetime(until, usegmt=True)
        reply.headers["Retry-After"] = str(self.server.pause) if self.server.faults.form() else date
        return reply

    def _send(self, reply: Reply, fault: str) -> None:
        if fault == "answer_lost":
            self._reset()
            return
        body = reply.body[: len(reply.body) // 2] if fault == "cut_json" else reply.body
        if fault == "wrong_type":
            reply.type, body = "text/html", b"<html><body>Maintenance</body></html>"
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        trace = self.headers.get("BelGov-Trace-Id", "")
        self.send_header("BelGov-Trace-Id", trace if api_schema.TRACE.fullmatch(trace) else str(uuid.uuid4()))
        if reply.status not in (204, 304):
            self.send_header("Content-Type", reply.type)
            self.send_header("Content-Length", str(len(body)))
        self._finish(body if self.command != "HEAD" else b"", fault)

    def _finish(self, body: bytes, fault: str) -> None:
        if fault == "slow_headers":
            self.flush_headers()
            self._trickle(b"X-Slow: aaaaaaaaaaaa\r\n")
        self.end_headers()
        if fault == "slow_body":
            self._trickle(body[:20])
            body = body[20:]
        if fault == "cut_body":
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def _trickle(self, data: bytes) -> None:
        """Byte by byte, each within any patience between two bytes."""
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            time.sleep(self.server.slow / len(data))

    def _reset(self) -> None:
        """The connection breaks without a word."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        os.close(self.connection.detach())

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The server's clock, which may be wrong."""
        return super().date_time_string(self.server.now().timestamp() if timestamp is None else timestamp)

    def log_message(self, *_: object) -> None:
        """Nothing: a request holds names and values."""


def running(api: Api) -> Callable[[], None]:
    """Start to serve in the background; what ends it."""
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()

    def end() -> None:
        api.shutdown()
        thread.join()
        api.server_close()

    return end
