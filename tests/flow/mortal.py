"""A mailbox whose user dies at a chosen call: before it, early or late in it, or after it.

Wraps a real mailbox. It keeps a list of the names that became visible in `out/`, whoever saw them.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from connectors.folder import FolderMailbox
from connectors.names import Entry
from hub.model import Rules

HOW = ("before", "early in", "late in", "after")


class Death(SystemExit):
    """The process is gone: nothing catches it."""


class Mortal:
    """A folder as a mailbox; the process that uses it dies at call `last`, the first being 1."""

    def __init__(self, root: Path, last: int = 0, how: str = "before") -> None:
        self._root, self._box = root, FolderMailbox(root)
        self._last, self._how = last, how
        self.calls = 0
        self.appeared: list[str] = []

    def list(self, folder: str) -> list[Entry]:
        return self._do(lambda: self._box.list(folder))

    def chunks(self, folder: str, name: str) -> Iterator[bytes]:
        data = self._do(lambda: self._box.read(folder, name))
        return iter([data[: len(data) // 2], data[len(data) // 2 :]])

    def read(self, folder: str, name: str) -> bytes:
        return self._do(lambda: self._box.read(folder, name))

    def exists(self, folder: str, name: str) -> bool:
        return self._do(lambda: self._box.exists(folder, name))

    def remove(self, folder: str, name: str) -> None:
        return self._do(lambda: self._box.remove(folder, name))

    def ensure(self, folder: str) -> None:
        return self._do(lambda: self._box.ensure(folder))

    def write(self, folder: str, name: str, data: bytes) -> None:
        self._do(
            lambda: self._box.write(folder, name, data),
            early=lambda: self._box.remove(folder, name),  # what lay under that name goes first
            late=lambda: self._box.write(folder, name, data[:10]),
        )

    def rename(self, folder: str, name: str, folder2: str, name2: str) -> None:
        source, target = self._root / folder / name, self._root / folder2 / name2

        def seen() -> None:
            if folder2 == "out":
                self.appeared.append(name2)

        def whole() -> None:
            self._box.rename(folder, name, folder2, name2)
            seen()

        def half() -> None:  # what sshd leaves when it is killed between link(2) and unlink(2)
            target.hardlink_to(source)
            seen()

        self._do(whole, late=half if source.exists() and not target.exists() else _nothing)

    def _do(
        self, act: Callable[[], Any], early: Callable[[], Any] | None = None, late: Callable[[], Any] | None = None
    ) -> Any:
        self.calls += 1
        dying = self.calls == self._last
        if dying and self._how != "after":
            for part in {"before": (), "early in": (early,), "late in": (early, late)}[self._how]:
                (part or _nothing)()
            raise Death
        done = act()
        if dying:
            raise Death
        return done


def _nothing() -> None:
    """What a call has done when it has done nothing yet."""


class OneMailbox:
    """The mailbox of every partner is this one."""

    def __init__(self, box: Mortal) -> None:
        self._box = box

    def partners(self) -> set[str]:
        return set()

    def open(self, partner: str) -> AbstractContextManager[Mortal]:
        return nullcontext(self._box)

    def rules(self, partner: str) -> Rules:
        return Rules()

    def mark(self, partner: str) -> str:
        return ""
