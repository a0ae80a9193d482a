"""What a partner's acknowledgement file says, and what is no acknowledgement."""

import json

import pytest

from hub.filenames import parse_reply
from hub.reply import Reply

NAME, HASH = "FO.STAT.062063.20260310.00001.T", "a" * 64
GOOD = {"file": NAME, "sha256": HASH, "verdict": "ACCEPTED"}


def test_an_acknowledgement_is_named_after_the_file_it_speaks_of() -> None:
    """AK for GO, the rest being that of the manifest; anything else is no acknowledgement."""
    assert str(parse_reply("AK.STAT.062063.20260310.00001.T.1")) == NAME
    for text in ("GO.STAT.062063.20260310.00001.T.1", "AK.STAT.062063.20260310.00001.T", "AK.STAT.062063.1", "AK", ""):
        assert parse_reply(text) is None


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, "ACCEPTED"),
        ({"verdict": "REFUSED", "code": "F04"}, "REFUSED"),
        ({"sha256": "B" * 64}, "ALTERED"),
        ({"sha256": HASH.upper(), "more": 1}, "ACCEPTED"),
    ],
)
def test_what_is_noted_of_it(changed: dict[str, object], kind: str) -> None:
    """The verdict, unless what was taken is not what was published."""
    reply = Reply.parse(json.dumps(GOOD | changed).encode())
    assert reply is not None
    assert reply.kind(HASH) == kind
    assert reply.code == changed.get("code")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b"[" * 60_000,
        json.dumps(GOOD).encode() + b" " * 70_000,
        *(
            json.dumps(GOOD | changed).encode()
            for changed in (
                {"file": 1},
                {"sha256": "a"},
                {"sha256": None},
                {"verdict": "MAYBE"},
                {"verdict": []},
                {"code": "anne dupont"},
                {"code": 4},
            )
        ),
    ],
    ids=lambda content: repr(content[-30:]),
)
def test_what_is_no_acknowledgement_is_none(content: bytes) -> None:
    """Whatever the bytes are, there is an answer and never an error."""
    assert Reply.parse(content) is None
