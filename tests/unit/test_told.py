"""Who is told what, on frames: the audience of each kind, what a row shows, its name and its digest."""

import json
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from contracts.registry import lookup
from hub.audience import (
    People,
    Recipient,
    Recipients,
    back_rows,
    entity_of_state,
    frozen,
    identified,
    known_rows,
    known_states,
    rows_identified,
)
from hub.frames import EVENTS, STATES
from hub.publish import DIGEST, ENTITY, KEY, differing
from hub.told import GONE, entity_of, gone_rows, passed_rows, sealed_sheet, shown, signed, taken_back, view_rows

ANNA, BERT = "a" * 32, "b" * 32
CPAS, OTHER, FOREM = "062063", "063023", "900001"
OURS, THEIRS = "R62063-2026-000001", "R63023-2026-000001"
TODAY = date(2026, 3, 16)
FEEDS = frozenset({"ORIE", "STAT", "SITU", "INSC", "FORM", "MANQ", "MOBI", "RECO"})
TO_CPAS = Recipients((Recipient(CPAS, {CPAS}, FEEDS),))
TO_FOREM = Recipients((Recipient(FOREM, {FOREM}, FEEDS),))
TO_BOTH = Recipients((Recipient(CPAS, {CPAS}, FEEDS), Recipient(OTHER, {OTHER}, FEEDS)))
PREFIX = {"SITUATION": "SITU", "REGISTRATION": "REGI", "ENROLMENT": "FORM", "ANSWER": "MOBI", "BREACH": "MANQ"}


def events(*rows: dict[str, Any]) -> pl.DataFrame:
    """Events: what a row does not say is plain."""
    made = []
    for n, row in enumerate(rows):
        payload = {"notice_id": f"N{n:04d}", **row.get("payload", {})}
        source = row.get("source", FOREM)
        plain = {
            "event_id": f"e{n}",
            "side": "FOREM" if source == FOREM else "CPAS",
            "source": source,
            "cpas": None if source == FOREM else source,
            "own": True,
            "about": None,
            "version": 1,
            "notice_status": 0,
            "effective_date": date(2026, 3, 2),
            "recorded_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
            "received_at": datetime(2026, 3, 2, 10, n, tzinfo=UTC),
            "received_on": date(2026, 3, 2),
            "message_id": "m",
            "line": n + 2,
            "content": f"c{n}",
            "sid": ANNA,
        }
        made.append(plain | row | {"payload": json.dumps(payload)})
    return pl.DataFrame(made, schema=dict(EVENTS))


def states(*rows: dict[str, Any]) -> pl.DataFrame:
    """States, with `stale`: what a row does not say is plain and agreed."""
    plain = dict.fromkeys(STATES) | {
        "sid": ANNA,
        "cpas": CPAS,
        "cpas_view": "OPEN",
        "forem_view": "NONE",
        "state": "REQUESTED",
        "class": "AGREED",
        "codes": [],
        "reason": "ANSWERED",
        "stale": False,
    }
    return pl.DataFrame([plain | row for row in rows], schema=dict(STATES) | {"stale": pl.Boolean()})


def referral(entity: str = OURS, forem: str = "RECEIVED", **more: Any) -> dict[str, Any]:
    return {"entity_id": entity, "kind": "REFERRAL", "forem_view": forem, **more}


def one(kind: str, name: str, **more: Any) -> dict[str, Any]:
    """A state of another kind; `name` is all of its id after its feed."""
    return {"entity_id": f"{PREFIX[kind]}|{name}", "kind": kind, "reason": "STATED", **more}


def orie(entity: str = OURS, source: str = CPAS, **more: Any) -> dict[str, Any]:
    return {"feed": "ORIE", "entity_id": entity, "source": source, **more}


def enrolment(name: str = "E1", about: str | None = None, **more: Any) -> dict[str, Any]:
    return {"feed": "FORM", "entity_id": f"FORM|{FOREM}|{name}", "about": about, **more}


def people(told: pl.DataFrame, *said: dict[str, Any], related: tuple[str, ...] = (ANNA, BERT)) -> People:
    """These, with whom our CPAS and Le Forem have a relationship with each of `related`."""
    pairs = [(recipient, sid) for recipient in (CPAS, FOREM) for sid in related]
    return People(
        told, events(*said), pl.DataFrame(pairs, {"recipient": pl.String(), "sid": pl.String()}, orient="row")
    )


