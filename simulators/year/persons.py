"""How a person's right, registration, trainings, breaches and answers stand: by plain rules of the stand-ins' own.

Le Forem leads in registration and training, the CPAS in the right and in answers. What one side contradicts is
merely pending for five working days, then a conflict.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from simulators.year import crossings, duties, legal, onward
from simulators.year.referrals import QUIET, Standing, overlapping, standing
from simulators.year.said import Said, Word, gap, hear, known_since

RIGHT_LOST = {"RI_WITHDRAWAL", "RI_REFUSAL", "DECEASED"}
RUNNING = {"ENROLLED", "CONFIRMED", "STARTED", "SUSPENDED"}
Events = Mapping[str, Sequence[Word]]
Groups = Mapping[tuple[str, ...], list[Word]]
OverQuota = Callable[[str, str, int], bool]  # CPAS, event, person


def everything(words: Sequence[Word], person: int, events: Events, over: OverQuota, today: date) -> list[Standing]:
    """Every thing about one person today, from all that has come about them until then."""
    groups = grouped(words, today)
    found = [standing(said, person, today) for (kind, *_), said in groups.items() if kind == "REFERRAL"]
    overlapping(found)
    onward.adopt(found, groups)
    known = {one.ref: one for one in found}
    for (kind, sender, entity), said in sorted(groups.items()):
        if kind == "SITU":
            found.append(situation(said, sender, entity, known, today))
        elif kind == "FORM":
            found.append(_enrolment(said, known, today))
        elif kind == "MANQ":
            found.append(_breach(said, known, groups, today))
        elif kind == "MOBI":
            found.append(_answer(said, sender, entity, events.get(entity, ()), over, today))
    crossings.mark(found, groups, today)
    return found + duties.registrations(groups, found, person, today)


def grouped(words: Sequence[Word], today: date) -> dict[tuple[str, ...], list[Word]]:
    """What has come until today, by kind, sender (of what CPAS say of a person) and thing."""
    groups: dict[tuple[str, ...], list[Word]] = defaultdict(list)
    for one in words:
        kind = "REFERRAL" if one.feed in ("ORIE", "STAT") else one.feed
        sender = one.source if one.feed in ("SITU", "MOBI") else ""
        if one.day <= today:
            groups[kind, sender, one.entity].append(one)
    return groups


def _mark(found: Standing, said: Said, owner: str) -> Standing:
    """The codes and classes that a side's own disorder brings."""
    marks = ("R402", said.stale), ("R403", said.contested), ("R406", found.held is not None)
    found.codes |= {code for code, holds in marks if holds}
    if said.contested:
        found.klass, found.owner = "CONFLICT", owner
    elif said.stale and found.klass in QUIET:
        found.klass, found.owner = "OUT_OF_ORDER", owner
    return found


def situation(words: list[Word], sender: str, entity: str, known: Mapping[str, Standing], today: date) -> Standing:
    """A right, a PIIS or a contract of one CPAS."""
    said = hear(words)
    view = said.top.cells["situation_kind"] if said.top else "WITHDRAWN" if said.rows else "ABSENT"
    state = "UNKNOWN" if view == "ABSENT" else view
    theirs = sorted(
        (one for one in known.values() if one.cpas == sender and one.cpas_view == "OPEN" and one.effective),
        key=lambda one: (one.effective or today, one.ref),
    )
    forem = theirs[-1].forem_view if theirs else "NONE"
    found = Standing("SITUATION", entity, sender, words[0].person, view, forem, state, "AGREED", held=gap(words))
    found.cpas_version = said.version
    if entity == "RI" and said.top and view in RIGHT_LOST and said.top.effective <= today:
        over = known_since(words, lambda top, _: top.cells["situation_kind"] in RIGHT_LOST, today)
        held = [one.on_hold_since for one in theirs if one.on_hold_since]
        if held and over:
            crossings.contradict(found, "R505", max(over, said.top.effective, min(held)), today)
    return _mark(found, said, "CPAS")


