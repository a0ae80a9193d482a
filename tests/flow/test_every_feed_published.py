"""Every feed about persons, from its sender's mailbox to its recipient's: who is told, when, and who is not."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from play import PROJECT, Exchange
from scene import ANNA, CPAS, DAY, FOREM, GOOD, OTHER, OURS, THEIRS, Scene, row

from hub import flow
from hub.stores import tables

MONDAY = date(2026, 3, 9)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in range(10, 14))
NEXT_MONDAY, NEXT_TUESDAY = date(2026, 3, 16), date(2026, 3, 17)
PASSED = {"SITU": FOREM, "MOBI": FOREM, "ORIE": FOREM, "STAT": CPAS, "INSC": CPAS, "FORM": CPAS, "MANQ": CPAS}
EVENT = "J-2025-7"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys, mailboxes and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()


@pytest.fixture
def scene(prepared: Exchange, tmp_path: Path) -> Scene:
    return Scene(tmp_path, prepared)


@pytest.fixture(scope="module")
def monday(prepared: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """On Monday our CPAS orients somebody; Le Forem has it and answers. Played once."""
    scene = Scene(tmp_path_factory.mktemp("monday"), prepared)
    scene.on(MONDAY, "ORIE", row("ORIE"))
    scene.on(MONDAY, "STAT", row("STAT"))
    return scene


@pytest.fixture(scope="module")
def tuesday(monday: Scene, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """On Tuesday each other feed about the person is sent by its sender. Played once."""
    scene = monday.copy(tmp_path_factory.mktemp("tuesday"))
    scene.send(TUESDAY, "JOBD", row("JOBD"))
    for feed in ("SITU", "MOBI", "INSC", "FORM", "MANQ"):
        scene.send(TUESDAY, feed, row(feed))
    scene.run(TUESDAY)
    return scene


@pytest.fixture
def answered(monday: Scene, tmp_path: Path) -> Scene:
    """Monday, to go on from."""
    return monday.copy(tmp_path)


@pytest.fixture
def full(tuesday: Scene, tmp_path: Path) -> Scene:
    """Tuesday, to go on from."""
    return tuesday.copy(tmp_path)


def test_each_feed_reaches_the_one_who_is_to_know(tuesday: Scene) -> None:
    """Each feed's row is in its recipient's mailbox, opens there to the right person, and is in nobody else's."""
    for feed, recipient in PASSED.items():
        (line,) = tuesday.told(recipient, feed)
        assert line["identity_niss"] == ANNA["niss"]
        if recipient == FOREM:
            assert line["sender"] == CPAS
        else:
            assert line["cpas_dossier_ref"] == "A123"
        assert not [other for other in (CPAS, OTHER, FOREM) if other != recipient and tuesday.files(other, feed)]
    assert tuesday.files(OTHER, "RECO") == []


def test_both_sides_hold_a_row_for_each_thing(tuesday: Scene) -> None:
    """Referral, situation, registration, enrolment, answer and breach are in the view of both, named alike."""
    names = {
        ("REFERRAL", "", OURS),
        ("SITUATION", CPAS, "RI"),
        ("REGISTRATION", CPAS, ""),
        ("ENROLMENT", "", "E-2025-1"),
        ("ANSWER", CPAS, EVENT),
        ("BREACH", "", "B-2025-3"),
    }
    for recipient in (CPAS, FOREM):
        view = tuesday.view(recipient)
        assert set(view) == names
        assert view["REFERRAL", "", OURS]["agreed_state"] == "RECEIVED"
        assert view["SITUATION", CPAS, "RI"]["cpas_view"] == "RI_GRANT"
        assert view["REGISTRATION", CPAS, ""]["agreed_state"] == "ON_TIME"
        assert view["ENROLMENT", "", "E-2025-1"]["forem_view"] == "STARTED"
        assert view["ANSWER", CPAS, EVENT]["cpas_view"] == "CONFIRMED"
        assert view["BREACH", "", "B-2025-3"]["forem_view"] == "OPEN"


