"""From a channel's words to a partner's API: addresses, our name there, how each knows the other."""

from collections.abc import Mapping
from typing import Any

from connectors.api import ApiMailbox, Client, Trust
from hub.errors import OperatorError
from hub.settings import Settings


def open_api(settings: Settings, channel: Mapping[str, Any]) -> ApiMailbox:
    """The mailbox behind the API of a channel. Raises KeyError or TypeError for a channel that is not complete."""
    key = settings.api_key
    words = {name: channel.get(name, "") for name in ("scope", "authority", "certificate")}
    client = Client(channel["token"], channel["client"], words["scope"], key)
    if not all(isinstance(word, str) for word in (channel["api"], *words.values(), client.token_url, client.client_id)):
        raise TypeError("a word of the channel is no text")
    own = settings.home / words["certificate"] if words["certificate"] else key.with_suffix(".crt")
    authority = settings.home / words["authority"] if words["authority"] else None
    for file in (own, *([authority] if authority else [])):
        if not file.is_file():
            raise OperatorError(
                f"{file.name} of an API's channel is not there: `passerelle keys init`, or ask the partner"
            )
    return ApiMailbox(channel["api"], client, Trust(authority, own, key))


def feeds_of(channel: Mapping[str, Any]) -> list[str]:
    """The feeds that go out through the API of a channel with two doors."""
    feeds = channel.get("api_feeds", [])
    if not isinstance(feeds, list) or not all(isinstance(one, str) and len(one) == 4 for one in feeds):
        raise TypeError("api_feeds is a list of feeds")
    return feeds
