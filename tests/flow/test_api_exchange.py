"""Days of the exchange in which Le Forem has an API beside its mailbox, and one CPAS an API alone."""

import hashlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from play import PROJECT, WEEK, Exchange
from test_sftp import wait_for

from hub import flow
from hub.envelope_kinds import Agreed
from hub.errors import OperatorError
from hub.model import Outcome
from hub.stores import tables
from hub.wiring import Channels
from hub.zones import EVERYTHING
from simulators import layout

DAYS = WEEK[:3]
FOREM = "900001"


@contextmanager
def doors(exchange: Exchange, work: Path, share: float = 0.0) -> Iterator[None]:
    """`python -m simulators serve` with APIs; it writes the hub's channels."""
    settings, port_file = exchange.settings, work / "port"
    port_file.unlink(missing_ok=True)
    words = [sys.executable, "-m", "simulators", "serve", "--root", str(exchange.partners)]
    words += ["--authorized", str(settings.ssh_key.with_suffix(".pub")), "--port-file", str(port_file)]
    words += ["--channels", str(settings.channels), "--api-key", str(settings.api_key), "--api-faults", str(share)]
    server = subprocess.Popen(words, cwd=PROJECT)
    try:
        wait_for(port_file, server)
        yield
    finally:
        server.terminate()
        server.wait()


def alone(exchange: Exchange) -> str:
    """The CPAS that has an API and no mailbox."""
    (found,) = set(layout.apis(exchange.partners)) - {FOREM}
    return str(found)


def release(exchange: Exchange, day: date, partners: set[str]) -> None:
    """An operator lets them be called again at once."""
    with exchange.hub(day) as hub:
        for partner in partners:
            hub.ledger.links.release(partner)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Three days over mailboxes and APIs."""
    work = tmp_path_factory.mktemp("doors")
    exchange = Exchange(work / "exchange", cpas="4", api=True).prepare()
    with doors(exchange, work):
        exchange.play(DAYS)
        exchange.require(exchange.half_day(DAYS[-1], "EVENING"))
    return exchange


def test_the_books_agree_over_an_api_as_over_a_mailbox(played: Exchange) -> None:
    """States, statuses, registrations, receipts and the chain of files are what the truth says; rows are conserved."""
    assert played.books_agree(DAYS[-1])
    with played.hub(DAYS[-1], "EVENING") as hub:
        assert flow.conservation(hub)["holds"]
    for one in (alone(played), FOREM):
        assert list(played.partners.glob(f"{one}/**/*.part")) == []


def test_each_feed_goes_by_its_door(played: Exchange) -> None:
    """Le Forem's INSC and part of its STAT came by the API, its RECO went by it, all else by the mailbox."""
    home = played.partners / FOREM

    def feeds(folder: str, kind: str) -> set[str]:
        return {path.name.split(".")[1] for path in (home / folder).iterdir() if path.name.startswith(kind)}

    assert feeds("desk/in/done", "FI.") == {"INSC", "STAT"}
    assert feeds("mailbox/in/done", "FI.") == {"STAT"}
    assert feeds("desk/out/taken", "FO.") == {"RECO"}
    assert feeds("mailbox/out/taken", "FO.") == {"ORIE", "ACRF", "NOTI"}
    words = tomllib.loads(played.settings.channels.read_text())["channel"]
    assert "host" in words[FOREM]
    assert "host" not in words[alone(played)]


