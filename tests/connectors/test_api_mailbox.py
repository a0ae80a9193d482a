"""A mailbox behind an API keeps the promises of a mailbox: what is taken and brought, what is told when it cannot."""

import hashlib
import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors._calls import wait
from connectors._problems import meaning, name_of, retry_after
from connectors.api import Clocks, Patience
from connectors.errors import (
    Changed,
    Denied,
    Exists,
    LinkError,
    Missing,
    ProtocolBroken,
    Refused,
    Throttled,
    TooLarge,
    Unreachable,
)
from simulators.api_faults import AGAIN, BEAR, CATALOGUE, LATER, RENEW, Fault
from simulators.api_trust import make_authority
from tests.connectors.served_api import PARTNER, QUICK, Served, served

NAME = "FI.INSC.900001.20260309.00001.T.1.1"
GO = "GO.INSC.900001.20260309.00001.T.1"
OUT = "FO.RECO.900001.20260309.00001.T"
PART = f".{OUT}.part"
COLUMNS = ["notice_id", "niss", "stat92_category", "agency_code"]
ROWS = [{"notice_id": f"N{n}", "stat92_category": "05", "agency_code": 'a;"é\n ' * (n % 2)} for n in range(2100)]
SECRET = "85073100031"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Served]:
    """A partner's API, all well."""
    with served(tmp_path) as api:
        yield api


def test_pages_make_the_file_that_its_go_announces(api: Served) -> None:
    """Rows of several pages, with whatever text, make the very bytes of which the GO has the SHA-256."""
    data = api.put(NAME, COLUMNS, ROWS)
    with api.mailbox() as box:
        assert [entry.name for entry in box.list("in")] == [NAME, GO]
        assert b"".join(box.chunks("in", NAME)) == data
        assert b"".join(box.chunks("in", NAME, 30_000)) == data[30_000:]
        assert json.loads(box.read("in", GO))["sha256"] == hashlib.sha256(data).hexdigest()
        with pytest.raises(Changed):
            list(box.chunks("in", NAME, len(data) + 1))


def test_what_is_taken_is_out_of_the_way_and_can_be_sent_again(api: Served) -> None:
    """A taken export is in `in/done`; another of its name waits then as a file of its own, with another time."""
    api.put(NAME, COLUMNS, ROWS[:1])
    with api.mailbox() as box:
        first = box.list("in")[0]
        box.rename("in", NAME, "in/done", NAME)
        assert [entry.name for entry in box.list("in")] == [GO]
        assert [(entry.name, entry.mtime) for entry in box.list("in/done")] == [(NAME, first.mtime)]
        with pytest.raises(Missing):
            box.rename("in", NAME, "in/done", NAME)
        api.put(NAME, COLUMNS, ROWS[:2])
        assert box.list("in")[0].mtime != first.mtime
        box.rename("in", NAME, "in/done", NAME)
        assert box.exists("in/done", NAME)
        assert len(api.desk.exports("TAKEN")) == 2


def test_what_is_brought_is_staged_read_back_and_released(api: Served) -> None:
    """An import is seen by nobody before it is released; sent twice it is there once; a note is carried as well."""
    data, note = b"record;entity_ref\nROW;\xc3\xa9\n", b'{"file":"x","rows":1}\n'
    with api.mailbox() as box:
        for _ in range(2):
            box.write("out", PART, data)
        assert list((api.desk.folder / "out").iterdir()) == [api.desk.folder / "out/taken"]
        assert (box.exists("out", PART), box.exists("out", OUT)) == (True, False)
        assert box.read("out", PART) == data
        box.rename("out", PART, "out", OUT)
        with pytest.raises(Exists):
            box.rename("out", PART, "out", OUT)
        box.write("out", "GO.RECO.900001.20260309.00001.T.1", note)
        assert box.read("out", "GO.RECO.900001.20260309.00001.T.1") == note
        assert (box.exists("out", PART), box.read("out", OUT)) == (False, data)
    assert (api.desk.folder / "out" / OUT).read_bytes() == data
    assert len(api.desk.imports("RELEASED")) == 2


