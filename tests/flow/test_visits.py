"""Whom the hub calls, whom it leaves alone and until when; what becomes of files that it took; what a probe finds."""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from play import WEEK, Exchange
from post import Post, data_of, mark_of, name_of, row

from hub import flow
from hub.cli import main
from hub.errors import OperatorError
from hub.flow.probe import advice, links, probe_partner
from hub.model import Outcome
from hub.stores import tables
from tests.connectors import faulty
from tests.connectors.faulty import Honest, serving

CPAS, OTHER = "062063", "062096"
GOOD, NAME = data_of(row()), name_of()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    return Exchange(tmp_path_factory.mktemp("visits"), cpas=f"{CPAS},{OTHER}").prepare()


@pytest.fixture
def post(prepared: Exchange, tmp_path: Path) -> Post:
    return Post(tmp_path, prepared)


def _agree(post: Post, **agreed: object) -> None:
    text = f'[channel.{CPAS}]\nfolder = "{post.box}"\n'
    text += "".join(f"{name} = {json.dumps(value)}\n" for name, value in agreed.items())
    post.exchange.settings.channels.write_text(text)


def _names(post: Post) -> list[tuple[str, str]]:
    rows = post.exchange.rows(tables.submission)
    return sorted((one["name"], one["sending"] and "again") for one in rows)


def test_files_that_were_taken_are_deleted_where_that_was_agreed(post: Post) -> None:
    """Nothing stays in in/, nothing is put into in/done/; the same name sent again is taken again, once each."""
    _agree(post, after="delete")
    for number, (half, data) in enumerate((("CPAS", GOOD), ("FOREM", GOOD), ("EVENING", data_of(row(), row())))):
        post.put(NAME, data)
        os.utime(post.box / "in" / NAME, (number, number))
        post.run(half)
        post.collect(half)
        assert (post.waiting(), post.done()) == (set(), set())
    assert _names(post) == [(NAME, ""), (NAME, "again"), (NAME, "again")]
    assert len(post.receipts()) == 3


def test_files_that_were_taken_are_left_where_that_was_agreed(post: Post) -> None:
    """What lies there is not moved and not taken twice; changed content under the name is; so is a withdrawal."""
    _agree(post, after="leave")
    post.put(NAME, GOOD)
    for instant in ("CPAS", "FOREM"):
        post.run(instant)
        assert post.waiting() == {NAME, mark_of(NAME)}
    assert len(post.receipts()) == 1
    post.put(NAME, data_of(row(), row(notice_id="N-2")))
    post.collect("EVENING")
    post.put_one(mark_of(NAME, "TD"))
    post.collect("EVENING")
    assert _names(post) == [(NAME, ""), (NAME, "again")]
    assert {one["announced_by"] for one in post.exchange.rows(tables.submission) if one["sending"]} == {"TD"}


def test_a_file_that_nothing_announces_is_looked_at_as_often_as_agreed(post: Post) -> None:
    """With three looks agreed a file outside the grammar is taken at the third instant, not at the second."""
    _agree(post, looks=3)
    post.put_one("liste.csv", b"x")
    for half, taken in (("CPAS", 0), ("FOREM", 0), ("FOREM", 0), ("EVENING", 1)):
        post.collect(half)
        assert len(post.exchange.rows(tables.submission)) == taken


