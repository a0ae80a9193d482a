"""Many transfers between the hub and partners whose servers fail at random: what is put, what is taken, what is wrong.

Partners differ in what was agreed about their files. Each has a server of its own, whose faults are drawn by seed.
"""

import hashlib
import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from play import WEEK, Exchange
from post import mark_of

from connectors.errors import LinkError
from connectors.sftp import Limits
from hub import flow
from hub.errors import OperatorError, Transient
from hub.filenames import OutName
from hub.flow.collect import content_context, landing_context
from hub.flow.hub import Hub
from hub.flow.probe import probe_partner
from hub.model import Outcome
from hub.stores import tables
from hub.stores.publications import Made
from hub.wiring import Channels
from hub.zones import EVERYTHING
from simulators.sftp_faults import CATALOGUE, NAMES, NEVER, Play
from simulators.sftp_server import Server
from tests.connectors.misbehaving import Loop

LIMITS = Limits(connect=5.0, banner=3.0, login=5.0, io=3.0, file=60.0, deadline=120.0, resumes=2)
MODES: tuple[dict[str, Any], ...] = ({}, {"after": "delete"}, {"after": "leave"}, {"consumes": True, "after": "delete"})
TIMES = {"clock_ahead", "clock_behind", "no_attributes"}  # `leave` needs a server that tells times, and true ones
STOPPING = {fault.name for fault in CATALOGUE if fault.then == NEVER}
SESSIONS = 2


@dataclass
class Party:
    """One partner: its server, what it has put, what it has seen and taken."""

    partner: str
    box: Path
    server: Server
    agreed: dict[str, Any]
    rng: random.Random
    put: dict[str, bytes] = field(default_factory=dict)
    wanted: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def put_files(self, count: int) -> None:
        """Files with their GO; one in ten under a name outside the grammar."""
        for _ in range(count):
            number = len(self.put) + 1
            data = self.rng.randbytes(self.rng.choice((0, 100, 5_000, 40_000, 200_000)) + number)
            name = f"FI.ORIE.{self.partner}.20260309.{number:05d}.T.1.1"
            if self.rng.random() < 0.1:
                name = f"liste-{number:05d}.csv"
            (self.box / "in" / name).write_bytes(data)
            if name.startswith("FI."):
                (self.box / "in" / mark_of(name)).write_bytes(b"{}")
            self.put[name] = data

    def take(self) -> None:
        """Read every pair that is announced, see that it is whole, move it away. A GO that is not whole is not one."""
        for folder in (self.box / "out", self.box / "away"):
            for go in sorted(folder.glob("GO.*")):
                if hashlib.sha256(go.read_bytes()).hexdigest() != self.wanted.get(go.name):
                    assert folder.name == "out", "a GO taken away by the server is whole"
                    continue
                name = f"FO{go.name[2:]}".removesuffix(".1")
                data = next(path for path in (self.box / "out" / name, self.box / "away" / name) if path.exists())
                assert hashlib.sha256(data.read_bytes()).hexdigest() == self.wanted[name], "half-read"
                for path in (go, data):
                    self.seen[path.name] += 1
                    path.rename(self.box / "out" / "taken" / path.name)


