"""Two numbers are joined or parted by hand: one operator asks, another types the same numbers and decides.

For what the registers tell late, or wrongly. It becomes an event as the registers' own are, read together with them:
of each number the statement of the latest date prevails (`hub.succession`), whoever made it.
"""

from collections.abc import Sequence
from datetime import date

from contracts import mutations_v1
from contracts.niss import problem
from hub.errors import OperatorError
from hub.flow.guard import guarded
from hub.flow.hub import Hub
from hub.flow.process import subjects_of
from hub.model import HUB, Event
from hub.pseudonymise import build_event
from hub.stores.requests import Request

CHANGES = {"join": "MERGED", "part": "UNMERGED"}
REASONS = ("register_late", "register_wrong", "same_person", "two_persons", "typing_error")


def ask(hub: Hub, change: str, numbers: Sequence[str], since: date, reason: str, by: str) -> str:
    """Ask that two numbers be joined or parted from a day on, and return the id of the request."""
    if since > hub.today:
        raise OperatorError("the day from which it holds is not in the future")
    sid, about = _subjects(hub, numbers)
    request = Request(hub.new_id(), CHANGES[change], sid, about, since, reason, by, hub.now)
    hub.ledger.requests.ask(request)
    return request.request_id


def approve(hub: Hub, request_id: str, numbers: Sequence[str], by: str) -> None:
    """Do what was asked, if the numbers are the same two; OperatorError otherwise, and nothing is changed."""
    request = hub.ledger.requests.get(request_id)
    if set(_subjects(hub, numbers)) != {request.sid, request.about}:
        raise OperatorError("these are not the two numbers of the request: ask the one who made it")
    hub.ledger.requests.decide(request_id, by, hub.now, _event(hub, request))


def refuse(hub: Hub, request_id: str, by: str) -> None:
    """End a request without doing anything; who asked cannot."""
    hub.ledger.requests.decide(request_id, by, hub.now, None)


def _subjects(hub: Hub, numbers: Sequence[str]) -> tuple[str, str]:
    given = [number.strip() for number in numbers]
    if len(set(given)) != 2 or any(problem(one, hub.settings.environment, hub.today) for one in given):
        raise OperatorError("two different NISS of eleven digits are needed; one of them is none, or both are the same")
    first, second = guarded("find", subjects_of, hub, given)
    return first, second


def _event(hub: Hub, request: Request) -> Event:
    contract = mutations_v1.CONTRACT
    row = dict.fromkeys(contract.columns) | {
        "notice_id": request.request_id,
        "version": str(hub.ledger.requests.next_version("|".join(["MUTA", HUB, request.sid]))),
        "notice_status": "0",
        "effective_date": request.effective_date.isoformat(),
        "recorded_at": hub.now.isoformat(),
        "kind": request.change,
        "line": "1",
    }
    return build_event(
        row,
        contract,
        source=HUB,
        sid=request.sid,
        message_id=request.request_id,
        received_at=hub.now,
        replaced_by=request.about,
    )
