"""Once and only once: the process dies before, within and after every call to a mailbox, and runs again."""

import functools
import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from mortal import HOW, Death, Mortal, OneMailbox
from play import WEEK, Exchange

from hub import flow
from hub.errors import InvariantBroken
from hub.flow.collect import landing_context
from hub.flow.hub import Hub
from hub.partners import load_registry
from hub.stores import tables

CPAS = "062063"
LATER = date(2026, 3, 10)


def nothing(out: Path) -> list[str]:
    """The partner does nothing meanwhile."""
    return []


def take(out: Path) -> list[str]:
    """The partner moves each pair that it sees to out/taken/."""
    for name in _pairs(out):
        (out / name).rename(out / "taken" / name)
    return []


def consume(out: Path) -> list[str]:
    """The partner's software deletes each pair that it sees, data first."""
    names = _pairs(out)
    for name in names:
        (out / name).unlink()
    return names


def begin(out: Path) -> list[str]:
    """The partner dies itself, once it has moved the data of a pair and before it moves the GO."""
    for name in _pairs(out):
        if name.startswith("FO."):
            (out / name).rename(out / "taken" / name)
    return []


MEANWHILE = [nothing, take, consume, begin]


def _pairs(out: Path) -> list[str]:
    pairs = ([path.name, f"GO{path.name[2:]}.1"] for path in sorted(out.glob("FO.*")))
    return [name for pair in pairs if (out / pair[1]).exists() for name in pair]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """A first morning up to the point where files wait to be delivered."""
    exchange = Exchange(tmp_path_factory.mktemp("delivery"), cpas=CPAS).prepare()
    exchange.simulate("cpas-day", "--day", WEEK[0].isoformat())
    shutil.copytree(exchange.root, exchange.root.with_name("before"))
    with exchange.hub(WEEK[0]) as hub:
        for verb in (flow.collect, flow.process, flow.acknowledge):
            exchange.require(verb(hub, [CPAS]))
        flow.reconcile(hub)
        exchange.require(flow.publish(hub, [CPAS]))
    return exchange


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Exchange]:
    """Makes fresh copies of a hub and of this one mailbox."""
    copies = 0
    monkeypatch.setattr("hub.wiring.load_registry", functools.cache(load_registry))  # it never changes here

    def copy(of: Path) -> Exchange:
        nonlocal copies
        copies += 1
        root = tmp_path / str(copies)
        shutil.copytree(of / "hub", root / "hub")
        shutil.copytree(of / "partners" / CPAS / "mailbox", root / "partners" / CPAS / "mailbox")
        return Exchange(root)

    return copy


@contextmanager
def using(exchange: Exchange, box: Mortal, day: date = WEEK[0]) -> Iterator[Hub]:
    with exchange.hub(day) as hub:
        yield replace(hub, mailboxes=OneMailbox(box))


def calls_of(exchange: Exchange, verb: Callable[..., object]) -> int:
    """How many calls the verb makes when nothing happens."""
    box = Mortal(exchange.mailbox(CPAS))
    with using(exchange, box) as hub:
        verb(hub, [CPAS])
    return box.calls


def dies(exchange: Exchange, verb: Callable[..., object], call: int, how: str) -> Mortal:
    box = Mortal(exchange.mailbox(CPAS), call, how)
    with pytest.raises(Death), using(exchange, box) as hub:
        verb(hub, [CPAS])
    return box


def runs(exchange: Exchange, verb: Callable[..., object], call: int = 0, how: str = "before") -> Mortal:
    """Run the verb again; it may die once more, if it gets as far as that call."""
    box = Mortal(exchange.mailbox(CPAS), call, how)
    try:
        with using(exchange, box) as hub:
            exchange.require(verb(hub, [CPAS]))
    except Death:
        assert call
    return box


def check_delivered(exchange: Exchange, boxes: list[Mortal], consumed: list[str]) -> None:
    """Each file became visible once, is where the partner put it, whole, and the ledger says so."""
    out = exchange.mailbox(CPAS) / "out"
    publications = exchange.rows(tables.publication)
    wanted = {row["name"]: row["sha256"] for row in publications}
    wanted |= {f"GO{row['name'][2:]}.1": row["manifest_sha256"] for row in publications}
    assert Counter(name for box in boxes for name in box.appeared) == dict.fromkeys(wanted, 1)
    lying = [path for folder in (out, out / "taken") for path in folder.iterdir() if path.is_file()]
    assert sorted([path.name for path in lying] + consumed) == sorted(wanted)
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == wanted[path.name] for path in lying)
    assert {row["state"] for row in publications} == {"DELIVERED"}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_each_file_is_delivered_once_wherever_the_hub_dies(
    prepared: Exchange, copied: Callable[[Path], Exchange], how: str, meanwhile: Callable[[Path], list[str]]
) -> None:
    """After a death at any call and a second run, each file was visible once, also when the partner took it."""
    calls = calls_of(copied(prepared.root), flow.deliver)
    assert calls >= 12
    for call in range(1, calls + 1):
        exchange = copied(prepared.root)
        first = dies(exchange, flow.deliver, call, how)
        consumed = meanwhile(exchange.mailbox(CPAS) / "out")
        check_delivered(exchange, [first, runs(exchange, flow.deliver)], consumed)


