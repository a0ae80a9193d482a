"""What a sender is told of the numbers in its file: the registers have replaced one (R103), or cancelled it (R104).

A fact about a form, never a number. It is told only where sender and person are known to both sides by an open
referral: the registers tell the hub of people who are in the exchange, so to say that a number was replaced would
else tell whoever tries numbers that this one belongs to such a person (rulings 12).
"""

from collections.abc import Sequence

import polars as pl

from hub.audience import Recipients, acquainted
from hub.flow.hub import Hub
from hub.flow.told import people_of, recipient_of
from hub.model import Event

COLUMN = "niss"


def numbers_told(hub: Hub, partner: str, found: Sequence[Event]) -> dict[int, str]:
    """The code for each line of the partner's file that bears a number in use no more, where it may be told so.

    By what was known before this file: it opens no door for itself.
    """
    sids = {event.sid for event in found if event.sid and event.feed != "MUTA"}
    codes, persons = hub.ledger.entities.given_up(sids) if sids else ({}, {})
    if not codes:
        return {}
    known = _known(hub, partner, sorted(set(persons.values())))
    return {e.line: codes[e.sid] for e in found if e.sid in codes and persons[e.sid] in known}


def _known(hub: Hub, partner: str, persons: Sequence[str]) -> set[str]:
    recipients = Recipients((recipient_of(hub, partner),))
    wanted = pl.DataFrame({"sid": persons}, {"sid": pl.String()}).select(pl.lit(partner).alias("recipient"), "sid")
    return {*acquainted(people_of(hub, recipients, wanted), recipients)["sid"]}
