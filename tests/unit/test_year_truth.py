"""The truth of the simulated year, on stories small enough to be told in a line."""

from dataclasses import replace
from datetime import date

import pytest

from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import numbers
from simulators.year.persons import everything
from simulators.year.referrals import Standing
from simulators.year.said import Word, gap, hear, word
from simulators.year.world import World

LIEGE, OTHER = "062063", "062096"
REF = "R62063-2026-000001"


def said(
    day: str, feed: str, version: int, *, source: str = LIEGE, entity: str = "RI", status: str = "0", **cells: str
) -> Word:
    """A row received on a day of 2026, effective that day unless it says otherwise."""
    effective = cells.pop("effective", day)
    dated = "status_date" if feed == "STAT" else "effective_date"
    row: Row = {"version": str(version), "notice_status": status, dated: f"2026-{effective}"}
    recorded = cells.pop("recorded", day)
    person = int(cells.pop("person", "7"))
    return word(
        f"2026-{day}", feed, source, entity, person, row | {"recorded_at": f"2026-{recorded}T09:00:00+01:00"} | cells
    )


def grant(day: str = "03-02", **cells: str) -> Word:
    """The right is granted."""
    row = {
        "situation_kind": "RI_GRANT",
        "situation_group": "RI",
        "decision_date": f"2026-{cells.get('effective', day)}",
    }
    return said(day, "SITU", 1, **row | cells)


def oriented(day: str = "03-02", version: int = 1, **cells: str) -> Word:
    """An orientation."""
    row = {"ri_start_date": "2026-03-02", "public": "RI", "exempt_health_equity": "0"}
    return said(day, "ORIE", version, entity=REF, **row | cells)


def status(day: str, version: int, core: str, **cells: str) -> Word:
    """A status of Le Forem."""
    return said(day, "STAT", version, source=FOREM, entity=REF, core_status=core, **cells)


def on(day: str, *words: Word, kind: str) -> Standing:
    """The one thing of that kind on a day of 2026."""
    (found,) = [
        one for one in everything(words, 7, {}, lambda *_: False, date.fromisoformat(f"2026-{day}")) if one.kind == kind
    ]
    return found


def test_a_withdrawal_that_is_cancelled_gives_the_grant_back() -> None:
    """Cancelling a C revives the B that it had ended."""
    ended = said("03-10", "SITU", 2, situation_kind="RI_WITHDRAWAL", situation_group="RI", decision_date="2026-03-10")
    undone = said(
        "03-12", "SITU", 3, status="9", effective="03-10", situation_kind="RI_WITHDRAWAL", decision_date="2026-03-10"
    )
    assert on("03-10", grant(), ended, kind="SITUATION").state == "RI_WITHDRAWAL"
    assert on("03-12", grant(), ended, undone, kind="SITUATION").state == "RI_GRANT"


def test_the_order_of_arrival_does_not_count() -> None:
    """A correction that comes before its original still prevails over it."""
    first, second = (
        oriented("03-05", recorded="03-02"),
        said("03-03", "ORIE", 2, entity=REF, status="1", effective="03-05", priority="URGENT"),
    )
    assert [one.version for one in hear([second, first]).live] == [2]
    assert hear([first, second]).live == hear([second, first]).live


def test_two_contents_at_one_version_are_a_conflict_until_a_higher_one() -> None:
    """Both are left out, and the side keeps what it had said before."""
    one, other = status("03-04", 1, "RECEIVED"), status("03-05", 1, "RECEIVED", effective="03-04", advisor_unit="X")
    found = on("03-05", oriented(), one, other, kind="REFERRAL")
    assert (found.klass, found.owner, found.forem_view, found.codes) == ("CONFLICT", "FOREM", "NONE", {"R403"})
    settled = status("03-06", 2, "RECEIVED", effective="03-04", status="1")
    assert on("03-06", oriented(), one, other, settled, kind="REFERRAL").klass == "AGREED"


@pytest.mark.parametrize(
    ("day", "state", "klass"), [("03-16", "REQUESTED", "PENDING"), ("03-17", "EXPIRED", "MISSING_FOREM")]
)
def test_an_orientation_waits_ten_working_days_for_its_answer(day: str, state: str, klass: str) -> None:
    """On the tenth it is pending still, on the day after it is missing."""
    found = on(day, oriented(), kind="REFERRAL")
    assert (found.state, found.klass, found.owner) == (state, klass, "FOREM")


def test_a_status_on_another_person_changes_no_view() -> None:
    """It is a conflict of Le Forem's, and the CPAS's part of the truth is what it was without it."""
    found = on("03-04", oriented(), status("03-04", 1, "RECEIVED", person="8"), kind="REFERRAL")
    assert (found.klass, found.owner, found.forem_view) == ("CONFLICT", "FOREM", "NONE")
    assert found.codes == {"R503"}
    assert found.plain == ("PENDING", "FOREM")


