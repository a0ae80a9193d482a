"""The chain of a line of files: each names the one before it, so that a gap and a fork can be seen.

A line is all files of one feed from one side to the other. Pure: it is given one file and the others of its line
and answers with a warning; nothing is ever refused for its place in a chain, since full-state rows decide (rulings 14).
Two files are on a fork when both follow the same file, or when one follows another than the last before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

GAP, FORK = "F37", "F38"


@dataclass(frozen=True, slots=True)
class Link:
    """One file of a line. `digest` names its bytes, `previous` those of the file that it says it follows.

    Both are hashes of one kind, plain or keyed; `previous` is None where the sender says nothing, which warns of
    nothing. `at` is when it was received.
    """

    name: str
    sequence: int
    digest: str
    previous: str | None
    at: datetime


def chain_warning(link: Link, others: Sequence[Link]) -> str | None:
    """F37 when the file that it follows is none of the others, F38 when it is not the one before it; else None.

    The one before it has the next lower sequence, or was the last to be received: a file sent again under its old
    name with new content may be followed too, and follows what it followed the first time.
    """
    if link.previous is None:
        return None
    others = [other for other in others if other.name != link.name or other.digest != link.digest]
    followed = [other for other in others if other.digest == link.previous]
    if not followed:
        return GAP
    if _is_claimed(link, others, followed):
        return FORK
    return None if any(other in followed for other in _before(link, others)) else FORK


def _is_claimed(link: Link, others: Sequence[Link], followed: Sequence[Link]) -> bool:
    """Whether another file already follows the same one: the last sent with those bytes before this file."""
    place = max((other.sequence for other in followed if other.sequence < link.sequence), default=0)
    return any(
        other.previous == link.previous and other.name != link.name and other.sequence > place
        for other in others
        if other.digest != link.digest
    )


def _before(link: Link, others: Sequence[Link]) -> list[Link]:
    lower = max((other.sequence for other in others if other.sequence < link.sequence), default=None)
    last = max((other.at for other in others), default=None)
    return [other for other in others if other.sequence == lower or other.at == last]
