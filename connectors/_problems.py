"""What an answer of a partner's API means, by who must act next: its status, and a problem of RFC 9457 in its body.

Of a problem nothing is repeated but the names that the Belgian government's REST guide gives to problems and issues:
all else is the other side's own words, which can quote a row.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.errors import (
    Changed,
    Denied,
    Exists,
    LinkError,
    Missing,
    ProtocolBroken,
    Refused,
    Throttled,
    TooLarge,
    Unreachable,
)

PROBLEM = "application/problem+json"
KNOWN = frozenset(
    {
        "badRequest",
        "resourceNotFound",
        "noAccessToken",
        "invalidAccessToken",
        "expiredAccessToken",
        "missingScope",
        "missingPermission",
        "tooManyRequests",
        "tooManyFailedRequests",
        "payloadTooLarge",
        "serviceUnavailable",
        "badGateway",
        "internalServerError",
        "schemaViolation",
        "invalidInput",
        "unknownInput",
        "referencedResourceNotFound",
        "invalidStructure",
        "outOfRange",
        "rejectedInput",
        "requiredInput",
        "unsupportedMediaType",
        "methodNotAllowed",
        "notAcceptable",
        "preconditionFailed",
        "preconditionRequired",
        "fileNameTaken",
        "idempotencyKeyInUse",
        "idempotencyKeyReused",
    }
)
BUSY = frozenset({"idempotencyKeyInUse"})  # a request of ours with this key is still being worked on
_URN = re.compile(r"urn:problem-type:[a-z0-9-]{1,20}(?::[a-z0-9-]{1,30})*:([A-Za-z]{1,40})", re.ASCII)
_MOST_SECONDS = 1_000_000


def name_of(body: bytes, content_type: str) -> str:
    """The standard name of the problem, and of its issues; 'unnamed' for what is not of the guide's list."""
    if content_type != PROBLEM:
        return "unnamed"
    try:
        told: Any = json.loads(body)
        issues = [_known(one.get("type")) for one in told.get("issues", [])][:20]
        name = _known(told.get("type"))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return "unnamed"
    return name + "".join(f" {issue}" for issue in dict.fromkeys(issues))


def meaning(status: int, name: str) -> LinkError:
    """The error for a status that is no success; `name` is what `name_of` gave."""
    text = f"it answers {status}, {name}"
    if 300 <= status < 400:
        return ProtocolBroken(f"it sends us elsewhere, {status}: a redirection is never followed")
    if status == 409:
        return Throttled(text) if name in BUSY else Exists(text)
    if status >= 500:
        return Unreachable(text) if status in (500, 502, 504) else Throttled(text)
    kinds: dict[int, type[LinkError]] = {
        401: Denied,
        403: Denied,
        404: Missing,
        408: Unreachable,
        410: Missing,
        412: Changed,
        413: TooLarge,
        422: Refused,
        425: Throttled,
        429: Throttled,
    }
    return kinds.get(status, ProtocolBroken)(text)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that `Retry-After` asks us to wait, of either form (RFC 9110, 10.2.3); None without one that can be read.

    A date is compared with the answer's own `Date`, so that a server whose clock is wrong is understood all the same.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), _MOST_SECONDS))
    until = _moment(text)
    if until is None:
        return None
    since = _moment(headers.get("Date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), _MOST_SECONDS)


def their_clock(headers: Mapping[str, str]) -> datetime | None:
    """The instant that the answer gives as its own."""
    return _moment(headers.get("Date", ""))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _known(urn: object) -> str:
    found = _URN.fullmatch(urn) if isinstance(urn, str) else None
    return found[1] if found and found[1] in KNOWN else "unnamed"
