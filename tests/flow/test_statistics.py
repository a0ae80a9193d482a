"""The yearly figures, from rows in the ledger to the files: who is counted, where, what is hidden, what is refused."""

import csv
import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from play import PROJECT, Exchange

from contracts.registry import lookup
from hub import flow
from hub.cli import main
from hub.model import FOREM
from hub.pseudonymise import build_event
from hub.stores import tables
from hub.wiring import open_databases

GOOD: dict[str, dict[str, str]] = json.loads((PROJECT / "tests/vectors/good_rows.json").read_text("utf-8"))
LIEGE, HERSTAL, NAMUR, ARLON = "062063", "062051", "092094", "081001"
OVER = date(2027, 1, 15)
AT = ("--at", "2027-01-15T19:00+01:00")
HIDDEN, NARROW = "•", "\u202f"
Line = dict[str, str]


class People:
    """Persons and the rows about them, recorded as if their files had come and been read."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.persons = 0

    def orient(self, count: int, cpas: str, *statuses: tuple[str, str], **changed: str) -> list[str]:
        """So many persons, oriented by a CPAS; Le Forem answers with these statuses. Their subject ids."""
        sids = [self.person() for _ in range(count)]
        for sid in sids:
            self.refer(sid, cpas, *statuses, **changed)
        return sids

    def person(self) -> str:
        self.persons += 1
        return f"{self.persons:032x}"

    def refer(self, sid: str, cpas: str, *statuses: tuple[str, str], **changed: str) -> str:
        referral = f"R{cpas[1:]}-2026-{len(self.events):06d}"
        days = {"effective_date": "2026-03-02", "informed_on": "2026-03-02", "ri_start_date": "2026-03-02"}
        row = GOOD["ORIE"] | days | {"referral_id": referral, "cpas_nis": cpas[1:], "public": "RI"}
        self.add("ORIE", row | {"requested_action": "TRAINING", "legal_basis": "DECR2025"} | changed, cpas, sid)
        for version, (core, business) in enumerate(statuses, 1):
            told = {"core_status": core, "business_status": business, "status_date": f"2026-04-{version:02d}"}
            self.add("STAT", GOOD["STAT"] | told | {"referral_id": referral, "version": str(version)}, FOREM, sid)
        return referral

    def register(self, sids: list[str]) -> None:
        """Le Forem says that they registered in time."""
        days = {"effective_date": "2026-03-20", "registration_date": "2026-03-20", "deregistration_date": ""}
        for sid in sids:
            self.add("INSC", GOOD["INSC"] | {"movement": "1"} | days, FOREM, sid)

    def add(self, feed: str, row: Line, source: str, sid: str) -> None:
        contract = lookup(feed, "in", 1, "T")
        assert contract is not None
        known = {name: row.get(name) or None for name in contract.columns}
        known |= {"recorded_at": "2026-04-20T09:00:00+02:00", "line": str(len(self.events) + 2)}
        at = datetime(2026, 4, 21, 7, tzinfo=UTC)
        event = build_event(known, contract, source=source, sid=sid, message_id="m1", received_at=at)
        self.events.append(asdict(event))


def recorded(root: Path, people: People, day: date = OVER, **environ: str) -> Exchange:
    """A hub that holds these rows, reconciled on that day."""
    exchange = Exchange(root, cpas=f"{LIEGE},{NAMUR}", environ=environ).prepare()
    with open_databases(exchange.settings) as (ledger, _), ledger.write() as tx:
        tx.execute(sa.insert(tables.event), people.events)
    with exchange.hub(day, "EVENING") as hub:
        flow.reconcile(hub, everything=True)
    return exchange


ACCEPTED, JOB = ("ACCEPTED", "ASSIGNED_AGENCY"), ("COMPLETED", "EMPLOYED")


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Liège and Namur in numbers, three persons of Arlon, somebody oriented twice, somebody known under two numbers."""
    people = People()
    people.register(people.orient(30, LIEGE, ACCEPTED)[:15])
    people.orient(25, HERSTAL, ACCEPTED, JOB, public="ERI", requested_action="TRAINING|BILAN")
    people.register(people.orient(20, NAMUR, ACCEPTED)[:12])
    people.orient(4, NAMUR, ACCEPTED, JOB, public="ERI", requested_action="TRAINING|BILAN")
    people.orient(3, ARLON, ACCEPTED, public="ERI", requested_action="DIGITAL|RAN")
    (twice,) = people.orient(1, NAMUR, ACCEPTED, JOB)
    people.refer(twice, LIEGE, effective_date="2026-06-01", informed_on="2026-06-01")
    one, other = people.orient(2, LIEGE, ACCEPTED)
    (_gone,) = people.orient(1, LIEGE)
    withdrawn = people.events[-1]
    people.events.append(withdrawn | {"event_id": "w", "version": 2, "notice_status": 9, "line": 9999, "content": "w"})
    people.orient(12, LIEGE, effective_date="2025-12-01", informed_on="2025-12-01", ri_start_date="2025-12-01")
    made = recorded(tmp_path_factory.mktemp("statistics"), people)
    with open_databases(made.settings) as (ledger, _), ledger.write() as tx:
        tx.execute(sa.insert(tables.alias), [{"sid": other, "person": one}])
        born = [{"sid": f"{n:032x}", "born": 1990 if n % 2 else 1975} for n in range(1, people.persons + 1)]
        tx.execute(sa.insert(tables.cohort), [row for row in born if row["sid"] not in (one, twice)])
    return made


