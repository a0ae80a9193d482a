"""process: verify, validate, pseudonymise and record one file at a time, in one process.

Expects RECEIVED submissions; leaves each DONE, REFUSED, DUPLICATE or WITHDRAWN, its events in the ledger
and its capsules in the identity store. Identity writes come first and are idempotent; then everything a
file changes is one transaction of the ledger. What was seen in memory here is never written in clear.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from contracts.codes import Validity
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract
from contracts.reader import Refusal, Table, read_table
from contracts.registry import by_label
from hub import events, filenames, lease
from hub.calendar import brussels_date
from hub.cohorts import cohorts
from hub.errors import HubError
from hub.flow.collect import content_context, landing_context
from hub.flow.erased import without_erased
from hub.flow.guard import guarded
from hub.flow.hub import Hub, for_each
from hub.flow.late import seal_waiting
from hub.flow.line import NO_PLACE, NOT_THEIRS, line_warnings, place_of
from hub.flow.listing import listing_of
from hub.flow.numbers import COLUMN, numbers_told
from hub.flow.volume import named_by, watch
from hub.model import FOREM, Event, Outcome
from hub.partners import Registry
from hub.pseudonymise import build_capsules, build_event, unsealed
from hub.resolve import resolvers
from hub.stores.identity import RingBehind
from hub.stores.recording import Relation
from hub.stores.submissions import Effects
from hub.validate import TOO_BAD, Validated, is_too_bad, validate, warned_too
from hub.verify import Announced, Arrival, check_contract, check_rows, verify

NO_REPLY = "F40"  # an acknowledgement that could be noted never comes this far
THREADS = 2  # the work is on the processor, not on the network


def process(hub: Hub, partners: Iterable[str]) -> list[Outcome]:
    """Process what each partner sent; the outcome counts the files finished."""
    everyone = list(partners)
    seal_waiting(hub, everyone)
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in hub.ledger.submissions.pending(everyone):
        waiting[row["partner"]].append(row)
    outcomes = for_each("process", everyone, lambda partner: _process(hub, waiting[partner]), THREADS)
    watch(hub, everyone)
    for row in hub.ledger.submissions.unanswered(everyone):
        if row["state"] == "REFUSED":
            hub.files.move(row["digest"], "landing", "quarantine")
    return outcomes


def open_landed(hub: Hub, partner: str, digest: str) -> bytes:
    """The clear bytes of a landed file, in memory, wherever its state has put it."""
    folder = "landing" if hub.files.exists("landing", digest) else "quarantine"
    return hub.seal.open(hub.files.chunks(folder, digest), landing_context(partner))


def _process(hub: Hub, files: Iterable[dict[str, Any]]) -> int:
    owner, finished = lease.new_owner(), 0
    for row in files:
        if hub.ledger.submissions.claim(row["message_id"], owner, hub.now):
            try:
                _finish(hub, owner, row, guarded("verify", _effects, hub, row))
            except Exception:
                with suppress(HubError):  # the first trouble is the one to tell
                    hub.ledger.submissions.release(row["message_id"], owner)
                raise
            finished += 1
    return finished


def _finish(hub: Hub, owner: str, row: dict[str, Any], effects: Effects) -> None:
    counts = guarded("record", hub.ledger.submissions.finish, row["message_id"], owner, effects, hub.now)
    events.log(
        events.FILE_DONE,
        message_id=row["message_id"],
        partner=row["partner"],
        state=effects.state,
        code=effects.code,
        read=counts["read"],
        rejected=counts["rejected"],
    )


def _effects(hub: Hub, row: dict[str, Any]) -> Effects:
    """What finishing this file changes: a refusal by its code, or its rows."""
    if filenames.parse_reply(row["name"]):
        return Effects("REFUSED", NO_REPLY)
    name = filenames.parse(row["name"])
    arrival = Arrival(
        partner=row["partner"],
        name=name,
        announced_by=row["announced_by"],
        manifest=open_landed(hub, row["partner"], row["manifest_digest"]),
        data=open_landed(hub, row["partner"], row["digest"]),
        day=brussels_date(row["received_at"]),
        environment=hub.settings.environment,
    )
    told: dict[str, Any] = {"sender": name.sender, "feed": name.feed, "sequence": name.sequence} if name else {}
    answer = verify(arrival, hub.registry)
    if isinstance(answer, str):
        if name and answer not in NO_PLACE:
            told |= place_of(hub, row, arrival, name).kept
        return Effects("WITHDRAWN" if answer == "F12" else "REFUSED", answer, **told)
    opened = guarded("verify", hub.envelopes.opened, arrival.partner, arrival.day, answer.manifest, arrival.data)
    if isinstance(opened, str) and opened in NOT_THEIRS:
        return Effects("REFUSED", opened, **told)
    place = place_of(hub, row, arrival, answer.name)
    told |= place.kept
    contract = by_label(answer.manifest.contract, hub.settings.environment)
    told |= {"environment": answer.name.environment}
    told |= {"contract": contract.label} if contract else {}  # any other label is the partner's own words
    warnings = line_warnings(hub, answer.name, place)
    named = hub.keys.naming().names(arrival.data, content_context(row["partner"]))
    if hub.ledger.submissions.twin(row["message_id"], named):
        return Effects("DUPLICATE", warnings=warnings, **told)
    if isinstance(opened, str):
        return Effects("REFUSED", opened, warnings=warnings, **told)
    return _read(hub, row, replace(arrival, data=opened), answer, told | {"warnings": warnings})


def _read(hub: Hub, row: dict[str, Any], arrival: Arrival, announced: Announced, told: dict[str, Any]) -> Effects:
    contract = by_label(announced.manifest.contract, hub.settings.environment)
    refused = check_contract(announced, contract)
    if refused or contract is None:
        return Effects("REFUSED", refused, **told)
    form = hub.registry.form(arrival.partner, arrival.day)
    table = guarded("read", read_table, arrival.data, contract, form, hub.settings.limits)
    if isinstance(table, Refusal):
        where = {"line": table.line, "column": None, "code": table.code}
        return Effects(
            "REFUSED",
            table.code,
            findings=[where | {"severity": "ERROR", "count": 1, "shape": table.shape}],
            **told,
        )
    if refused := check_rows(announced, table.read):
        return Effects("REFUSED", refused, **told)
    return _judge(hub, row, contract, table, announced, told | {"warnings": (*told["warnings"], *table.notes)})


def _judge(
    hub: Hub, row: dict[str, Any], contract: Contract, table: Table, announced: Announced, told: dict[str, Any]
) -> Effects:
    received_on = brussels_date(row["received_at"])
    known = context(hub.registry, row["partner"], received_on)
    form = hub.registry.form(row["partner"], received_on)
    validated = guarded("validate", validate, table, contract, known, form)
    if is_too_bad(validated, hub.settings.refused_share, hub.settings.refused_rows):
        rows, findings = validated.read, _findings(told["warnings"], validated)
        return Effects("REFUSED", TOO_BAD, read=rows, rejected=rows, findings=findings, **told)
    validated = guarded("validate", without_erased, hub, validated, announced.name.sender)
    found, born = guarded("pseudonymise", _pseudonymise, hub, row, contract, validated, announced.name.sender)
    validated = warned_too(validated, numbers_told(hub, row["partner"], found), COLUMN)
    listing, suspicious = listing_of(hub, announced, found, validated.rejected)
    told |= {"warnings": (*told["warnings"], *suspicious)}
    return Effects(
        "DONE",
        read=validated.read,
        warned=validated.warned,
        rejected=validated.rejected,
        findings=_findings(told["warnings"], validated),
        events=found,
        relations=_relations(hub.registry.basis(row["partner"], received_on), found),
        cohorts=born,
        named=named_by(hub, row["partner"], found),
        listing=listing,
        **told,
    )


def context(registry: Registry, partner: str, received_on: date) -> Context:
    """What a contract's rules may know of the day, the communes and the sender."""
    communes = registry.cpas()
    return Context(
        received_on=received_on,
        communes={p.nis: Validity(since=p.valid_from, until=p.valid_until) for p in communes},
        adg=frozenset(p.nis for p in communes if p.service == "ADG"),
        entitled=registry.entitled_nis(partner, received_on),
    )


