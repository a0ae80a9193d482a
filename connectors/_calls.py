"""Calls of one partner's API: with the right to make them, repeated where that is harmless, told by who must act.

A call is repeated when it failed in a way that may pass and repeating it changes nothing (RFC 9110, 9.2.2: GET, PUT,
DELETE; a POST with an idempotency key alone). `wait` says for how long, and is pure. What the resources are is left to
`api`.
"""

import contextlib
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from connectors._line import Answer, Line, Patience, Trust
from connectors._oauth import Client, Token
from connectors._problems import PROBLEM, meaning, name_of, retry_after, their_clock
from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Throttled, Unreachable

JSON = "application/json"
TRACE = "BelGov-Trace-Id"
REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
PASSING = (Throttled, Unreachable)  # what may be over in a moment; a document that changed is looked at another time
SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What tells the time, waits and draws: others in tests."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random


@dataclass(slots=True)
class _Kept:
    """An answer that may be asked for again by its ETag."""

    etag: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """The JSON object of an answer, empty where there is none, and its ETag."""

    content: dict[str, Any] = field(repr=False)
    etag: str


@dataclass(frozen=True, slots=True)
class _Success:
    """An answer that is one, and its JSON object, empty where there is none."""

    status: int
    headers: Mapping[str, str]
    content: dict[str, Any] = field(repr=False)


def wait(attempt: int, asked: float | None, draw: float, longest: float) -> float | None:
    """Seconds before the next attempt, after `attempt` (from 1); None: not now, come back another day.

    What the partner asks for is kept, up to a fifth more, so that not all come back at once. Else 0.5, 1, 2 … seconds,
    of which half is drawn. More than `longest` is no pause of one visit.
    """
    pause = 0.5 * 2 ** (attempt - 1) * (0.5 + 0.5 * draw) if asked is None else asked * (1 + 0.2 * draw)
    return pause if pause <= longest else None