def test_a_missing_version_is_held_for_three_working_days() -> None:
    """From the day on which a higher one came."""
    assert gap([status("03-04", 1, "RECEIVED"), status("03-05", 3, "ACCEPTED")]) == date(2026, 3, 10)
    assert gap([status("03-04", 1, "RECEIVED"), status("03-05", 2, "ACCEPTED")]) is None


@pytest.mark.parametrize(
    ("day", "registered", "state", "klass"),
    [
        ("03-30", "", "PENDING", "PENDING"),
        ("03-31", "", "OVERDUE", "MISSING_FOREM"),
        ("04-02", "2026-03-30", "ON_TIME", "AGREED"),
        ("04-02", "2026-03-31", "LATE", "AGREED"),
    ],
)
def test_the_duty_to_register_ends_after_twenty_eight_days(day: str, registered: str, state: str, klass: str) -> None:
    """28 days after the grant, that day included."""
    insc = said("04-01", "INSC", 1, source=FOREM, entity="INSC", movement="1", registration_date=registered)
    found = on(day, grant(), *([insc] if registered else []), kind="REGISTRATION")
    assert (found.state, found.klass, found.due) == (state, klass, date(2026, 3, 30))


def test_who_was_helped_before_the_decree_has_ninety_days() -> None:
    """From the decree's first day, whenever the CPAS tells of it."""
    old = said("03-02", "SITU", 1, situation_kind="RI_GRANT", decision_date="2025-01-02", effective="01-02")
    before = word("2026-03-02", "SITU", LIEGE, "RI", 7, old.cells | {"effective_date": "2025-01-02"})
    assert on("03-05", before, kind="REGISTRATION").due == date(2026, 4, 1)


def test_a_training_beside_a_full_time_contract_is_first_pending_then_a_conflict() -> None:
    """Le Forem has five working days; both the contract and the training show it."""
    contract = said(
        "03-02", "SITU", 1, entity="CONTRACT:C1", situation_kind="ART60", situation_group="CONTRACT",
        measure_code="116", contract_start="2026-03-01", planned_end="2026-12-31", contract_id="C1",
        weekly_hours="38", reference_hours="38",
    )  # fmt: skip
    training = said("03-03", "FORM", 1, source=FOREM, entity="E1", status="0", referral_id=REF)
    started = word("2026-03-03", "FORM", FOREM, "E1", 7, training.cells | {"status": "STARTED"})
    story = (grant(), oriented(), contract, started)
    early = everything(story, 7, {}, lambda *_: False, date(2026, 3, 10))
    late = everything(story, 7, {}, lambda *_: False, date(2026, 3, 11))
    crossed = {one.kind: one.klass for one in early if "R504" in one.codes}
    assert crossed == {"SITUATION": "PENDING", "ENROLMENT": "PENDING"}
    assert {one.klass for one in late if "R504" in one.codes} == {"CONFLICT"}


def test_what_was_taken_back_is_known_anew_from_its_return() -> None:
    """The five working days begin when both sides' facts are known: a hold that an answer replaced and whose answer is
    then cancelled begins again, one that is sent again does not; so does a training whose end is contested. An
    orientation that is late is such a fact."""
    over = {"situation_kind": "RI_WITHDRAWAL", "situation_group": "RI", "decision_date": "2026-03-10"}
    ended = said("03-10", "SITU", 2, **over)
    kept = [grant(), oriented(), status("03-06", 1, "ON_HOLD"), ended]
    again = status("03-16", 2, "ON_HOLD", effective="03-06")
    back = [status("03-09", 2, "IN_PROGRESS"), status("03-16", 3, "CANCELLED", effective="03-09", status="9")]
    assert on("03-17", *kept, kind="SITUATION").due == date(2026, 3, 17)
    assert on("03-17", *kept, again, kind="SITUATION").due == date(2026, 3, 17)
    assert on("03-17", *kept, *back, kind="SITUATION").due == date(2026, 3, 23)
    late = [grant(), oriented("03-13", effective="03-02", recorded="03-02"), *kept[2:]]
    assert on("03-17", *late, kind="SITUATION").due == date(2026, 3, 20)
    worker = said(
        "03-02", "SITU", 1, entity="CONTRACT:C1", situation_kind="ART60", situation_group="CONTRACT",
        measure_code="116", contract_start="2026-03-01", planned_end="2026-12-31", contract_id="C1",
        weekly_hours="38", reference_hours="38",
    )  # fmt: skip
    started, *ended_twice = (
        said(day, "FORM", version, source=FOREM, entity="E1", effective=effective, recorded=effective, hours_done=hours)
        for day, version, effective, hours in (
            ("03-04", 1, "03-04", "0"),
            ("03-06", 2, "03-06", "1"),
            ("03-10", 2, "03-06", "2"),
        )
    )
    started.cells["status"] = "STARTED"
    for one in ended_twice:
        one.cells["status"] = "COMPLETED"
    story = grant(), oriented(), worker, started
    assert _checked(*story) == date(2026, 3, 11)
    assert _checked(*story, *ended_twice) == date(2026, 3, 17)


