"""The public job offers, from the portal to the file of a CPAS; and what becomes of them when the portal fails."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from play import WEEK, Exchange
from post import Post

from hub import flow
from hub.model import Outcome
from hub.stores import tables
from simulators.open_data import Portal, offer, running

OPEN, LIEGE, FOREM = "900003", "062063", "900001"
COUNT = 60


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=LIEGE).prepare()


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A portal with sixty offers in Liège and one in Brussels."""
    records = [offer(4_000_000 + n, "4000") for n in range(COUNT)]
    records.append(offer(1, "1000", lieuxtravailregionnuts=["BE", "BE1"]))
    with running(Portal(records)) as portal:
        yield portal


@pytest.fixture
def office(prepared: Exchange, tmp_path: Path, portal: Portal) -> "Office":
    """The hub, the portal and the mailbox of a CPAS."""
    return Office(tmp_path, prepared, portal)


class Office(Post):
    """The folder into which the hub fetches, and all the verbs for it and for one CPAS."""

    def __init__(self, root: Path, prepared: Exchange, portal: Portal) -> None:
        super().__init__(root, prepared, OPEN)
        for partner, folder in ((LIEGE, "in"), (LIEGE, "out"), (FOREM, "in")):
            (self.exchange.mailbox(partner) / folder).mkdir(parents=True)
        self.channel(portal.url)

    def channel(self, url: str) -> None:
        """Where the data set is."""
        boxes = {p: {"folder": str(self.exchange.mailbox(p))} for p in (LIEGE, FOREM)}
        self.exchange.set_channels(boxes | {OPEN: {"folder": str(self.box), "open_data": url}})

    def fetch(self, day: date = WEEK[0], half: str = "CPAS") -> Outcome:
        """Fetch, and nothing else."""
        with self.exchange.hub(day, half) as hub:
            (outcome,) = flow.fetch(hub, [OPEN])
        return outcome

    def day(self, day: date = WEEK[0]) -> None:
        """Fetch and everything after it; none may complain."""
        self.exchange.require([self.fetch(day)])
        with self.exchange.hub(day, "FOREM") as hub:
            for verb in (flow.collect, flow.process, flow.acknowledge):
                self.exchange.require(verb(hub, [OPEN]))
            self.exchange.require(flow.publish(hub, [LIEGE, OPEN]))
            self.exchange.require(flow.deliver(hub, [LIEGE, OPEN]))
            assert flow.conservation(hub)["holds"] == 1

    def shown(self) -> dict[str, str]:
        """What the CPAS was last told of each offer: STATE or GONE, and in which words of its title."""
        found: dict[str, str] = {}
        for path in sorted((self.exchange.mailbox(LIEGE) / "out").glob("FO.OFFR.*")):
            for line in csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""), delimiter=";"):
                assert line["attribution"] == "Le Forem, CC BY-SA 4.0"
                found[line["offer_number"]] = f"{line['record']} {line['title']}"
        return found

    def told(self, feed: str) -> list[dict[str, str]]:
        """The receipts, which the hub takes itself at the next fetch."""
        lying = [*(self.box / "out").glob(f"FO.{feed}.*"), *(self.box / "out" / "taken").glob(f"FO.{feed}.*")]
        rows: list[dict[str, str]] = []
        for path in sorted(lying, key=lambda path: path.name):
            rows += csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""), delimiter=";")
        return rows

    def complete(self, sequence: int) -> bool:
        """Whether a file that was fetched is said to be a whole export."""
        return bool(self.go(sequence).get("complete", False))

    def go(self, sequence: int) -> dict[str, object]:
        """The manifest of a file that was fetched."""
        (path,) = (self.box / "in").rglob(f"GO.OFFR.{OPEN}.*.{sequence:05d}.T.1")
        content: dict[str, object] = json.loads(path.read_text())
        return content


def test_offers_reach_the_cpas_with_their_attribution(office: Office) -> None:
    """Sixty of Liège, none of Brussels; the file was complete, each row accepted, no employer in the ledger."""
    office.day()
    assert len(office.shown()) == COUNT
    assert office.receipts() == [(f"FI.OFFR.{OPEN}.20260309.00001.T.1.1", "ACCEPTED", "")]
    assert office.totals() == [(COUNT, COUNT, 0, 0)]
    assert office.complete(1)
    assert "exemple" not in str(office.exchange.rows(tables.event))


def test_nothing_new_is_no_file(office: Office, portal: Portal) -> None:
    """What the portal says it has said already is not fetched again, nor sent."""
    office.day()
    assert office.fetch(WEEK[1]).done == 0
    assert sum("exports" in path for path in portal.asked) == 2
    portal.etags = False
    assert office.fetch(WEEK[1]).done == 1


def test_an_offer_changes_and_one_that_is_gone_is_closed(office: Office, portal: Portal) -> None:
    """The changed one is told anew, the missing one of a complete export is GONE, and all others are duplicates."""
    office.day()
    portal.records[0] = offer(4_000_000, "4000", titreoffre="Cariste")
    del portal.records[1]
    office.day(WEEK[1])
    shown = office.shown()
    assert shown["4000000"] == "STATE Cariste"
    assert shown["4000001"].startswith("GONE")
    assert sum(words.startswith("STATE") for words in shown.values()) == COUNT - 1
    assert office.totals()[-1] == (COUNT - 1, 1, 0, COUNT - 2)
    assert office.go(2)["previous"] == office.go(1)["sha256"]
    assert [code for _, _, code in office.receipts()] == ["", ""]