def _of_forem(kind: str, words: list[Word], said: Said, known: Mapping[str, Standing], today: date) -> Standing:
    """A training or a breach, as Le Forem tells it, beside the orientation that it names."""
    status = said.top.cells["status"] if said.top else "CANCELLED" if said.rows else "NONE"
    state = "UNKNOWN" if status == "NONE" else status
    named = said.top.cells.get("referral_id", "") if said.top else ""
    one = known.get(named)
    view = "NONE" if not named or said.top is None else one.cpas_view if one else "ABSENT"
    found = Standing(kind, words[0].entity, one.cpas if one else "", words[0].person, view, status, state, "AGREED")
    found.held, found.forem_version, found.about = gap(words), said.version, _last(words)
    found.cpas_version = one.cpas_version if one else None
    if named and not found.cpas:
        found.codes.add("R404")
        found.due = legal.plus(said.held or words[0].day, legal.ORPHAN)
        found.klass, found.owner = ("PENDING" if today <= found.due else "ORPHAN_ACK"), "FOREM"
    return found


def _last(words: list[Word]) -> str:
    """The orientation that the highest version names."""
    return max(words, key=lambda one: one.version).cells.get("referral_id", "")


def _enrolment(words: list[Word], known: Mapping[str, Standing], today: date) -> Standing:
    """A training; one that runs on after its orientation was withdrawn is contradicted."""
    said = hear(words)
    found = _of_forem("ENROLMENT", words, said, known, today)
    one = known.get(found.about)
    if one and said.top and one.cpas_view == "WITHDRAWN" and found.forem_view in RUNNING:
        running = known_since(words, lambda top, _: top.cells["status"] in RUNNING, today)
        crossings.contradict(found, "", max(one.cpas_since or today, running or today), today)
    return _mark(found, said, "FOREM")


def _breach(words: list[Word], known: Mapping[str, Standing], groups: Groups, today: date) -> Standing:
    """A breach; that somebody did not register is belied by a registration of that day or before."""
    said = hear(words)
    found = _of_forem("BREACH", words, said, known, today)
    if found.forem_view == "OPEN" and said.top and said.top.cells["kind"] == "NOT_REGISTERED":
        registered = hear([one for (kind, *_), each in groups.items() if kind == "INSC" for one in each]).top
        cells = registered.cells if registered else {"movement": "2"}
        if cells["movement"] != "2" and cells["registration_date"] <= said.top.cells["occurred_on"]:
            found.klass, found.owner = "CONFLICT", "FOREM"
    return _mark(found, said, "FOREM")


def _answer(
    words: list[Word], sender: str, entity: str, event: Sequence[Word], over: OverQuota, today: date
) -> Standing:
    """A person's answer to a job day."""
    said, told = hear(words), hear([one for one in event if one.day <= today])
    view = said.top.cells["answer"] if said.top else "WITHDRAWN" if said.rows else "ABSENT"
    theirs = told.top.cells["status"] if told.top else "CANCELLED" if told.rows else "NONE"
    void = theirs == "CANCELLED" or view == "WITHDRAWN"
    state = "UNKNOWN" if view == "ABSENT" else "VOID" if void else view
    found = Standing("ANSWER", entity, sender, words[0].person, view, theirs, state, "AGREED", held=gap(words))
    found.cpas_version, found.forem_version = said.version, told.version if told.rows else None
    if said.top and theirs == "NONE":
        found.codes.add("R509")
        found.due = legal.plus(said.held or words[0].day, legal.ORPHAN)
        found.klass, found.owner = ("PENDING" if today <= found.due else "CONFLICT"), "CPAS"
    elif said.top and theirs == "CANCELLED":
        found.codes.add("R509")
    elif said.top and told.top:
        _against_event(found, said.top, told.top, over)
    return _mark(found, said, "CPAS")


def _against_event(found: Standing, answer: Word, event: Word, over: OverQuota) -> None:
    """Deadline and quota; a session for the staff is for no person, and a day that is over has no places to share."""
    at, deadline = answer.cells.get("answered_at", ""), event.cells.get("answer_deadline", "")
    if at and deadline and at[:10] > deadline:
        found.codes.add("R507")
    staff = event.cells["kind"] == "STAFF_SESSION"
    beyond = not staff and over(found.cpas, found.ref, found.person)
    found.codes |= {code for code, holds in (("R509", staff), ("R508", beyond)) if holds}
    if staff or (beyond and event.cells["status"] != "DONE"):
        found.klass, found.owner = "CONFLICT", "CPAS"
