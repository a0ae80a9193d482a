"""One HTTPS request to one partner: what is sent, how long it may take, how much is read, and nothing beside it.

TLS is always verified, against the partner's own authority where one is given. No proxy, no netrc, no redirection, no
compression. The overall deadline shuts the socket: a timeout between two bytes alone ends neither a trickle of bytes
nor one of headers. What the answer means is left to `_calls`.
"""

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from connectors.errors import Denied, LinkError, ProtocolBroken, TooLarge, Unreachable

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Trust:
    """How we know the partner, and it us: the file of its authority (None: those of the system), our certificate and
    its key for mutual TLS (None: no certificate is shown)."""

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to connect, between two bytes, for one request and for the whole visit; bytes of the longest answer; how
    often a call that may be repeated is made, and the longest pause between two, in seconds."""

    connect: float = 15.0
    read: float = 30.0
    call: float = 120.0
    visit: float = 900.0
    longest: int = 1 << 25
    tries: int = 4
    pause: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, the headers, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type, without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class _Silence(logging.Filter):
    """urllib3 logs URLs, in which there can be a file's name: not while it works for us."""

    def __init__(self) -> None:
        super().__init__()
        self.ours = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  what it says does not matter
        """Whether the record may be logged."""
        return not getattr(self.ours, "working", False)


_SILENCE = _Silence()
for _name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_SILENCE)


class _Adapter(HTTPAdapter):
    """Connections whose sockets the deadline knows."""

    def __init__(self, sockets: "set[socket.socket]") -> None:
        class Connection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        self._pools = {"https": Pool}
        super().__init__(pool_connections=2, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        """As the adapter's own, with our connections."""
        super().init_poolmanager(*given, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools


class Line:
    """A session with one partner's API. Not for several threads."""

    def __init__(self, trust: Trust, patience: Patience) -> None:
        self._patience = patience
        self._sockets: set[socket.socket] = set()
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no netrc, no other authority
        self._session.mount("https://", _Adapter(self._sockets))
        self._session.verify = str(trust.authority) if trust.authority else True
        if trust.certificate and trust.key:
            self._session.cert = (str(trust.certificate), str(trust.key))

    def close(self) -> None:
        """Ends every connection."""
        self._session.close()
        self._cut()

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | Mapping[str, str] | None) -> Answer:
        """The whole answer, whatever its status. Raises a LinkError that holds nothing of request or answer."""
        overdue = threading.Event()

        def end() -> None:
            overdue.set()
            self._cut()

        watchdog = threading.Timer(self._patience.call, end)
        watchdog.daemon = True
        watchdog.start()
        _SILENCE.ours.working = True
        try:
            return self._ask(method, url, headers, body)
        except LinkError as error:
            failed = error
        except (requests.exceptions.SSLError, ssl.SSLError) as error:
            failed = _of_tls(error)
        except requests.exceptions.InvalidURL:
            failed = ProtocolBroken("the address of the API cannot be used")
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            failed = _of_network(error)
        finally:
            _SILENCE.ours.working = False
            watchdog.cancel()
        self.close()  # what comes next has a connection of its own; the session goes on
        raise Unreachable("the deadline has passed") if overdue.is_set() else failed  # outside the except: no request

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | Mapping[str, str] | None) -> Answer:
        given = {"Accept-Encoding": "identity", **headers}
        with self._session.request(
            method,
            url,
            headers=given,
            data=body,
            timeout=(self._patience.connect, self._patience.read),
            allow_redirects=False,
            stream=True,
        ) as answer:
            found = b"".join(self._pieces(answer))
            self._session.cookies.clear()
            return Answer(answer.status_code, answer.headers, found)

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        got = 0
        for piece in answer.raw.stream(_PIECE, decode_content=False):
            if (got := got + len(piece)) > self._patience.longest:
                raise TooLarge("an answer longer than we take")
            yield piece

    def _cut(self) -> None:
        while self._sockets:
            with contextlib.suppress(OSError, KeyError):
                self._sockets.pop().shutdown(socket.SHUT_RDWR)


def _of_tls(error: Exception) -> LinkError:
    """A certificate that does not fit is nobody's bad luck; a handshake that was cut is."""
    words = repr(error)
    if "CERTIFICATE_VERIFY_FAILED" in words or "doesn't match" in words or "Hostname mismatch" in words:
        return Denied("its certificate is not one that we trust, or is of another name: nothing was sent to it")
    if "ALERT" in words:
        return Denied("it refuses our certificate, or we show none")
    return Unreachable("the connection was lost in TLS")


def _of_network(error: Exception) -> LinkError:
    words = repr(error)
    if isinstance(error, OSError) and "TLS" in words and "invalid path" in words:
        return Denied("the certificate or the authority of this channel cannot be read")
    if "timed out" in words or "Timeout" in words:
        return Unreachable("no answer in the time allowed")
    return Unreachable(f"no whole answer ({type(error).__name__})")
