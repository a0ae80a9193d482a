"""The catalogue of log events: all that the hub logs, the fields of each, and the shape of each field.

Nothing else can be logged: `log` refuses a field that the event does not have and a value that has not its field's
shape, and a test holds every module to `log`. The one text among them is redacted. No field can hold a value of a row.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from hub import crossing
from hub.crossing import is_count, is_word
from hub.errors import InvariantBroken
from hub.redaction import redacted

LOGGER = logging.getLogger("passerelle")
LONGEST = 400  # characters of the one text


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One kind of line in the log; `meaning` says what it tells, and what to do if anything."""

    name: str
    level: int
    fields: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field may hold, in words and as a test."""

    words: str
    fits: Callable[[object], bool]


def _matching(words: str, pattern: re.Pattern[str]) -> Shape:
    return Shape(words, lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None)


COUNT = Shape("count", is_count)
SIZE = Shape("number of bytes", lambda value: type(value) is int and 0 <= value < 1 << 31)
FLAG = Shape("`True` or `False`", lambda value: isinstance(value, bool))
PARTNER = _matching("id of a partner", crossing.PARTNER)
ID = _matching("id of the hub's own (UUID)", crossing.ID)
WORD = Shape("word of `hub/crossing.py`, or the name of an error", is_word)
CODE = _matching("code of the catalogue", re.compile(r"[A-Z][0-9]{2,3}", re.ASCII))
FEED = _matching("feed", re.compile(r"[A-Z]{4}", re.ASCII))
REASONS = _matching("reasons of `hub/volume.py`, joined by |", re.compile(r"[A-Z_]{5,20}(\|[A-Z_]{5,20})*", re.ASCII))
TEXT = Shape("text of one of our own errors, redacted", lambda value: isinstance(value, str | Exception))

SHAPES: dict[str, Shape] = {
    "changed": COUNT,
    "code": CODE,
    "complete": FLAG,
    "done": COUNT,
    "elsewhere": COUNT,
    "entities": COUNT,
    "error": WORD,
    "feed": FEED,
    "kind": WORD,
    "message_id": ID,
    "newcomers": COUNT,
    "partner": PARTNER,
    "publication_id": ID,
    "read": COUNT,
    "reason": TEXT,
    "reasons": REASONS,
    "recipient": PARTNER,
    "rejected": COUNT,
    "retry": FLAG,
    "rows": COUNT,
    "sequence": COUNT,
    "size": SIZE,
    "state": WORD,
    "strangers": COUNT,
    "verb": WORD,
}

_PUBLICATION = ("publication_id", "recipient", "feed", "sequence")

VERB_DONE = LogEvent(
    "verb_done",
    logging.INFO,
    ("verb", "partner", "done"),
    "A verb ended well for a partner; `done` is how many things it did.",
)
VERB_FAILED = LogEvent(
    "verb_failed",
    logging.WARNING,
    ("verb", "partner", "error", "retry", "reason"),
    "A verb failed for this partner alone. `error` is in [link errors](#link-errors); `retry=True`: it is tried again.",
)
LINK_STOPPED = LogEvent(
    "link_stopped",
    logging.ERROR,
    ("partner", "error", "reason"),
    "A partner's server refuses us, is not the one pinned, or broke the protocol: it is not called again until its "
    "channel changes or `passerelle partners release`. A person, now: [link errors](#link-errors).",
)
FILE_LANDED = LogEvent(
    "file_landed", logging.INFO, ("message_id", "partner", "size"), "A file was taken and lies sealed; `size` in bytes."
)
FILE_DONE = LogEvent(
    "file_done",
    logging.INFO,
    ("message_id", "partner", "state", "code", "read", "rejected"),
    "A file has its answer. `passerelle explain` with its id tells the rest.",
)
FETCHED = LogEvent(
    "fetched",
    logging.INFO,
    ("partner", "rows", "complete"),
    "The public data set became a file. `complete=False` again and again: the portal cuts exports, none closes.",
)
PUBLISHED = LogEvent("published", logging.INFO, (*_PUBLICATION, "rows"), "A file is in the outbox, not yet delivered.")
DELIVERED = LogEvent("delivered", logging.INFO, _PUBLICATION, "A file is in its recipient's `out/`.")
ACKNOWLEDGED = LogEvent("acknowledged", logging.INFO, (*_PUBLICATION, "kind"), "The recipient took the file over.")
NOT_ACCEPTED = LogEvent(
    "not_accepted",
    logging.WARNING,
    (*_PUBLICATION, "kind"),
    "The recipient refused a file of ours: call it, and keep the file.",
)
OVERDUE = LogEvent(
    "overdue",
    logging.WARNING,
    _PUBLICATION,
    "A delivered file was not taken in two working days: call the recipient.",
)
STRAY_ERROR = LogEvent(
    "stray_error",
    logging.WARNING,
    ("reason",),
    "An error that no caller could catch: its class and place. Nothing stopped; if it repeats, a developer.",
)
KEYS_EXPOSED = LogEvent(
    "keys_exposed",
    logging.WARNING,
    ("reason",),
    "The keys lie where others may read them; said at each start. For tests only.",
)
UNUSUAL_VOLUME = LogEvent(
    "unusual_volume",
    logging.WARNING,
    ("partner", "reasons", "newcomers", "strangers", "elsewhere"),
    "A CPAS names more people than it can have, by these reasons; nothing stopped. `passerelle dpo` shows it.",
)
RECONCILED = LogEvent("reconciled", logging.INFO, ("entities", "changed"), "The two sides were compared.")


def log(event: LogEvent, **fields: object) -> None:
    """Write one event. A field that is None is left out.

    Raises InvariantBroken, which shows nothing of the value, for a field that the event does not have or a value
    that has not the field's shape.
    """
    if strangers := fields.keys() - set(event.fields):
        raise InvariantBroken(f"the log event {event.name} was given {len(strangers)} field(s) that it does not have")
    given = {name: fields[name] for name in event.fields if fields.get(name) is not None}
    if wrong := [name for name, value in given.items() if not SHAPES[name].fits(value)]:
        raise InvariantBroken(f"the log event {event.name} was given another {', '.join(wrong)} than its shape")
    shown = " ".join(f"{name}={_spelt(name, value)}" for name, value in given.items())
    LOGGER.log(event.level, "%s %s", event.name, shown)


def catalogue() -> dict[str, LogEvent]:
    """Every event by its name."""
    return {event.name: event for event in globals().values() if isinstance(event, LogEvent)}


def describe() -> str:
    """The catalogue as a table of the runbook, and what each field holds."""
    lines = ["| event | fields | means |", "|---|---|---|"]
    for event in catalogue().values():
        loud = " (warning)" if event.level >= logging.WARNING else ""
        lines.append(f"| `{event.name}`{loud} | {', '.join(event.fields)} | {event.meaning} |")
    held = [
        f"* {', '.join(name for name in SHAPES if SHAPES[name] is shape)}: {shape.words}"
        for shape in dict.fromkeys(SHAPES.values())
    ]
    return "\n".join([*lines, "", *held, ""])


def _spelt(name: str, value: object) -> str:
    return redacted(" ".join(str(value).split()))[:LONGEST] if SHAPES[name] is TEXT else str(value)