def told_before(**digests: str) -> pl.DataFrame:
    """What our CPAS was told, as the ledger keeps it, by key."""
    rows = [{"recipient": CPAS, "row_key": k, "entity_id": entity_of(k), "row_hash": h} for k, h in digests.items()]
    return pl.DataFrame(rows, dict.fromkeys(("recipient", "row_key", "entity_id", "row_hash"), pl.String()))


def rows_told(*keys: str) -> pl.DataFrame:
    """The rows passed on to our CPAS before, as the ledger keeps them."""
    rows = [{"recipient": CPAS, "row_key": key, "entity_id": key.rpartition("|")[0], "row_hash": "x"} for key in keys]
    return pl.DataFrame(rows, dict.fromkeys(("recipient", "row_key", "entity_id", "row_hash"), pl.String()))


def kinds(known: pl.DataFrame) -> set[str]:
    return set(known.get_column("kind"))


EVERY_KIND = (
    one("SITUATION", f"{CPAS}|{ANNA}|RI|"),
    one("REGISTRATION", f"{CPAS}|{ANNA}"),
    one("ENROLMENT", f"{FOREM}|E1", cpas=None),
    one("ANSWER", f"{CPAS}|{ANNA}|J1"),
    one("BREACH", f"{FOREM}|B1", cpas=None),
)


def test_until_le_forem_has_answered_a_cpas_is_told_its_own_view() -> None:
    """A referral that Le Forem has not answered finds out nothing of registration, trainings or breaches."""
    said = (orie(), enrolment(), {"feed": "MANQ", "entity_id": f"MANQ|{FOREM}|B1"})
    silent = people(states(referral(forem="NONE"), *EVERY_KIND), *said)
    assert kinds(known_states(silent, TO_CPAS)) == {"REFERRAL", "SITUATION", "ANSWER"}
    assert [known_rows(silent, TO_CPAS, feed).height for feed in ("INSC", "FORM", "MANQ")] == [0, 0, 0]
    answered = people(states(referral(), *EVERY_KIND), *said)
    assert kinds(known_states(answered, TO_CPAS)) == {str(state["kind"]) for state in EVERY_KIND} | {"REFERRAL"}
    assert [known_rows(answered, TO_CPAS, feed).height for feed in ("FORM", "MANQ")] == [1, 1]


def test_the_answer_to_another_cpas_opens_nothing() -> None:
    """That Le Forem answered another CPAS about the same person does not count as an answer to this one."""
    told = states(referral(forem="NONE"), referral(THEIRS, cpas=OTHER), *EVERY_KIND)
    assert kinds(known_states(people(told, orie(), enrolment()), TO_CPAS)) == {"REFERRAL", "SITUATION", "ANSWER"}


def test_without_an_open_relationship_nobody_is_told_anything() -> None:
    """Neither a state nor a row goes to a side that has no relationship with the person today."""
    world = people(states(referral(), *EVERY_KIND), orie(), enrolment(), related=())
    for recipient in (TO_CPAS, TO_FOREM):
        assert known_states(world, recipient).is_empty()
        assert all(known_rows(world, recipient, feed).is_empty() for feed in recipient.each[0].passing)


@pytest.mark.parametrize(
    ("about", "sid", "told"),
    [(None, ANNA, True), (OURS, ANNA, True), (THEIRS, ANNA, False), (OURS, BERT, False), ("R9", ANNA, False)],
)
def test_a_training_goes_to_the_cpas_of_the_referral_it_names(about: str | None, sid: str, told: bool) -> None:
    """Naming no referral it goes to a CPAS that was answered; naming one, to its CPAS alone and of its person only."""
    known = states(
        referral(),
        referral("R62063-2026-000002", sid=BERT),
        referral(THEIRS, cpas=OTHER),
        one("ENROLMENT", f"{FOREM}|E1", cpas=None, sid=sid),
    )
    world = people(known, orie(), orie("R62063-2026-000002", sid=BERT), enrolment(about=about, sid=sid))
    assert ("ENROLMENT" in kinds(known_states(world, TO_CPAS))) is told
    assert (known_rows(world, TO_CPAS, "FORM").height == 1) is told
    assert "ENROLMENT" in kinds(known_states(world, TO_FOREM))