def test_another_content_of_one_name_is_replaced_while_staged_and_never_after(api: Served) -> None:
    """What a broken visit left staged gives way; what was released is never written over."""
    with api.mailbox() as box:
        box.write("out", PART, b"a\n1\n")
        box.write("out", PART, b"a\n2\n")
        box.rename("out", PART, "out", OUT)
        with pytest.raises(Exists):
            box.write("out", PART, b"a\n3\n")
        box.remove("out", PART)
        assert box.read("out", OUT) == b"a\n2\n"


@pytest.mark.parametrize(
    "data", [b"", b"a\n\n", b"a\r\n1\r\n", b"a,b\n1\n2", b"a;b\n1\n", b"\xff\n", b'{"b":1, "a":2}']
)
def test_what_an_api_cannot_carry_is_not_sent(api: Served, data: bytes) -> None:
    """A file that would not come back with the same bytes is our own defect, and nothing of it is sent."""
    with api.mailbox() as box, pytest.raises(ProtocolBroken):
        box.write("out", PART, data)
    assert api.desk.imports("STAGED") == []


def test_a_list_is_asked_for_by_its_etag(api: Served) -> None:
    """What has not changed is not sent again, and a change is seen."""
    api.put(NAME, COLUMNS, ROWS[:1])
    with api.mailbox() as box:
        before = box.list("in")
        sent: list[int] = []
        answer = api.api.routes.answer
        api.api.routes.answer = lambda asked: (reply := answer(asked), sent.append(reply.status))[0]  # type: ignore[method-assign,func-returns-value]
        assert box.list("in") == before
        api.put(NAME.replace("00001", "00002"), COLUMNS, ROWS[:1])
        assert len(box.list("in")) == 4
    assert sent == [304, 200]


def test_pages_of_a_list_are_put_together(api: Served) -> None:
    """More documents than a page holds are listed, each once."""
    for number in range(60):
        api.put(f"FI.INSC.900001.20260309.{number:05d}.T.1.1", COLUMNS, [])
    with api.mailbox() as box:
        assert len({entry.name for entry in box.list("in")}) == 120


@pytest.mark.parametrize("value", [{"a": 1}, [1], 3.5, True, None, "\ud800", 'x";\n'])
def test_a_value_that_is_no_text_is_for_the_contract_to_find(value: object) -> None:
    """Whatever a partner has in a row, or beside its columns, makes a line of the file and no error."""
    from connectors import _table

    line = _table.lines(["aB"], [{"aB": value}])
    assert line.endswith(b"\n")
    assert _table.lines(["aB"], [{"aB": "1", "more": value}]).startswith(b"1;")
    assert _table.header(["aB"]) == b"a_b\n"


def test_every_column_of_every_contract_keeps_its_name() -> None:
    """A column that is a property on the way is the same column at the end."""
    from connectors import _table
    from contracts.registry import contracts

    columns = {column for contract in contracts("T") for column in contract.columns}
    assert len(columns) > 100
    assert [one for one in columns if _table.column_of(_table.property_of(one)) != one] == []
    assert [one for one in columns if "_" in _table.property_of(one)] == []


# --- who is trusted, and with what


def test_another_authority_or_name_is_refused_before_anything_is_sent(api: Served, tmp_path: Path) -> None:
    """A certificate of another authority, or for another name, is Denied, and the server was asked for nothing."""
    make_authority(tmp_path / "other", "127.0.0.1")
    port = api.api.server_address[1]
    for changed in (
        {"authority": tmp_path / "other/ca.pem"},
        {"authority": None},
        {"base": f"https://localhost:{port}/{PARTNER}/v1", "token": f"https://localhost:{port}/oauth/v5/token"},
    ):
        with pytest.raises(Denied, match="certificate"), api.mailbox(**changed) as box:
            box.list("in")
    assert api.api.asked == 0


def test_without_our_certificate_nobody_lets_us_in(api: Served) -> None:
    """Mutual TLS: no certificate, no answer."""
    with pytest.raises(LinkError) as told, api.mailbox(certificate=None, key=None) as box:
        box.list("in")
    assert told.type in (Denied, Unreachable)
    assert api.api.asked == 0


