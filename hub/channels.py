"""Where a partner's mailbox is and what was agreed about it: its table in `channels.toml`, read and checked. Pure.

A mistake in one partner's table is that partner's OperatorError and stops nobody else.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast, get_args

from connectors.sftp import Address
from hub.api_channel import ApiWords, read_api
from hub.errors import OperatorError
from hub.model import After, Rules

SESSIONS = 2  # at a time, where nothing else was agreed with who keeps the host
FILES = ("key", "certificate", "password")
WHERE = ("folder", "host", "port", "user", "host_keys", "inbox", "done", "outbox")
ELSEWHERE = frozenset(("folder", "api", "open_data"))  # where there is one of these, no server need be named
KNOWN = frozenset((*WHERE, *FILES, *ELSEWHERE, "sessions", "after", "looks", "consumes"))


@dataclass(frozen=True, slots=True)
class Channel:
    """One partner's mailbox: a local folder, or an SFTP server and how we log in there; and its API, if it has one.

    `key`, `certificate` and `password` are files; without any, the hub's own SSH key. `mark` changes with any of it.
    """

    rules: Rules
    mark: str
    folder: Path | None
    address: Address | None
    sessions: int = SESSIONS
    key: Path | None = None
    certificate: Path | None = None
    password: Path | None = None
    api: ApiWords | None = None


def read_channel(partner: str, table: Mapping[str, Any], today: date, near: Path) -> Channel:
    """The channel as it holds on a day; paths are from the folder `near`. OperatorError names what is wrong."""
    try:
        if strange := sorted(table.keys() - KNOWN):
            raise ValueError(f"{len(strange)} name(s) that nobody knows")
        rules = _rules(table)
        folder = Path(table["folder"]) if "folder" in table else None
        files = {name: near / table[name] for name in FILES if name in table}
        if "password" in files and len(files) > 1:
            raise ValueError("a password beside a key")
        return Channel(
            rules,
            hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest(),
            folder,
            _address(table, today) if "host" in table or not table.keys() & ELSEWHERE else None,
            _whole(table, "sessions", SESSIONS),
            **files,
            api=read_api(table["api"], near) if "api" in table else None,
        )
    except KeyError as error:
        raise OperatorError(f"the channel of partner {partner} is not complete: no {error.args[0]}") from None
    except (TypeError, ValueError, AttributeError) as error:
        why = str(error) if type(error) is ValueError else "a value of another kind"
        raise OperatorError(f"the channel of partner {partner} is not right: {why}") from None


def _rules(table: Mapping[str, Any]) -> Rules:
    after, consumes = table.get("after", "archive"), table.get("consumes", False)
    if after not in get_args(After):
        raise ValueError(f"after is one of {', '.join(get_args(After))}")
    if consumes not in (True, False):
        raise ValueError("consumes is true or false")
    return Rules(cast(After, after), _whole(table, "looks", 2), consumes)


def _whole(table: Mapping[str, Any], name: str, default: int) -> int:
    number = table.get(name, default)
    if type(number) is not int or not 1 <= number <= 64:
        raise ValueError(f"{name} is a whole number from 1 to 64")
    return number


def _address(table: Mapping[str, Any], today: date) -> Address:
    """The server, its pins in force and those of other days apart."""
    pins = [_pin(one) for one in table["host_keys"]]
    held = tuple(key for key, since, until in pins if since <= today <= until)
    lapsed = tuple(key for key, since, until in pins if not since <= today <= until)
    port = table["port"]
    if type(port) is not int or not 0 < port < 1 << 16:
        raise ValueError("port is a number from 1 to 65535")
    return Address(str(table["host"]), port, str(table["user"]), held, lapsed)


def _pin(one: Any) -> tuple[str, date, date]:
    """A pinned key, the first and the last day on which it is in force."""
    if isinstance(one, str):
        return one, date.min, date.max
    since, until = one.get("since", date.min), one.get("until", date.max)
    if type(since) is not date or type(until) is not date or since > until:
        raise ValueError("since and until of a host key are days, the first not after the last")
    if strange := one.keys() - {"key", "since", "until"}:
        raise ValueError(f"{len(strange)} name(s) in a host key that nobody knows")
    return str(one["key"]), since, until
