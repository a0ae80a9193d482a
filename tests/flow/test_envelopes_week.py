"""Days of the exchange in which each partner wraps its files in another way, in both directions."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from play import MONDAY, PROJECT, WEEK, Exchange

from hub import flow
from hub.flow import reveal
from hub.signed_note import Signer
from hub.stores.tables import event
from hub.wiring import open_databases
from hub.zones import NEEDS

WORDS = ("SIGNED", "HPKE", "HPKE_PQ", "AGE", "CMS", "OPENPGP")


class Wrapping(Exchange):
    """Stand-ins: the first six wrap what they send and are sent, each in its own way; the last sends bare files."""

    def simulate(self, command: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        more = ("--envelopes",) if command == "init" else ()
        return super().simulate(command, *arguments, *more, codes=codes)

    def agree(self) -> "Wrapping":
        """Both sides give each other their public keys, by the commands that an operator has."""
        registry, public = Path(self.environ["PASSERELLE_PARTNERS"]), self.partners / "public"
        shutil.copytree(PROJECT / "partners", registry)
        shutil.copy(public / "envelopes.csv", registry)
        for key in public.glob("[0-9]*.keys"):
            shutil.copy(key, self.settings.partner_keys)
        words = [sys.executable, "-m", "hub", "keys", "envelopes", "--json"]
        environ = {"PASSERELLE_HOME": str(self.settings.home), **self.environ, "PATH": "/usr/bin:/bin"}
        said = subprocess.run(words, capture_output=True, text=True, cwd=PROJECT, env=environ, check=True).stdout
        (public / "hub.keys").write_text(said)
        return self


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Wrapping:
    """Two days played by Le Forem and seven CPAS."""
    root = tmp_path_factory.mktemp("wrapping")
    made = Wrapping(root, cpas="7", environ={"PASSERELLE_PARTNERS": str(root / "registry")})
    made.prepare()
    made.agree().play(WEEK[:2])
    return made


def word_of(exchange: Exchange, partner: str) -> str:
    """The envelope of a partner; empty for one that has none."""
    path = exchange.partners / partner / "envelope.json"
    return str(json.loads(path.read_text())["word"]) if path.exists() else ""


def test_every_envelope_carries_files_both_ways(exchange: Wrapping) -> None:
    """The partners' books agree with the truth; each envelope was used, and nobody's file was refused for it."""
    assert exchange.books_agree(WEEK[1])
    with exchange.hub(WEEK[1], "EVENING") as hub:
        assert flow.conservation(hub)["read"] > 0
    used = {word_of(exchange, partner) for partner in exchange.everyone()}
    assert used == {*WORDS, ""}
    for partner in exchange.everyone():
        box = exchange.mailbox(partner)
        assert list((box / "in" / "done").glob("FI.*")), partner
        assert list((box / "out" / "taken").glob("FO.*")), partner


def test_nothing_of_a_sealed_file_is_readable_in_a_mailbox(exchange: Wrapping) -> None:
    """Where sealing was agreed no column's name is in any data file, and every GO is signed but a bare sender's."""
    seen = dict.fromkeys((*WORDS, ""), 0)
    for partner in exchange.everyone():
        word, box = word_of(exchange, partner), exchange.mailbox(partner)
        for path in (*(box / "in" / "done").glob("FI.*"), *(box / "out" / "taken").glob("FO.*")):
            seen[word] += 1
            readable = b"message_fr" in path.read_bytes() or b"notice_id" in path.read_bytes()
            assert readable or word not in ("", "SIGNED") or b";" in path.read_bytes()
            assert not (readable and word not in ("", "SIGNED")), path.name
        for path in (box / "in" / "done").glob("GO.*"):
            assert ("signature" in json.loads(path.read_text())) == bool(word), path.name
        for path in (box / "out" / "taken").glob("GO.*"):
            assert "signature" in json.loads(path.read_text()), path.name
    assert min(seen.values()) >= 4, seen


def test_the_agreement_holds_from_its_day_on(exchange: Wrapping) -> None:
    """Before the day of its row what it sends has to be signed; on that day it wraps."""
    with exchange.hub(MONDAY, "EVENING") as hub:
        partner = next(one for one in exchange.everyone() if word_of(exchange, one) == "HPKE")
        (row,) = hub.registry.envelopes[partner]
        assert row[0] == MONDAY
        assert hub.registry.envelope(partner, MONDAY).sends == "HPKE"
        assert hub.registry.envelope(partner, MONDAY.replace(day=8)).sends == "SIGNED"


def test_two_officers_learn_who_it_is_from_a_wrapped_file(exchange: Wrapping) -> None:
    """For one person of each CPAS, whatever its envelope: the file it sent opens once more, for a reveal."""
    signers = [Signer(name, Ed25519PrivateKey.generate()) for name in ("first", "second")]
    known = {one.name: one.verifier for one in signers}
    first, second = (reveal.Officers(known, one) for one in signers)
    query = sa.select(event.c.source, sa.func.min(event.c.sid)).where(event.c.feed == "ORIE").group_by(event.c.source)
    with open_databases(exchange.settings) as (ledger, _), ledger.read() as tx:
        people = [tuple(row) for row in tx.execute(query)]
    words = set()
    with exchange.hub(WEEK[1], "EVENING", NEEDS["reveal"]) as hub:
        for partner, sid in people:
            asked = reveal.ask(hub, first, sid, "PERSON_RIGHTS", "a letter")
            reveal.approve(hub, second, asked.reveal_id)
            assert len(reveal.open_once(hub, first, asked.reveal_id)["niss"]) == 11, partner
            words.add(word_of(exchange, partner))
    assert len(words) >= 5, words
