"""reveal: who a subject is, told once to two officers who both want it, and written down before it is told.

It opens the vault alone, where what a partner without a key is to know waits (decision 0052): one person, and not a
received file of many. Of everybody else only a partner can say who it is, with its own key.
"""

from collections.abc import Collection
from dataclasses import dataclass

from hub import audit
from hub.errors import OperatorError
from hub.flow.guard import guarded
from hub.flow.hub import Hub
from hub.pseudonymise import CPAS_IDENTITY
from hub.reveal import REASONS, Request, require_two
from hub.signed_note import Signer, Verifier


@dataclass(frozen=True, slots=True)
class Officers:
    """The officers of the registry, and the one who is here, with the private key."""

    known: dict[str, Verifier]
    here: Signer


def ask(hub: Hub, officers: Officers, sid: str, reason: str, text: str) -> Request:
    """Make a request, signed by the officer who is here. OperatorError for a reason that is none, or no text."""
    if reason not in REASONS or not text.strip():
        raise OperatorError(f"a reason of {', '.join(REASONS)}, and a text that says why, are needed")
    request = Request(hub.new_id(), sid, reason, text.strip(), officers.here.name, hub.now)
    hub.identity.reveals.add(request, officers.here.sign(str(request)))
    _note(hub, "request", request, officers.here.name)
    return request


def approve(hub: Hub, officers: Officers, reveal_id: str) -> Request:
    """Sign the request as the second officer. OperatorError for the one who made it, and when it is too late."""
    asked = hub.identity.reveals.get(reveal_id)
    if officers.here.name == asked.request.asked_by:
        raise OperatorError("who asks does not approve: a second officer has to")
    note = officers.here.sign(str(asked.request))
    require_two(asked.request, [asked.note, note], officers.known, hub.now)
    if hub.identity.reveals.approve(reveal_id, officers.here.name, note, hub.now):
        _note(hub, "approve", asked.request, officers.here.name)
    return asked.request


def open_once(hub: Hub, officers: Officers, reveal_id: str) -> dict[str, str]:
    """Who the subject is. Once: written into the audit log first.

    OperatorError unless two officers have signed, one of them is here, it is in time, and it was not opened before;
    and when the vault does not hold the person, in which case the request stays as it was.
    """
    asked = hub.identity.reveals.get(reveal_id)
    require_two(asked.request, [asked.note, asked.approval], officers.known, hub.now)
    if officers.here.name not in (asked.request.asked_by, asked.approved_by):
        raise OperatorError("only the two officers of a request open it")
    found = guarded("reveal", _identity, hub, asked.request.sid)
    if not hub.identity.reveals.open(reveal_id, hub.now):
        raise OperatorError("the request was opened already: make another")
    _note(hub, "open", asked.request, officers.here.name)
    return found


def _note(hub: Hub, action: str, request: Request, officer: str) -> None:
    told = {"reveal_id": request.reveal_id, "reason": request.reason, "officer": officer}
    hub.ledger.audit.append(audit.REVEAL, hub.now, action=action, **told)


def _identity(hub: Hub, sid: str) -> dict[str, str]:
    if kept := _kept(hub, hub.ledger.erasures.whole([sid])):
        return kept
    raise OperatorError("the vault does not hold this subject: ask a partner that was told of it")


def _kept(hub: Hub, person: Collection[str]) -> dict[str, str]:
    """What the vault says of the person: the row that says most, the latest of these. Empty when nothing waits."""
    waiting = hub.identity.vault.about(person, hub.keys)
    told = ({name: str(one.values[name]) for name in CPAS_IDENTITY if name in one.values} for one in waiting)
    return max(told, key=len, default={})