@pytest.fixture(scope="module")
def folder(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes for 2026."""
    out = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(exchange.root / "hub"))
        assert main(["statistics", "--year", "2026", "--out", str(out), *AT]) == 0
    return out


def lines(folder: Path) -> list[Line]:
    text = (folder / "statistiques.2026.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


def table(folder: Path, name: str, population: str = "Personnes") -> dict[str, dict[str, str]]:
    """One table of the CSV, by arrondissement and category, without what is 0 everywhere."""
    found: dict[str, dict[str, str]] = {}
    for line in lines(folder):
        if line["tableau"] == name and line["population"].startswith(population) and line["personnes"] != "0":
            found.setdefault(line["arrondissement"], {})[line["categorie"]] = line["personnes"]
    return found


def test_persons_are_counted_once_where_their_last_orientation_is(folder: Path) -> None:
    """30 and 25, one with two numbers, one who came from Namur: 57 in Liège. Arlon's three join Namur's 24."""
    totals = {area: line["Total"] for area, line in table(folder, "Public").items()}
    assert totals == {"Liège": "57", "Autres arrondissements": "27", "Total": "84"}


def test_small_counts_are_hidden_and_others_with_them(folder: Path) -> None:
    """Four found work in Namur: no count of theirs, and none by which a subtraction would give it, is shown."""
    standing = table(folder, "Où en est l'orientation")
    assert standing["Autres arrondissements"]["terminée : emploi"] == HIDDEN
    assert min(int(count) for line in standing.values() for count in line.values() if count != HIDDEN) >= 10
    for category in ("terminée : emploi", "reçue ou acceptée"):
        assert [line.get(category) for line in standing.values()].count(HIDDEN) > 1


def test_what_was_taken_back_or_is_of_another_year_is_not_counted(exchange: Exchange, folder: Path) -> None:
    """The person whose only orientation was cancelled, and those oriented in December before, are in no table."""
    everybody = {row["sid"] for row in exchange.rows(tables.event)}
    assert len(everybody) == 84 + 12 + 1 + 1  # those of 2025, the withdrawn one, the second number
    assert table(folder, "Public")["Total"]["Total"] == "84"


def test_several_things_asked_are_one_category(folder: Path) -> None:
    """Who is oriented for a training and an assessment counts once, under several; two trainings are one thing."""
    asked = table(folder, "Ce que le CPAS demande")["Total"]
    assert set(asked) == {"formation", "plusieurs de ces demandes", "Total"}
    assert asked["plusieurs de ces demandes"] in {"29", HIDDEN}


def test_ages_are_those_reached_in_the_year(exchange: Exchange, folder: Path) -> None:
    """Born from 1990 and from 1975 on: 36 and 51 at most in 2026; of one nobody knows, of one only the other number."""
    with open_databases(exchange.settings) as (ledger, _), ledger.read() as tx:
        counted = Counter(row.born for row in tx.execute(sa.select(tables.cohort)))
    assert set(counted) == {1990, 1975}
    ages = table(folder, "Âge atteint en 2026", "Personnes orientées")
    assert set(ages["Total"]) == {"27 à 36 ans", "47 à 56 ans", "inconnu", "Total"}
    assert ages["Total"]["Total"] == "84"
    assert HIDDEN in (line.get("inconnu") for line in ages.values())


def test_the_duty_to_register_has_its_own_table(folder: Path) -> None:
    """All delays are over: 27 registered in time, the others did not; who found work has no duty any more."""
    duty = table(folder, "Inscription obligatoire au Forem")
    assert {area: line["Total"] for area, line in duty.items()} == {
        "Liège": "44",
        "Autres arrondissements": "23",
        "Total": "67",  # 84 and 12 of 2025, without 25 and 4
    }
    assert duty["Liège"]["inscrite dans le délai"] == "15"


def test_no_commune_and_no_subject_is_in_the_files(exchange: Exchange, folder: Path) -> None:
    """Neither a CPAS, nor a referral, nor a subject id is in what is written; only names of arrondissements are."""
    content = "".join(path.read_text("utf-8") for path in folder.iterdir())
    for secret in ("Herstal", LIEGE, LIEGE[1:], HERSTAL[1:], *(row["sid"] for row in exchange.rows(tables.event))):
        assert secret not in content
    assert not any(row["entity_id"] in content for row in exchange.rows(tables.event))


class Cells(HTMLParser):
    """The texts of the cells of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._inside = tag == "td"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)
            self._inside = False