class Calls:
    """A session with one API. Everything raised is a LinkError without any value of request or answer."""

    def __init__(
        self, base: str, client: Client, trust: Trust, patience: Patience | None = None, clocks: Clocks | None = None
    ) -> None:
        for url in (base, client.token_url):
            if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
                raise ProtocolBroken("an API and its tokens are at https://… addresses, no others")
        self._base, self._client = base.rstrip("/"), client
        self._patience, self._clocks = patience or Patience(), clocks or Clocks()
        self._token = Token(client, self._clocks.monotonic)
        self._line = Line(trust, self._patience)
        self._kept: dict[str, _Kept] = {}
        self._skew = timedelta()
        self._until = self._clocks.monotonic() + self._patience.visit

    def close(self) -> None:
        """Ends the session and forgets the token."""
        self._token.drop()
        self._line.close()

    def get(self, path: str, query: Mapping[str, str] | None = None, match: str = "") -> Told:
        """What is there; asked for by its ETag when it was had before in this session. `match`: only this very one."""
        url = self._url(path, query)
        kept = self._kept.get(url)
        conditions = {"If-Match": match} if match else {"If-None-Match": kept.etag} if kept else {}
        answer = self._call("GET", url, conditions)
        if answer.status == 304:
            if kept is None or match:
                raise ProtocolBroken("it says that nothing has changed, of what we never had")
            return Told(kept.told, kept.etag)
        told = answer.content
        if (etag := answer.headers.get("ETag", "")) and not match:
            self._kept[url] = _Kept(etag, told)
        return Told(told, etag)

    def put(self, path: str, match: str = "") -> None:
        """Bring something into a state. Done twice it is done once."""
        self._call("PUT", self._url(path, None), {"If-Match": match} if match else {})

    def delete(self, path: str) -> None:
        """Remove something. Gone already is fine: the answer to an earlier call may have been lost."""
        with contextlib.suppress(Missing):
            self._call("DELETE", self._url(path, None), {})

    def post(self, path: str, content: Mapping[str, Any], key: str | None = None) -> Told:
        """Make something new. With an idempotency key, once however often it is sent; without, it is sent once."""
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": JSON} | ({"Idempotency-Key": key} if key else {})
        answer = self._call("POST", self._url(path, None), headers, body, repeatable=key is not None)
        return Told(answer.content, answer.headers.get("ETag", ""))

    def same_origin(self, link: str) -> str:
        """The path, below the API's address, of a link that it gave us. ProtocolBroken for one that leads elsewhere."""
        url = urljoin(f"{self._base}/", link)
        if not url.startswith(f"{self._base}/") or "/." in urlsplit(url).path:
            raise ProtocolBroken("a link of the API leads elsewhere: it is not followed")
        return url.removeprefix(self._base)

    def _url(self, path: str, query: Mapping[str, str] | None) -> str:
        return f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, repeatable: bool = True
    ) -> _Success:
        """An answer that is a success. The right to call is renewed once when it is refused."""
        for _ in range(2):  # 401 says that nothing was done, so any call may be made again with a new token
            given = {"Accept": f"{JSON}, {PROBLEM}", **headers, "Authorization": f"Bearer {self._right()}"}
            with contextlib.suppress(_RightEnded):
                return self._attempts(method, url, given, body, repeatable=repeatable)
            self._token.drop()
        raise Denied("our token is refused, a new one too")

    def _right(self) -> str:
        if value := self._token.value:
            return value
        for _ in range(2):
            with contextlib.suppress(_ClockDiffers):
                return self._earn()
        raise Denied("it gives us no token, whatever its clock says")

    def _earn(self) -> str:
        form = self._token.request(self._clocks.now() + self._skew)
        answer = self._attempts("POST", self._client.token_url, {"Accept": JSON}, form, repeatable=True, token=True)
        return self._token.keep(answer.content)

    def _attempts(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | Mapping[str, str] | None,
        *,
        repeatable: bool,
        token: bool = False,
    ) -> _Success:
        attempt = 0
        while True:
            attempt += 1
            trace = str(uuid.uuid4())
            failed, asked = self._once(method, url, {**headers, TRACE: trace}, body, token=token)
            if isinstance(failed, _Success):
                return failed
            left = min(self._until - self._clocks.monotonic(), self._patience.pause)
            repeat = repeatable and isinstance(failed, PASSING) and attempt < self._patience.tries
            pause = wait(attempt, asked, self._clocks.draw(), left) if repeat else None
            if pause is None:
                raise type(failed)(f"{failed} (trace {trace})") if not isinstance(failed, _Renew) else failed
            self._clocks.sleep(pause)

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Mapping[str, str] | None, *, token: bool
    ) -> tuple[_Success | LinkError, float | None]:
        """The answer, or what went wrong and how long we are asked to wait."""
        if self._clocks.monotonic() > self._until:
            return Unreachable("the deadline of the visit has passed"), None
        try:
            answer = self._line.ask(method, url, headers, body)
        except LinkError as error:
            return error, None
        if 200 <= answer.status < 300 or (answer.status == 304 and method == "GET"):
            return _read(answer), None
        name = name_of(answer.body, answer.content_type)
        if token and answer.status in (400, 401):
            return self._of_refusal(answer), None
        if answer.status == 401 and not token:
            return _RightEnded("our token has ended"), None
        return meaning(answer.status, name), retry_after(answer.headers, self._clocks.now())

    def _of_refusal(self, answer: Answer) -> LinkError:
        """No token for us: once, as the clocks differ (TLS has proved whose clock it is); else we are not known."""
        theirs = their_clock(answer.headers)
        skew = theirs - self._clocks.now() if theirs else timedelta()
        if abs(skew - self._skew) > SKEW:
            self._skew = skew
            return _ClockDiffers("its clock is not ours")
        return Denied(f"it gives us no token, {answer.status}: our key or our name is not known there")


class _Renew(Denied):
    """Another call mends it: never leaves this module."""


class _RightEnded(_Renew):
    """The token was refused."""


class _ClockDiffers(_Renew):
    """An assertion of the partner's own time may be accepted."""


def _read(answer: Answer) -> _Success | LinkError:
    """Its JSON object. One that does not end as such was cut: a body without a length may be, without any error."""
    if answer.status in (204, 304):
        return _Success(answer.status, answer.headers, {})
    told: Any = None
    if answer.content_type == JSON:
        if not answer.body.rstrip().endswith(b"}"):
            return Unreachable("the answer is cut short")
        try:
            told = json.loads(answer.body, object_pairs_hook=_once_each, parse_constant=_refuse)
        except (ValueError, RecursionError):
            told = None
    if not isinstance(told, dict):
        return ProtocolBroken("its answer is no JSON object of the type that it must have")
    return _Success(answer.status, answer.headers, told)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name given twice")
    return found


def _refuse(_constant: str) -> Any:
    raise ValueError("not a number of JSON")
