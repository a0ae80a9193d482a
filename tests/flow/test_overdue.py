"""What is delivered and not taken in time is noted, listed, and told to those whose rows are in it."""

import json
import logging
import shutil
from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from post import go_of, name_of, row
from test_every_feed import FOREM, GOOD, data_of

from hub.cli import main
from hub.stores import tables

CPAS = "062063"
MONDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in (9, 11, 12, 13))
REFERRAL = "R62063-2025-000001"


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    """Le Forem and one CPAS; the orientation that the CPAS sent on Monday lies in Le Forem's `out/`."""
    exchange = Exchange(tmp_path, cpas=CPAS).prepare()
    data, name = data_of("ORIE", row()), name_of()
    box = exchange.mailbox(CPAS) / "in"
    (box / name).write_bytes(data)
    (box / f"GO{name[2:-2]}").write_bytes(go_of(name, data))
    exchange.require(exchange.half_day(MONDAY, "CPAS"))
    assert len(files(exchange, FOREM, "ORIE")) == 1
    return exchange


def files(exchange: Exchange, partner: str, feed: str) -> list[Path]:
    """The files of a feed in a partner's `out/`."""
    return sorted((exchange.mailbox(partner) / "out").glob(f"FO.{feed}.*"))


def notices(exchange: Exchange, partner: str) -> list[dict[str, str]]:
    """The rows of every notice of non-delivery that a partner was given."""
    lines = [path.read_text("utf-8").splitlines() for path in files(exchange, partner, "NOND")]
    return [dict(zip(head.split(";"), one.split(";"), strict=True)) for head, *rest in lines for one in rest]


def take(exchange: Exchange, partner: str) -> None:
    """The partner takes all that lies there."""
    out = exchange.mailbox(partner) / "out"
    for path in [path for path in out.iterdir() if path.is_file()]:
        shutil.move(path, out / "taken" / path.name)


def pass_day(exchange: Exchange, day: date) -> None:
    """Everything of one evening; the CPAS empties its mailbox first, so that its own files are never late."""
    take(exchange, CPAS)
    exchange.require(exchange.half_day(day, "EVENING"))


def noted(exchange: Exchange) -> list[str]:
    """The kinds noted of the file of the orientation."""
    (one,) = [p for p in exchange.rows(tables.publication) if (p["recipient"], p["feed"]) == (FOREM, "ORIE")]
    rows = exchange.rows(tables.acknowledgement)
    return sorted(r["kind"] for r in rows if r["publication_id"] == one["publication_id"])