def _pseudonymise(
    hub: Hub, row: dict[str, Any], contract: Contract, validated: Validated, sender: str
) -> tuple[list[Event], dict[str, int]]:
    """The events of the accepted rows, and in which five years their persons were born.

    Subjects and capsules are in the identity store when this returns.
    """
    rows = validated.rows.to_dicts()
    told = {"source": sender, "message_id": row["message_id"], "received_at": row["received_at"]}
    if not contract.of_person:
        return [build_event(r, contract, sid="", **told) for r in rows], {}
    sids = subjects_of(hub, [str(r["niss"]) for r in rows])
    if contract.feed == "MUTA":  # nobody is told of a succession: it has no capsule
        others = _replacing(hub, rows)
        named = zip(rows, sids, others, strict=True)
        return [build_event(r, contract, sid=s, replaced_by=o, **told) for r, s, o in named], {}
    made = [build_event(r, contract, sid=sid, **told) for r, sid in zip(rows, sids, strict=True)]
    known = list(zip(rows, made, strict=True))
    capsules = [c for r, event in known for c in build_capsules(r, event, hub.partner_keys)]
    guarded("keep", hub.identity.keep, capsules, hub.now)
    waiting = [one for r, event in known for one in unsealed(r, event, hub.partner_keys)]
    guarded("keep", hub.identity.vault.keep, waiting, hub.keys, hub.now)
    return made, cohorts(rows, sids)