def _checked(*words: Word) -> date | None:
    """Until when a training beside a contract may be looked into, on 12 March."""
    found = everything(words, 7, {}, lambda *_: False, date(2026, 3, 12))
    (contract,) = [one for one in found if one.kind == "SITUATION" and one.ref.startswith("CONTRACT")]
    return contract.due


def test_a_contract_that_was_over_for_some_days_is_known_anew_from_its_return() -> None:
    """An end that is then contested revives the contract: the five working days begin with that."""
    running = {
        "entity": "CONTRACT:C1", "situation_kind": "ART60", "situation_group": "CONTRACT", "contract_id": "C1",
        "measure_code": "116", "contract_start": "2026-03-01", "planned_end": "2026-12-31", "weekly_hours": "38",
        "reference_hours": "38",
    }  # fmt: skip
    started = said("03-03", "FORM", 1, source=FOREM, entity="E1", status="0", referral_id=REF)
    started.cells["status"] = "STARTED"
    ended = running | {"effective": "03-04", "recorded": "03-04", "actual_end": "2026-03-04"}
    one, other = said("03-05", "SITU", 2, tutor="0", **ended), said("03-06", "SITU", 2, tutor="1", **ended)
    story = grant(), oriented(), said("03-02", "SITU", 1, **running), started, one
    assert _checked(*story) is None
    assert _checked(*story, other) == date(2026, 3, 13)


def test_a_training_that_was_over_for_some_days_outlives_its_orientation_anew() -> None:
    """Its end is contested and does not count any more: Le Forem has five working days from then on."""
    back = oriented("03-04", 2, effective="03-02", status="9")
    started, ended, other = (
        said(day, "FORM", version, source=FOREM, entity="E1", effective=effective, recorded=effective, referral_id=REF)
        for day, version, effective in (("03-03", 1, "03-03"), ("03-06", 2, "03-06"), ("03-10", 2, "03-06"))
    )
    started.cells["status"] = "STARTED"
    for one in (ended, other):
        one.cells["status"] = "COMPLETED"
    other = replace(other, content="another")
    assert on("03-05", oriented(), started, back, kind="ENROLMENT").due == date(2026, 3, 11)
    assert on("03-06", oriented(), started, back, ended, kind="ENROLMENT").due is None
    assert on("03-10", oriented(), started, back, ended, other, kind="ENROLMENT").due == date(2026, 3, 17)


def test_an_orientation_is_superseded_by_a_later_one() -> None:
    """Unanswered, with a later one of the same CPAS: the earlier is the CPAS's to withdraw."""
    later = said(
        "03-05",
        "ORIE",
        1,
        entity="R62063-2026-000002",
        ri_start_date="2026-03-02",
        public="RI",
        exempt_health_equity="0",
    )
    found = {
        one.ref: (one.klass, one.owner)
        for one in everything([oriented(), later], 7, {}, lambda *_: False, date(2026, 3, 6))
        if one.kind == "REFERRAL"
    }
    assert found == {REF: ("SUPERSEDED", "CPAS"), "R62063-2026-000002": ("PENDING", "FOREM")}


@pytest.mark.parametrize(
    ("words", "sender", "told"),
    [
        ([oriented()], LIEGE, False),
        ([oriented(), status("03-03", 1, "RECEIVED")], LIEGE, True),
        ([oriented(), status("03-09", 1, "RECEIVED")], LIEGE, False),
        ([oriented(), status("03-03", 1, "RECEIVED")], OTHER, False),
        ([oriented(), status("03-03", 1, "RECEIVED"), grant(source=OTHER)], OTHER, False),
        (
            [oriented(), status("03-03", 1, "RECEIVED"), oriented("03-05", effective="03-02", version=2, status="9")],
            LIEGE,
            False,
        ),
        ([oriented("03-09")], FOREM, True),
        ([oriented("03-10")], FOREM, False),
        ([said("03-03", "INSC", 1, source=FOREM, entity="7")], FOREM, False),
    ],
)
def test_who_is_told_of_a_number_in_use_no_more(words: list[Word], sender: str, told: bool) -> None:
    """Who is tied to the person by an orientation that stands and was answered before the half-day of its file."""
    world = World(1, date(2026, 3, 2), 19, 9, (), (), {})
    assert numbers._is_told(world, words, 7, sender, date(2026, 3, 9)) is told


