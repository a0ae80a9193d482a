"""Zones: which verb runs where, and which keys and stores a process of that verb is given. Pure, and a table.

Four zones, by what a process could give away. `mailbox` passes bytes on that it cannot open once they are landed;
`identity` alone reads numbers and names; `match` has neither a key nor the identity store; `publish` writes the names
under which recipients know people, and opens nothing. `hub.wiring` loads what the table says and nothing else, whatever
lies in the key folder; a verb that asks for more gets an error that says so. A deployment that runs each zone under a
user of its own gives it these files and roles only: docs/security.md draws the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.errors import OperatorError


class Zone(StrEnum):
    """Where a verb runs; under Airflow also the queue of its tasks, but for `match`, which has the default one."""

    MAILBOX = "mailbox"
    IDENTITY = "identity"
    MATCH = "match"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Needs:
    """What one verb is given: private keys by purpose, and whether it enters the identity store.

    `audit`, `ssh` and `api` are the keys that sign the audit log and log in to mailboxes and to APIs; the others are
    of the key ring.
    """

    verb: str
    zone: Zone
    keys: frozenset[str] = frozenset()
    identity: bool = False

    def require_key(self, purpose: str) -> None:
        """Raise OperatorError when the verb was not given the keys of `purpose`."""
        if purpose not in self.keys:
            raise OperatorError(f"{self.verb} runs in the zone {self.zone} and is given no key {purpose}: hub/zones.py")

    def require_identity(self) -> None:
        """Raise OperatorError when the verb does not enter the identity store."""
        if not self.identity:
            raise OperatorError(f"{self.verb} runs in the zone {self.zone}, without the identity store: hub/zones.py")


def _needs(verb: str, zone: Zone, *keys: str, identity: bool = False) -> Needs:
    return Needs(verb, zone, frozenset(keys), identity)


NEEDS: Mapping[str, Needs] = {
    needs.verb: needs
    for needs in (
        _needs("fetch", Zone.MAILBOX, "ssh"),
        _needs("collect", Zone.MAILBOX, "digest", "ssh", "api"),
        _needs("process", Zone.IDENTITY, "index", "landing", "digest", "vault", "opening", identity=True),
        _needs("acknowledge", Zone.IDENTITY, "landing", "digest", "audit", "signing"),
        _needs("reconcile", Zone.MATCH),
        _needs("publish", Zone.PUBLISH, "token", "digest", "audit", "signing", identity=True),
        _needs("deliver", Zone.MAILBOX, "ssh", "api"),
        _needs("probe", Zone.MAILBOX, "ssh", "api"),
        _needs("read", Zone.MATCH),
        _needs("person", Zone.IDENTITY, "index", "token", "digest", "audit", "signing", identity=True),
        _needs("retention", Zone.IDENTITY, "token", "digest", "audit", "signing", identity=True),
        _needs("numbers", Zone.IDENTITY, "index", identity=True),
        _needs("reveal", Zone.IDENTITY, "vault", identity=True),
    )
}
"""By verb. `read` is what only looks into the ledger, from status and explain to statistics and offers."""

EVERYTHING = Needs("everything", Zone.IDENTITY, frozenset().union(*(n.keys for n in NEEDS.values())), identity=True)
"""For who plays all verbs in one process: simulations, tests, benchmarks. No command of the hub has it."""

OPENING = frozenset({"index", "landing", "vault", "opening"})
"""Keys with which an identity can be found or read: no zone but `identity` is given one."""


def describe() -> str:
    """The table for docs/security.md."""
    lines = ["| verb | zone | private keys | identity store |", "|---|---|---|---|"]
    for need in NEEDS.values():
        keys = ", ".join(f"`{key}`" for key in sorted(need.keys)) or "none"
        lines.append(f"| `{need.verb}` | {need.zone} | {keys} | {'yes' if need.identity else 'no'} |")
    return "\n".join(lines) + "\n"
