"""Where a file stands among those of its line: its sequence and its chain, and the warnings that follow.

The ledger keeps hashes under the digest key, since a plain one could be guessed (rulings 9); a file that is not its
sender's (F10, F09, F43) or that no name places (F01) has no place in any line. What is in the ledger under a digest key
of before is read as what it would be called today, as far as this file names it: nothing else is compared.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.chain import Link, chain_warning
from hub.envelopes import NOT_IN_FORCE, UNSIGNED
from hub.filenames import InName, Manifest
from hub.flow.hub import Hub
from hub.verify import Arrival, sequence_warning

NOT_THEIRS = (UNSIGNED, NOT_IN_FORCE)
NO_PLACE = ("F01", "F10", *NOT_THEIRS)


@dataclass(frozen=True, slots=True)
class Place:
    """The link that a file is in its line, and what its hashes are called today, by what they were called before."""

    link: Link
    today: Mapping[str, str]

    @property
    def kept(self) -> dict[str, str | None]:
        """What the ledger keeps of it, so that the files after it can be judged."""
        return {"chain": self.link.digest, "previous": self.link.previous}


def place_of(hub: Hub, row: dict[str, Any], arrival: Arrival, name: InName) -> Place:
    """The place of this file in its line, whatever becomes of it."""
    manifest = Manifest.parse(arrival.manifest)
    digests = _keyed(hub, hashlib.sha256(arrival.data).hexdigest())
    follows = _keyed(hub, manifest.previous) if manifest and manifest.previous else []
    link = Link(
        name=row["name"],
        sequence=name.sequence,
        digest=digests[0],
        previous=follows[0] if follows else None,
        at=row["received_at"],
    )
    return Place(link, {before: names[0] for names in (digests, follows) for before in names[1:]})


def line_warnings(hub: Hub, name: InName, place: Place) -> tuple[str, ...]:
    """What its place in the line warns of, the chain first: F37 or F38, F05 or F06."""
    submissions = hub.ledger.submissions
    others = [_as_today(other, place.today) for other in submissions.line(name.sender, name.feed)]
    chain = chain_warning(place.link, others)
    sequence = sequence_warning(name, *submissions.last_sequences(name.sender, name.feed))
    return tuple(code for code in (chain, sequence) if code)


def _as_today(link: Link, today: Mapping[str, str]) -> Link:
    previous = today.get(link.previous, link.previous) if link.previous else None
    return replace(link, digest=today.get(link.digest, link.digest), previous=previous)


def _keyed(hub: Hub, sha256: str) -> list[str]:
    """A hash under each digest key, that of today first."""
    return hub.keys.naming().names(f"chain|{sha256}".encode())