@pytest.mark.parametrize("changed", [{"client": "another"}, {"scope": "scope:more"}])
def test_a_client_that_is_not_known_gets_no_token(api: Served, changed: dict[str, object]) -> None:
    """Another name, or a scope that we were not given: an operator must act."""
    with pytest.raises(Denied, match="gives us no token"), api.mailbox(**changed) as box:
        box.list("in")


@pytest.mark.parametrize("base", ["http://127.0.0.1/v1", "ftp://x/v1", "api.example", ""])
def test_nothing_is_sent_in_clear(api: Served, base: str) -> None:
    """An address that is not https is refused for the API and for its tokens."""
    for changed in ({"base": base}, {"token": base}):
        with pytest.raises(ProtocolBroken, match="https"), api.mailbox(**changed):
            pass


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_wrong_is_understood(api: Served, hours: int) -> None:
    """An API whose clock is two hours off gives us a token, for an assertion of its own time."""
    api.put(NAME, COLUMNS, ROWS[:1])
    api.api.skew = timedelta(hours=hours)
    with api.mailbox() as box:
        assert len(box.list("in")) == 2


def test_a_token_that_ends_between_two_pages_is_earned_again(api: Served) -> None:
    """The second page is had with a new token; the file is whole."""
    data = api.put(NAME, COLUMNS, ROWS)
    with api.mailbox() as box:
        pieces = box.chunks("in", NAME)
        got = [next(pieces), next(pieces)]
        api.api.tokens.end_all()
        assert b"".join([*got, *pieces]) == data


def test_the_assertion_is_one_that_another_library_accepts(api: Served) -> None:
    """PyJWT verifies it by our public key: ES256, audience, issuer, a minute of life, an id of its own."""
    import jwt
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    from connectors._oauth import Client, assertion

    private = load_pem_private_key(api.key.read_bytes(), None)
    now = datetime.now(UTC)
    client = Client("https://a.example/token", "passerelle", "", api.key)
    text = assertion(client, private, now, "one")  # type: ignore[arg-type]
    public = load_pem_public_key(api.key.with_suffix(".pub").read_bytes())
    claims = jwt.decode(text, public, algorithms=["ES256"], audience="https://a.example/token", issuer="passerelle")  # type: ignore[arg-type]
    assert (claims["sub"], claims["exp"] - claims["iat"], claims["jti"]) == ("passerelle", 60, "one")
    head, body, signature = text.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{body}.{signature[:-4]}AAAA", public, algorithms=["ES256"], audience=client.token_url)  # type: ignore[arg-type]


# --- what goes wrong, and who must act

TOLD = {  # what stays wrong while a file is read: what it is told as
    "too_many": (Throttled,),
    "unavailable": (Throttled,),
    "storm": (Throttled,),
    "token_ends": (Denied,),
    "same_page": (Changed,),
    "page_missing": (Changed,),
    "cut_json": (Unreachable,),
    "cut_body": (Unreachable,),
    "slow_body": (Unreachable,),
    "slow_headers": (Unreachable,),
    "reset": (Unreachable,),
    "precondition": (Changed,),
    "elsewhere": (ProtocolBroken,),
    "wrong_type": (ProtocolBroken,),
    "server_error": (Unreachable,),
    "clock": (Denied,),
}
STAYS = {fault.name: fault.stays for fault in CATALOGUE}


