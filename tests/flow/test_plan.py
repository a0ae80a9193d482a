"""The plan d'actions of a CPAS at the gate: what is in it passes, what is not is refused, each plan from its day on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from play import Exchange
from post import CPAS, Post, go_of, name_of
from test_every_feed import GOOD, data_of

from hub import flow
from hub.stores import tables
from hub.wiring import open_hub
from hub.zones import EVERYTHING

# The plan of Liège has axis 3, so MOBI, from 1 January 2026 on. Brussels is one hour ahead of UTC in winter.
LAST_EVENING = datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=CPAS).prepare()


def put(post: Post, feed: str) -> str:
    """Put one right row of a feed into the mailbox; the name of its file."""
    data, name = data_of(feed, GOOD[feed]), name_of(feed=feed, sender=post.partner)
    labels = {"MOBI": "mobilisations/1", "SITU": "situations/1", "ORIE": "orientations/1"}
    post.put(name, data, go_of(name, data, contract=labels[feed], rows=1))
    return name


def visit(post: Post, received: datetime, processed: datetime) -> list[tuple[str, str, str]]:
    """Collect at one instant, do the rest at another; what the sender is told."""
    with open_hub(post.exchange.settings, received, EVERYTHING) as hub:
        post.exchange.require(flow.collect(hub, [post.partner]))
    with open_hub(post.exchange.settings, processed, EVERYTHING) as hub:
        for verb in (flow.process, flow.acknowledge, flow.deliver):
            post.exchange.require(verb(hub, [post.partner]))
    return post.receipts()


@pytest.mark.parametrize(
    ("received", "verdict", "code"),
    [(LAST_EVENING, "REFUSED", "F36"), (MIDNIGHT, "ACCEPTED", "")],
    ids=["the last second of the day before", "midnight in Brussels"],
)
def test_a_plan_takes_effect_at_midnight_in_brussels(
    received: datetime, verdict: str, code: str, prepared: Exchange, tmp_path: Path
) -> None:
    """The day of receipt decides, in Brussels, whenever the file is processed."""
    post = Post(tmp_path, prepared)
    name = put(post, "MOBI")
    assert visit(post, received, datetime(2026, 1, 2, 6, tzinfo=UTC)) == [(name, verdict, code)]
    assert len(post.exchange.rows(tables.event)) == (verdict == "ACCEPTED")


def test_a_feed_outside_the_plan_is_refused_and_the_others_pass(prepared: Exchange, tmp_path: Path) -> None:
    """Seraing has no axis 3 in March 2026: its answers to job days are refused, its situations are not."""
    post = Post(tmp_path, prepared, "062096")
    names = [put(post, "MOBI"), put(post, "SITU")]
    now = datetime(2026, 3, 9, 6, tzinfo=UTC)
    assert visit(post, now, now) == [(names[0], "REFUSED", "F36"), (names[1], "ACCEPTED", "")]


def test_a_feed_of_the_other_side_is_not_a_question_of_the_plan(prepared: Exchange, tmp_path: Path) -> None:
    """A feed that no CPAS sends is F17, in the plan or not."""
    post = Post(tmp_path, prepared, "062096")
    name = name_of(feed="STAT", sender="062096")
    post.put(name, b"x\n", go_of(name, b"x\n"))
    now = datetime(2026, 3, 9, 6, tzinfo=UTC)
    assert visit(post, now, now) == [(name, "REFUSED", "F17")]