@pytest.mark.parametrize("step", ["READY", "DATA_SENDING", "GO_SENDING"])
def test_a_server_that_moves_files_away_at_once_gets_each_once(post: Post, step: str) -> None:
    """Where that was agreed, what is under neither name has arrived and was taken, wherever the hub was killed."""
    _agree(post, consumes=True)
    post.put(NAME, GOOD)
    with post.exchange.hub(WEEK[0]) as hub:
        for verb in (flow.collect, flow.process, flow.acknowledge):
            post.exchange.require(verb(hub, [CPAS]))
        waiting = hub.ledger.publications.undelivered(CPAS)
        for state in ("DATA_SENDING", "DATA_SENT", "GO_SENDING")[
            : {"READY": 0, "DATA_SENDING": 1, "GO_SENDING": 3}[step]
        ]:
            hub.ledger.publications.advance(waiting[0]["publication_id"], state, hub.now)
        post.exchange.require(flow.deliver(hub, [CPAS]))
        appeared = {path.name for path in (post.box / "out").glob("[FG]O*")}
        for path in (post.box / "out").glob("[FG]O*"):
            path.unlink()
        post.exchange.require(flow.collect(hub, [CPAS]))
        assert hub.ledger.publications.unacknowledged(CPAS) == []
    first = waiting[0]["name"]
    missing = {"READY": set(), "DATA_SENDING": {first}, "GO_SENDING": {first, f"GO{first[2:]}.1"}}[step]
    assert not appeared & missing
    assert {one["kind"] for one in post.exchange.rows(tables.acknowledgement)} == {"TAKEN"}


class Server:
    """One partner behind a server that a test can break, beside one in a folder."""

    def __init__(self, exchange: Exchange, address: Any) -> None:
        self.exchange, self.address = exchange, address
        self.channel(address.host_keys[0])

    def channel(self, pin: str, port: int = 0) -> None:
        where = {"host": self.address.host, "port": port or self.address.port, "user": "partner", "host_keys": [pin]}
        self.exchange.set_channels({CPAS: where, OTHER: {"folder": str(self.exchange.mailbox(OTHER))}})

    def collect(self, *, insist: bool = False, later: timedelta = timedelta()) -> dict[str, Outcome]:
        with self.exchange.hub(WEEK[0]) as hub:
            told = flow.collect(replace(hub, now=hub.now + later), [CPAS, OTHER], insist=insist)
        return {one.partner: one for one in told}


@pytest.fixture
def server(prepared: Exchange, tmp_path: Path) -> Iterator[Server]:
    post = Post(tmp_path, prepared)
    (post.exchange.mailbox(OTHER) / "in").mkdir(parents=True)
    public = post.exchange.settings.ssh_key.with_suffix(".pub").read_text()
    with serving(post.box, public, Honest) as address:
        yield Server(post.exchange, address)


STRANGER = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()