def test_of_several_cpas_each_is_told_its_own_part() -> None:
    """Told together, each CPAS gets what it would get alone, with a capsule of its own: nothing crosses over."""
    told = states(referral(), referral(THEIRS, cpas=OTHER), *EVERY_KIND)
    said = (orie(), orie(THEIRS, OTHER), enrolment("E1", about=OURS), enrolment("E2", about=THEIRS))
    world = people(told, *said)
    both = pl.DataFrame({"recipient": [CPAS, OTHER], "sid": [ANNA] * 2})
    world = People(world.states, world.events, both)
    for one_of_them in TO_BOTH.each:
        alone, mine = Recipients((one_of_them,)), pl.col("recipient") == one_of_them.partner
        assert rows_of(TO_BOTH, world).filter(mine).equals(rows_of(alone, world))
        together = rows_identified(known_rows(world, TO_BOTH, "FORM"), world, TO_BOTH).filter(mine)
        assert together.equals(rows_identified(known_rows(world, alone, "FORM"), world, alone))
        assert together.height == 1
    assert set(rows_of(TO_BOTH, world).get_column("recipient")) == {CPAS, OTHER}


def test_a_cpas_is_told_of_its_own_statements_only() -> None:
    """Another CPAS's referral, situation, registration and answer about the same person are not this one's to know."""
    theirs = [
        referral(THEIRS, cpas=OTHER),
        one("SITUATION", f"{OTHER}|{ANNA}|RI|", cpas=OTHER),
        one("REGISTRATION", f"{OTHER}|{ANNA}", cpas=OTHER),
        one("ANSWER", f"{OTHER}|{ANNA}|J1", cpas=OTHER),
    ]
    told = known_states(people(states(referral(), *theirs), orie()), TO_CPAS)
    assert told.get_column("entity_id").to_list() == [OURS]


def test_a_plan_without_a_feed_is_told_nothing_of_its_kind() -> None:
    """What a CPAS did not agree to exchange is in none of its files, the reconciled view included."""
    world = people(states(referral(), *EVERY_KIND), orie(), enrolment())
    recipient = Recipient(CPAS, {CPAS}, FEEDS - {"FORM", "MANQ"})
    assert kinds(known_states(world, Recipients((recipient,)))) == {"REFERRAL", "SITUATION", "REGISTRATION", "ANSWER"}
    assert recipient.passing == ("STAT", "INSC")


def test_a_breach_taken_back_reaches_whom_it_was_told() -> None:
    """Of a breach told before, withdrawal and cancellation go out whatever the relationship; nothing else does."""
    breach = f"MANQ|{FOREM}|B1"
    told = rows_told(f"{breach}|2026-03-02", f"MANQ|{FOREM}|B2|2026-03-02")
    world = people(
        states(),
        {"feed": "MANQ", "entity_id": breach, "payload": {"status": "OPEN"}},
        {
            "feed": "MANQ",
            "entity_id": breach,
            "version": 2,
            "effective_date": TODAY,
            "payload": {"status": "WITHDRAWN"},
        },
        {"feed": "MANQ", "entity_id": f"MANQ|{FOREM}|B2", "notice_status": 9, "payload": {"status": "OPEN"}},
        {"feed": "MANQ", "entity_id": f"MANQ|{FOREM}|B3", "payload": {"status": "WITHDRAWN"}},
        related=(),
    )
    assert sorted(back_rows(world, "MANQ", told).get_column("event_id")) == ["e1", "e2"]
    assert known_rows(world, TO_CPAS, "MANQ").is_empty()


@pytest.mark.parametrize("feed", ["ORIE", "STAT", "SITU", "INSC", "FORM", "MANQ", "MOBI"])
def test_what_was_told_is_taken_back_whatever_the_relationship(feed: str) -> None:
    """A cancellation of what was told of that date goes out; of another date, or undone since, it does not."""
    source = CPAS if feed in ("ORIE", "SITU", "MOBI") else FOREM
    entities = [OURS if feed in ("ORIE", "STAT") else f"{feed}|{FOREM}|E{n}" for n in range(4)]
    entities = [f"{name}{n}" for n, name in enumerate(entities)]
    plain = {"feed": feed, "source": source, "version": 2, "notice_status": 9}
    world = people(
        states(),
        plain | {"entity_id": entities[0]},
        plain | {"entity_id": entities[1], "effective_date": TODAY},
        plain | {"entity_id": entities[2]},
        plain | {"entity_id": entities[2], "version": 3, "notice_status": 0},
        plain | {"entity_id": entities[3]},
        related=(),
    )
    told = rows_told(*(f"{name}|2026-03-02" for name in entities[:3]))
    back = back_rows(world, feed, told)
    assert back.select("recipient", "event_id").rows() == [(CPAS, "e0")]
    assert back_rows(world, feed, told.clear()).is_empty()


