"""What a partner writes around its rows (a file's name, a manifest) reaches no store, log, error or receipt."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from play import WEEK

from hub.flow.process import open_landed
from tests.connectors.faulty import CANARY, Babbles, Forbids, Honest, serving
from tests.privacy.plants import BORN, DOTTED, EMAIL, FIRST, LAST, NISS, ROW
from tests.privacy.scanner import Canary, Scanner
from tests.privacy.watched import PLANTED, ByCommand, in_a_process, searched, watching

PARTNER = "062063"
STREAM = f"ORIE.{PARTNER}.20260309"
NAMES = [
    f"{NISS}.csv",
    f"orientation {LAST} {FIRST} {DOTTED}.xlsx",
    f"{LAST}.csv",
    EMAIL,
    f"FI.{STREAM}.00001.T.1.1.{NISS}",
    f"FI.{STREAM}.{NISS}.T.1.1",
    f"GO.{STREAM}.00001.T.1.{LAST}",
    f"TD.{STREAM}.00001.T.{NISS}",
    f"FI.ORIE.{PARTNER}.{BORN}.00001.T.1.1",
    f"{NISS}\n{LAST}.csv",
    f"\x1b[31m{LAST}.csv",
    f".{NISS}.csv.part",
]
MANIFESTS = [
    {"file": f"{NISS}.csv"},
    {"file": LAST},
    {"contract": "zwingelbrouck/1"},
    {"contract": f"{NISS}/1"},
    {"sha256": NISS},
    {"rows": int(NISS)},
    {"first_version": int(NISS)},
    {"previous": NISS.ljust(64, "0")},
    {"remark": ROW},
]


@pytest.fixture
def exchange(morning: ByCommand, tmp_path: Path) -> ByCommand:
    """A copy of the exchange with one empty mailbox, and one that is known to the hub."""
    shutil.copytree(morning.root, tmp_path / "exchange")
    exchange = ByCommand(tmp_path / "exchange", cpas=morning.cpas)
    box = exchange.mailbox(PARTNER)
    shutil.rmtree(box)
    for folder in ("in/done", "out/taken"):
        (box / folder).mkdir(parents=True)
    exchange.set_channels({PARTNER: {"folder": str(box)}})
    return exchange


def worked(exchange: ByCommand) -> None:
    """Two days of every verb for this partner: a name outside the grammar is taken at the second look."""
    for day in WEEK[:2]:
        for verb in ("collect", "process", "acknowledge", "publish", "deliver"):
            assert exchange.run(verb, day, "CPAS", [PARTNER]) in {0, 11, 12}


def searched_everywhere(exchange: ByCommand, scanner: Scanner, scratch: Path) -> list[object]:
    """The hub's folder and what it delivered to the partner."""
    out = scratch / "out"
    shutil.copytree(exchange.mailbox(PARTNER) / "out", out)
    return [*searched(scanner, scratch / "scan", exchange.root / "hub", out)]


def test_a_person_in_a_file_name_stays_in_the_mailbox(exchange: ByCommand, tmp_path: Path) -> None:
    """Files named after a person are refused by their shape: no store, log, receipt or name of ours repeats them."""
    for n, name in enumerate(NAMES):
        (exchange.mailbox(PARTNER) / "in" / name).write_text(f"file {n}\n")
    with watching(exchange.root / "hub"):
        worked(exchange)
    with exchange.hub(WEEK[1], "CPAS") as hub:
        told = {row["name"]: row["code"] for row in hub.ledger.submissions.finished(PARTNER)}
    print(told)
    assert len(told) >= 6
    assert set(told.values()) == {"F01"}
    (receipt, *_) = (exchange.mailbox(PARTNER) / "out").glob("FO.ACRF.*")
    assert "99999999999.aaa" in receipt.read_text()
    assert searched_everywhere(exchange, Scanner(PLANTED), tmp_path) == []


def test_a_person_in_a_manifest_stays_there(exchange: ByCommand, tmp_path: Path) -> None:
    """A manifest that names a person in any of its fields is refused, and nothing of it is written down in clear."""
    for n, wrong in enumerate(MANIFESTS, start=1):
        name = f"FI.{STREAM}.{n:05d}.T.1.1"
        data = b"header\n"
        good = {"file": name, "rows": 0, "sha256": hashlib.sha256(data).hexdigest(), "contract": "x/1"}
        (exchange.mailbox(PARTNER) / "in" / name).write_bytes(data)
        go = json.dumps({**good, **wrong}, ensure_ascii=bool(n % 2))
        (exchange.mailbox(PARTNER) / "in" / f"GO.{STREAM}.{n:05d}.T.1").write_text(go)
    with watching(exchange.root / "hub"):
        worked(exchange)
    with exchange.hub(WEEK[1], "CPAS") as hub:
        rows = hub.ledger.submissions.finished(PARTNER)
        assert any(NISS in open_landed(hub, PARTNER, row["manifest_digest"]).decode() for row in rows)
    assert len(rows) == len(MANIFESTS)
    assert all(row["state"] == "REFUSED" for row in rows)
    scanner = Scanner([*PLANTED, Canary("last_name", "zwingelbrouck")])
    assert searched_everywhere(exchange, scanner, tmp_path) == []


@pytest.fixture(params=[Forbids, Babbles])
def talkative(request: pytest.FixtureRequest, exchange: ByCommand) -> Iterator[None]:
    """The mailbox behind a server that refuses in words that name a person."""
    kind: type[Honest] = request.param
    box = exchange.mailbox(PARTNER)
    for name in (f"FI.{STREAM}.00001.T.1.1", f"GO.{STREAM}.00001.T.1", f"{CANARY}.csv"):
        (box / "in" / name).write_text("{}")
    with serving(box, exchange.settings.ssh_key.with_suffix(".pub").read_text(), kind) as address:
        channel = {"host": address.host, "port": address.port, "user": address.user}
        exchange.set_channels({PARTNER: {**channel, "host_keys": list(address.host_keys)}})
        yield


def test_a_person_in_the_words_of_a_server_stays_there(exchange: ByCommand, talkative: None, tmp_path: Path) -> None:
    """What a partner's server says when it refuses is neither logged nor printed nor stored, at DEBUG either."""
    codes = [in_a_process(exchange, "collect", day, PARTNER).wait() for day in WEEK[:2]]
    assert set(codes) <= {11, 12}
    assert "verb_failed" in (exchange.root / "hub" / "logs" / "err.txt").read_text()
    scanner = Scanner([*PLANTED, Canary("niss", CANARY)])
    assert searched(scanner, tmp_path / "scan", exchange.root / "hub") == []
