"""From settings to a working hub: which connector, which store, which key ring.

The only place that knows both the flow and what fulfils its ports.
"""

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from connectors.envelope import HEADER, is_sealed_to, open_sealed, seal
from connectors.errors import Denied
from connectors.folder import FolderMailbox
from connectors.opendata import Dataset
from connectors.sftp import Limits, Login, SftpMailbox, read_key, read_password
from connectors.slots import Slots
from hub import events
from hub.api_channel import open_api
from hub.calendar import brussels_date, load_calendar
from hub.channels import Channel, read_channel
from hub.doors import TwoDoors
from hub.envelope_kinds import BARE, ENVELOPES
from hub.envelopes import Envelopes
from hub.errors import InvariantBroken, OperatorError
from hub.flow.hub import Hub, Ledger
from hub.key_providers import provider
from hub.keys import KeyRing, read_partner_keys
from hub.keys_check import OF_IDENTITY, OF_LEDGER, require_keys
from hub.memory import keep_private, require_quiet
from hub.model import Rules
from hub.partners import Registry, load_registry
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
from hub.stores.links import Links
from hub.stores.listings import Listings
from hub.stores.publications import Publications
from hub.stores.report import Report
from hub.stores.requests import Requests
from hub.stores.seen import Sightings
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
        registry = load_registry(settings.partners)
        yield Hub(
            settings=settings,
            now=now,
            registry=registry,
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
                Sightings(ledger),
                Links(ledger),
            ),
            identity=IdentityStore(identity),
            files=Files(settings.files),
            keys=keys,
            partner_keys=read_partner_keys(settings.partner_keys),
            mailboxes=Channels(settings, needs, brussels_date(now), registry),
            seal=LandingSeal(keys),
            envelopes=Envelopes(registry, keys, settings.partner_keys, settings.limits.file_bytes),
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

    def __init__(
        self, settings: Settings, needs: Needs, today: date, registry: Registry, limits: Limits | None = None
    ) -> None:
        self._settings, self._needs, self._today, self._registry = settings, needs, today, registry
        self._limits = limits
        self._channels = _read_channels(settings.channels)
        self._slots = Slots(settings.home / "slots")

    def partners(self) -> set[str]:
        """The partners that have a channel."""
        return set(self._channels)

    def open(self, partner: str) -> AbstractContextManager[Mailbox]:
        """A session with the partner's mailbox. Raises OperatorError when it has no channel, or we no key for any."""
        channel = self._channel(partner)
        if channel.api is None:
            return self._mailbox(channel)
        self._needs.require_key("api")
        agreed = self._registry.envelope(partner, self._today)
        if any(ENVELOPES[word].sealing for word in (agreed.sends, agreed.receives) if word != BARE):
            raise OperatorError(f"partner {partner} has an API, which carries rows, and an envelope that seals")
        api = open_api(channel.api, self._settings.api_key)
        alone = channel.folder is None and channel.address is None
        return api if alone else TwoDoors(self._mailbox(channel), api, channel.api.feeds)

    def _mailbox(self, channel: Channel) -> SftpMailbox | FolderMailbox:
        """The mailbox, not entered yet."""
        self._needs.require_key("ssh")
        if channel.address is None:
            return FolderMailbox(channel.folder or Path())
        login = self._login(channel)
        return SftpMailbox(channel.address, login, self._limits, self._slots, channel.sessions)

    def rules(self, partner: str) -> Rules:
        """What was agreed about the files in the partner's mailbox."""
        return self._channel(partner).rules

    def mark(self, partner: str) -> str:
        """What changes whenever the partner's channel does; empty where it has none that can be read."""
        try:
            return self._channel(partner).mark
        except OperatorError:
            return ""

    def _channel(self, partner: str) -> Channel:
        table = self._channels.get(partner)
        if table is None:
            raise OperatorError(f"partner {partner} has no channel in channels.toml")
        return read_channel(partner, table, self._today, self._settings.channels.parent)

    def _login(self, channel: Channel) -> Login:
        """What we show to log in. OperatorError where it is ours to mend: no partner is to blame."""
        try:
            if channel.password:
                return read_password(channel.password)
            return read_key(channel.key or self._settings.ssh_key, channel.certificate)
        except Denied as error:
            raise OperatorError(str(error)) from None

    def dataset(self, partner: str) -> Dataset:
        """The public data set of a partner's channel. Raises OperatorError when its channel names none."""
        url = self._channels.get(partner, {}).get("open_data")
        if not isinstance(url, str):
            raise OperatorError(f"the channel of partner {partner} has no open_data, the address of a data set")
        return Dataset(url)


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