def test_a_referral_finds_out_nothing_before_it_is_answered(scene: Scene) -> None:
    """Until Le Forem has answered it, a CPAS is told its own view; on the answer it is told all that was waiting."""
    scene.on(MONDAY, "ORIE", row("ORIE"))
    for feed in ("INSC", "SITU"):
        scene.send(TUESDAY, feed, row(feed))
    for feed in ("FORM", "MANQ"):
        scene.send(TUESDAY, feed, row(feed))
    scene.run(TUESDAY)
    assert scene.kinds(CPAS) == {"REFERRAL", "SITUATION"}
    assert [scene.files(CPAS, feed) for feed in ("INSC", "FORM", "MANQ")] == [[], [], []]
    referral = scene.view(CPAS)["REFERRAL", "", OURS]
    assert (referral["lead"], referral["next_service"], referral["lead_rule"]) == ("", "", "")
    scene.on(WEDNESDAY, "STAT", row("STAT"))
    assert scene.kinds(CPAS) == {"REFERRAL", "SITUATION", "REGISTRATION", "ENROLMENT", "BREACH"}
    assert all(len(scene.raw(CPAS, feed)) == 1 for feed in ("STAT", "INSC", "FORM", "MANQ"))


def test_what_names_anothers_referral_is_not_ours_to_know(answered: Scene) -> None:
    """Two CPAS know one person: a training and a breach on the other's referral are told to the other alone."""
    answered.on(TUESDAY, "ORIE", row("ORIE", OTHER), sender=OTHER)
    answered.send(WEDNESDAY, "STAT", row("STAT", referral_id=THEIRS))
    answered.send(WEDNESDAY, "FORM", row("FORM", referral_id=THEIRS))
    answered.send(WEDNESDAY, "MANQ", row("MANQ", referral_id=THEIRS), row("MANQ", breach_id="B-9", referral_id=OURS))
    answered.run(WEDNESDAY)
    assert [line["breach_id"] for line in answered.raw(CPAS, "MANQ")] == ["B-9"]
    assert [line["breach_id"] for line in answered.raw(OTHER, "MANQ")] == ["B-2025-3"]
    assert answered.files(CPAS, "FORM") == []
    assert len(answered.raw(OTHER, "FORM")) == 1
    assert "ENROLMENT" not in answered.kinds(CPAS)
    assert {line["identity_niss"] for line in answered.told(OTHER, "FORM")} == {ANNA["niss"]}


def test_a_registration_goes_to_every_cpas_that_was_answered(answered: Scene) -> None:
    """INSC names no referral: each CPAS with an open relationship and an answer is told, by its own capsule."""
    answered.on(TUESDAY, "ORIE", row("ORIE", OTHER), sender=OTHER)
    answered.on(WEDNESDAY, "INSC", row("INSC"))
    assert len(answered.raw(CPAS, "INSC")) == 1
    assert answered.files(OTHER, "INSC") == []
    answered.on(THURSDAY, "STAT", row("STAT", referral_id=THEIRS))
    (theirs,) = answered.told(OTHER, "INSC")
    assert (theirs["identity_niss"], theirs["cpas_dossier_ref"]) == (ANNA["niss"], "B456")


def leave(scene: Scene, day: date) -> None:
    """The person moves away: our CPAS's relationship ends on that day."""
    scene.on(day, "SITU", row("SITU", version="2", effective_date=day.isoformat(), situation_kind="TRANSFER_OUT"))


def test_what_was_told_is_taken_back_when_the_relationship_ends(full: Scene) -> None:
    """From the day after its end every row told is GONE, without a sealed cell, and nothing more passes through."""
    before = full.view(CPAS)
    leave(full, WEDNESDAY)
    full.run(THURSDAY)
    assert full.view(CPAS) == {}
    gone = [line for line in full.raw(CPAS, "RECO") if line["record"] == "GONE"]
    assert {(one["entity_kind"], one["cpas"], one["entity_ref"]) for one in gone} == set(before)
    assert not [one for one in gone if one["sealed_identity"] or one["sealed_local_ref"] or one["class"]]
    passed = len(full.raw(CPAS, "INSC"))
    full.on(FRIDAY, "INSC", row("INSC", version="2", effective_date="2026-03-13", movement="3"))
    assert len(full.raw(CPAS, "INSC")) == passed
    full.run(NEXT_MONDAY)
    assert full.view(CPAS) == {}
    assert full.files(CPAS, "RECO")[-1][0]["kind"] == "DELTA"


def test_a_cancelled_end_gives_the_rows_back(full: Scene) -> None:
    """When the transfer is cancelled the relationship lives on, and what was taken back is told again."""
    before = set(full.view(CPAS))
    leave(full, WEDNESDAY)
    full.run(THURSDAY)
    cancelled = row("SITU", version="3", notice_status="9", effective_date="2026-03-11", situation_kind="TRANSFER_OUT")
    full.on(FRIDAY, "SITU", cancelled)
    assert set(full.view(CPAS)) == before


