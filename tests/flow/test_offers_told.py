"""Offers, events and trainings from Le Forem's mailbox to the files of each CPAS: selected, closed, taken back."""

import csv
import io
import json
import random
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from play import PROJECT, WEEK, Exchange
from post import Post, go_of, mark_of

from contracts.registry import lookup
from hub import flow
from hub.cli import main
from hub.stores import tables

FOREM, LIEGE, ANS = "900001", "062063", "062003"
SAINTE_ODE = "082038"  # near Bastogne
GOOD: dict[str, Any] = json.loads((PROJECT / "tests/vectors/good_rows.json").read_text("utf-8"))
COLUMNS = ("offer_number", "record", "closed_at")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{LIEGE},{ANS},{SAINTE_ODE}").prepare()


@pytest.fixture
def office(prepared: Exchange, tmp_path: Path) -> "Office":
    """Le Forem's mailbox and a hub that reads it."""
    return Office(tmp_path, prepared)


def offer(number: str, **changed: str) -> dict[str, str]:
    """An offer in Liège alone, open all month, changed."""
    row = {"offer_number": number, "work_nis": "62063", "published_from": "2026-03-01", "published_until": "2026-03-31"}
    return GOOD["OFFR"] | row | changed


class Office(Post):
    """Le Forem: it puts files, the hub reads and publishes them."""

    def __init__(self, root: Path, prepared: Exchange) -> None:
        super().__init__(root, prepared, FOREM)
        for partner in (LIEGE, ANS, SAINTE_ODE):
            (self.exchange.mailbox(partner) / "in").mkdir(parents=True)

    def send(self, sequence: int, *rows: Mapping[str, str], feed: str = "OFFR", day: date = WEEK[0], **go: Any) -> None:
        """Put one file of a feed."""
        contract = lookup(feed, "in", 1, "T")
        assert contract is not None
        cells = [{name: row[name] or None for name in contract.columns} for row in rows]
        frame = pl.DataFrame(cells, schema=dict.fromkeys(contract.columns, pl.String()))
        data = frame.write_csv(separator=";").encode()
        name = f"FI.{feed}.{FOREM}.{day:%Y%m%d}.{sequence:05d}.T.1.1"
        self.put_one(name, data)
        self.put_one(mark_of(name), go_of(name, data, contract=contract.label, rows=len(rows), **go))

    def read(self, day: date = WEEK[0]) -> None:
        """The hub takes everything that lies there."""
        with self.exchange.hub(day, "FOREM") as hub:
            for verb in (flow.collect, flow.process, flow.acknowledge, flow.deliver):
                self.exchange.require(verb(hub, [FOREM]))
            assert flow.conservation(hub)["holds"] == 1

    def publish(self, day: date, *partners: str) -> None:
        """The hub publishes to these CPAS."""
        with self.exchange.hub(day, "EVENING") as hub:
            self.exchange.require(flow.publish(hub, partners or (LIEGE,)))

    def files(self, partner: str = LIEGE, feed: str = "OFFR") -> list[list[dict[str, str]]]:
        """The rows of each file published to a CPAS, in sequence."""
        found = sorted((self.exchange.settings.files / "outbox").glob(f"FO.{feed}.{partner}.*"), key=_sequence)
        return [list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""), delimiter=";")) for path in found]

    def told(self, partner: str = LIEGE) -> list[list[tuple[str, ...]]]:  # type: ignore[override]
        """Number, record and day of closing of each row of each file."""
        return [[tuple(row[name] for name in COLUMNS) for row in rows] for rows in self.files(partner)]

    def view(self, partner: str = LIEGE, feed: str = "OFFR", key: str = "offer_number") -> list[str]:
        """What a CPAS holds when it has read every file."""
        view: dict[str, str] = {}
        for row in (row for rows in self.files(partner, feed) for row in rows):
            view.pop(row[key], None)
            if row["record"] == "STATE":
                view[row[key]] = row["title" if "title" in row else "name"]
        return sorted(view)

    def codes(self) -> list[str]:
        """The warnings of each file, in order of its name."""
        rows = sorted(self.exchange.rows(tables.submission), key=lambda row: row["name"])
        return ["|".join(row["warnings"]) for row in rows]


def _sequence(path: Path) -> str:
    return path.name.split(".")[4]


