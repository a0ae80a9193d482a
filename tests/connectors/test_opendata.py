"""The public data set over real HTTP, from a portal with the real limits: whole, or told that it is not."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Throttled, TooLarge, Unreachable
from connectors.opendata import Dataset, Stamp, _refusal
from simulators.open_data import Portal, offer, running

COUNT = 250


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A portal with more offers than a page holds."""
    with running(Portal([offer(4_000_000 + n, "4000") for n in range(COUNT)])) as portal:
        yield portal


def asked(portal: Portal, path: str) -> Any:
    """What the portal answers to a call of ours, errors included."""
    try:
        with urllib.request.urlopen(portal.url + path) as answer:  # noqa: S310  this machine
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_an_export_is_whole_and_asked_for_in_two_calls(portal: Portal) -> None:
    """As many rows as the portal counts, in their order, accents kept; never a page after another."""
    export = Dataset(portal.url).export(Stamp())
    assert export is not None
    assert export.whole
    assert export.records == portal.records
    assert [path.partition("/datasets/")[2].partition("/")[2] for path in portal.asked] == [
        "records?limit=1",
        "exports/jsonl",
    ]


def test_what_has_not_changed_is_not_read_again(portal: Portal) -> None:
    """With the stamp of the last export the answer is None, and an export again once something changed."""
    first = Dataset(portal.url).export(Stamp())
    assert first is not None
    assert first.stamp.etag
    assert Dataset(portal.url).export(first.stamp) is None
    portal.records.append(offer(5, "4000"))
    again = Dataset(portal.url).export(first.stamp)
    assert again is not None
    assert len(again.records) == COUNT + 1


def test_a_portal_without_stamps_is_read_each_time(portal: Portal) -> None:
    """Nothing is made up where the server says nothing."""
    portal.etags = False
    for _ in range(2):
        export = Dataset(portal.url).export(Stamp())
        assert export is not None
        assert (export.whole, export.stamp) == (True, Stamp())


@pytest.mark.parametrize("cut_at", [700, 10_000, -1, -2, -30])
def test_a_silent_cut_is_not_whole(portal: Portal, cut_at: int) -> None:
    """Wherever a body ends early, also by its last byte but one: the rows before it, and that they are not all."""
    portal.trouble, portal.cut_at = "cut", cut_at
    export = Dataset(portal.url).export(Stamp())
    assert export is not None
    full = b"".join(json.dumps(r, ensure_ascii=False).encode() + b"\n" for r in portal.records)
    lines = [line for line in full[: portal.cut_at].split(b"\n") if line.endswith(b"}")]
    assert len(export.records) == len(lines)
    assert export.whole == (cut_at == -1), "only the last line's end is missing: every row is there"


@pytest.mark.parametrize("cut_at", [0, 1, 300])
def test_a_cut_before_the_first_row_is_no_export(portal: Portal, cut_at: int) -> None:
    """Nothing came of what is counted: later."""
    portal.trouble, portal.cut_at = "cut", cut_at
    with pytest.raises(Unreachable):
        Dataset(portal.url).export(Stamp())


def test_a_cut_that_is_noticed_is_tried_again(portal: Portal) -> None:
    """A connection that ends in the middle of a chunk is Unreachable: nothing of it is used."""
    portal.trouble, portal.cut_at = "break", 5_000
    with pytest.raises(Unreachable):
        Dataset(portal.url).export(Stamp())


@pytest.mark.parametrize("cut_at", [0, 1, 40])
def test_a_count_that_is_cut_is_asked_again(portal: Portal, cut_at: int) -> None:
    """The answer with the number of rows may end early too: Unreachable, never an error that nobody foresaw."""
    portal.trouble, portal.cut_at = "break_count", cut_at
    with pytest.raises(Unreachable):
        Dataset(portal.url).export(Stamp())
    assert not any("exports" in path for path in portal.asked)


def test_the_quota_is_kept(portal: Portal) -> None:
    """Used up: Throttled, and tried again later. With none left after the count the export is not begun."""
    portal.quota = 0
    with pytest.raises(Throttled):
        Dataset(portal.url).export(Stamp())
    portal.quota = len(portal.asked) + 1
    with pytest.raises(Throttled):
        Dataset(portal.url).export(Stamp())
    assert not any("exports" in path for path in portal.asked)


def test_what_is_not_json_makes_an_export_not_whole(portal: Portal) -> None:
    """A row that is no object is left out, and the export is not whole: no offer may be closed by it."""
    portal.records[3] = [1]  # type: ignore[call-overload]
    export = Dataset(portal.url).export(Stamp())
    assert export is not None
    assert (len(export.records), export.whole) == (COUNT - 1, False)


def test_an_empty_data_set_is_an_error(portal: Portal) -> None:
    """A portal that has lost its rows closes nobody's offers."""
    portal.records.clear()
    with pytest.raises(ProtocolBroken):
        Dataset(portal.url).export(Stamp())


def test_no_more_is_held_than_agreed(portal: Portal) -> None:
    """Too many bytes, or too much time, end it."""
    with pytest.raises(TooLarge):
        Dataset(portal.url, largest=10_000).export(Stamp())
    ticks = iter(range(0, 10**9, 1000))
    with pytest.raises(Unreachable):
        Dataset(portal.url, clock=lambda: float(next(ticks))).export(Stamp())


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Throttled), (500, Unreachable), (503, Unreachable), (401, Denied), (403, Denied), (404, Missing)]
    + [(status, ProtocolBroken) for status in (204, 301, 302, 400)],
)
def test_each_refusal_says_what_to_do_next(status: int, kind: type[LinkError]) -> None:
    """By its status alone; a redirection is not followed."""
    assert type(_refusal(status)) is kind


def test_trouble_of_the_portal_is_named(portal: Portal) -> None:
    """Busy: later. Nothing listens: later. No such data set: an operator. None shows the address."""
    portal.trouble = "busy"
    with pytest.raises(Unreachable):
        Dataset(portal.url).export(Stamp())
    for url, kind in ((f"{portal.url}-other", Missing), ("http://127.0.0.1:9/x", Unreachable)):
        portal.trouble = ""
        with pytest.raises(kind) as failed:
            Dataset(url).export(Stamp())
        assert "127.0.0.1" not in f"{failed.value} {failed.value.__cause__}"


@pytest.mark.parametrize("url", ["http://www.odwb.be/x", "ftp://127.0.0.1/x", "", "www.odwb.be", "file:///etc/passwd"])
def test_an_address_that_others_can_change_is_refused(url: str) -> None:
    """https, or this machine."""
    with pytest.raises(ProtocolBroken):
        Dataset(url)


def test_the_portal_has_the_real_limits(portal: Portal) -> None:
    """No more than 100 rows a page, no more than 10,000 by pages, jsonl among the exports, and the quota in headers."""
    assert asked(portal, "/records")[1]["total_count"] == COUNT
    assert len(asked(portal, "/records?limit=-1")[1]["results"]) == 100
    assert len(asked(portal, "/records")[1]["results"]) == 10
    for wrong in ("limit=101", "limit=-2", "limit=x", "limit=100&offset=9901", "offset=-1"):
        status, body = asked(portal, f"/records?{wrong}")
        assert (status, body["error_code"]) == (400, "InvalidRESTParameterError")
    assert asked(portal, "/exports/pdf")[0] == 400
    portal.quota = len(portal.asked)
    status, body = asked(portal, "/records")
    assert (status, body["errorcode"]) == (429, 10002)
