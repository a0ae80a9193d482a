"""Where a file stands among those of its line: its sequence and its chain, and the warnings that follow.

The ledger keeps hashes under the digest key, since a plain one could be guessed (rulings 9); a file that is not its
sender's (F10) or that no name places (F01) has no place in any line. A new digest key begins every chain anew.
"""

import hashlib
from typing import Any

from hub.chain import Link, chain_warning
from hub.filenames import InName, Manifest
from hub.flow.hub import Hub
from hub.verify import Arrival, sequence_warning

NO_PLACE = ("F01", "F10")


def link_of(hub: Hub, row: dict[str, Any], arrival: Arrival, name: InName) -> Link:
    """The link that this file is in its line, whatever becomes of it."""
    manifest = Manifest.parse(arrival.manifest)
    previous = manifest.previous if manifest else None
    return Link(
        name=row["name"],
        sequence=name.sequence,
        digest=_keyed(hub, hashlib.sha256(arrival.data).hexdigest()),
        previous=_keyed(hub, previous) if previous else None,
        at=row["received_at"],
    )


def kept_of(link: Link) -> dict[str, str | None]:
    """What the ledger keeps of a link, so that the files after it can be judged."""
    return {"chain": link.digest, "previous": link.previous}


def line_warnings(hub: Hub, name: InName, link: Link) -> tuple[str, ...]:
    """What its place in the line warns of, the chain first: F37 or F38, F05 or F06."""
    submissions = hub.ledger.submissions
    chain = chain_warning(link, submissions.line(name.sender, name.feed))
    sequence = sequence_warning(name, *submissions.last_sequences(name.sender, name.feed))
    return tuple(code for code in (chain, sequence) if code)


def _keyed(hub: Hub, sha256: str) -> str:
    return hub.keys.digest(f"chain|{sha256}".encode())