def test_the_deadline_ends_with_its_last_day(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    """Two working days: on Wednesday it is in time, on Thursday overdue, which is noted and logged once."""
    caplog.set_level(logging.WARNING, "passerelle")
    pass_day(exchange, WEDNESDAY)
    assert (noted(exchange), notices(exchange, CPAS)) == ([], [])
    for day in (THURSDAY, FRIDAY):
        pass_day(exchange, day)
    assert noted(exchange) == ["OVERDUE"]
    late = [record.getMessage() for record in caplog.records if record.getMessage().startswith("overdue")]
    assert len([text for text in late if "feed=ORIE" in text]) == 1
    assert exchange.status()["acknowledgements"]["overdue"] == len(late)


def test_those_whose_rows_are_in_it_are_told_once_and_again_when_it_is_taken(exchange: Exchange) -> None:
    """The CPAS reads which orientation waits, and later that it was taken after all; nobody else is told."""
    for day in (THURSDAY, FRIDAY):
        pass_day(exchange, day)
    (file,) = files(exchange, FOREM, "ORIE")
    told = [path.read_text("utf-8") for path in (exchange.mailbox(CPAS) / "out").rglob("FO.NOND.*")]
    assert len(told) == 1
    assert f"{file.name};ORIE;900001;{REFERRAL};2026-03-09;2026-03-11;OVERDUE;;" in told[0]
    assert GOOD["ORIE"]["niss"] not in told[0]
    take(exchange, FOREM)
    pass_day(exchange, date(2026, 3, 16))
    (late,) = notices(exchange, CPAS)
    assert (late["state"], late["taken_on"], late["referral_id"]) == ("TAKEN_LATE", "2026-03-16", REFERRAL)
    assert noted(exchange) == ["OVERDUE", "TAKEN"]
    with exchange.hub(date(2026, 3, 16)) as hub:
        steps = [s["what"] for s in hub.ledger.report.explain(REFERRAL) if s.get("name") == file.name]
    assert steps == ["published", "delivered", "overdue", "taken"]
    assert list((exchange.mailbox(FOREM) / "out").rglob("FO.NOND.*")) == []
    pass_day(exchange, date(2026, 3, 17))
    assert len(list((exchange.mailbox(CPAS) / "out").rglob("FO.NOND.*"))) == 2


def test_what_is_taken_in_time_is_never_late(exchange: Exchange) -> None:
    """A file taken on its last day gives no notice, whatever follows."""
    take(exchange, FOREM)
    for day in (WEDNESDAY, THURSDAY, FRIDAY):
        pass_day(exchange, day)
    assert (noted(exchange), list(exchange.mailbox(CPAS).rglob("FO.NOND.*"))) == (["TAKEN"], [])


def test_a_file_that_vanished_is_late_until_it_is_found_taken(exchange: Exchange) -> None:
    """Deleted is not taken: it is overdue like one that still lies there, and is closed when it appears in `taken/`."""
    kept = exchange.root / "elsewhere"
    kept.mkdir()
    for path in (*files(exchange, FOREM, "ORIE"), *(exchange.mailbox(FOREM) / "out").glob("GO.ORIE.*")):
        shutil.move(path, kept / path.name)
    pass_day(exchange, THURSDAY)
    assert noted(exchange) == ["OVERDUE", "VANISHED"]
    for path in kept.iterdir():
        shutil.move(path, exchange.mailbox(FOREM) / "out" / "taken" / path.name)
    pass_day(exchange, FRIDAY)
    assert noted(exchange) == ["OVERDUE", "TAKEN", "VANISHED"]


def test_forem_is_told_of_a_status_that_a_cpas_did_not_take(exchange: Exchange) -> None:
    """The other way round: a status that lies too long in the CPAS's mailbox is told to Le Forem."""
    take(exchange, FOREM)
    data, name = data_of("STAT", GOOD["STAT"]), name_of(feed="STAT", sender=FOREM)
    box = exchange.mailbox(FOREM) / "in"
    (box / name).write_bytes(data)
    (box / f"GO{name[2:-2]}").write_bytes(go_of(name, data, contract="statuses/1", rows=1))
    exchange.require(exchange.half_day(MONDAY, "FOREM"))
    (file,) = files(exchange, CPAS, "STAT")
    take(exchange, FOREM)
    exchange.require(exchange.half_day(THURSDAY, "EVENING"))
    (late,) = notices(exchange, FOREM)
    assert (late["file"], late["recipient"], late["state"]) == (file.name, CPAS, "OVERDUE")


def test_an_operator_lists_what_is_overdue(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The files, and the feeds that a plan promised: Seraing sends each week since its plan, and never did."""
    pass_day(exchange, THURSDAY)
    monkeypatch.setenv("PASSERELLE_HOME", str(exchange.settings.home))
    assert main(["overdue", "--at", "2026-03-12T19:30+01:00", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (file,) = files(exchange, FOREM, "ORIE")
    of_orie = [one for one in told["deliveries"] if one["file"] == file.name]
    assert [(one["recipient"], one["rows"], one["due"]) for one in of_orie] == [(FOREM, 1, "2026-03-11")]
    promised = {(one["partner"], one["feed"], one["last"]) for one in told["expected"]}
    assert ("062096", "ORIE", "") in promised
    assert main(["overdue", "--at", "2026-03-12T19:30+01:00"]) == 0
    text = capsys.readouterr().out
    assert f"{file.name}  1 row(s)  due 2026-03-11, not taken" in text
    assert "062096  ORIE weekly" in text
