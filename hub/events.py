"""The catalogue of log events: each names the only fields that may appear with it.

Anything else is dropped on the way out, so that a value of a row cannot reach a log by accident.
"""

import logging
from dataclasses import dataclass

LOGGER = logging.getLogger("passerelle")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One kind of line in the log."""

    name: str
    level: int
    fields: tuple[str, ...]


VERB_DONE = LogEvent("verb_done", logging.INFO, ("verb", "partner", "done"))
VERB_FAILED = LogEvent("verb_failed", logging.WARNING, ("verb", "partner", "error", "retry", "reason"))
FILE_LANDED = LogEvent("file_landed", logging.INFO, ("message_id", "partner", "size"))
FILE_DONE = LogEvent("file_done", logging.INFO, ("message_id", "partner", "state", "code", "read", "rejected"))
PUBLISHED = LogEvent("published", logging.INFO, ("publication_id", "recipient", "feed", "sequence", "rows"))
DELIVERED = LogEvent("delivered", logging.INFO, ("publication_id", "recipient", "feed", "sequence"))
ACKNOWLEDGED = LogEvent("acknowledged", logging.INFO, ("publication_id", "recipient", "feed", "sequence", "kind"))
NOT_ACCEPTED = LogEvent("not_accepted", logging.WARNING, ("publication_id", "recipient", "feed", "sequence", "kind"))
OVERDUE = LogEvent("overdue", logging.WARNING, ("publication_id", "recipient", "feed", "sequence"))
UNUSUAL_VOLUME = LogEvent(
    "unusual_volume", logging.WARNING, ("partner", "day", "reasons", "newcomers", "strangers", "elsewhere")
)
RECONCILED = LogEvent("reconciled", logging.INFO, ("entities", "changed"))


def log(event: LogEvent, **fields: object) -> None:
    """Write one event with the fields its catalogue entry allows."""
    shown = " ".join(f"{name}={fields[name]}" for name in event.fields if fields.get(name) is not None)
    LOGGER.log(event.level, "%s %s", event.name, shown)
