"""What a file of offers, events or trainings lists, and whether what it leaves out is closed by that.

Asked by process before a file is finished. An export closes only where its manifest says that it is complete, all
of its rows were accepted, and it does not close suspiciously many offers at once.
"""

from collections.abc import Iterable
from datetime import date

from hub.flow.hub import Hub
from hub.flow.impersonal import seen_from_brussels
from hub.model import Event
from hub.offers import IMPERSONAL, current, is_suspicious, last_day, open_on
from hub.stores.listings import Listing
from hub.verify import Announced

SUSPICIOUS = "F39"
CLOSING = "OFFR"  # the only feed whose complete export says what is over


def listing_of(
    hub: Hub, announced: Announced, found: Iterable[Event], rejected: int
) -> tuple[Listing | None, tuple[str, ...]]:
    """What a file lists, None for a feed of persons; and F39 where it is read as a partial export."""
    name = announced.name
    if name.feed not in IMPERSONAL:
        return None, ()
    until: dict[str, date] = {}
    for event in found:
        until[event.entity_id] = max(last_day(name.feed, event.payload), until.get(event.entity_id, date.min))
    complete = announced.manifest.complete and name.feed == CLOSING and not rejected
    listing = Listing(name.sender, name.feed, name.sequence, name.day, complete, until)
    if complete and _closes_too_many(hub, listing):
        return Listing(name.sender, name.feed, name.sequence, name.day, complete=False, until=until), (SUSPICIOUS,)
    return listing, ()


def _closes_too_many(hub: Hub, listing: Listing) -> bool:
    """Counts first by what was listed, which never tells too few; only then by what the rows say."""
    share, rows = hub.settings.closed_share, hub.settings.closed_rows
    if not is_suspicious(*hub.ledger.listings.held_back(listing), share, rows):
        return False
    events = seen_from_brussels(hub.ledger.listings.candidates(listing.feed, listing.day))
    opened = set(open_on(current(events, listing.feed), listing.day)["entity_id"])
    return is_suspicious(len(opened - listing.until.keys()), len(opened), share, rows)