@pytest.mark.parametrize("fault", TOLD)
def test_a_fault_that_stays_is_told_by_who_must_act(
    tmp_path: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Each has its class; neither the error nor any log holds a name, a value, a token or an address."""
    caplog.set_level(logging.DEBUG)
    patience = Patience(call=0.5, tries=3) if fault.startswith("slow") else QUICK
    with served(tmp_path, share=1.0, only=[fault]) as api:
        api.api.slow = 2.0
        api.put(NAME, ["notice_id", "niss"], [{"notice_id": "N1", "niss": SECRET}] * 1100)
        with pytest.raises(LinkError) as told, api.mailbox(patience) as box:
            box.read("in", NAME)
    assert told.type in TOLD[fault]
    assert told.type.retry == (STAYS[fault] == LATER)
    assert (told.value.__cause__, told.value.__context__) == (None, None)
    spoken = "".join(traceback.format_exception(told.value)) + caplog.text
    for word in (SECRET, "FI.INSC", "Bearer", "oauth", "127.0.0.1", "fileName"):
        assert word not in str(told.value)
        assert word not in caplog.text
    assert SECRET not in spoken


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_a_fault_of_one_moment_is_borne_or_told(tmp_path: Path, fault: Fault) -> None:
    """What happens once ends a visit only where the catalogue says so; the next visit finds all as it should be."""
    rows = [{"notice_id": f"N{number}"} for number in range(2100)]
    with served(tmp_path, share=1.0, only=[fault.name], times=1) as api:
        data = api.put(NAME, ["notice_id"], rows)

        def visit() -> None:
            with api.mailbox() as box:
                assert box.read("in", NAME) == data
                box.rename("in", NAME, "in/done", NAME)
                box.write("out", PART, data)
                box.rename("out", PART, "out", OUT)
                assert box.read("out", OUT) == data

        if fault.once in (AGAIN, RENEW, BEAR):
            visit()
        else:
            with pytest.raises(LinkError) as told:
                visit()
            assert told.type.retry == (fault.once == LATER)
            visit()
        assert api.api.faults.counts == {fault.name: 1}
        assert (api.desk.folder / "out" / OUT).read_bytes() == data
        assert len(api.desk.imports("RELEASED")) == len(api.desk.exports("TAKEN")) == 1


def test_a_page_that_comes_twice_is_passed_over(tmp_path: Path) -> None:
    """The rows are there once, whatever page is given again."""
    with served(tmp_path, share=0.5, only=["same_page"], seed=3) as api:
        data = api.put(NAME, COLUMNS, ROWS * 3)
        with api.mailbox() as box:
            assert box.read("in", NAME) == data
        assert api.api.faults.counts["same_page"]


def test_an_answer_that_was_lost_changes_nothing(tmp_path: Path) -> None:
    """A release or an import whose answer never came is made once, and the call goes well in the end."""
    stubborn = Patience(tries=12, pause=9999)
    with served(tmp_path, share=0.5, only=["answer_lost"], seed=3) as api, api.mailbox(stubborn) as box:
        for number in range(20):
            box.write("out", f".{OUT[:-7]}{number:05d}.T.part", b"a\n1\n")
            box.rename("out", f".{OUT[:-7]}{number:05d}.T.part", "out", f"{OUT[:-7]}{number:05d}.T")
        assert len(api.desk.imports("RELEASED")) == 20
        assert api.api.faults.counts["answer_lost"] > 5


def test_a_call_that_is_not_repeatable_is_made_once(api: Served) -> None:
    """A POST without an idempotency key is sent once, though its failure may pass; with one it is sent again."""
    from connectors._calls import Calls
    from connectors._line import Trust
    from connectors._oauth import Client

    client = Client(f"{api.api.origin}/oauth/v5/token", "passerelle", "", api.key)
    trust = Trust(api.folder / "trust/ca.pem", api.key.with_suffix(".crt"), api.key)
    calls = Calls(api.base, client, trust, QUICK, Clocks(sleep=lambda _: None))
    content = {"fileName": OUT, "note": {}}
    calls.get("/exports", {"state": "READY"})
    api.api.faults._only, api.api.faults._share = ["reset"], 1.0
    for key, times in ((None, 1), ("key-00000001", QUICK.tries)):
        before = api.api.asked
        with pytest.raises(Unreachable):
            calls.post("/imports", content, key)
        assert api.api.asked - before == times
    calls.close()


def test_a_trickle_ends_at_the_deadline(tmp_path: Path) -> None:
    """A byte now and then keeps a connection alive, not a call: it ends at its deadline, in body and head."""
    patience = Patience(call=0.5, tries=1)
    for fault in ("slow_body", "slow_headers"):
        with served(tmp_path / fault, share=1.0, only=[fault]) as api:
            api.api.slow = 30.0
            with pytest.raises(Unreachable, match="deadline"), api.mailbox(patience) as box:
                box.list("in")


def test_an_answer_without_end_is_cut(api: Served) -> None:
    """More bytes than we take are not read."""
    api.put(NAME, COLUMNS, ROWS)
    with pytest.raises(TooLarge), api.mailbox(Patience(longest=20_000)) as box:
        box.read("in", NAME)


def test_a_visit_has_an_end(api: Served) -> None:
    """When the time of the visit is over no call is begun."""
    ticks = iter([0.0, *[1e6] * 99])
    with pytest.raises(Unreachable, match="visit"), api.mailbox(clocks=Clocks(monotonic=lambda: next(ticks))) as box:
        box.list("in")


HEADERS = [
    ({}, None),
    ({"Retry-After": "0"}, 0.0),
    ({"Retry-After": "120"}, 120.0),
    ({"Retry-After": "99999999999999"}, 1_000_000),
    ({"Retry-After": "-1"}, None),
    ({"Retry-After": "soon"}, None),
    ({"Retry-After": "Mon, 09 Mar 2026 07:02:00 GMT"}, 120.0),
    ({"Retry-After": "Mon, 09 Mar 2026 06:00:00 GMT"}, 0.0),
    ({"Retry-After": "Mon, 09 Mar 2026 09:02:00 GMT", "Date": "Mon, 09 Mar 2026 09:00:00 GMT"}, 120.0),
]


@pytest.mark.parametrize(("headers", "seconds"), HEADERS)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, or a date by the answer's own clock."""
    assert retry_after(headers, datetime(2026, 3, 9, 7, tzinfo=UTC)) == seconds


def test_the_pauses_are_a_pure_function() -> None:
    """Half a second, doubled, half of it drawn; what was asked for is kept; what is too long is for another day."""
    assert [wait(n, None, draw, 60) for n in (1, 2, 3, 4) for draw in (0.0, 1.0)] == [0.25, 0.5, 0.5, 1, 1, 2, 2, 4]
    assert (wait(1, 10, 0.0, 60), wait(1, 10, 1.0, 60), wait(1, 61, 0.0, 60)) == (10, 12, None)


def test_retry_after_is_kept(tmp_path: Path) -> None:
    """The pause between two attempts is the one that was asked for; one that is too long ends the visit at once."""
    slept: list[float] = []
    clocks = Clocks(sleep=slept.append, draw=lambda: 0.0)
    for pause, expected in ((7, [7.0] * 3), (3600, [])):
        slept.clear()
        with served(tmp_path / str(pause), share=1.0, only=["too_many"]) as api:
            api.api.pause = pause
            with pytest.raises(Throttled), api.mailbox(Patience(pause=60), clocks) as box:
                box.list("in")
        assert [round(one) for one in slept] == expected


STATUSES = {
    302: ProtocolBroken,
    400: ProtocolBroken,
    401: Denied,
    403: Denied,
    404: Missing,
    409: Exists,
    410: Missing,
    412: Changed,
    413: TooLarge,
    415: ProtocolBroken,
    418: ProtocolBroken,
    422: Refused,
    429: Throttled,
    500: Unreachable,
    502: Unreachable,
    503: Throttled,
    507: Throttled,
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_says_who_must_act(status: int) -> None:
    """Every status that is no success has one meaning."""
    assert type(meaning(status, "unnamed")) is STATUSES[status]


def test_of_a_problem_only_standard_names_are_told() -> None:
    """Problem and issues are named as the guide names them; all else, which can quote a row, is not repeated."""
    issue = {"type": "urn:problem-type:belgif:input-validation:schemaViolation", "detail": SECRET, "value": SECRET}
    told = {"type": "urn:problem-type:belgif:badRequest", "title": SECRET, "issues": [issue, issue, {"type": SECRET}]}
    kind = "application/problem+json"
    assert name_of(json.dumps(told).encode(), kind) == "badRequest schemaViolation unnamed"
    for body in (b"", b"[]", b"{", b'{"issues": 3}', b'{"type": 3}', b"[" * 99_999, SECRET.encode()):
        assert name_of(body, kind) == "unnamed"
    assert name_of(json.dumps(told).encode(), "text/html") == "unnamed"
    assert type(meaning(409, "idempotencyKeyInUse")) is Throttled
