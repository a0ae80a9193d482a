"""A partner's API as its channel says: addresses, our name there, how each knows the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.api import ApiMailbox, Client, Trust
from hub.errors import OperatorError

KNOWN = frozenset(("url", "token", "client", "scope", "authority", "certificate", "feeds"))


@dataclass(frozen=True, slots=True)
class ApiWords:
    """The table `api` of a channel. `feeds` go out through the API where there is a mailbox beside it."""

    url: str
    token: str
    client: str
    scope: str
    authority: Path | None
    certificate: Path | None
    feeds: tuple[str, ...]


def read_api(table: Mapping[str, Any], near: Path) -> ApiWords:
    """Read the table; paths are from the folder `near`. KeyError, TypeError or ValueError when it is not right."""
    if strange := sorted(table.keys() - KNOWN):
        raise ValueError(f"{len(strange)} name(s) in api that nobody knows")
    feeds = table.get("feeds", [])
    texts = {name: table[name] for name in ("url", "token", "client")} | {"scope": table.get("scope", "")}
    authority, certificate = (near / table[name] if name in table else None for name in ("authority", "certificate"))
    if not isinstance(feeds, list) or not all(isinstance(one, str) for one in (*texts.values(), *feeds)):
        raise TypeError
    if not all(len(one) == 4 for one in feeds):
        raise ValueError("feeds of an api have four letters each")
    return ApiWords(**texts, authority=authority, certificate=certificate, feeds=tuple(feeds))


def open_api(words: ApiWords, key: Path) -> ApiMailbox:
    """The mailbox behind the API, for us who have this key. Raises OperatorError when a file is not there."""
    own = words.certificate or key.with_suffix(".crt")
    for file in (own, *([words.authority] if words.authority else [])):
        if not file.is_file():
            raise OperatorError(
                f"{file.name} of an API's channel is not there: `passerelle keys init`, or ask the partner"
            )
    client = Client(words.token, words.client, words.scope, key)
    return ApiMailbox(words.url, client, Trust(words.authority, own, key))
