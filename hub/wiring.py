"""From settings to a working hub: which connector, which store, which key ring.

The only place that knows both the flow and what fulfils its ports.
"""

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from connectors.envelope import HEADER, is_sealed_to, open_sealed, seal
from connectors.folder import FolderMailbox
from connectors.sftp import Address, SftpMailbox, read_key
from hub import events
from hub.api_channel import feeds_of, open_api
from hub.calendar import load_calendar
from hub.doors import TwoDoors
from hub.errors import InvariantBroken, OperatorError
from hub.flow.hub import Hub, Ledger
from hub.key_providers import provider
from hub.keys import KeyRing, read_partner_keys
from hub.keys_check import OF_IDENTITY, OF_LEDGER, require_keys
from hub.memory import keep_private, require_quiet
from hub.partners import load_registry
from hub.ports import Mailbox
from hub.settings import Settings
from hub.stores.audit import Audit
from hub.stores.database import Database
from hub.stores.entities import Entities
from hub.stores.erasures import Erasures
from hub.stores.files import Files
from hub.stores.identity import IdentityStore
from hub.stores.keeping import Keeping
from hub.stores.key_checks import KeyChecks
from hub.stores.listings import Listings
from hub.stores.publications import Publications
from hub.stores.report import Report
from hub.stores.requests import Requests
from hub.stores.submissions import Submissions
from hub.stores.volumes import Volumes
from hub.zones import Needs

_MAILBOX = {"folder", "host"}  # what says that a channel has a mailbox


@contextmanager
def open_hub(settings: Settings, now: datetime, needs: Needs) -> Iterator[Hub]:
    """A hub whose clock stands at `now` (aware), with the keys and stores that `needs` names and no others.

    Raises OperatorError when something was never set up, or when a key is not the one that this installation uses.
    """
    if now.tzinfo is None:
        raise OperatorError("the hub's clock needs an instant with a zone")
    require_quiet()
    keep_private()
    with closing(Database(settings.ledger_url, "ledger")) as ledger, closing(_identity(settings, needs)) as identity:
        calendar, clocks = load_calendar(settings.partners / "calendar.toml")
        keys = KeyRing(provider(settings), needs)
        for reason in keys.provider.warnings() if needs.keys else ():
            events.log(events.KEYS_EXPOSED, reason=reason)
        ledger.require_schema()
        require_keys(keys, KeyChecks(ledger), now, OF_LEDGER)
        if needs.identity:
            identity.require_schema()
            require_keys(keys, KeyChecks(identity), now, OF_IDENTITY)
        yield Hub(
            settings=settings,
            now=now,
            registry=load_registry(settings.partners),
            calendar=calendar,
            clocks=clocks,
            ledger=Ledger(
                Submissions(ledger),
                Entities(ledger),
                Publications(ledger),
                Listings(ledger),
                Report(ledger),
                Audit(ledger),
                Erasures(ledger),
                Keeping(ledger),
                Volumes(ledger),
                Requests(ledger),
            ),
            identity=IdentityStore(identity),
            files=Files(settings.files),
            keys=keys,
            partner_keys=read_partner_keys(settings.partner_keys),
            mailboxes=Channels(settings, needs),
            seal=LandingSeal(keys),
        )


class Shut(Database):
    """The identity store for a verb that may not enter it: no connection is ever made."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    def read(self) -> NoReturn:
        """Raise OperatorError."""
        self._refuse()

    def write(self) -> NoReturn:
        """Raise OperatorError."""
        self._refuse()

    def close(self) -> None:
        """Nothing was opened."""

    def _refuse(self) -> NoReturn:
        self._needs.require_identity()
        raise InvariantBroken("a verb that may enter the identity store found it shut")


def _identity(settings: Settings, needs: Needs) -> Database:
    return Database(settings.identity_url, "identity") if needs.identity else Shut(needs)


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
    """Where the partners' mailboxes are, as `channels.toml` says: an SFTP server or a local folder, an API, or both."""

    def __init__(self, settings: Settings, needs: Needs) -> None:
        self._settings, self._needs = settings, needs
        self._channels = _read_channels(settings.channels)

    def partners(self) -> set[str]:
        """The partners that have a channel."""
        return set(self._channels)

    def open(self, partner: str) -> AbstractContextManager[Mailbox]:
        """A session with the partner's mailbox. Raises OperatorError when it has no channel, or we no key for any."""
        self._needs.require_key("ssh")
        channel = self._channels.get(partner)
        if channel is None:
            raise OperatorError(f"partner {partner} has no channel in channels.toml")
        try:
            if "api" not in channel:
                return self._mailbox(channel)
            self._needs.require_key("api")
            api = open_api(self._settings, channel)
            return TwoDoors(self._mailbox(channel), api, feeds_of(channel)) if channel.keys() & _MAILBOX else api
        except (KeyError, TypeError, ValueError):
            raise OperatorError(f"the channel of partner {partner} is not complete") from None

    def _mailbox(self, channel: dict[str, Any]) -> FolderMailbox | SftpMailbox:
        if "folder" in channel:
            return FolderMailbox(Path(channel["folder"]))
        pins = tuple(channel["host_keys"])
        address = Address(channel["host"], int(channel["port"]), channel["user"], pins)
        return SftpMailbox(address, read_key(self._settings.ssh_key))


class LandingSeal:
    """Seals landed files to the identity zone's key."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def seal(self, chunks: Iterable[bytes], context: bytes) -> Iterator[bytes]:
        """Seal while the bytes stream in."""
        return seal(chunks, self._keys.landing_public(), context)

    def open(self, chunks: Iterable[bytes], context: bytes) -> bytes:
        """The clear bytes, in memory; by whichever key the file was sealed to, since it does not say."""
        keys, pieces = self._keys.landing_privates(), iter(chunks)
        if len(keys) == 1:
            return b"".join(open_sealed(pieces, keys[0], context))
        begin = first_of(pieces)
        fitting = (key for key in keys if is_sealed_to(begin[:HEADER], key, context))
        return b"".join(open_sealed(chain([begin], pieces), next(fitting, keys[0]), context))


def first_of(pieces: Iterator[bytes]) -> bytes:
    """The first pieces of a sealed file, until its header is among them."""
    begin = b""
    for piece in pieces:
        begin += piece
        if len(begin) >= HEADER:
            break
    return begin


def _read_channels(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text())
        channels: dict[str, dict[str, Any]] = content.get("channel", {})
        return channels
    except tomllib.TOMLDecodeError:
        raise OperatorError("channels.toml cannot be read") from None
