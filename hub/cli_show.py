"""What every command has in common: the hub it asks, the instant it is given, how its answer is printed."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hub.errors import OperatorError

if TYPE_CHECKING:
    from hub.flow.hub import Hub

REJECTED = 10
AT = "the hub's clock, such as 2026-03-09T07:00+01:00"
LANGUAGES = ("fr", "de", "nl", "en")
Answer = tuple[Any, list[str]]  # for a machine, and for a reader


@contextmanager
def hub_for(needs: str, at: str | None = None) -> Iterator["Hub"]:
    """The hub with what `hub.zones` gives to these needs, its clock at `at` or at this moment."""
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), instant(at), NEEDS[needs]) as hub:
        yield hub


def instant(text: str | None) -> datetime:
    """The instant that `--at` names; this moment where it names none. OperatorError when it is none."""
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OperatorError("--at takes an instant such as 2026-03-09T07:00+01:00") from None
    if found.tzinfo is None:
        raise OperatorError("--at takes an instant with its offset, such as +01:00")
    return found


def show(arguments: argparse.Namespace, value: Any, lines: list[str]) -> None:
    """Print the answer: JSON where it was asked for, else its lines."""
    print(json.dumps(value, ensure_ascii=False, default=str) if arguments.json else "\n".join(lines))