def test_a_partner_that_stopped_is_told_at_once_and_not_called_again(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Another host key: an error is logged once with both fingerprints, and no call is made until somebody acts."""
    server.channel(STRANGER)
    for later in (timedelta(), timedelta(days=30)):
        outcome = server.collect(later=later)
        assert (outcome[CPAS].error, outcome[CPAS].retry, outcome[OTHER].error) == ("HostKeyMismatch", False, None)
    stopped = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert [one.getMessage().count("SHA256:") for one in stopped] == [2]
    with server.exchange.hub(WEEK[0]) as hub:
        told = {one["partner"]: one for one in links(hub, [CPAS, OTHER])}
    assert (told[CPAS]["error"], told[CPAS]["next"], told[CPAS]["ok_at"]) == ("HostKeyMismatch", "stopped", None)
    assert (told[OTHER]["error"], told[OTHER]["next"]) == (None, "at any time")


@pytest.mark.parametrize("how", ["another channel", "release", "insist"])
def test_what_makes_the_hub_call_a_stopped_partner_again(server: Server, how: str) -> None:
    """A channel that was mended, an operator's release, an operator who names the partner: each is a call."""
    with server.exchange.hub(WEEK[0]) as hub:
        mark = hub.mailboxes.mark(CPAS)
        hub.ledger.links.note([], {CPAS: ("Denied", mark)}, hub.now)
    assert server.collect()[CPAS].error == "Denied"
    if how == "another channel":
        server.exchange.settings.channels.write_text(
            server.exchange.settings.channels.read_text().replace('user = "partner"', 'user = "hub"')
        )
    if how == "release":
        with server.exchange.hub(WEEK[0]) as hub:
            hub.ledger.links.release(CPAS)
    assert server.collect(insist=how == "insist")[CPAS].error is None
    assert server.collect()[CPAS].error is None


def test_a_partner_that_cannot_be_reached_waits_longer_each_time(server: Server, tmp_path: Path) -> None:
    """The second failure in a row makes it wait; the others are visited; a good visit ends the wait."""
    good, port = server.address.host_keys[0], server.address.port
    server.channel(good, port=1)
    assert [server.collect()[CPAS].error for _ in range(4)] == ["Unreachable"] * 4
    with server.exchange.hub(WEEK[0]) as hub:
        assert hub.ledger.links.of([CPAS])[CPAS].failures == 2, "two calls, two refusals to call"
    assert server.collect(later=timedelta(minutes=5))[OTHER].error is None
    with server.exchange.hub(WEEK[0]) as hub:
        assert hub.ledger.links.of([CPAS])[CPAS].failures == 3
    server.channel(good, port)
    assert server.collect()[CPAS].error is None
    with server.exchange.hub(WEEK[0]) as hub:
        assert hub.ledger.links.of([CPAS])[CPAS].failures == 0


@pytest.mark.parametrize(
    ("kind", "found", "advised"),
    [
        (Honest, {"renames": True, "onto_another": "refuses", "posix_rename": True, "takes_away": False}, 0),
        (faulty.NoRename, {"renames": False, "posix_rename": False}, 1),
        (faulty.RenamesOver, {"renames": True, "onto_another": "replaces"}, 1),
        (faulty.Plain, {"renames": True, "posix_rename": False}, 0),
        (faulty.DropBox, {"reads_back": False}, 1),
    ],
)
def test_a_probe_finds_what_a_server_can_do(
    prepared: Exchange, tmp_path: Path, kind: type[Honest], found: dict[str, Any], advised: int
) -> None:
    """What it can do is found by doing it, kept with the partner, and leaves nothing in the mailbox."""
    post = Post(tmp_path, prepared)
    public = post.exchange.settings.ssh_key.with_suffix(".pub").read_text()
    with serving(post.box, public, kind) as address:
        Server(post.exchange, address)
        with post.exchange.hub(WEEK[0]) as hub:
            told = probe_partner(hub, CPAS)
            kept = links(hub, [CPAS])[0]["probed"]
    assert told.items() >= (found | {"second_session": True, "removes": True, "ignores_case": False}).items()
    assert abs(told["clock"]) <= 5
    assert told["free"] > 0
    assert told["host_key"].startswith("SHA256:")
    assert len(advice(told)) == advised == len(told["advice"])
    assert {name: kept[name] for name in found} == found
    assert list((post.box / "out").glob(".*")) == []


def test_a_folder_is_not_probed(post: Post) -> None:
    """There is nothing to find out about a folder of ours, and that is said."""
    with post.exchange.hub(WEEK[0]) as hub, pytest.raises(OperatorError, match="no SFTP server"):
        probe_partner(hub, CPAS)


def test_an_operator_probes_looks_and_releases(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one server can do, how all were lately, call one again; and what is answered to mistakes."""
    monkeypatch.setenv("PASSERELLE_HOME", str(server.exchange.settings.home))

    def told(*words: str, code: int = 0) -> str:
        assert main(["partners", *words]) == code
        captured = capsys.readouterr()
        return captured.out or captured.err

    probed = told("probe", CPAS)
    assert "renames: yes" in probed
    assert "takes_away: no" in probed
    with server.exchange.hub(WEEK[0]) as hub:
        hub.ledger.links.note([OTHER], {CPAS: ("Denied", hub.mailboxes.mark(CPAS))}, hub.now)
    first, second = told("links").splitlines()
    assert first.startswith(f"{CPAS} last good visit never; Denied 1 time(s), next: stopped; probed 2")
    assert second.startswith(f"{OTHER} last good visit 2026-03-09T06:00+00:00; no trouble; never probed")
    assert json.loads(told("links", CPAS, "--json"))[0]["error"] == "Denied"
    assert told("release", CPAS) == f"{CPAS} is called again at the next visit\n"
    assert "no trouble" in told("links", CPAS)
    assert "takes the id of a partner" in told("probe", code=11)
    assert "no channel" in told("release", "062003", code=11)
    assert "no SFTP server" in told("probe", OTHER, code=11)