class Campaign:
    """The hub, its partners and the faults; `seed` decides everything but how the threads fall."""

    def __init__(self, exchange: Exchange, seed: int, share: float) -> None:
        self.exchange, self.rng, self.loop = exchange, random.Random(seed), Loop()
        self.refused: Counter[str] = Counter()
        self.probed = self.rounds = self.slow = 0
        public = exchange.settings.ssh_key.with_suffix(".pub").read_text()
        partners = [one for one in exchange.everyone() if one != "900001"]
        self.parties = [self._party(n, partner, public, seed, share) for n, partner in enumerate(partners)]
        self.tell_channels()

    def _party(self, number: int, partner: str, public: str, seed: int, share: float) -> Party:
        agreed = MODES[number % len(MODES)]
        without = TIMES if agreed.get("after") == "leave" else set()
        without = without if agreed.get("consumes") else without | {"takes_away"}
        drawn = [name for name in NAMES if name not in without]
        play = Play(drawn=drawn, share=share, seed=seed * 1000 + number, most=60_000, pause=15.0)
        box = self.exchange.mailbox(partner)
        for folder in ("in/done", "out/taken", "away"):
            (box / folder).mkdir(parents=True, exist_ok=True)
        server = Server(box, public, play)
        self.loop.start(server)
        return Party(partner, box, server, agreed, random.Random(f"{seed}|{partner}"))

    def tell_channels(self) -> None:
        """Where each server is, and what was agreed."""
        self.exchange.set_channels(
            {
                one.partner: {"host": "127.0.0.1", "port": one.server.port, "user": "hub", "sessions": SESSIONS}
                | {"host_keys": [one.server.pin]}
                | one.agreed
                for one in self.parties
            }
        )

    def round(self, incoming: int, outgoing: int) -> None:
        """Everybody puts and is published to, the hub visits all, everybody takes; an hour later the next."""
        self.rounds += 1
        with self.exchange.hub(WEEK[0]) as opened:
            now = opened.now + timedelta(hours=5 * self.rounds)
            mailboxes = Channels(self.exchange.settings, EVERYTHING, WEEK[0], opened.registry, LIMITS)
            hub = replace(opened, now=now, mailboxes=mailboxes)
            for one in self.parties:
                one.put_files(incoming)
                for _ in range(outgoing):
                    self._publish(hub, one)
            partners = [one.partner for one in self.parties]
            for verb in (flow.collect, flow.deliver):
                before = {one.partner: Counter(one.server.struck) for one in self.parties}
                outcomes = verb(hub, partners)
                self._explain(hub, outcomes, before)
            for one in self.rng.sample(self.parties, k=3):
                self._probe(hub, one)
        for one in self.parties:
            one.take()

    def _publish(self, hub: Hub, one: Party) -> None:
        sequence, previous = hub.ledger.publications.last(one.partner, "RECO")
        name = OutName("FO", "RECO", one.partner, WEEK[0], sequence + 1, "T")
        data = one.rng.randbytes(one.rng.choice((10, 5_000, 40_000, 200_000)))
        manifest = json.dumps({"of": str(name)}).encode()
        one.wanted |= {str(name): _sha256(data), str(name.manifest_name()): _sha256(manifest)}

        def keep() -> None:
            for file, content in ((name, data), (name.manifest_name(), manifest)):
                hub.files.write("outbox", [content], lambda file=file: str(file))

        sums = _sha256(data), _sha256(manifest), hub.keys.digest(data)
        made = Made(hub.new_id(), one.partner, "RECO", sequence + 1, "x/1", str(name), *sums, previous, hub.now, {})
        hub.ledger.publications.add(made, keep)

    def _explain(self, hub: Hub, outcomes: list[Outcome], before: dict[str, Counter[str]]) -> None:
        """Every refusal has its reason in what the server did in this visit; who stopped is released by a person."""
        parties = {one.partner: one for one in self.parties}
        for outcome in outcomes:
            if outcome.error is None:
                continue
            assert outcome.error in {kind.__name__ for kind in _all(LinkError)}, outcome
            self.refused[outcome.error] += 1
            struck = parties[outcome.partner].server.struck - before[outcome.partner]
            if not struck and outcome.error == "Unreachable":
                self.slow += 1  # a deadline of a few seconds passed on a machine with other work to do
            else:
                assert struck, f"{outcome} without a fault"
            assert outcome.retry or struck.keys() & STOPPING or outcome.error in ("Exists", "Missing"), (
                outcome,
                struck,
            )
            hub.ledger.links.release(outcome.partner)

    def _probe(self, hub: Hub, one: Party) -> None:
        try:
            probe_partner(hub, one.partner)
            self.probed += 1
        except (OperatorError, Transient):
            self.refused["of a probe"] += 1

    def drain(self) -> None:
        """The servers do nothing wrong any more, until nothing is left to do."""
        for one in self.parties:
            one.server.play = Play()
        for _ in range(4):
            self.round(0, 0)

    def check(self) -> dict[str, int]:
        """Nothing lost, nothing visible twice, nothing half-read; what was found, in numbers."""
        again = 0
        with self.exchange.hub(WEEK[0]) as hub:
            rows = self.exchange.rows(tables.submission)
            for one in self.parties:
                own = [row for row in rows if row["partner"] == one.partner]
                wanted = {_digest(hub, one.partner, data): data for data in one.put.values()}
                assert {row["digest"] for row in own} == wanted.keys(), "lost, or half-read"
                again += len(own) - len(wanted)
                for digest, data in wanted.items():
                    assert hub.seal.open(hub.files.chunks("landing", digest), landing_context(one.partner)) == data
                assert one.seen == dict.fromkeys(one.wanted, 1), "lost, or visible twice"
                assert one.server.most_open <= SESSIONS
                assert self.slow <= self.rounds, "refusals without a fault"
                left = [path.name for path in (one.box / "out").iterdir() if path.is_file()]
                assert [name for name in left if not name.startswith(".")] == [], "left visible"
            states = {row["state"] for row in self.exchange.rows(tables.publication)}
        assert states <= {"DELIVERED"}
        return {"in": sum(len(one.put) for one in self.parties), "out": self._out(), "taken again": again}

    def _out(self) -> int:
        return sum(len(one.wanted) // 2 for one in self.parties)

    @property
    def struck(self) -> Counter[str]:
        """How often each fault was seen, over all servers."""
        return sum((one.server.struck for one in self.parties), Counter())

    def end(self) -> None:
        """Stop the servers."""
        self.loop.stop(*(one.server for one in self.parties))


def _digest(hub: Hub, partner: str, data: bytes) -> str:
    begun = hub.keys.naming().begin(content_context(partner))[0]
    begun.update(data)
    return begun.hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _all(kind: type[LinkError]) -> list[type[LinkError]]:
    return [kind, *(below for one in kind.__subclasses__() for below in _all(one))]
