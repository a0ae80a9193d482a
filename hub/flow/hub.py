"""The hub in parts, as the verbs need it: stores, keys, registry, mailboxes, and one instant."""

import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.errors import LinkError
from hub import events
from hub.audit_key import AuditKey
from hub.calendar import Calendar, Clocks
from hub.envelopes import Envelopes
from hub.errors import InvariantBroken, OperatorError, Transient, UnforeseenError, bare, unforeseen
from hub.keys import KeyRing, PartnerKey
from hub.model import Outcome
from hub.partners import Kind, Registry
from hub.ports import Mailboxes, Seal
from hub.settings import Settings
from hub.stores.audit import Audit
from hub.stores.entities import Entities
from hub.stores.erasures import Erasures
from hub.stores.files import Files
from hub.stores.identity import IdentityStore
from hub.stores.keeping import Keeping
from hub.stores.links import Links
from hub.stores.listings import Listings
from hub.stores.publications import Publications
from hub.stores.report import Report
from hub.stores.requests import Requests
from hub.stores.seen import Sightings
from hub.stores.submissions import Submissions
from hub.stores.volumes import Volumes

THREADS = 16  # a visit waits on the network; see docs/decisions
BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger's parts: files, entities, publications, offers and events, what can be told of all, the audit log,
    what forgets, what lay in mailboxes, how the partners' servers are."""

    submissions: Submissions
    entities: Entities
    publications: Publications
    listings: Listings
    report: Report
    audit: Audit
    erasures: Erasures
    keeping: Keeping
    volumes: Volumes
    requests: Requests
    seen: Sightings
    links: Links


@dataclass(frozen=True, slots=True)
class Hub:
    """Everything a verb may use. `now` is the only instant that reaches the ledger."""

    settings: Settings
    now: datetime
    registry: Registry
    calendar: Calendar
    clocks: Clocks
    ledger: Ledger
    identity: IdentityStore
    files: Files
    keys: KeyRing
    partner_keys: Mapping[str, PartnerKey]
    mailboxes: Mailboxes
    seal: Seal
    envelopes: Envelopes

    @property
    def today(self) -> date:
        """The day in Brussels at `now`: legal dates and deadlines are counted there."""
        return self.now.astimezone(BRUSSELS).date()

    def new_id(self) -> str:
        """A UUIDv7 (RFC 9562) whose time is `now`: ids sort as the simulated days do."""
        milliseconds = int(self.now.timestamp() * 1000)
        random = int.from_bytes(os.urandom(10))
        value = milliseconds << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
        return str(uuid.UUID(int=value))


def signed_checkpoint(hub: Hub) -> str:
    """The latest state of the audit log, signed: whoever is given it can tell later whether history was rewritten."""
    hub.keys.needs.require_key("audit")
    return AuditKey(hub.keys.where).sign(hub.ledger.audit.checkpoint())


def active_partners(hub: Hub, kind: str) -> list[str]:
    """The partners of a kind (CPAS, FOREM, REGISTERS or OPEN_DATA) that have a mailbox.

    One without a legal basis today is among them: what it sends is refused, and it is told so. Nothing but
    receipts is ever published to it.
    """
    reachable = hub.mailboxes.partners()
    return [p.partner_id for p in hub.registry.list() if p.kind is Kind(kind) and p.partner_id in reachable]


def for_each(verb: str, partners: Iterable[str], work: Callable[[str], int], threads: int = THREADS) -> list[Outcome]:
    """Do `work` for every partner, side by side; one partner's trouble becomes its outcome and stops nobody.

    A broken invariant or an unforeseen error is ours: it is raised, without its text, once all others are done.
    """

    def one(partner: str) -> Outcome | InvariantBroken | UnforeseenError:
        try:
            done = work(partner)
        except (LinkError, Transient, OperatorError) as error:
            return _failed(verb, partner, error)
        except InvariantBroken as error:
            return bare(error)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  its text may hold a value of a row; a panic is no Exception
            return unforeseen(error)
        events.log(events.VERB_DONE, verb=verb, partner=partner, done=done)
        return Outcome(partner, done)

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(one, partners))
    for result in results:
        if isinstance(result, InvariantBroken | UnforeseenError):
            raise result
    return [result for result in results if isinstance(result, Outcome)]


def _failed(verb: str, partner: str, error: LinkError | Transient | OperatorError) -> Outcome:
    """The outcome of a failure. Texts of these errors are ours and hold nothing of a partner's, so they are logged."""
    name = type(error).__name__
    retry = error.retry if isinstance(error, LinkError) else isinstance(error, Transient)
    events.log(events.VERB_FAILED, verb=verb, partner=partner, error=name, retry=retry, reason=error)
    return Outcome(partner, 0, name, retry)