def test_a_breach_withdrawn_later_still_reaches_whom_it_was_told(full: Scene) -> None:
    """After the relationship has ended its withdrawal is the one row that the CPAS is still sent."""
    leave(full, WEDNESDAY)
    full.run(THURSDAY)
    files = {feed: len(full.files(CPAS, feed)) for feed in ("MANQ", "INSC", "FORM", "STAT", "RECO")}
    withdrawn = row(
        "MANQ", version="2", effective_date="2026-03-12", status="WITHDRAWN", withdrawn_on="2026-03-12",
        recorded_at="2026-03-12T09:00:00+01:00",
    )  # fmt: skip
    full.on(FRIDAY, "MANQ", withdrawn)
    *_, last = full.told(CPAS, "MANQ")
    assert (last["status"], last["identity_niss"]) == ("WITHDRAWN", ANNA["niss"])
    files["MANQ"] += 1
    assert {feed: len(full.files(CPAS, feed)) for feed in files} == files
    full.on(FRIDAY, "MANQ", row("MANQ", breach_id="B-10"))
    assert len(full.files(CPAS, "MANQ")) == files["MANQ"]


def test_a_gap_in_the_versions_holds_back_then_warns(answered: Scene) -> None:
    """With version 2 missing nothing of the referral goes out for three working days; then it does, with R406."""
    third = row("ORIE", version="3", effective_date="2026-03-10", delegation="FULL")
    answered.on(TUESDAY, "ORIE", third)
    passed = len(answered.raw(FOREM, "ORIE"))
    for day in (WEDNESDAY, THURSDAY, FRIDAY):
        answered.run(day)
        assert len(answered.raw(FOREM, "ORIE")) == passed
        assert answered.view(FOREM)["REFERRAL", "", OURS]["cpas_version"] == "1"
    answered.run(NEXT_MONDAY)
    assert answered.told(FOREM, "ORIE")[-1]["version"] == "3"
    for recipient in (CPAS, FOREM):
        told = answered.view(recipient)["REFERRAL", "", OURS]
        assert (told["cpas_version"], told["codes"]) == ("3", "R406")


def test_the_version_that_was_missing_ends_the_wait(answered: Scene) -> None:
    """As soon as version 2 comes both are published, without a warning."""
    answered.on(TUESDAY, "ORIE", row("ORIE", version="3", effective_date="2026-03-10", delegation="FULL"))
    answered.on(WEDNESDAY, "ORIE", row("ORIE", version="2", effective_date="2026-03-06", delegation="PARTIAL"))
    assert [line["version"] for line in answered.raw(FOREM, "ORIE")] == ["1", "2", "3"]
    assert answered.view(FOREM)["REFERRAL", "", OURS]["cpas_version"] == "3"


def test_a_training_that_is_held_is_seen_on_the_contract_by_both_sides(answered: Scene) -> None:
    """A training that waits for its first version clashes with an article 60 all the same: both books say so alike.

    Nor does the contract turn to agreed while the training, once told, waits for a missing version.
    """
    contract = "SITUATION", CPAS, "CONTRACT:C-2025-1"
    written = {"effective_date": DAY, "recorded_at": f"{DAY}T09:00:00+01:00", "decision_date": DAY}
    running = {"contract_start": DAY, "planned_end": "2026-12-31", "unemployment_right_date": "2027-01-01"}
    answered.send(TUESDAY, "SITU", GOOD["SITU"] | written | running)
    answered.on(TUESDAY, "FORM", row("FORM", version="2"))
    waits: list[dict[str, str]] = []
    for day in (TUESDAY, WEDNESDAY, FRIDAY, NEXT_MONDAY):
        answered.run(day)
        both = [answered.view(recipient) for recipient in (CPAS, FOREM)]
        assert {(view[contract]["codes"], view[contract]["class"]) for view in both} == {("R504", "PENDING")}
        waits += [view for view in both if ("ENROLMENT", "", "E-2025-1") in view]
    assert len(waits) == 2, "told on Monday, when the wait is over"
    answered.on(NEXT_TUESDAY, "FORM", row("FORM", version="4", effective_date="2026-03-16"))
    assert {answered.view(recipient)[contract]["codes"] for recipient in (CPAS, FOREM)} == {"R504"}


