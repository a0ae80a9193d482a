"""What the flow needs of the outside, as Protocols; `hub.wiring` brings what fulfils them."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connectors.opendata import Dataset

from hub.model import Rules


class Entry(Protocol):
    """One file in a mailbox, as its listing gives it."""

    @property
    def name(self) -> str:
        """The partner's name for it."""
        ...

    @property
    def size(self) -> int | None:
        """Bytes, when the server says so."""
        ...

    @property
    def mtime(self) -> float | None:
        """Seconds since 1970, when the server says so; only ever compared with itself."""
        ...

    @property
    def problem(self) -> str | None:
        """Why it cannot be touched (an unsafe or unreadable name), or None."""
        ...


class Mailbox(Protocol):
    """A partner's mailbox, however it is reached. Its errors are those of `connectors.errors`."""

    def list(self, folder: str) -> "Iterable[Entry]":
        """The regular files in a folder."""
        ...

    def chunks(self, folder: str, name: str) -> Iterator[bytes]:
        """A file piece by piece; raises when it changed while it was read."""
        ...

    def read(self, folder: str, name: str) -> bytes:
        """A small file whole."""
        ...

    def write(self, folder: str, name: str, data: bytes) -> None:
        """Write a new file and read it back as far as the partner lets us; one of the same name is replaced."""
        ...

    def exists(self, folder: str, name: str) -> bool:
        """Whether a file of this name is there."""
        ...

    def rename(self, folder: str, name: str, folder2: str, name2: str) -> None:
        """Move a file, never onto another."""
        ...

    def remove(self, folder: str, name: str) -> None:
        """Remove a file; none there is fine."""
        ...

    def ensure(self, folder: str) -> None:
        """Make a folder unless it is there."""
        ...


class Mailboxes(Protocol):
    """Opens the mailbox of a partner."""

    def partners(self) -> set[str]:
        """The partners that have a mailbox."""
        ...

    def open(self, partner: str) -> AbstractContextManager[Mailbox]:
        """A session with the partner's mailbox: the same for all that is done before it is left."""
        ...

    def rules(self, partner: str) -> Rules:
        """What was agreed about the files in the partner's mailbox."""
        ...

    def mark(self, partner: str) -> str:
        """What changes whenever the partner's channel does."""
        ...

    def dataset(self, partner: str) -> "Dataset":
        """The public data set that this partner is."""
        ...


class Seal(Protocol):
    """Seals what is landed to the identity zone's key, and opens it there."""

    def seal(self, chunks: Iterable[bytes], context: bytes) -> Iterator[bytes]:
        """Seal while the bytes stream in: nothing clear is ever on disk."""
        ...

    def open(self, chunks: Iterable[bytes], context: bytes) -> bytes:
        """The clear bytes, in memory."""
        ...