def _replacing(hub: Hub, rows: Iterable[dict[str, Any]]) -> list[str | None]:
    """The subject of the number that each row puts in the place of its own, where it names one."""
    named = [r["replaced_by"] for r in rows]
    found = iter(subjects_of(hub, [one for one in named if one]))
    return [next(found) if one else None for one in named]


def subjects_of(hub: Hub, numbers: Sequence[str]) -> list[str]:
    """The subject id behind each number, by the keys as they are now; read again if one was put in force meanwhile."""
    try:
        return hub.identity.subjects(indexes_of(hub, numbers), hub.now)
    except RingBehind:
        return hub.identity.subjects(indexes_of(hub, numbers), hub.now)


def indexes_of(hub: Hub, numbers: Sequence[str]) -> dict[str, list[bytes]]:
    """The index of each number under every key that may still find somebody."""
    return {each.kid: each.indexes(numbers) for each in resolvers(hub.keys)}


def _relations(own: str, found: Iterable[Event]) -> set[Relation]:
    """An orientation opens a relationship of its CPAS and of Le Forem with the person.

    A situation opens one of its CPAS; a row of Le Forem's one of Le Forem, so that it can be told what became of its
    own statement. An answer to an event opens none, nor does a succession of numbers. The basis is the one that an
    orientation names, else `own`, that on which the partner exchanges on the day of receipt.
    """
    relations = set()
    for e in (e for e in found if e.sid and e.feed not in ("MOBI", "MUTA")):
        if e.feed == "ORIE":
            basis = str(e.payload["legal_basis"])
            relations |= {Relation(o, e.sid, e.effective_date, basis) for o in (e.source, FOREM)}
        else:
            relations.add(Relation(e.source, e.sid, e.effective_date, own, "STATED"))
    return relations


def _findings(warnings: Iterable[str], validated: Validated) -> list[dict[str, Any]]:
    """The warnings of the file itself, the findings kept of each code, and a full count where there are more."""
    by_code: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in validated.findings.to_dicts():
        by_code[finding["code"]].append(finding | {"count": 1})
    kept = [_of_file(code, 1) for code in warnings]
    for code, count in validated.counts.items():
        kept += by_code[code]
        if count > len(by_code[code]):
            kept.append(_of_file(code, count))
    return kept


def _of_file(code: str, count: int) -> dict[str, Any]:
    severity = CATALOGUE[code].severity
    return {"line": None, "column": None, "code": code, "severity": severity, "shape": None, "count": count}
