"""What the API answers, by docs/partners/api-1.openapi.yaml; how it is sent, or spoilt, is in forem_api.py."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from simulators import api_schema
from simulators.api_desk import Desk, Document, Json, RefusedError
from simulators.api_trust import Tokens

TOKEN_PATH = "/oauth/v5/token"  # noqa: S105  a path
LARGEST = 1 << 25
PROBLEM = "application/problem+json"
ROUTE = re.compile(r"/(?P<partner>[0-9]{6})/v1(?P<path>/.*)")
DOCUMENT = re.compile(r"/(?P<set>exports|imports)/(?P<id>[A-Za-z0-9-]{1,64})(?:/(?P<part>rows|receipt|release))?")
WITHOUT_MATCH = {("PUT", "receipt"), ("DELETE", None)}
METHODS = {
    ("exports", None): ("GET",),
    ("imports", None): ("DELETE", "GET"),
    ("exports", "rows"): ("GET",),
    ("imports", "rows"): ("GET",),
    ("exports", "receipt"): ("PUT",),
    ("imports", "release"): ("PUT",),
}


class Reply:
    """What is answered, before any fault."""

    def __init__(self, status: int, content: Json | None = None, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.headers = status, dict(headers or {})
        self.body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        self.type = PROBLEM if status >= 400 else "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, its headers by lower-case name. `fault` is what is to go wrong with the answer."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    fault: str = ""

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """Its parameters, in their order."""
        return parse_qsl(urlsplit(self.target).query, True)

    def header(self, name: str) -> str:
        """A header, or an empty text."""
        return self.headers.get(name.lower(), "")

    def kind(self) -> str:
        """What it asks for, in the words of the faults; empty for what is never spoilt."""
        found = ROUTE.fullmatch(self.path)
        if self.path == TOKEN_PATH:
            return "token"
        if found is None or found["path"] == "/health":
            return ""
        if self.method != "GET":
            return self.method.lower() if self.method in ("PUT", "POST", "DELETE") else ""
        if self.path.endswith("/rows"):
            return "rows"
        return "one" if self.path.count("/") > 3 else "list"


class Routes:
    """The desks by partner, and who is let in."""

    def __init__(self, desks: Mapping[str, Desk], tokens: Tokens, origin: str, now: Callable[[], datetime]) -> None:
        self.desks, self.tokens, self.origin, self.now = desks, tokens, origin, now

    def answer(self, asked: Request) -> Reply:
        """The answer, a problem included."""
        try:
            return self._serve(asked)
        except RefusedError as refused:
            return problem(refused.status, refused.problem)
        except api_schema.InvalidError as invalid:
            return problem(400, "badRequest", invalid.issues)

    def _serve(self, asked: Request) -> Reply:
        if asked.path == TOKEN_PATH:
            return _allowed(asked, "POST") or self._token(asked.body)
        found = ROUTE.fullmatch(asked.path)
        if found is None or found["partner"] not in self.desks:
            raise RefusedError(404, "resourceNotFound")
        desk, path = self.desks[found["partner"]], found["path"]
        if path == "/health":
            return _allowed(asked, "GET") or Reply(200, {"status": "UP"})
        base = f"{self.origin}/{found['partner']}/v1"
        if path in ("/exports", "/imports"):
            here = ("GET",) if path == "/exports" else ("GET", "POST")
            return _allowed(asked, *here) or self._right(asked) or _collection(desk, path[1:], asked, base)
        one = DOCUMENT.fullmatch(path)
        methods = METHODS.get((one["set"], one["part"]), ()) if one else ()
        if one is None or not methods:
            raise RefusedError(404, "resourceNotFound")
        return _allowed(asked, *methods) or self._right(asked) or _one(desk, one, asked, base)

    def _right(self, asked: Request) -> Reply | None:
        kind, _, token = asked.header("Authorization").partition(" ")
        if not token or kind.lower() != "bearer":
            refused = problem(401, "noAccessToken")
        elif self.tokens.knows(token, self.now()):
            return None
        else:
            refused = problem(401, "expiredAccessToken")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused

    def _token(self, body: bytes) -> Reply:
        form = dict(parse_qsl(body.decode("ascii", "replace")))
        given = self.tokens.give(form, self.origin + TOKEN_PATH, self.now())
        if isinstance(given, str):
            reply = Reply(401 if given == "invalid_client" else 400, {"error": given})
            reply.type = "application/json"
            return reply
        return Reply(200, given, {"Cache-Control": "no-store"})


def _allowed(asked: Request, *methods: str) -> Reply | None:
    if asked.method in methods:
        return None
    refused = problem(405, "methodNotAllowed")
    refused.headers["Allow"] = ", ".join(methods)
    return refused


def _collection(desk: Desk, kind: str, asked: Request, base: str) -> Reply:
    if asked.method == "POST":
        return _create(desk, base, asked)
    states = ("READY", "TAKEN") if kind == "exports" else ("STAGED", "RELEASED", "TAKEN")
    wanted = api_schema.listing(asked.query, states)
    api_schema.headers(asked.headers, "if-none-match")
    documents = desk.exports(wanted.state) if kind == "exports" else desk.imports(wanted.state)
    documents = [one for one in documents if wanted.name in ("", one.name)]
    page, etag = api_schema.page_of(documents, wanted, f"{base}/{kind}", lambda one: shown(one, f"{base}/{kind}"))
    return Reply(304) if asked.header("If-None-Match") == etag else Reply(200, page, {"ETag": etag})


def _create(desk: Desk, base: str, asked: Request) -> Reply:
    if asked.header("Content-Type").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "unsupportedMediaType")
    if len(asked.body) > LARGEST:
        raise RefusedError(413, "payloadTooLarge")
    api_schema.headers(asked.headers)
    key = api_schema.key(asked.header("Idempotency-Key"))
    made = desk.put(key, api_schema.new_document(asked.body))
    return Reply(201, shown(made, f"{base}/imports"), {"ETag": made.etag})


def _one(desk: Desk, found: re.Match[str], asked: Request, base: str) -> Reply:
    kind, identifier, part = found["set"], found["id"], found["part"]
    api_schema.headers(asked.headers, *(["if-match"] if (asked.method, part) not in WITHOUT_MATCH else []))
    wanted = asked.header("If-Match")
    if part == "receipt":
        desk.receipt(identifier)
        return Reply(204)
    if part == "release":
        desk.release(identifier, wanted)
        return Reply(204)
    if asked.method == "DELETE":
        desk.remove(identifier)
        return Reply(204)
    cursor = api_schema.cursor(asked.query, part)
    one = desk.export(identifier) if kind == "exports" else desk.import_(identifier)
    if (wanted and wanted != one.etag) or asked.fault == "precondition":
        raise RefusedError(412, "preconditionFailed")
    if part == "rows":
        page = api_schema.rows_of(one.rows, cursor, f"{base}/{kind}/{identifier}/rows", asked.fault)
        return Reply(200, page, {"ETag": one.etag})
    return Reply(200, shown(one, f"{base}/{kind}"), {"ETag": one.etag})


def problem(status: int, name: str, issues: list[Json] | None = None) -> Reply:
    """A problem of RFC 9457, in the guide's words."""
    told: Json = {"type": f"urn:problem-type:belgif:{name}", "title": name, "status": status}
    return Reply(status, told | ({"issues": issues} if issues else {}))


def shown(one: Document, base: str) -> Json:
    """A document as JSON."""
    told = {
        "id": one.id,
        "href": f"{base}/{one.id}",
        "fileName": one.name,
        "state": one.state,
        "createdAt": one.created,
    }
    content: Json = {"note": one.note} if one.note is not None else {"columns": one.columns, "rowCount": len(one.rows)}
    return told | {"etag": one.etag} | content