@pytest.mark.parametrize("how", HOW[1:3])
@pytest.mark.parametrize("meanwhile", [nothing, consume])
def test_each_file_is_delivered_once_when_the_second_run_dies_too(
    prepared: Exchange, copied: Callable[[Path], Exchange], how: str, meanwhile: Callable[[Path], list[str]]
) -> None:
    """Two deaths, the second soon after the second run begins, change nothing either."""
    for call in range(6):
        for second in range(1, 6):
            exchange = copied(prepared.root)
            boxes = [dies(exchange, flow.deliver, call + 1, "before" if call % 2 else "after")]
            consumed = meanwhile(exchange.mailbox(CPAS) / "out")
            boxes.append(runs(exchange, flow.deliver, second, how))
            consumed += meanwhile(exchange.mailbox(CPAS) / "out")
            boxes.append(runs(exchange, flow.deliver))
            check_delivered(exchange, boxes, consumed)


def check_collected(exchange: Exchange, names: set[str]) -> None:
    """Each file is in the ledger once, opens, lies in in/done/ under its own name, and was processed once."""
    inbox = exchange.mailbox(CPAS) / "in"
    assert {path.name for path in (inbox / "done").iterdir()} == names
    assert [path.name for path in inbox.iterdir() if path.is_file()] == []
    data = sorted(name for name in names if name.startswith("FI."))
    submissions = exchange.rows(tables.submission)
    assert sorted(row["name"] for row in submissions) == data
    with exchange.hub(WEEK[0]) as hub:
        for row in submissions:
            opened = hub.seal.open(hub.files.chunks("landing", row["digest"]), landing_context(CPAS))
            assert opened == (inbox / "done" / row["name"]).read_bytes()
        exchange.require(flow.process(hub, [CPAS]))
        assert flow.conservation(hub)["holds"] == 1
        assert len(hub.ledger.submissions.finished(CPAS)) == len(data)


@pytest.mark.parametrize("how", HOW)
def test_each_file_is_collected_once_wherever_the_hub_dies(
    prepared: Exchange, copied: Callable[[Path], Exchange], how: str
) -> None:
    """After a death at any call and a second run, each file is held once and lies in in/done/."""
    before = prepared.root.with_name("before")
    names = {path.name for path in (before / "partners" / CPAS / "mailbox" / "in").iterdir() if path.is_file()}
    assert len(names) >= 2
    calls = calls_of(copied(before), flow.collect)
    assert calls >= 5
    for call in range(1, calls + 1):
        exchange = copied(before)
        dies(exchange, flow.collect, call, how)
        runs(exchange, flow.collect)
        check_collected(exchange, names)


def test_a_file_put_again_while_the_hub_was_dead_counts_once(
    prepared: Exchange, copied: Callable[[Path], Exchange]
) -> None:
    """A partner that puts the same pair again, seeing no answer, sends nothing new."""
    before = prepared.root.with_name("before")
    calls = calls_of(copied(before), flow.collect)
    for call in range(1, calls + 1):
        exchange = copied(before)
        inbox = exchange.mailbox(CPAS) / "in"
        sent = {path.name: path.read_bytes() for path in inbox.iterdir() if path.is_file()}
        dies(exchange, flow.collect, call, "after")
        for name, data in sent.items():
            (inbox / name).write_bytes(data)
        runs(exchange, flow.collect)
        runs(exchange, flow.collect)
        assert [path.name for path in inbox.iterdir() if path.is_file()] == []
        with exchange.hub(WEEK[0]) as hub:
            exchange.require(flow.process(hub, [CPAS]))
            assert flow.conservation(hub)["holds"] == 1
        rows = exchange.rows(tables.submission)
        assert {row["state"] for row in rows} <= {"DONE", "DUPLICATE"}
        done = sorted(row["name"] for row in rows if row["state"] == "DONE")
        assert done == sorted(name for name in sent if name.startswith("FI."))


def test_a_file_that_another_replaced_in_the_outbox_is_never_delivered(
    prepared: Exchange, copied: Callable[[Path], Exchange]
) -> None:
    """A file of the outbox whose bytes are not those published stops the hub before anything is visible."""
    exchange = copied(prepared.root)
    victim = min((exchange.settings.files / "outbox").glob("FO.*"))
    victim.write_bytes(victim.read_bytes() + b"x")
    with pytest.raises(InvariantBroken, match="not the one that was published"), exchange.hub(WEEK[0]) as hub:
        flow.deliver(replace(hub, mailboxes=OneMailbox(Mortal(exchange.mailbox(CPAS)))), [CPAS])
    assert victim.name not in {path.name for path in (exchange.mailbox(CPAS) / "out").iterdir()}
