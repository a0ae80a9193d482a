"""publish: for each recipient, what changed since it was last told, as self-verified files.

Expects reconciled states; leaves files in the outbox and READY publications. A recipient's waiting entities are read
with their persons, so a run costs what was touched and not what was ever told. They are settled last: a run killed
before is made up for by the next, and what was published already is known by its rows.
"""

from collections.abc import Iterable

import polars as pl

from hub.audience import Recipient
from hub.flow.hub import Hub, for_each
from hub.flow.impersonal import Impersonal
from hub.flow.news import VIEW, News, Newsroom, Whole
from hub.flow.outbox import THREADS, make, outbound_contract, put, told_by
from hub.flow.repeated import as_told
from hub.flow.told import recipient_of, sheet
from hub.model import FOREM, OPEN_DATA, REGISTERS, Outcome
from hub.offers import IMPERSONAL
from hub.told import GONE, entity_of, gone_rows


def publish(hub: Hub, partners: Iterable[str], *, anew: bool = False) -> list[Outcome]:
    """Publish to each partner; the outcome counts the publications made.

    `anew` tells a partner again all that holds, as after a loss of its mailbox: whatever it was told before.
    """
    everyone = list(partners)
    told = [one for one in everyone if one not in (REGISTERS, OPEN_DATA) and hub.registry.may_exchange(one, hub.today)]
    recipients = {one: recipient_of(hub, one) for one in told}
    impersonal, room = Impersonal(hub, everyone), Newsroom(hub, recipients.values(), anew=anew)

    def one(partner: str) -> int:
        if partner not in recipients:
            return 0
        recipient = recipients[partner]
        return _impersonal(hub, recipient, impersonal, anew=anew) + _personal(hub, recipient, room.news(recipient))

    return for_each("publish", everyone, one, THREADS)


def _impersonal(hub: Hub, recipient: Recipient, impersonal: Impersonal, *, anew: bool) -> int:
    """Tell a CPAS of the offers, events and trainings that concern it; Le Forem has told them itself."""
    feeds = () if recipient.partner == FOREM else IMPERSONAL
    return sum(
        make(hub, recipient.partner, feed, impersonal.rows(recipient.partner, feed, anew=anew))
        for feed in feeds
        if feed in recipient.feeds
    )


def _personal(hub: Hub, recipient: Recipient, news: News) -> int:
    made = _snapshot(hub, recipient, news.whole) if news.whole else 0
    delta = {**{feed: [rows] for feed, rows in news.passed.items()}, VIEW: [news.view, gone_rows(news.gone["row_key"])]}
    for feed, parts in delta.items():
        if told := [_sealed(hub, recipient, feed, rows) for rows in parts if not rows.is_empty()]:
            made += put(hub, recipient.partner, feed, pl.concat(told))
    hub.ledger.publications.settle(recipient.partner, dict(news.settled.select("entity_id", "revision").iter_rows()))
    return made


def _snapshot(hub: Hub, recipient: Recipient, whole: Whole) -> int:
    """Tell the whole view, what is held as it was told. If nothing is left, the last rows are taken back."""
    gone = whole.gone["row_key"].to_list()
    kept = as_told(hub, recipient.partner, whole.kept["row_key"].to_list())
    parts = pl.concat([_sealed(hub, recipient, VIEW, whole.rows), kept])
    if parts.is_empty():
        return put(hub, recipient.partner, VIEW, _sealed(hub, recipient, VIEW, gone_rows(gone)))
    news = dict(told_by(whole.fresh)) | {key: (entity_of(key), GONE) for key in gone}
    return put(hub, recipient.partner, VIEW, parts, "SNAPSHOT", news)


def _sealed(hub: Hub, recipient: Recipient, feed: str, rows: pl.DataFrame) -> pl.DataFrame:
    return sheet(hub, recipient, rows, outbound_contract(hub, recipient.partner, feed))