def test_a_week_begins_with_everything(full: Scene) -> None:
    """The first file of RECO of a week is a snapshot, also of what did not change; the others are deltas."""
    before = full.view(CPAS)
    full.on(NEXT_MONDAY, "STAT", row("STAT", version="2", status_date="2026-03-16", core_status="ACCEPTED",
                                         business_status="ASSIGNED_AGENCY"))  # fmt: skip
    full.on(NEXT_TUESDAY, "STAT", row("STAT", version="3", status_date="2026-03-17", core_status="IN_PROGRESS",
                                          business_status="BILAN"))  # fmt: skip
    kinds = [go["kind"] for go, _ in full.files(CPAS, "RECO")]
    assert kinds == ["SNAPSHOT", "DELTA", "DELTA", "SNAPSHOT", "DELTA"]
    snapshot = full.files(CPAS, "RECO")[3][0]
    assert snapshot["rows"] == len(before)
    after = full.view(CPAS)
    assert after["REFERRAL", "", OURS]["agreed_state"] == "IN_PROGRESS"
    assert set(after) == set(before)
    assert {go["kind"] for feed in PASSED for go, _ in full.files(PASSED[feed], feed)} == {"DELTA"}
    assert full.files(OTHER, "RECO") == []


def test_a_snapshot_keeps_what_is_held_as_it_was_told(answered: Scene) -> None:
    """A referral that a gap holds over a Monday is in the snapshot with the very row that was told before."""
    before = answered.view(FOREM)["REFERRAL", "", OURS]
    answered.on(FRIDAY, "ORIE", row("ORIE", version="3", effective_date="2026-03-13", delegation="FULL"))
    answered.run(NEXT_MONDAY)
    go, _ = answered.files(FOREM, "RECO")[-1]
    assert go["kind"] == "SNAPSHOT"
    assert answered.view(FOREM)["REFERRAL", "", OURS] == before
    assert answered.view(FOREM)["REGISTRATION", CPAS, ""]


def test_running_again_publishes_nothing(full: Scene) -> None:
    """Nothing waits after a run, and a second run of the same day makes no file."""
    outbox = full.exchange.settings.files / "outbox"
    names = sorted(path.name for path in outbox.iterdir())
    assert full.exchange.rows(tables.to_tell) == []
    full.run(TUESDAY)
    assert sorted(path.name for path in outbox.iterdir()) == names


def test_everything_can_be_told_anew(full: Scene) -> None:
    """To a partner that lost its mailbox all that holds is told again, the view as a snapshot; to others nothing."""
    files = {one: len(full.files(one, "RECO")) for one in (CPAS, FOREM)}
    with full.exchange.hub(TUESDAY, "EVENING") as hub:
        full.exchange.require(flow.publish(hub, [CPAS], anew=True))
        full.exchange.require(flow.deliver(hub, [CPAS]))
    assert full.files(CPAS, "RECO")[-1][0]["kind"] == "SNAPSHOT"
    assert {feed: len(full.raw(CPAS, feed)) for feed in ("STAT", "INSC", "FORM", "MANQ")} == dict.fromkeys(
        ("STAT", "INSC", "FORM", "MANQ"), 2
    )
    assert len(full.files(FOREM, "RECO")) == files[FOREM]


def test_a_change_of_plan_holds_from_its_day(full: Scene, tmp_path: Path) -> None:
    """From the day on which a plan ends an axis, its rows are taken back and its feeds stay away; the others go on."""
    folder = tmp_path / "partners-of-the-hub"
    shutil.copytree(PROJECT / "partners", folder)
    plans = (folder / "plans.csv").read_text("utf-8").splitlines(keepends=True)
    agreed = next(line for line in plans if line.startswith(f"{CPAS};2026"))
    at = plans.index(agreed) + 1
    less = agreed.replace("2026-01-01;1|2|3|4", "2026-03-12;1|4")
    (folder / "plans.csv").write_text("".join([*plans[:at], less, *plans[at:]]), "utf-8")
    full.exchange.environ = {"PASSERELLE_PARTNERS": str(folder)}
    full.run(WEDNESDAY)
    assert full.kinds(CPAS) >= {"ENROLMENT", "ANSWER"}
    full.on(THURSDAY, "FORM", row("FORM", version="2", effective_date="2026-03-12", status="SUSPENDED"))
    assert full.kinds(CPAS) == {"REFERRAL", "SITUATION", "REGISTRATION", "BREACH"}
    assert len(full.raw(CPAS, "FORM")) == 1
    assert full.kinds(FOREM) >= {"ENROLMENT", "ANSWER"}