def test_a_complete_export_closes_what_it_does_not_hold(office: Office) -> None:
    """An offer missing from a complete export is taken back once, with the day of that export; the others stay."""
    office.send(1, offer("A"), offer("B"), complete=True)
    office.read()
    office.publish(WEEK[0])
    office.send(2, offer("A"), offer("C"), day=WEEK[1], complete=True)
    office.read(WEEK[1])
    office.publish(WEEK[1])
    office.publish(WEEK[2])
    assert office.told() == [
        [("A", "STATE", ""), ("B", "STATE", "")],
        [("B", "GONE", "2026-03-10"), ("C", "STATE", "")],
    ]


def test_a_partial_file_closes_nothing(office: Office) -> None:
    """A file that does not say that it is complete, or one with a rejected row, says nothing of the others."""
    office.send(1, offer("A"), offer("B"), complete=True)
    office.send(2, offer("A"), day=WEEK[1])
    office.send(3, offer("A"), offer("C", positions="0"), day=WEEK[1], complete=True)
    office.read(WEEK[1])
    office.publish(WEEK[1])
    assert office.view() == ["A", "B"]
    assert [row["sequence"] for row in office.exchange.rows(tables.export)] == [1]


def test_an_offer_that_comes_back_is_open_again(office: Office) -> None:
    """Closed by one export and held by a later file, an offer is told again."""
    office.send(1, offer("A"), offer("B"), complete=True)
    office.send(2, offer("A"), day=WEEK[1], complete=True)
    office.read(WEEK[1])
    office.publish(WEEK[1])
    assert office.view() == ["A"]
    office.send(3, offer("B"), day=WEEK[2])
    office.read(WEEK[2])
    office.publish(WEEK[2])
    assert office.view() == ["A", "B"]


def test_an_export_that_closes_too_much_is_read_as_partial(office: Office) -> None:
    """An export that would close more than its share gets F39 and closes nothing; the next right one does."""
    many = [offer(f"A{n:02d}") for n in range(60)]
    office.send(1, *many, complete=True)
    office.send(2, *many[:40], day=WEEK[1], complete=True)
    office.send(3, *many[:50], day=WEEK[2], complete=True)
    for day in WEEK[:3]:
        office.read(day)
    office.publish(WEEK[2])
    assert office.codes() == ["", "F39", ""]
    assert len(office.view()) == 50


def test_what_has_run_out_is_no_open_offer_of_an_export(office: Office) -> None:
    """Offers past their last day, or closed by their own date, do not make an export suspicious."""
    ended = [offer(f"E{n:02d}", published_until="2026-03-09") for n in range(40)]
    closed = [offer(f"Z{n:02d}", version="2", last_seen="", closed_at="2026-03-09") for n in range(40)]
    office.send(1, *[offer(row["offer_number"]) for row in closed], *ended, offer("A"))
    office.send(2, *closed, day=WEEK[1])
    office.send(3, offer("A"), day=WEEK[1], complete=True)
    office.read(WEEK[1])
    assert office.codes() == ["", "", ""]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_does_not_matter(seed: int, prepared: Exchange, tmp_path: Path) -> None:
    """Whatever the order in which the files are read, a CPAS holds the same offers in the end."""
    draw = random.Random(seed)
    held = [sorted(draw.sample("ABCDEFG", 4)) for _ in range(5)]
    complete = [draw.random() < 0.6 for _ in held]
    views = []
    for turn in range(2):
        office = Office(tmp_path / str(turn), prepared)
        order = list(range(5))
        draw.shuffle(order)
        for n in order:
            office.send(n + 1, *map(offer, held[n]), day=WEEK[n], complete=complete[n])
            office.read(WEEK[4])
        office.publish(WEEK[4])
        views.append(office.files())
    assert views[0] == views[1]
    last = max((n for n, whole in enumerate(complete) if whole), default=0)
    assert office.view() == sorted({number for listed in held[last:] for number in listed})


def test_an_offer_that_runs_out_is_taken_back(office: Office) -> None:
    """The day after its last day an offer is taken back, without any file of Le Forem; once."""
    office.send(1, offer("A", published_until="2026-03-10"), offer("B", published_from="2026-03-10"))
    office.read()
    for day in WEEK[:4]:
        office.publish(day)
    assert office.told() == [[("A", "STATE", "")], [("B", "STATE", "")], [("A", "GONE", "")]]


def test_a_cancelled_offer_is_taken_back_and_a_corrected_one_told(office: Office) -> None:
    """A notice with status 9 removes the offer, one with status 1 replaces what it says."""
    office.send(1, offer("A"), offer("B"))
    office.read()
    office.publish(WEEK[0])
    office.send(2, offer("A", version="2", notice_status="9"), offer("B", version="2", notice_status="1", title="Neuf"))
    office.read(WEEK[1])
    office.publish(WEEK[1])
    assert office.told()[1] == [("A", "GONE", ""), ("B", "STATE", "")]
    assert office.files()[1][1]["title"] == "Neuf"


