"""Which key the landed files are sealed to: a sealed file does not say, so each is tried.

A file is bound to the mailbox it came from. Of one that no submission names, by a run that was killed or is under way,
every mailbox is tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from connectors.envelope import HEADER, is_sealed_to
from hub.flow.collect import landing_context
from hub.stores.files import WRITING

SEALED = ("landing", "quarantine")


@dataclass(frozen=True, slots=True)
class Landed:
    """The sealed files below `root`, the mailbox that each is of by its name, and every mailbox there is."""

    root: Path
    owners: Mapping[str, str]
    partners: Sequence[str]

    def sealed_to(self, key: X25519PrivateKey) -> int:
        """How many files this key opens; one that is being written and has no header yet is counted."""
        begun = self._headers(WRITING, *SEALED)  # in the order in which a file goes from one to the next
        return sum(self._opens(path, header, [key]) or len(header) < HEADER for path, header in begun)

    def shut(self, keys: Sequence[X25519PrivateKey]) -> int:
        """How many files none of these keys opens; one that is being written is not counted."""
        return sum(not self._opens(path, header, keys) for path, header in self._headers(*SEALED))

    def _opens(self, path: Path, header: bytes, keys: Sequence[X25519PrivateKey]) -> bool:
        owner = self.owners.get(path.name)
        contexts = [landing_context(partner) for partner in ([owner] if owner else self.partners)]
        return any(is_sealed_to(header, key, context) for key in keys for context in contexts)

    def _headers(self, *folders: str) -> Iterator[tuple[Path, bytes]]:
        for folder in folders:
            for path in sorted((self.root / folder).iterdir()) if (self.root / folder).is_dir() else ():
                try:
                    with path.open("rb") as file:
                        yield path, file.read(HEADER)
                except FileNotFoundError:  # moved or finished since it was listed
                    continue
