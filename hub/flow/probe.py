"""probe: what a partner's server can do, kept in the ledger with the partner; and how all servers were lately."""

import time
from collections.abc import Iterable
from typing import Any

from connectors.errors import LinkError
from connectors.probe import probe
from connectors.sftp import SftpMailbox
from hub.backoff import wait
from hub.doors import TwoDoors
from hub.errors import OperatorError, Transient
from hub.flow.collect import OUTBOX
from hub.flow.hub import Hub

LARGE_SKEW = 120  # seconds; nothing of ours rests on the server's clock, but a person may


def probe_partner(hub: Hub, partner: str) -> dict[str, Any]:
    """Try what the server can do, in `out/`, and keep the answer. Raises OperatorError or Transient where it cannot."""
    try:
        with hub.mailboxes.open(partner) as box:
            mailbox = box.mailbox if isinstance(box, TwoDoors) else box
            if not isinstance(mailbox, SftpMailbox):
                raise OperatorError(f"partner {partner} has no SFTP server: nothing to probe")
            told = probe(mailbox, OUTBOX, time.time).told()
    except LinkError as error:
        kind = Transient if error.retry else OperatorError
        raise kind(f"{type(error).__name__}: {error}") from None
    hub.ledger.links.note_capability(partner, told, hub.now)
    return told | {"advice": advice(told)}


def advice(told: dict[str, Any]) -> list[str]:
    """What an operator should agree with the partner, by what its server does."""
    rules = {
        "takes files away at once: set consumes = true": told["takes_away"],
        "knows no rename: files are copied; the partner must read nothing before its GO": told["renames"] is False,
        "replaces a file by a rename: we look first; nobody else may write in out/": told["onto_another"] == "replaces",
        "does not let us remove: our temporary files stay after a cut": told["removes"] is False,
        "does not let us read what we wrote: only the size is checked": not told["reads_back"],
        "ignores capitals in names": told["ignores_case"],
        "has another time than we: looks need longer pauses": abs(told["clock"] or 0) > LARGE_SKEW,
    }
    return [text for text, holds in rules.items() if holds]


def links(hub: Hub, partners: Iterable[str]) -> list[dict[str, Any]]:
    """How each partner's server was: last good visit, failures since, what comes next, what it can do."""
    listed = sorted(partners)
    states, probed = hub.ledger.links.of(listed), hub.ledger.links.capabilities(listed)
    rows = []
    for partner, state in states.items():
        delay = wait(state.error, state.failures, partner) if state.error else None
        again = state.failed_at + delay if delay is not None and state.failed_at else None
        rows.append(
            {
                "partner": partner,
                "ok_at": _shown(state.ok_at),
                "failures": state.failures,
                "error": state.error,
                "next": "stopped" if state.error and delay is None else _shown(again) or "at any time",
                "probed": probed.get(partner),
            }
        )
    return rows


def _shown(at: Any) -> str | None:
    return None if at is None else at.isoformat(timespec="minutes")