def test_each_cpas_gets_the_offers_of_its_surroundings(office: Office) -> None:
    """An offer goes to the CPAS of its arrondissement; one in a commune that merged to its successor's."""
    office.send(1, offer("L"), offer("B", work_nis="82005"), offer("P", work_nis="", work_postal_codes="4430"))
    office.read()
    office.publish(WEEK[0], LIEGE, ANS, SAINTE_ODE)
    assert (office.view(LIEGE), office.view(ANS), office.view(SAINTE_ODE)) == (["L", "P"], ["L", "P"], ["B"])


def test_an_event_goes_to_those_it_invites(office: Office) -> None:
    """A job day goes to the CPAS it names, quota and all; one that names nobody and a staff session to everyone."""
    staff = {"kind": "STAFF_SESSION", "tool": "MON_PROFIL", "target_publics": "", "target_nis": ""}
    days = {"starts_at": "2026-04-10T09:00:00+02:00", "ends_at": "2026-04-10T16:00:00+02:00"}
    event = GOOD["JOBD"] | days | {"answer_deadline": "2026-04-03"}
    office.send(1, event | {"target_nis": "62003"}, event | {"event_id": "S-1"} | staff, feed="JOBD")
    office.read()
    office.publish(WEEK[0], LIEGE, ANS)
    assert office.view(LIEGE, "JOBD", "event_id") == ["S-1"]
    assert office.view(ANS, "JOBD", "event_id") == ["J-2025-7", "S-1"]
    assert office.files(ANS, "JOBD")[0][0]["quota_per_cpas"] == "10"
    office.send(2, event | {"target_nis": "62063", "version": "2"}, feed="JOBD", day=WEEK[1])
    office.read(WEEK[1])
    office.publish(WEEK[1], LIEGE, ANS)
    assert office.view(LIEGE, "JOBD", "event_id") == ["J-2025-7", "S-1"]
    assert office.view(ANS, "JOBD", "event_id") == ["S-1"]


def test_the_catalogue_goes_to_its_province(office: Office) -> None:
    """A training goes to the CPAS of its province, an online one to all, one that ended to nobody any more."""
    training = GOOD["CATA"] | {"valid_to": "2026-12-31"}
    online = training | {"service_id": "s-2", "location_type": "virtual", "location_nis": ""}
    office.send(1, training, online, training | {"service_id": "s-3", "status": "defunct"}, feed="CATA")
    office.read()
    office.publish(WEEK[0], LIEGE, SAINTE_ODE)
    assert office.view(LIEGE, "CATA", "service_id") == ["s-100", "s-2"]
    assert office.view(SAINTE_ODE, "CATA", "service_id") == ["s-2"]


def test_nothing_is_told_twice(office: Office) -> None:
    """A second run of publish on the same day adds no file."""
    office.send(1, offer("A"))
    office.read()
    for _ in range(2):
        office.publish(WEEK[0])
    assert office.told() == [[("A", "STATE", "")]]


def test_who_lost_its_mailbox_is_told_all_again(office: Office) -> None:
    """`publish --all` tells every open offer once more, told before or not; the view stays the same."""
    office.send(1, offer("A"), offer("B"))
    office.read()
    office.publish(WEEK[0])
    before = office.view()
    with office.exchange.hub(WEEK[0], "EVENING") as hub:
        office.exchange.require(flow.publish(hub, [LIEGE], anew=True))
    assert [len(rows) for rows in office.told()] == [2, 2]
    assert office.view() == before


def test_the_page_is_made_on_the_command_line(office: Office, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """`passerelle offers page` writes the HTML and the PDF of the offers that the CPAS is told of that day."""
    office.send(1, offer("A", title="Cuisinier"), offer("B", title="Vendeur", published_from="2026-03-12"))
    office.read()
    monkeypatch.setenv("PASSERELLE_HOME", str(office.exchange.settings.home))
    out = office.exchange.root / "page"
    assert main(["offers", "page", LIEGE, "--on", WEEK[0].isoformat(), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["offres.062063.20260309.html", "offres.062063.20260309.pdf"]
    text = (out / "offres.062063.20260309.html").read_text("utf-8")
    assert "Cuisinier" in text
    assert "Vendeur" not in text
    assert main(["offers", "page", FOREM, "--out", str(out)]) == 11
    assert "a page of offers is for a CPAS" in capsys.readouterr().err
