"""Days of the exchange in which each partner wraps its files in another way, in both directions."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from play import MONDAY, PROJECT, WEEK, Exchange

from hub import flow
from hub.stores import tables

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
        (public / "hub.keys").write_text(self.keys("envelopes", "--json"))
        return self

    def keys(self, *words: str) -> str:
        """What `passerelle keys` prints."""
        environ = {"PASSERELLE_HOME": str(self.settings.home), **self.environ, "PATH": "/usr/bin:/bin"}
        command = [sys.executable, "-m", "hub", "keys", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env=environ, check=True).stdout


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


def test_each_key_of_an_envelope_is_entered_once_and_a_dry_run_makes_none(exchange: Wrapping) -> None:
    """The audit log has an entry for each key that was made, and none for what was only asked."""
    entries = [json.loads(leaf["entry"]) for leaf in exchange.rows(tables.audit_leaf)]
    made = sorted(e["purpose"] for e in entries if (e["kind"], e.get("action")) == ("keys", "envelopes"))
    assert made == ["opening"] * 3 + ["signing"] * 2
    assert exchange.keys("envelopes", "--dry-run").strip() == "no key is missing"
    (lost,) = exchange.settings.keys.glob("signing-*-openpgp.key")
    text = lost.read_text()
    lost.unlink()
    assert exchange.keys("envelopes", "--dry-run").strip() == "would do: a key for OPENPGP is made"
    assert not lost.exists()
    lost.write_text(text)
    assert len(exchange.rows(tables.audit_leaf)) == len(entries)


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
