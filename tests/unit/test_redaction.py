"""The last net: what has the shape of an identity or a secret is struck out, and what the log needs is left."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.redaction import redacted, redacted_value

NINE = st.integers(0, 999999999).map(lambda n: f"{n:09d}")


def _valid(nine: str, century: str) -> str:
    return f"{nine}{97 - int(century + nine) % 97:02d}"


SPELLINGS = (
    lambda n: n,
    lambda n: f"{n[:2]}.{n[2:4]}.{n[4:6]}-{n[6:9]}.{n[9:]}",
    lambda n: f"{n[:6]}-{n[6:9]}-{n[9:]}",
    lambda n: f"{n[:2]}-{n[2:4]}-{n[4:6]}-{n[6:9]}-{n[9:]}",
    lambda n: f"{n[:2]}/{n[2:4]}/{n[4:6]} {n[6:9]}-{n[9:]}",
    lambda n: f"{n[:6]} {n[6:9]} {n[9:]}",
    lambda n: f"{n[:2]}.{n[2:4]}.{n[4:6]}.{n[6:9]}.{n[9:]}",
    lambda n: f"x{n}y",
)


@given(NINE, st.sampled_from(["", "2"]), st.sampled_from(SPELLINGS), st.sampled_from(["", "niss=", "'", ";a;"]))
def test_every_niss_is_struck_out(nine, century, spelling, before) -> None:  # type: ignore[no-untyped-def]
    """A NISS of either century, in each spelling and between letters, leaves no more than its mark."""
    told = redacted(before + spelling(_valid(nine, century)) + before[::-1])
    assert "[niss]" in told or "[telephone]" in told
    assert not any(part in told for part in (nine, nine[:6], nine[6:] + "."))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("int: '85073100165'", "int: '[niss]'"),
        ("niss=3040599938;", "niss=[niss];"),
        ("a wrong check 85073100100.", "a wrong check [niss]."),
        ("elisabethine.z@courrier.example", "[e-mail]"),
        ("+32 470 12 34 56", "[telephone]"),
        ("+3240009999;", "[telephone];"),
        ("0032470123456", "[telephone]"),
        ("0470/12.34.56", "[telephone]"),
        ("0470123456", "[telephone]"),
        ("(04 222 33 44)", "([telephone])"),
        (f"w1.abcd.{'Q' * 43}", "[token]"),
        (f"c1.abcd2345.{'Q' * 90}", "[token]"),
        ("Bearer eyJhbGciOiJIUzI1.eyJzdWIiOiIx.abc-d", "Bearer [token]"),
        ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "[private key]"),
    ],
)
def test_what_is_struck_out(text: str, told: str) -> None:
    """Numbers, addresses, telephones, tokens and keys are replaced by their kind."""
    assert redacted(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "verb_done verb=collect partner=062063 done=12",
        "published publication_id=019cd0c4-2a80-7b13-9f3e-12345678901a sequence=3 rows=1200",
        "127.0.0.1:43210 shows SHA256:Zm9vYmFyYmF6; pinned: SHA256:abc",
        "2026-03-09T07:00:00.123456+01:00",
        "2026-03-09 07:00:00,123 INFO",
        "elapsed 0.12345678901 s, 12.50 MB of 1073741824 bytes",
        "manual__2026-03-09T06:00:00+00:00_Zx3f",
        "FI.ORIE.062063.20260309.00001.T.1.1",
        "file_done code=F18 read=1000 rejected=900",
    ],
)
def test_what_the_log_needs_is_left(text: str) -> None:
    """Events, instants, addresses of servers, versions, sizes and file names of the grammar stay as they are."""
    assert redacted(text) == text


def test_no_message_id_is_taken_for_a_person() -> None:
    """Of twenty thousand UUIDs none is touched."""
    ids = [str(uuid.UUID(int=n * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128), version=4)) for n in range(20_000)]
    assert [one for one in ids if redacted(one) != one] == []


def test_a_value_of_a_structured_log_is_redacted_all_through() -> None:
    """Texts, numbers, keys, bytes and foreign objects, however deep; times and counts are left."""
    value = {
        "event": "row 85073100165",
        "n": 85073100165,
        "born in 2003": 3040599938,
        "count": 12,
        "took": 0.5,
        "well": True,
        "85073100165": [("a@b.example", b"85073100165"), {"deep": KeyError("85.07.31-001.65")}],
        "at": datetime(2026, 3, 9, tzinfo=UTC),
    }
    told = redacted_value(value)
    assert "850731" not in str(told)
    assert "3040599938" not in str(told)
    assert "b.example" not in str(told)
    assert (told["count"], told["took"], told["well"]) == (12, 0.5, True)
    assert redacted_value(_nested(40)) != _nested(40)


def _nested(levels: int) -> object:
    value: object = "85073100165"
    for _ in range(levels):
        value = [value]
    return value
