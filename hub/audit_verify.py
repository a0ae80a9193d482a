"""Is the audit log whole, and is every checkpoint that was given out one of it? Recomputed from the entries alone.

Pure. An entry that is over its term has lost its text and kept its hash; that a purge took it is an entry too, so a
text that somebody else took out is told. Two checkpoints that are both of this log are consistent with each other, so
each is compared with the root that the log had at its size. An entry changed together with its hash, and with the
head, is found by a checkpoint given out after it, and by nothing else: the more partners keep theirs, the less can be
rewritten unseen.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from hub import merkle
from hub.audit import emptied_by, is_at
from hub.checkpoint import ORIGIN, Checkpoint
from hub.signed_note import Verifier, text_of

What = Literal["ALTERED", "EMPTIED", "STRAY", "MISSING", "LOST", "ADDED", "HEAD", "UNSIGNED", "BEYOND", "CONTRADICTS"]
_TEXTS: dict[What, str] = {
    "ALTERED": "entry {n} was altered: its text, its instant or its hash is not what it was",
    "EMPTIED": "the text of entries up to {n} was taken out, and no purge in the log says so beyond entry {last}",
    "STRAY": "an entry was added before the first, with the number {n}",
    "MISSING": "entries {n} to {last} were removed",
    "LOST": "entries {n} to {last} were removed at the end of the log",
    "ADDED": "entries {n} to {last} were added past the end of the log",
    "HEAD": "the entries do not give the root that the log keeps: entries were replaced together with their hashes",
    "UNSIGNED": "{count} file(s) with a checkpoint that no key of this log has signed; the first: {file}",
    "BEYOND": "{count} file(s) with a checkpoint of {last} entries, which the log does not have; the first: {file}",
    "CONTRADICTS": (
        "{count} file(s) with a checkpoint that the log does not contain; the first: {file}. "
        "What was rewritten lies between entry {n} and entry {last}"
    ),
}


class Written(Protocol):
    """One entry as it is stored."""

    @property
    def n(self) -> int: ...  # noqa: D102
    @property
    def entry(self) -> str: ...  # noqa: D102
    @property
    def hash(self) -> bytes: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Found:
    """A checkpoint as a signed note, and the file that it was found in."""

    file: str
    note: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong: in which entries, or in how many files, with the name of the first."""

    what: What
    n: int = 0
    last: int = 0
    file: str = ""
    count: int = 0

    def __str__(self) -> str:
        return _TEXTS[self.what].format(n=self.n, last=self.last, file=self.file, count=self.count)


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries the log has, how many files with a checkpoint were compared, and what is wrong.

    The entries up to `emptied` are over their term and have no text: their hashes alone were verified.
    """

    entries: int
    files: int
    remarks: tuple[Remark, ...]
    emptied: int = 0


def verify(
    leaves: Iterable[Written], head: Checkpoint, found: Collection[Found], verifiers: Collection[Verifier]
) -> Verified:
    """What is wrong in a log of these leaves, in order, with this head, given these checkpoints."""
    notes = {one.note: _opened(one.note, verifiers) for one in found}
    claimed = {known.size for known in notes.values() if known}
    remarks: list[Remark] = []
    texts = _Texts()
    roots, size = _recomputed(leaves, claimed | {head.size}, remarks, texts)
    remarks += texts.remarks()
    remarks += _at_the_end(head, roots, size, bool(remarks))
    remarks += _of_files([(one.file, notes[one.note]) for one in found], roots)
    return Verified(size, len(found), tuple(remarks), texts.missing)


class _Texts:
    """Of which entries the text is missing, and of which a purge in the log says that it is."""

    def __init__(self) -> None:
        self.missing = self._purged = 0

    def see(self, leaf: Written) -> bool:
        """Whether this entry has its text."""
        self._purged = max(self._purged, emptied_by(leaf.entry))
        if not leaf.entry:
            self.missing = max(self.missing, leaf.n)
        return bool(leaf.entry)

    def remarks(self) -> Iterator[Remark]:
        """What no purge tells of."""
        if self.missing > self._purged:
            yield Remark("EMPTIED", self.missing, self._purged)


def _opened(note: str, verifiers: Collection[Verifier]) -> Checkpoint | None:
    text = text_of(note, verifiers)
    checkpoint = Checkpoint.parse(text) if text else None
    return checkpoint if checkpoint and checkpoint.origin == ORIGIN else None


def _recomputed(
    leaves: Iterable[Written], sizes: Collection[int], remarks: list[Remark], texts: _Texts
) -> tuple[dict[int, bytes], int]:
    """The roots at these sizes, and how many entries there are; what is wrong in an entry is added to the remarks.

    Of an entry without text the hash that is kept is taken: an altered one gives another root.
    """
    edge: merkle.Edge = ()
    roots, size, expected = {0: merkle.EMPTY}, 0, 1
    for leaf in leaves:
        if leaf.n < 1:
            remarks.append(Remark("STRAY", leaf.n))
        elif leaf.n != expected:
            remarks.append(Remark("MISSING", expected, leaf.n - 1))
        has_text = texts.see(leaf)
        hashed = merkle.leaf_hash(leaf.entry.encode()) if has_text else leaf.hash
        if hashed != leaf.hash or (has_text and not is_at(leaf.entry, leaf.at)):
            remarks.append(Remark("ALTERED", leaf.n))
        edge = merkle.grown(size, edge, hashed)
        size, expected = size + 1, max(leaf.n + 1, 1)
        if size in sizes:
            roots[size] = merkle.root_of_edge(edge)
    return roots, size


def _at_the_end(head: Checkpoint, roots: dict[int, bytes], size: int, told: bool) -> Iterator[Remark]:
    """What the head says against the entries; not again what is told already."""
    if told:
        return
    if size < head.size:
        yield Remark("LOST", size + 1, head.size)
    elif size > head.size:
        yield Remark("ADDED", head.size + 1, size)
    elif roots[size] != head.root:
        yield Remark("HEAD")


def _of_files(found: Collection[tuple[str, Checkpoint | None]], roots: dict[int, bytes]) -> Iterator[Remark]:
    """What the checkpoints say against the entries, each kind once."""
    if unsigned := [file for file, known in found if known is None]:
        yield Remark("UNSIGNED", file=unsigned[0], count=len(unsigned))
    signed = sorted(((known, file) for file, known in found if known), key=lambda one: one[0].size)
    if beyond := [one for one in signed if one[0].size not in roots]:
        yield Remark("BEYOND", last=beyond[0][0].size, file=beyond[0][1], count=len(beyond))
    if wrong := [one for one in signed if roots.get(one[0].size, one[0].root) != one[0].root]:
        first = wrong[0][0].size
        sound = [known.size for known, _ in signed if known.size < first and roots.get(known.size) == known.root]
        yield Remark("CONTRADICTS", max(sound, default=0) + 1, first, wrong[0][1], len(wrong))