def test_a_row_told_before_is_void_though_its_person_is_a_stranger_now() -> None:
    """The cancellation of a row told goes out with the capsule that the CPAS itself gave of the person."""
    world = people(
        states(referral(cpas_view="WITHDRAWN")),
        orie(),
        orie(version=2, notice_status=9),
        {"feed": "INSC", "entity_id": f"INSC|{FOREM}|{ANNA}", "notice_status": 9, "version": 2},
        {"feed": "INSC", "entity_id": f"INSC|{FOREM}|{BERT}", "notice_status": 9, "version": 2, "sid": BERT},
        related=(),
    )
    told = rows_told(f"INSC|{FOREM}|{ANNA}|2026-03-02", f"INSC|{FOREM}|{BERT}|2026-03-02")
    rows = rows_identified(back_rows(world, "INSC", told), world, TO_CPAS)
    assert rows.select("sid", "named_by").rows() == [(ANNA, "e1")]


def test_what_is_held_or_stale_is_frozen() -> None:
    """A gap holds an entity back up to its last day, that day included; a state older than its events waits too."""
    told = states(
        referral("R1", held_until=date(2026, 3, 16)),
        referral("R2", held_until=date(2026, 3, 15)),
        referral("R3", stale=True),
        referral("R4"),
    )
    assert frozen(told, TODAY) == {"R1", "R3"}


def test_a_row_is_held_by_the_state_that_speaks_of_it() -> None:
    """A situation of a CPAS that another succeeded belongs to the successor's state; a registration to the person's."""
    rows = events(
        {"feed": "SITU", "entity_id": f"SITU|{OTHER}|{BERT}|CONTRACT|K|1", "source": OTHER, "cpas": CPAS},
        {"feed": "INSC", "entity_id": f"INSC|{FOREM}|{ANNA}"},
        orie(),
    )
    found = rows.select(pl.lit(CPAS).alias("recipient"), pl.all()).select(entity_of_state()).to_series().to_list()
    assert found == [f"SITU|{CPAS}|{ANNA}|CONTRACT|K|1", f"REGI|{CPAS}|{ANNA}", OURS]


def test_a_cpas_recognises_the_person_by_its_own_capsule() -> None:
    """The capsule is of the CPAS's own row of that entity, else its freshest with a dossier, never another's."""
    world = people(
        states(referral(), one("BREACH", f"{FOREM}|B1")),
        orie(),
        {"feed": "SITU", "entity_id": f"SITU|{CPAS}|{ANNA}|RI|", "source": CPAS},
        {"feed": "MOBI", "entity_id": f"MOBI|{CPAS}|{ANNA}|J1", "source": CPAS},
        orie(THEIRS, OTHER),
        {"feed": "STAT", "entity_id": OURS},
        {"feed": "MANQ", "entity_id": f"MANQ|{FOREM}|B1"},
    )
    named = dict(identified(known_states(world, TO_CPAS), world, TO_CPAS).select("kind", "named_by").iter_rows())
    assert named == {"REFERRAL": "e0", "BREACH": "e1"}
    assert dict(identified(known_states(world, TO_FOREM), world, TO_FOREM).select("kind", "named_by").iter_rows()) == {
        "REFERRAL": "e0",
        "BREACH": "e5",
    }
    rows = rows_identified(known_rows(world, TO_CPAS, "MANQ"), world, TO_CPAS)
    assert rows.get_column("named_by").to_list() == ["e1"]


def test_a_person_of_whom_no_capsule_was_given_is_not_told_of() -> None:
    """Without a row of its own about the person a CPAS could not know whom a row is about: it gets none."""
    world = people(states(referral()), orie(THEIRS, OTHER), {"feed": "STAT", "entity_id": OURS})
    assert identified(known_states(world, TO_CPAS), world, TO_CPAS).is_empty()


