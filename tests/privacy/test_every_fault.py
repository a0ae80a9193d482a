"""Whatever function of the hub fails, in words that quote all it held, nothing of that leaves its memory.

A run of each verb is watched to learn which functions of ours it calls. Then it is run again, on a copy, once for
each of them: that one function throws, as it returns, an error that quotes its variables and a row. All that the hub
wrote, kept, logged, printed and delivered is searched. `make canaries` tries every function, the suite every few.
"""

import itertools
import shutil
from collections import Counter
from pathlib import Path

import pytest
from play import WEEK

from hub.stores import tables
from tests.privacy import everybody
from tests.privacy.everybody import CANARIES, SENDER, VALUES
from tests.privacy.plants import PLANTED
from tests.privacy.scanner import Scanner
from tests.privacy.striking import EVERY, copied, struck
from tests.privacy.watched import VERBS, ByCommand, searched, watching


def run(exchange: ByCommand, verb: str) -> int:
    return exchange.run(verb, WEEK[0], "EVENING", sorted(SENDER.values()))


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ByCommand]:
    """The exchange as it is just before each verb, and at the end (`done`)."""
    folder = tmp_path_factory.mktemp("everybody")
    stages = {VERBS[0]: everybody.prepared(folder / VERBS[0])}
    for verb, after in itertools.pairwise((*VERBS, "done")):
        stages[after] = copied(stages[verb], folder / after)
        with watching(stages[after].root / "hub"):
            assert run(stages[after], verb) == 0
    return stages


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner([*CANARIES, *PLANTED])


def test_every_feed_went_through(stages: dict[str, ByCommand]) -> None:
    """Each feed of the convention was recorded from its right file and answered for its wrong one."""
    done = stages["done"]
    events = Counter(row["feed"] for row in done.rows(tables.event))
    states = Counter((row["feed"], row["state"]) for row in done.rows(tables.submission))
    print(dict(events), dict(states))
    assert set(events) == set(everybody.GOOD) & set(events)
    assert set(events) == {feed for feeds in everybody.FEEDS.values() for feed in feeds}
    assert all(states[feed, "DONE"] >= 1 for feed in events)
    assert sum(row["rejected"] or 0 for row in done.rows(tables.submission)) >= 10


def test_no_canary_is_where_it_may_not_be(stages: dict[str, ByCommand], scanner: Scanner, tmp_path: Path) -> None:
    """After every verb, what the hub keeps, logs and delivers shows none of the values; what was sent shows all."""
    done = stages["done"]
    outs = tmp_path / "outs"
    for partner in SENDER.values():
        shutil.copytree(done.mailbox(partner) / "out", outs / partner)
    assert searched(scanner, tmp_path / "scan", done.root / "hub", outs) == []
    sent = scanner.scan(*(done.mailbox(partner) / "in" for partner in SENDER.values()))
    print(scanner.told(sent))
    text = b"".join(path.read_bytes() for path in (done.partners).glob("*/mailbox/in/done/FI.*"))
    assert [kind for kind, value in VALUES.items() if value.encode() not in text] == []
    assert {hit.what.split(" as ")[0] for hit in sent.hits} == {canary.kind for canary in CANARIES}


@pytest.mark.parametrize("verb", VERBS)
def test_no_failure_shows_what_there_was(
    verb: str, stages: dict[str, ByCommand], scanner: Scanner, tmp_path: Path
) -> None:
    """Of every function that failed, the error's text is nowhere; each did fail, and most of them ended the command
    with a code of its own: none was passed over in silence."""
    called, left = struck(stages[verb], lambda exchange: run(exchange, verb), tmp_path / verb)
    homes = [one.home for one in left]
    outs = [path for home in homes for path in home.parent.glob("partners/*/mailbox/out")]
    found = searched(scanner, tmp_path / "scan", *homes, *(out for out in outs if any(out.rglob("*.*"))))
    for home in homes:
        shutil.rmtree(home.parent)
    codes = Counter(one.code for one in left)
    print(f"{verb}: {called} functions, {len(left)} of them made to fail, {dict(codes)}, {len(found)} finds")
    assert [f"{hit.place}: {hit.what}" for hit in found] == []
    assert codes.keys() <= {0, 10, 11, 12, 13}
    assert [one.place for one in left if not one.times] == []
    assert len(left) > 200 // EVERY
    assert codes[11] + codes[12] + codes[13] > len(left) * 2 // 3