def test_the_page_says_what_is_hidden_and_that_it_was_checked(folder: Path) -> None:
    """The page has the legend, the number of hidden counts, the outcome of the audit, and the counts of the CSV."""
    page = (folder / "statistiques.2026.html").read_text("utf-8")
    counted = sum(line["personnes"] == HIDDEN for line in lines(folder))
    assert counted > 0
    assert f"réussi : {counted} nombres ne sont pas publiés" in page
    assert "Autres arrondissements : Arlon, Namur." in page
    assert "provisoires" not in page
    shown = [line["personnes"] for line in lines(folder) if line["personnes"] != "0"]
    assert sorted(cell.replace(NARROW, "") for cell in Cells(page).found if cell != "0") == sorted(shown)
    assert "http" not in page.replace("http-equiv", "")


def test_the_same_ledger_gives_the_same_files(
    exchange: Exchange, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made again, both files are the same byte for byte."""
    monkeypatch.setenv("PASSERELLE_HOME", str(exchange.root / "hub"))
    assert main(["statistics", "--year", "2026", "--out", str(tmp_path), *AT]) == 0
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {p.name: p.read_bytes() for p in folder.iterdir()}


def test_what_cannot_be_told_is_refused(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A year to come, a ledger that is not reconciled up to that day, a threshold below 10: one sentence, no file."""
    monkeypatch.setenv("PASSERELLE_HOME", str(exchange.root / "hub"))
    words = ["statistics", "--out", str(tmp_path), *AT]
    assert main([*words, "--year", "2028"]) == 11
    assert capsys.readouterr().err == "passerelle: this year has not begun\n"
    monkeypatch.setenv("PASSERELLE_SMALLEST_COUNT", "9")
    assert main([*words, "--year", "2026"]) == 11
    assert "PASSERELLE_SMALLEST_COUNT is a whole number from 10" in capsys.readouterr().err
    monkeypatch.delenv("PASSERELLE_SMALLEST_COUNT")
    with open_databases(exchange.settings) as (ledger, _), ledger.write() as tx:
        first = sa.select(sa.func.min(tables.entity_state.c.entity_id)).scalar_subquery()
        tx.execute(sa.update(tables.entity_state).where(tables.entity_state.c.entity_id == first).values(stale=True))
    assert main([*words, "--year", "2026"]) == 11
    assert "passerelle reconcile" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_handful_of_persons_is_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nine persons in all: both populations say that nothing is published; before the year is over it says so too."""
    people = People()
    people.orient(9, LIEGE, ACCEPTED)
    exchange = recorded(tmp_path / "small", people, date(2026, 12, 1))
    monkeypatch.setenv("PASSERELLE_HOME", str(exchange.root / "hub"))
    out = tmp_path / "out"
    words = ["statistics", "--year", "2026", "--out", str(out), "--at", "2026-12-01T19:00+01:00", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tables"], told["withheld"], told["hidden"], told["provisional"]) == (0, 2, 0, True)
    page = unescape((out / "statistiques.2026.html").read_text("utf-8"))
    assert page.count("Moins de 10 personnes : rien n'est publié.") == 2
    assert "Chiffres provisoires" in page
    assert lines(out) == []
