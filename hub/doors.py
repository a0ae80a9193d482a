"""A partner with two doors, a mailbox and an API: one mailbox to the verbs.

What waits is taken from both. What is delivered goes through the API for the feeds that the channel names, into the
mailbox for all others: a feed has one door on its way out. Where a file of one name waits at both, the API's comes
first, the other the next time.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Self

from connectors.errors import Missing
from hub import filenames
from hub.ports import Entry, Mailbox

_INCOMING = ("in", "in/done")


class TwoDoors:
    """The mailbox of a partner and its API. Entering opens both, leaving ends both."""

    def __init__(
        self, mailbox: AbstractContextManager[Mailbox], api: AbstractContextManager[Mailbox], feeds: Iterable[str]
    ) -> None:
        self._opening = mailbox, api
        self._feeds = frozenset(feeds)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.mailbox, self._api = (stack.enter_context(each) for each in self._opening)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def list(self, folder: str) -> "Iterable[Entry]":
        """What both have, by name. Missing if neither has such a folder."""
        listed: dict[str, Entry] = {}
        missing = []
        for door in (self.mailbox, self._api):
            try:
                listed |= {entry.name: entry for entry in door.list(folder)}
            except Missing as error:
                missing.append(error)
        if len(missing) == 2:
            raise missing[0]
        return [listed[name] for name in sorted(listed)]

    def chunks(self, folder: str, name: str) -> Iterator[bytes]:
        """A file, from the door at which it is."""
        return self._at(folder, name).chunks(folder, name)

    def read(self, folder: str, name: str) -> bytes:
        """A file whole."""
        return self._at(folder, name).read(folder, name)

    def write(self, folder: str, name: str, data: bytes) -> None:
        """A file, through the door of its feed."""
        self._at(folder, name).write(folder, name, data)

    def exists(self, folder: str, name: str) -> bool:
        """Whether it is there."""
        return self._at(folder, name).exists(folder, name)

    def rename(self, folder: str, name: str, folder2: str, name2: str) -> None:
        """Move a file behind its own door."""
        self._at(folder, name).rename(folder, name, folder2, name2)

    def remove(self, folder: str, name: str) -> None:
        """Remove a file."""
        self._at(folder, name).remove(folder, name)

    def ensure(self, folder: str) -> None:
        """Make a folder."""
        for door in (self.mailbox, self._api):
            door.ensure(folder)

    def _at(self, folder: str, name: str) -> Mailbox:
        """The API for what it has of what comes in, and for its feeds of what goes out; else the mailbox."""
        if folder in _INCOMING:
            return self._api if self._api.exists(folder, name) else self.mailbox
        out = filenames.parse_out(name.removeprefix(".").removesuffix(".part"))
        return self._api if out and out.feed in self._feeds else self.mailbox
