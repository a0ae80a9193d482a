"""The catalogue of the audit log: what is written down of what the hub did, and nothing else (rulings 9).

Pure. Each kind of entry names its fields and what each may look like; any other field, and any other shape, is refused.
So no identifier of a person, no referral id and no word of a partner can come in. A digest is one under the digest key:
a plain one could be guessed. The text of an entry is canonical JSON; its hash is a leaf of the tree in `hub.merkle`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.errors import InvariantBroken

Value = str | int | None

_COUNT = re.compile(r"[0-9]{1,10}")
# Ours, a UUID; in a shorter one there is a letter, since digits alone could be a NISS or a birth date.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?![0-9-]+\Z)[a-z0-9-]{1,36}")
_DIGEST = re.compile(r"(?![0-9]{1,32}\Z)[0-9a-f]{1,64}")
_PARTNER = re.compile(r"[0-9]{6}")
_FEED = re.compile(r"[A-Z]{4}")
_STATE = re.compile(r"[A-Z_]{1,20}")
_CODE = re.compile(r"[A-Z][0-9]{2,3}")  # of our catalogue; what a partner calls its own is its own word
_CONTRACT = re.compile(r"[a-z_]{1,40}/[0-9]{1,3}")
_WORD = re.compile(r"[a-z_]{1,20}")
_OFFICER = re.compile(r"[a-z]{2,15}(-[a-z]{2,15}){0,2}")  # a name of the registry's own officers.txt
_EMPTIED = re.compile(r'"audit":([0-9]{1,10})[,}]')
_KID = re.compile(r"[a-z2-7]{4,8}")
ACCOUNT = re.compile(r"[a-z_][a-z0-9_.-]{0,30}")  # of who acts for the hub


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry: its name, and its fields with the shape of each. Numbers of `counts` are JSON numbers."""

    name: str
    fields: Mapping[str, re.Pattern[str]]
    counts: tuple[str, ...] = ()


_PLACE = {"recipient": _PARTNER, "feed": _FEED, "sequence": _COUNT}

FILE = Kind(
    "file",
    {
        "message_id": _ID,
        "partner": _PARTNER,
        "sender": _PARTNER,
        "feed": _FEED,
        "sequence": _COUNT,
        "state": _STATE,
        "code": _CODE,
        "contract": _CONTRACT,
        "digest": _DIGEST,
    },
    ("read", "accepted", "warned", "rejected", "duplicate", "superseded"),
)
PUBLICATION = Kind(
    "publication", {"publication_id": _ID, **_PLACE, "contract": _CONTRACT, "digest": _DIGEST}, ("rows",)
)
DELIVERY = Kind("delivery", {"publication_id": _ID, **_PLACE})
ACKNOWLEDGEMENT = Kind("acknowledgement", {"publication_id": _ID, "verdict": _STATE})
KEYS = Kind("keys", {"action": _WORD, "purpose": _WORD, "kid": _KID, "partner": _PARTNER})
ERASURE = Kind("erasure", {"action": _WORD, "reason": _STATE}, ("subjects",))
# `audit`: the entries up to this number are over their term, and have no text from then on.
PURGE = Kind("purge", {}, ("persons", "landing", "quarantine", "outbox", "traces", "reveals", "audit"))
REVEAL = Kind("reveal", {"action": _WORD, "reveal_id": _ID, "reason": _STATE, "officer": _OFFICER})
ACCESS = Kind("access", {"partner": _PARTNER}, ("lines",))
SUCCESSION = Kind(
    "succession", {"action": _WORD, "request_id": _ID, "change": _STATE, "ground": _WORD, "account": ACCOUNT}
)
_EXCHANGE = (FILE, PUBLICATION, DELIVERY, ACKNOWLEDGEMENT)
_OPERATORS = (KEYS, ERASURE, PURGE, REVEAL, ACCESS, SUCCESSION)
CATALOGUE = {kind.name: kind for kind in (*_EXCHANGE, *_OPERATORS)}


def entry(kind: Kind, at: datetime, **fields: Value) -> str:
    """The text of one entry: canonical JSON with its kind and instant; a field that is None is left out.

    Raises InvariantBroken for a field or a shape that the catalogue does not have; the value is not told.
    """
    if at.tzinfo is None:
        raise InvariantBroken("an audit entry needs an instant with a zone")
    told = {name: value for name, value in fields.items() if value is not None}
    for name, value in told.items():
        if not _is_allowed(kind, name, value):
            raise InvariantBroken(f"the audit log takes no such field, or not in that shape: {kind.name}, {name[:20]}")
    return json.dumps(told | {"kind": kind.name, "at": stamp(at)}, separators=(",", ":"), sort_keys=True)


def stamp(at: datetime) -> str:
    """An instant as entries have it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def emptied_by(text: str) -> int:
    """Up to which number entries have no text any more, as an entry says; 0 where it says nothing of it."""
    found = _EMPTIED.search(text) if f'"kind":"{PURGE.name}"' in text else None
    return int(found[1]) if found else 0


def is_at(text: str, at: datetime) -> bool:
    """Whether an entry says that it was written at this instant."""
    return f'"at":"{stamp(at)}"' in text


def _is_allowed(kind: Kind, name: str, value: str | int) -> bool:
    if name in kind.counts:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    shape = kind.fields.get(name)
    is_number = shape is _COUNT
    return shape is not None and isinstance(value, int) == is_number and shape.fullmatch(str(value)) is not None
