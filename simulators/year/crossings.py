"""Where what one side does does not go with what the other says: pending for five working days, then a conflict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from simulators.year import legal
from simulators.year.referrals import Standing
from simulators.year.said import Word, known_since

Groups = Mapping[tuple[str, ...], list[Word]]


def contradict(found: Standing, code: str, both: date, today: date) -> None:
    """Le Forem has five working days from the day on which both were known.

    Then it is a conflict, which is graver than something out of order; while the days run, it is not.
    """
    found.codes |= {code} if code else set()
    due = legal.plus(both, legal.WITHDRAWAL)
    if found.due is None:
        found.due = due
    if today > due and found.klass in ("AGREED", "PENDING", "OUT_OF_ORDER"):
        found.klass, found.owner = "CONFLICT", "FOREM"
    elif found.klass == "AGREED":
        found.klass, found.owner = "PENDING", "FOREM"


@dataclass(frozen=True, slots=True)
class _Running:
    """A training that has started, or a full-time article 60 that runs: since when it is known to, and of whom."""

    name: tuple[str, str]
    known: date


def mark(found: Iterable[Standing], groups: Groups, today: date) -> None:
    """Somebody is in training while a full-time article 60 runs.

    The CPAS that employs sees it on the contract; on the training it shows where that is of its own orientation.
    """
    trainings, contracts = list(_trainings(groups, today)), list(_contracts(groups, today))
    if not trainings or not contracts:
        return
    writers = {sender for kind, sender, _ in groups if kind == "SITU" and sender}
    for one in found:
        writers |= {one.cpas} if one.kind == "REFERRAL" and one.cpas else set()
    for one in found:
        if one.kind == "SITUATION":
            mine = [each for each in contracts if each.name == (one.cpas, one.ref)]
            since = [max(each.known, min(t.known for t in trainings)) for each in mine]
        elif one.kind == "ENROLMENT":
            employers = [
                each for each in contracts if each.name[0] == one.cpas or (not one.about and len(writers) == 1)
            ]
            own = [t.known for t in trainings if t.name[1] == one.ref]
            since = [max(each.known, own[0]) for each in employers if own]
        else:
            continue
        if since:
            contradict(one, "R504", min(since), today)


def _trainings(groups: Groups, today: date) -> Iterable[_Running]:
    for (kind, sender, entity), words in groups.items():
        known = known_since(words, lambda top, _: top.cells["status"] == "STARTED", today) if kind == "FORM" else None
        if known:
            yield _Running((sender, entity), known)


def _contracts(groups: Groups, today: date) -> Iterable[_Running]:
    for (kind, sender, entity), words in groups.items():
        of_contract = kind == "SITU" and entity.startswith("CONTRACT")
        known = known_since(words, _runs, today) if of_contract else None
        if known:
            yield _Running((sender, entity), known)


def _runs(contract: Word, today: date) -> bool:
    cells = contract.cells
    end = cells.get("actual_end") or cells.get("planned_end", "9999")
    return _full_time(contract) and cells["contract_start"] <= today.isoformat() <= end


def _full_time(contract: Word) -> bool:
    return contract.cells.get("situation_kind") == "ART60" and contract.cells.get("measure_code") == "116"