def test_a_contested_referral_is_told_of_the_person_named_last() -> None:
    """Where the CPAS's rows name two persons at one version, the row goes with the capsule of the last one."""
    world = people(states(referral(sid=None)), orie(), orie(sid=BERT), {"feed": "STAT", "entity_id": OURS})
    (known,) = identified(known_states(world, TO_CPAS), world, TO_CPAS).iter_rows(named=True)
    assert (known["sid"], known["named_by"]) == (BERT, "e1")


def seen_by(recipient: str, *told: dict[str, Any]) -> pl.DataFrame:
    known = states(*told).select(pl.lit(recipient).alias("recipient"), pl.all())
    return shown(known, to_cpas=recipient != FOREM)


def test_who_leads_is_told_once_le_forem_has_answered() -> None:
    """Who leads and what is next follow from Le Forem's side too, so they are blank until its first answer."""
    led = {"lead": "CPAS", "next_service": "RAN", "lead_rule": "DELEGATED"}
    cells = [seen_by(CPAS, referral(forem=forem, **led)).row(0, named=True) for forem in ("NONE", "ACCEPTED")]
    assert [[cell[name] for name in led] for cell in cells] == [[None] * 3, ["CPAS", "RAN", "DELEGATED"]]
    assert seen_by(FOREM, referral(forem="NONE", **led)).row(0, named=True)["lead"] == "CPAS"


def test_a_training_during_a_contract_is_told_to_who_knows_both() -> None:
    """R504 on a contract would tell of a training: it is shown to a CPAS only beside the enrolment itself."""
    crossed = {"codes": ["R403", "R504"], "class": "CONFLICT", "owner": "FOREM", "reason": "TRAINING_DURING_ART60"}
    contract = one("SITUATION", f"{CPAS}|{ANNA}|CONTRACT|K1", **crossed, since=TODAY)
    (alone,) = seen_by(CPAS, contract).iter_rows(named=True)
    told = (alone["class"], alone["codes"], alone["owner"], alone["reason"], alone["since"])
    assert told == ("AGREED", ["R403"], None, "STATED", None)
    both = seen_by(CPAS, contract, one("ENROLMENT", f"{FOREM}|E1", **crossed))
    assert both.get_column("class").to_list() == ["CONFLICT", "CONFLICT"]
    assert seen_by(FOREM, contract).get_column("class").to_list() == ["CONFLICT"]


def reco() -> Any:
    contract = lookup("RECO", "out", 1, "T")
    assert contract is not None
    return contract


def rows_of(recipients: Recipients, world: People) -> pl.DataFrame:
    known = shown(known_states(world, recipients), to_cpas=recipients.are_cpas)
    return view_rows(signed(identified(known, world, recipients), world.events), reco())


def test_each_kind_has_its_name() -> None:
    """The key of a row of the view leads back to its entity, and its reference is what partners call it."""
    more = (one("SITUATION", f"{CPAS}|{ANNA}|CONTRACT|K-1"), one("SITUATION", f"{CPAS}|{ANNA}|PIIS|"))
    rows = rows_of(TO_CPAS, people(states(referral(), *EVERY_KIND, *more), orie()))
    assert all(entity_of(key) == entity for key, entity in rows.select(KEY, ENTITY).iter_rows())
    assert rows.select("entity_kind", "cpas", "entity_ref").rows() == [
        ("ANSWER", CPAS, "J1"),
        ("BREACH", None, "B1"),
        ("ENROLMENT", None, "E1"),
        ("REFERRAL", None, OURS),
        ("REGISTRATION", CPAS, None),
        ("SITUATION", CPAS, "CONTRACT:K-1"),
        ("SITUATION", CPAS, "PIIS"),
        ("SITUATION", CPAS, "RI"),
    ]


def test_two_cpas_of_one_person_are_told_apart() -> None:
    """Le Forem holds the rights of one person from two CPAS as two rows."""
    told = states(
        one("SITUATION", f"{CPAS}|{ANNA}|RI|"),
        one("SITUATION", f"{OTHER}|{ANNA}|RI|", cpas=OTHER),
        one("REGISTRATION", f"{CPAS}|{ANNA}"),
        one("REGISTRATION", f"{OTHER}|{ANNA}", cpas=OTHER),
        referral(),
    )
    rows = rows_of(TO_FOREM, people(told, orie(), orie(THEIRS, OTHER)))
    assert rows.get_column(KEY).n_unique() == 5