def test_a_cut_export_closes_nothing_and_is_asked_for_again(office: Office, portal: Portal) -> None:
    """Whatever it still holds is read; the offers that it lacks stay open, and the next whole one is not skipped."""
    office.day()
    portal.records[0] = offer(4_000_000, "4000", titreoffre="Cariste")
    portal.trouble, portal.cut_at = "cut", 12_000
    office.day(WEEK[1])
    assert not office.complete(2)
    assert all(words.startswith("STATE") for words in office.shown().values())
    portal.trouble = ""
    del portal.records[0]
    office.day(WEEK[2])
    assert office.complete(3)
    assert sum(words.startswith("GONE") for words in office.shown().values()) == 1


def test_an_export_that_would_close_far_too_much_closes_nothing(office: Office, portal: Portal) -> None:
    """A portal that counts its own loss as whole is warned of (F39), as any sender would be."""
    office.day()
    del portal.records[10:]
    office.day(WEEK[1])
    assert all(words.startswith("STATE") for words in office.shown().values())
    assert ("", "", "F39") in office.findings()


@pytest.mark.parametrize(
    ("trouble", "error", "retry"),
    [("busy", "Unreachable", True), ("break", "Unreachable", True), ("quota", "Throttled", True)],
)
def test_trouble_of_the_portal_leaves_everything_as_it_was(
    office: Office, portal: Portal, trouble: str, error: str, retry: bool
) -> None:
    """No file, no offer closed, an outcome that says whether to try again; the next day goes on."""
    office.day()
    portal.records.append(offer(9, "4000"))
    portal.trouble, portal.cut_at = trouble, 5_000
    if trouble == "quota":
        portal.trouble, portal.quota = "", 0
    outcome = office.fetch(WEEK[1])
    assert (outcome.done, outcome.error, outcome.retry) == (0, error, retry)
    assert office.waiting() == set()
    portal.trouble, portal.quota = "", 1000
    office.day(WEEK[2])
    assert len(office.shown()) == COUNT + 1


def test_a_bad_record_is_answered_and_closes_nothing(office: Office, portal: Portal) -> None:
    """An unknown kind of contract is a rejected row with its code; without a number: a partial export."""
    office.day()
    portal.records[0] = offer(4_000_000, "4000", typecontrat="Bénévolat")
    portal.records[1] = offer(4_000_001, "4000", numerooffreforem="")
    office.day(WEEK[1])
    assert not office.complete(2)
    assert [code for _, column, code in office.findings() if column == "contract_type"] == ["R305"]
    assert all(words.startswith("STATE") for words in office.shown().values())


def test_an_offer_that_le_forem_sends_too_is_told_once(office: Office) -> None:
    """Le Forem's own file says what it is; the open data fill in what that does not hold."""
    from post import go_of, mark_of

    office.exchange.require([office.fetch()])
    (mine,) = (office.box / "in").glob("FI.*")
    lines = list(csv.reader(io.StringIO(mine.read_text("utf-8"), newline=""), delimiter=";"))
    lines[1][lines[0].index("title")] = "Du Forem"
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n").writerows(lines[:2])
    name, data = mine.name.replace(OPEN, FOREM), text.getvalue().encode()
    (office.exchange.mailbox(FOREM) / "in" / name).write_bytes(data)
    go = go_of(name, data, contract="job_offers/1", first_version=None, last_version=None)
    (office.exchange.mailbox(FOREM) / "in" / mark_of(name)).write_bytes(go)
    with office.exchange.hub(WEEK[0], "FOREM") as hub:
        for verb in (flow.collect, flow.process):
            office.exchange.require(verb(hub, [OPEN, FOREM]))
        for verb in (flow.publish, flow.deliver):
            office.exchange.require(verb(hub, [LIEGE]))
    shown = office.shown()
    assert len(shown) == COUNT
    assert [number for number, words in shown.items() if words == "STATE Du Forem"] == ["4000000"]


def test_receipts_are_taken_by_who_fetches(office: Office, portal: Portal) -> None:
    """Nobody is called about a receipt that lies: the next fetch takes it to `out/taken/`, where it can be read."""
    office.day()
    portal.records.append(offer(9, "4000"))
    office.day(WEEK[1])
    assert {path.name.split(".")[1] for path in (office.box / "out" / "taken").glob("FO.*")} == {"ACRF", "NOTI"}


def test_a_fetch_that_was_killed_is_done_again(office: Office) -> None:
    """With files of a killed run lying there, or what is kept half replaced, the next run leaves one file."""
    office.fetch()
    kept = office.box / "fetched" / "offers.json"
    kept.unlink()  # killed before it was kept: the files lie there, unannounced to nobody
    assert office.fetch(half="FOREM").done == 1
    assert len(list((office.box / "in").glob("FI.*"))) == 1
    kept.rename(kept.with_name("offers.json.part"))  # killed between the removal and the new name
    assert office.fetch(half="EVENING").done == 0, "the stamp is known"


def test_what_is_kept_and_cannot_be_read_is_told(office: Office) -> None:
    """An operator is told what to remove; without it every offer is said again, in the sequence of the ledger."""
    office.day()
    kept = office.box / "fetched" / "offers.json"
    for text in ("", "{}", "[]", '{"offers": {"1": [1]}}'):
        kept.write_text(text)
        outcome = office.fetch(WEEK[1])
        assert (outcome.error, outcome.retry) == ("OperatorError", False)
    kept.unlink()
    office.day(WEEK[1])
    assert office.go(2)["rows"] == COUNT
    assert all(words.startswith("STATE") for words in office.shown().values())


def test_a_channel_without_a_data_set_is_told(office: Office) -> None:
    """A channel that names no data set, or one over plain http, is an operator's mistake."""
    office.exchange.set_channels({OPEN: {"folder": str(office.box)}})
    assert office.fetch().error == "OperatorError"
    office.channel("http://www.odwb.be/x")
    assert office.fetch().error == "ProtocolBroken"
