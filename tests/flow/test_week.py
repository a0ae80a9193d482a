"""A week of the whole exchange, mailbox to mailbox, without Airflow, on each kind of databases."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from play import WEEK, Exchange

from hub.stores import tables
from tests.postgres import Postgres


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory, new_stores: Callable[[], dict[str, str]]) -> Exchange:
    exchange = Exchange(tmp_path_factory.mktemp("week"), cpas="12", environ=new_stores()).prepare()
    exchange.play()
    return exchange


def test_the_books_of_every_stand_in_agree_with_the_ground_truth(week: Exchange) -> None:
    """After a week with every named defect, each side's book holds what was meant."""
    assert week.books_agree()


def test_the_ledger_holds_every_referral_of_the_truth_in_the_right_state(week: Exchange) -> None:
    """State, class and versions of each referral are those of the truth, and no other orientation is there."""
    truth = json.loads((week.partners / "truth" / "truth.json").read_text("utf-8"))
    meant = {one["referral_id"]: one["standing"][-1] for one in truth["referrals"] if one["standing"]}
    states = [row for row in week.rows(tables.entity_state) if row["kind"] == "REFERRAL"]
    held = {row["entity_id"]: row for row in states}
    assert set(meant) == {entity for entity, state in held.items() if state["cpas_view"] != "ABSENT"}
    for referral, standing in meant.items():
        state = held[referral]
        assert (state["state"], str(state["cpas_version"])) == (standing["core"], standing["cpas_version"]), referral
        if standing["conflict"]:
            assert (state["class"], state["owner"]) == ("CONFLICT", "FOREM"), referral
        else:
            assert str(state["forem_version"] or "") == standing["forem_version"], referral
            assert standing["class"] in ("", state["class"]), referral


def test_rows_are_conserved(week: Exchange) -> None:
    """Every row read was accepted, rejected, a duplicate or superseded, and every accepted row is an event."""
    assert week.status()["conservation"]["holds"] == 1


def test_no_cpas_was_told_of_anothers_people(week: Exchange) -> None:
    """Each row published to a CPAS is about a referral that this CPAS made, or the registration that it awaits."""
    rows: Counter[str] = Counter()
    for name, table in week.published().items():
        _, feed, recipient, *_ = name.split(".")
        for row in table if recipient != "900001" and feed in {"STAT", "RECO"} else []:
            kind = row.get("entity_kind", "REFERRAL")
            rows[kind] += 1
            if kind == "REFERRAL":
                assert (row.get("referral_id") or row["entity_ref"])[1:6] == recipient[1:]
            else:
                assert (kind, row["cpas"]) == ("REGISTRATION", recipient)
    assert rows["REFERRAL"] > 100
    assert rows["REGISTRATION"] > 10


def test_le_forem_opens_the_niss_of_the_people_oriented_to_it(week: Exchange) -> None:
    """Every orientation that reached Le Forem opens, with its key, to a NISS, a name and a birth date."""
    files = [table for name, table in week.published().items() if ".ORIE.900001." in name]
    rows = [row for table in files for row in table]
    assert len(rows) > 100
    assert all(len(row["identity_niss"]) == 11 and row["identity_last_name"] for row in rows)


def test_running_every_verb_again_changes_nothing(week: Exchange) -> None:
    """A verb run twice leaves what one run leaves: nothing new is published or delivered."""
    before = week.status()
    published = sorted(week.published())
    week.require(week.half_day(WEEK[-1], "EVENING"))
    week.require(week.half_day(WEEK[-1], "EVENING"))
    after = week.status()
    assert sorted(week.published()) == published
    assert {k: v for k, v in after.items() if k != "acknowledgements"} == {
        k: v for k, v in before.items() if k != "acknowledgements"
    }


def test_every_delivery_was_taken(week: Exchange) -> None:
    """The hub sees from the mailboxes that each delivered file was taken, none vanished."""
    status = week.status()
    delivered = sum(row["delivered"] for row in status["publications"])
    assert status["acknowledgements"]["taken"] == delivered > 0
    assert status["acknowledgements"]["vanished"] == 0


def test_explain_tells_the_story_of_a_referral_in_order(week: Exchange) -> None:
    """From the row accepted to the file delivered and the state now, nothing out of order."""
    with week.hub(WEEK[-1], "EVENING") as hub:
        entity = min(row["entity_id"] for row in week.rows(tables.entity_state) if row["kind"] == "REFERRAL")
        steps = hub.ledger.report.explain(entity)
    told = [step["what"] for step in steps]
    assert told[:4] == ["submission RECEIVED", "submission CLAIMED", "row accepted", "submission DONE"]
    assert told.index("submission DONE") < told.index("published") < told.index("delivered") < told.index("taken")
    assert told[-1] == "state"
    instants = [step["at"] for step in steps[:-1]]
    assert instants == sorted(instants)


def test_the_kind_of_databases_does_not_show(tmp_path: Path, postgres: Postgres) -> None:
    """The same days on SQLite and on PostgreSQL, whose French order of texts is another, publish the same."""
    files = Exchange(tmp_path / "sqlite").prepare()
    urls = dict(zip(("PASSERELLE_LEDGER_URL", "PASSERELLE_IDENTITY_URL"), postgres.new_pair(), strict=True))
    server = Exchange(tmp_path / "postgresql", environ=urls).prepare()
    for exchange in (files, server):
        exchange.play(WEEK[:2])
    assert server.told() == files.told()
    assert server.recorded() == files.recorded()
    assert server.status() == files.status()


def test_a_deleted_delivery_changes_the_summary(tmp_path: Path) -> None:
    """A delivered file that disappears untaken is counted as vanished, and the recipient's book disagrees."""
    exchange = Exchange(tmp_path).prepare()
    exchange.simulate("cpas-day", "--day", WEEK[0].isoformat())
    exchange.half_day(WEEK[0], "CPAS")
    before = exchange.status()
    victim = next(exchange.mailbox("900001").glob("out/FO.ORIE.*"))
    victim.unlink()
    exchange.simulate("take", "--day", WEEK[0].isoformat())
    exchange.half_day(WEEK[0], "EVENING")
    after = exchange.status()
    assert after["acknowledgements"]["vanished"] == before["acknowledgements"]["vanished"] + 1
    assert not exchange.books_agree()


def test_the_status_is_plain_json(week: Exchange) -> None:
    """The summary can be read by a program."""
    assert json.loads(json.dumps(week.status())) == week.status()