CHILD = "R62063-2026-000007"


def child(day: str, version: int, core: str, parent: str = REF) -> Word:
    """A status of a referral that Le Forem has opened itself."""
    row = {"core_status": core, "parent_referral_id": parent}
    return said(day, "STAT", version, source=FOREM, entity=CHILD, **row)


def test_a_child_is_of_the_cpas_of_its_parent() -> None:
    """It has Le Forem's status, and its mistakes, and the parent's CPAS; without a parent it is an orphan."""
    parent = [oriented(), status("03-03", 1, "ACCEPTED"), status("03-05", 2, "REFERRED_ONWARD")]
    known = {one.ref: one for one in standings("03-10", *parent, child("03-05", 1, "ACCEPTED"))}
    assert (known[CHILD].cpas, known[CHILD].state, known[CHILD].klass) == (LIEGE, "ACCEPTED", "AGREED")
    assert (known[CHILD].codes, known[CHILD].owner, known[CHILD].due) == (set(), "", None)
    leapt = {one.ref: one for one in standings("03-10", *parent, child("03-05", 1, "COMPLETED"))}[CHILD]
    assert (leapt.klass, leapt.owner, leapt.codes) == ("OUT_OF_ORDER", "FOREM", {"R401"})
    (alone,) = standings("03-12", child("03-05", 1, "ACCEPTED"))
    assert (alone.cpas, alone.klass, alone.codes) == ("", "ORPHAN_ACK", {"R404"})


def stands(status: str, one: Word) -> Word:
    """The row with its status, which is not that of the notice."""
    return replace(one, cells=one.cells | {"status": status})


def standings(day: str, *words: Word) -> list[Standing]:
    """The referrals on a day of 2026."""
    found = everything(words, 7, {}, lambda *_: False, date.fromisoformat(f"2026-{day}"))
    return [one for one in found if one.kind == "REFERRAL"]


@pytest.mark.parametrize(("registered", "klass"), [("03-09", "CONFLICT"), ("03-10", "CONFLICT"), ("03-11", "AGREED")])
def test_a_registration_belies_that_somebody_did_not_register(registered: str, klass: str) -> None:
    """One of the day of the breach or before; a later one does not."""
    cells = {"kind": "NOT_REGISTERED", "occurred_on": "2026-03-10"}
    breach = stands("OPEN", said("03-11", "MANQ", 1, source=FOREM, entity="N1", **cells))
    row = {"movement": "1", "registration_date": f"2026-{registered}", "stat92_category": "05"}
    insc = said("03-12", "INSC", 1, source=FOREM, entity="INSC", **row)
    assert on("03-11", grant(), breach, kind="BREACH").klass == "AGREED"
    assert on("03-12", grant(), breach, insc, kind="BREACH").klass == klass


@pytest.mark.parametrize(
    ("event", "klass", "codes"),
    [
        ({"kind": "JOBDAY", "status": "OPEN"}, "CONFLICT", {"R508"}),
        ({"kind": "JOBDAY", "status": "DONE"}, "AGREED", {"R508"}),
        ({"kind": "STAFF_SESSION", "status": "OPEN"}, "CONFLICT", {"R509"}),
    ],
)
def test_an_answer_is_judged_by_what_the_event_is(event: Row, klass: str, codes: set[str]) -> None:
    """Beyond the quota only while there are places to share; never to a session for the staff."""
    told = stands(event["status"], said("03-02", "JOBD", 1, source=FOREM, entity="J-1", kind=event["kind"]))
    answer = said("03-03", "MOBI", 1, entity="J-1", answer="CONFIRMED", answered_at="2026-03-03T09:00:00+01:00")
    today = date(2026, 3, 3)
    (found,) = everything([answer], 7, {"J-1": [told]}, lambda *_: True, today)
    assert (found.klass, found.codes) == (klass, codes)


def test_an_orphan_is_the_same_thing_once_its_orientation_comes() -> None:
    """What was out of order before goes on to be: it is no younger because a CPAS has come to it."""
    leapt = [status("03-03", 1, "RECEIVED"), status("03-04", 2, "COMPLETED")]
    orphan, known = on("03-05", *leapt, kind="REFERRAL"), on("03-09", *leapt, oriented("03-09"), kind="REFERRAL")
    assert (orphan.klass, orphan.cpas) == ("OUT_OF_ORDER", "")
    assert (known.klass, known.cpas) == ("OUT_OF_ORDER", LIEGE)
    assert orphan.key == known.key
