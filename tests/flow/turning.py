"""The hub's keys replaced while a test goes on, as the operator does beside a running hub."""

from datetime import UTC, datetime

from play import Exchange

from hub.keys_care import Care, rotate
from hub.stores.identity import IdentityStore
from hub.stores.key_checks import KeyChecks
from hub.stores.submissions import Submissions
from hub.wiring import open_databases


def turn(exchange: Exchange, *purposes: str) -> None:
    """Put a new key of each purpose in force."""
    with open_databases(exchange.settings) as (ledger, identity):
        now, received = datetime.now(UTC), Submissions(ledger).received_until
        keys, checks = exchange.settings.keys, (KeyChecks(identity), KeyChecks(ledger))
        care = Care(keys, IdentityStore(identity), *checks, lambda _: 0, received, now, dry=False)
        for purpose in purposes:
            rotate(care, purpose)
