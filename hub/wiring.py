"""From settings to a working hub: which connector, which store, which key ring.

The only place that knows both the flow and what fulfils its ports.
"""

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.envelope import open_sealed, seal
from connectors.folder import FolderMailbox
from connectors.sftp import Address, SftpMailbox, read_key
from hub.calendar import load_calendar
from hub.errors import OperatorError
from hub.flow.hub import Hub, Ledger
from hub.keys import KeyRing, read_partner_keys
from hub.partners import load_registry
from hub.ports import Mailbox
from hub.settings import Settings
from hub.stores.database import Database
from hub.stores.entities import Entities
from hub.stores.files import Files
from hub.stores.identity import IdentityStore
from hub.stores.listings import Listings
from hub.stores.publications import Publications
from hub.stores.report import Report
from hub.stores.submissions import Submissions


@contextmanager
def open_hub(settings: Settings, now: datetime) -> Iterator[Hub]:
    """A hub whose clock stands at `now` (aware). Raises OperatorError when something was never set up."""
    if now.tzinfo is None:
        raise OperatorError("the hub's clock needs an instant with a zone")
    with open_databases(settings) as (ledger, identity):
        ledger.require_schema()
        identity.require_schema()
        calendar, clocks = load_calendar(settings.partners / "calendar.toml")
        keys = KeyRing(settings.keys)
        yield Hub(
            settings=settings,
            now=now,
            registry=load_registry(settings.partners),
            calendar=calendar,
            clocks=clocks,
            ledger=Ledger(
                Submissions(ledger), Entities(ledger), Publications(ledger), Listings(ledger), Report(ledger)
            ),
            identity=IdentityStore(identity),
            files=Files(settings.files),
            keys=keys,
            partner_keys=read_partner_keys(settings.partner_keys),
            mailboxes=Channels(settings),
            seal=LandingSeal(keys),
        )


@contextmanager
def open_databases(settings: Settings) -> Iterator[tuple[Database, Database]]:
    """The ledger and the identity store; closed at the end."""
    ledger, identity = Database(settings.ledger_url, "ledger"), Database(settings.identity_url, "identity")
    try:
        yield ledger, identity
    finally:
        ledger.close()
        identity.close()


def migrate(settings: Settings) -> None:
    """Bring both databases to the version this code needs."""
    with open_databases(settings) as databases:
        for database in databases:
            database.migrate()


class Channels:
    """Where the partners' mailboxes are, as `channels.toml` says: an SFTP server, or a local folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._channels = _read_channels(settings.channels)

    def partners(self) -> set[str]:
        """The partners that have a channel."""
        return set(self._channels)

    def open(self, partner: str) -> AbstractContextManager[Mailbox]:
        """A session with the partner's mailbox. Raises OperatorError when it has no channel."""
        channel = self._channels.get(partner)
        if channel is None:
            raise OperatorError(f"partner {partner} has no channel in channels.toml")
        try:
            if "folder" in channel:
                return FolderMailbox(Path(channel["folder"]))
            pins = tuple(channel["host_keys"])
            address = Address(channel["host"], int(channel["port"]), channel["user"], pins)
        except (KeyError, TypeError, ValueError):
            raise OperatorError(f"the channel of partner {partner} is not complete") from None
        return SftpMailbox(address, read_key(self._settings.ssh_key))


class LandingSeal:
    """Seals landed files to the identity zone's key."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def seal(self, chunks: Iterable[bytes], context: bytes) -> Iterator[bytes]:
        """Seal while the bytes stream in."""
        return seal(chunks, self._keys.landing_public(), context)

    def open(self, chunks: Iterable[bytes], context: bytes) -> bytes:
        """The clear bytes, in memory."""
        return b"".join(open_sealed(chunks, self._keys.landing_private(), context))


def _read_channels(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text())
        channels: dict[str, dict[str, Any]] = content.get("channel", {})
        return channels
    except tomllib.TOMLDecodeError:
        raise OperatorError("channels.toml cannot be read") from None
