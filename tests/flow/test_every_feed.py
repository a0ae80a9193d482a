"""Every feed of the convention, from its sender's mailbox to the receipt: judged, recorded by entity, answered."""

import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from play import PROJECT, Exchange
from post import CPAS, Post, go_of, name_of, row

from contracts.registry import lookup
from hub.stores import tables
from hub.verify import FEEDS

FOREM, REGISTERS = "900001", "900002"
GOOD: dict[str, Any] = json.loads((PROJECT / "tests/vectors/good_rows.json").read_text("utf-8"))
KINDS = {"CPAS": CPAS, "FOREM": FOREM, "REGISTERS": REGISTERS}
SENDERS = {feed: KINDS[kind] for kind, feeds in FEEDS.items() if kind in KINDS for feed in feeds}
PERSONAL = ("niss", "last_name", "first_name", "birth_date", "phone", "email")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=CPAS).prepare()


def data_of(feed: str, *rows: Mapping[str, str]) -> bytes:
    """The file of these rows of a feed."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    cells = [{name: one[name] or None for name in contract.columns} for one in rows]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(contract.columns, pl.String()))
    return frame.write_csv(separator=";").encode()


def manifest(name: str, data: bytes, rows: int) -> bytes:
    """The GO of a file of any feed, of any kind."""
    contract = lookup(name.split(".")[1], "in", 1, "T")
    assert contract is not None
    return go_of(name, data, contract=contract.label, rows=rows)


@pytest.mark.parametrize("feed", SENDERS)
def test_a_good_row_is_recorded_and_a_bad_one_answered(feed: str, prepared: Exchange, tmp_path: Path) -> None:
    """The good row is an event of coded columns under its entity, the same row twice a duplicate, a bad one a code."""
    sender = SENDERS[feed]
    post = Post(tmp_path, prepared, sender)
    good = GOOD[feed]
    data = data_of(feed, good, good, good | {"version": "x"})
    name = name_of(feed=feed, sender=sender)
    post.put(name, data, manifest(name, data, 3))
    post.run("FOREM" if sender == FOREM else "CPAS")
    assert post.receipts() == [(name, "ACCEPTED", "")]
    assert post.totals() == [(3, 1, 1, 1)]
    assert post.findings() == [("4", "version", "R306")]
    (event,) = post.exchange.rows(tables.event)
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    assert set(event["payload"]) == set(contract.named("coded"))
    assert bool(event["sid"]) == contract.of_person == ("niss" in good)
    assert not [good[name] for name in PERSONAL if name in good and good[name] in json.dumps(event, default=str)]
    known = {row["sid"]: row["born"] for row in post.exchange.rows(tables.cohort)}
    assert known == ({event["sid"]: _cohort(good["niss"])} if "niss" in good and feed != "MUTA" else {})
    if feed not in ("ORIE", "STAT"):
        assert event["entity_id"].startswith(f"{feed}|{sender}|")
        assert contract.within_person == (f"|{event['sid']}|" in event["entity_id"] + "|" and bool(event["sid"]))


def _cohort(niss: str) -> int:
    """The first of the five years in which somebody with this number was born, read by hand."""
    century = 1900 if 97 - int(niss[:9]) % 97 == int(niss[9:]) else 2000
    return (century + int(niss[:2])) // 5 * 5


@pytest.mark.parametrize("feed", SENDERS)
def test_a_feed_of_the_other_side_is_refused(feed: str, prepared: Exchange, tmp_path: Path) -> None:
    """What only the other side may send is refused with F17, and nothing of it is read."""
    sender = CPAS if SENDERS[feed] == FOREM else FOREM
    post = Post(tmp_path, prepared, sender)
    data, name = data_of(feed, GOOD[feed]), name_of(feed=feed, sender=sender)
    post.put(name, data, manifest(name, data, 1))
    post.run("FOREM" if sender == FOREM else "CPAS")
    assert post.receipts() == [(name, "REFUSED", "F17")]
    assert post.events() == 0


def many(count: int, bad: int) -> bytes:
    """A file of orientations of which some have a NISS that lost its leading zero."""
    rows = [row(referral_id=f"R62063-2025-{n:06d}") for n in range(1, count + 1)]
    return data_of("ORIE", *(one | {"niss": "8507310003"} if n < bad else one for n, one in enumerate(rows)))


@pytest.mark.parametrize(
    ("count", "bad", "refused"), [(99, 20, True), (100, 20, False), (60, 19, False), (19, 19, False)]
)
def test_a_file_with_too_many_bad_rows_is_refused_whole(
    count: int, bad: int, refused: bool, prepared: Exchange, tmp_path: Path
) -> None:
    """Above a fifth and from twenty rows on, none of the file is recorded, and its NOTI still tells every row."""
    post = Post(tmp_path, prepared)
    data, name = many(count, bad), name_of()
    post.put(name, data, manifest(name, data, count))
    post.run()
    if refused:
        assert post.receipts() == [(name, "REFUSED", "F18")]
        assert post.totals() == [(count, 0, count, 0)]
        assert post.quarantined() == [data]
    else:
        assert post.totals() == [(count, count - bad, bad, 0)]
    assert len(post.findings()) == bad
    assert post.events() == (0 if refused else count - bad)


def test_the_noti_counts_every_finding_and_shows_the_first(prepared: Exchange, tmp_path: Path) -> None:
    """With more findings of a code than are shown, a last line without place has their number."""
    post = Post(tmp_path, prepared)
    data, name = many(1000, 130), name_of()
    post.put(name, data, manifest(name, data, 1000))
    post.run()
    found = [line for line in post.told("NOTI") if line["code"] == "R102"]
    assert [line["count"] for line in found if line["line"]] == ["1"] * 100
    assert [(line["count"], line["column"]) for line in found if not line["line"]] == [("130", "")]


def test_what_is_passed_over_in_a_file_is_told(prepared: Exchange, tmp_path: Path) -> None:
    """A byte order mark and a last line without its end do not refuse a file; its receipt says so."""
    post = Post(tmp_path, prepared)
    data, name = b"\xef\xbb\xbf" + data_of("ORIE", row()).rstrip(b"\n"), name_of()
    post.put(name, data, manifest(name, data, 1))
    post.run()
    (receipt,) = post.receipts()
    assert receipt[1] == "ACCEPTED"
    assert receipt[2] in {"F19", "F27"}
    assert post.totals() == [(1, 1, 0, 0)]
    assert sorted(post.findings()) == [("", "", "F19"), ("", "", "F27")]


def declare(post: Post, tmp_path: Path, line: str) -> None:
    """Gives the hub a registry in which the sender declared how it writes its files."""
    folder = tmp_path / "partners"
    shutil.copytree(PROJECT / "partners", folder)
    with (folder / "formats.csv").open("a", encoding="utf-8") as formats:
        formats.write(f"{post.partner};;{line}\n")
    post.exchange = replace(post.exchange, environ={"PASSERELLE_PARTNERS": str(folder)})


def test_a_cpas_may_declare_day_month_year(prepared: Exchange, tmp_path: Path) -> None:
    """Declared, 01/03/2025 is the first of March and is recorded as such; undeclared, it is R311."""
    dated = row(effective_date="01/03/2025", informed_on="01/03/2025")
    data, name = data_of("ORIE", dated), name_of()
    post = Post(tmp_path / "undeclared", prepared)
    post.put(name, data, manifest(name, data, 1))
    post.run()
    assert {code for _, _, code in post.findings()} == {"R311"}
    post = Post(tmp_path / "declared", prepared)
    declare(post, tmp_path, "csv;semicolon;double;dmy")
    post.put(name, data, manifest(name, data, 1))
    post.run()
    assert post.totals() == [(1, 1, 0, 0)]
    assert [str(event["effective_date"]) for event in post.exchange.rows(tables.event)] == ["2025-03-01"]


def test_a_cpas_may_send_workbooks(prepared: Exchange, tmp_path: Path) -> None:
    """A CPAS that declared workbooks sends one and is answered by its rows; its CSV would be refused with F32."""
    openpyxl = pytest.importorskip("openpyxl")
    post = Post(tmp_path / "hub", prepared)
    declare(post, tmp_path, "xlsx;semicolon;double;iso")
    book = openpyxl.Workbook()
    book.active.append(list(row()))
    book.active.append([cell or None for cell in row().values()])
    book.active.append([cell or None for cell in row(niss="8507310003", referral_id="R62063-2025-000002").values()])
    stream = io.BytesIO()
    book.save(stream)
    data, name, second = stream.getvalue(), name_of(), name_of(2)
    post.put(name, data, manifest(name, data, 2))
    text = data_of("ORIE", row())
    post.put(second, text, manifest(second, text, 1))
    post.run()
    assert post.receipts() == [(name, "ACCEPTED", ""), (second, "REFUSED", "F32")]
    assert post.totals() == [(2, 1, 1, 0)]
    assert hashlib.sha256(data).hexdigest() in {line["sha256"] for line in post.told("ACRF")}