def test_only_what_is_told_moves_the_digest() -> None:
    """A row is told again when a cell differs; when it is the same but for the day or the capsule, it is not."""
    world = people(states(referral(codes=["R401", "R402"], since=TODAY, due=TODAY)), orie())
    first = rows_of(TO_CPAS, world)
    told = told_before(**dict(first.select(KEY, DIGEST).iter_rows()))
    again = rows_of(
        TO_CPAS, people(world.states, orie(), orie(version=2, received_at=datetime(2026, 3, 9, tzinfo=UTC)))
    )
    assert differing(again, told).is_empty()
    changed = world.states.with_columns(pl.lit(7, pl.Int64).alias("forem_version"))
    assert differing(rows_of(TO_CPAS, People(changed, world.events, world.related)), told).height == 1
    assert first.get_column("codes").to_list() == ["R401|R402"]


def test_what_holds_no_longer_is_taken_back_once() -> None:
    """A key told before and not present is taken back, unless it was already, or its entity is frozen."""
    told = told_before(**{f"REFERRAL|{ANNA}||R1": "x", f"REFERRAL|{ANNA}||R2": "x"})
    told = pl.concat([told, told_before(**{f"BREACH|{ANNA}||B1": GONE, f"ENROLMENT|{ANNA}||E1": "x"})])
    present = pl.DataFrame({"recipient": [CPAS], KEY: [f"REFERRAL|{ANNA}||R1"]})
    gone = taken_back(told, present, {f"FORM|{FOREM}|E1"}).get_column("row_key").to_list()
    assert gone == [f"REFERRAL|{ANNA}||R2"]
    sheet = sealed_sheet(gone_rows(gone), reco(), {"tokens": {ANNA: "t"}, "identities": {}, "references": {}}, TODAY)
    (row,) = sheet.select(reco().columns).iter_rows(named=True)
    assert {name: cell for name, cell in row.items() if cell} == {
        "record": "GONE",
        "subject_token": "t",
        "entity_kind": "REFERRAL",
        "entity_ref": "R2",
        "snapshot_date": "2026-03-16",
    }
    assert gone_rows([]).is_empty()


def test_rows_pass_on_the_coded_columns_of_their_sender() -> None:
    """A passed row has its sender's coded cells, is keyed by entity and date, and follows the order of references."""
    contract = lookup("FORM", "out", 1, "T")
    assert contract is not None
    world = people(
        states(referral()),
        orie(),
        enrolment("E2", payload={"enrolment_id": "E2", "status": "STARTED", "version": "1"}),
        enrolment("E1", payload={"enrolment_id": "E1", "status": "ENROLLED", "version": "1", "unknown": "x"}),
    )
    rows = passed_rows(rows_identified(known_rows(world, TO_CPAS, "FORM"), world, TO_CPAS), contract)
    sealed = {"tokens": {ANNA: "t"}, "identities": {"e0": "i"}, "references": {}}
    sheet = sealed_sheet(rows, contract, sealed)
    assert sheet.select("enrolment_id", "status", "subject_token", "sealed_identity").rows() == [
        ("E1", "ENROLLED", "t", "i"),
        ("E2", "STARTED", "t", "i"),
    ]
    assert sheet.get_column(KEY).to_list() == [f"FORM|{FOREM}|E{n}|2026-03-02" for n in (1, 2)]
    assert sheet.columns == [KEY, DIGEST, ENTITY, *contract.columns]


@pytest.mark.parametrize("feed", ["ORIE", "SITU", "MOBI"])
def test_le_forem_recognises_the_person_by_the_rows_own_capsule(feed: str) -> None:
    """What a CPAS states goes to Le Forem with what that very row said of the person."""
    world = people(states(referral()), orie(), {"feed": feed, "entity_id": OURS, "source": CPAS, "version": 2})
    rows = rows_identified(known_rows(world, TO_FOREM, feed), world, TO_FOREM)
    assert rows.get_column("named_by").to_list() == rows.get_column("event_id").to_list()
    assert rows.height == 1