def test_what_came_by_an_api_is_in_the_ledger_with_the_hash_of_its_file(played: Exchange) -> None:
    """Each file of the API-only CPAS, and each INSC, is one submission; its bytes are those that the GO announces."""
    held = {(row["partner"], row["name"]) for row in played.rows(tables.submission)}
    inboxes = {FOREM: "desk", alone(played): "mailbox"}
    count = 0
    for partner, box in inboxes.items():
        for path in (played.partners / partner / box / "in/done").glob("FI.*.1.1"):
            assert (partner, path.name) in held
            count += 1
    assert count > 4
    sent = {row["name"]: row["sha256"] for row in played.rows(tables.publication)}
    for box in ("desk", "mailbox"):
        for path in (played.partners / FOREM / box / "out/taken").glob("FO.*"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sent[path.name]


def test_an_acknowledgement_comes_over_an_api_too(played: Exchange, tmp_path: Path) -> None:
    """A note AK behind the API is noted with its publication and taken."""
    exchange = Exchange(tmp_path / "exchange", api=True)
    shutil.copytree(played.root, exchange.root)
    name = sorted(path.name for path in (exchange.partners / FOREM / "desk/out/taken").glob("FO.*"))[-1]
    taken = (exchange.partners / FOREM / "desk/out/taken" / name).read_bytes()
    note = f'{{"file":"{name}","sha256":"{hashlib.sha256(taken).hexdigest()}","verdict":"ACCEPTED"}}\n'
    (exchange.partners / FOREM / "desk/in" / f"AK.{name[3:]}.1").write_text(note)
    with doors(exchange, tmp_path), exchange.hub(DAYS[-1], "EVENING") as hub:
        assert [outcome.error for outcome in flow.collect(hub, [FOREM])] == [None]
    published = {row["publication_id"]: row["name"] for row in exchange.rows(tables.publication)}
    kinds = {(published[row["publication_id"]], row["kind"]) for row in exchange.rows(tables.acknowledgement)}
    assert (name, "ACCEPTED") in kinds
    assert not (exchange.partners / FOREM / "desk/in" / f"AK.{name[3:]}.1").exists()


def test_an_api_at_which_everything_goes_wrong_changes_nothing_in_the_end(tmp_path: Path) -> None:
    """Two days with a tenth of all answers spoilt, verbs run until they go well: the books agree all the same."""
    exchange = Exchange(tmp_path / "exchange", cpas="4", api=True).prepare()
    failures: list[Outcome] = []
    with doors(exchange, tmp_path, share=0.1):
        for day in WEEK[:2]:
            for half, writes in (("CPAS", "cpas-day"), ("FOREM", "forem-day")):
                exchange.simulate(writes, "--day", day.isoformat())
                for _ in range(12):
                    wrong = [outcome for outcome in exchange.half_day(day, half) if outcome.error]
                    failures += wrong
                    if not wrong:
                        break
                    release(exchange, day, {outcome.partner for outcome in wrong})
                assert wrong == []
            exchange.simulate("take", "--day", day.isoformat())
    assert {outcome.partner for outcome in failures} <= {alone(exchange), FOREM}
    assert exchange.books_agree(WEEK[1])


WRONG = {  # a channel's word: what the operator is told
    "token": "is not right",
    "client": "is not right",
    "authority": "is not there",
}


@pytest.mark.parametrize("word", WRONG)
def test_a_channel_that_is_not_right_is_the_operators(played: Exchange, tmp_path: Path, word: str) -> None:
    """A channel without its words, or with a file that is not there, is told by what is missing."""
    exchange = Exchange(tmp_path / "exchange", api=True)
    shutil.copytree(played.root, exchange.root)
    channel = tomllib.loads(exchange.settings.channels.read_text())["channel"][alone(exchange)]["api"]
    channel |= {word: "nowhere.pem" if word == "authority" else 3}
    exchange.set_channels({alone(exchange): {"api": channel}})
    with exchange.hub(DAYS[-1]) as hub, pytest.raises(OperatorError, match=WRONG[word]):
        hub.mailboxes.open(alone(exchange))


def test_an_api_and_an_envelope_that_seals_do_not_go_together(played: Exchange, tmp_path: Path) -> None:
    """An API carries rows: where the registry says that files are sealed, the operator is told."""
    exchange = Exchange(tmp_path / "exchange", api=True)
    shutil.copytree(played.root, exchange.root)
    with exchange.hub(DAYS[-1]) as hub, doors(exchange, tmp_path):
        registry = replace(hub.registry, envelopes={alone(exchange): ((DAYS[0], Agreed("SIGNED", "HPKE")),)})
        with pytest.raises(OperatorError, match="an envelope that seals"):
            Channels(exchange.settings, EVERYTHING, DAYS[-1], registry).open(alone(exchange))
