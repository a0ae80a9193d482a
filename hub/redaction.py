"""What a text must not show, struck out by its shape: the last net under the log, when all before it failed.

It knows what can be known by shape: a NISS in its spellings, an e-mail address, a Belgian or international telephone
number, a token or capsule of ours, a JWT, a private key. A name or a birth date has no shape of its own: these must
be kept out before, which is what `hub.events`, `hub.flow.guard` and `hub.errors` are for.
"""

import re
from collections.abc import Mapping
from typing import Any

_LEFT, _RIGHT = r"(?<![0-9A-Za-z])(?<![0-9]\.)", r"(?![0-9A-Za-z])"  # not in a word, and not decimals
SHAPES: dict[str, re.Pattern[str]] = {
    "private key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
    "token": re.compile(r"\b(?:w1|c1)\.[a-z0-9]{1,16}\.[A-Za-z0-9_-]{20,}|\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),
    "e-mail": re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"),
    "niss": re.compile(
        rf"{_LEFT}\d{{11}}{_RIGHT}"
        r"|(?<!\d)\d\d([./ -]?)\d\d\1\d\d[-./ ]\d{3}[-./ ]?\d\d(?!\d)"
    ),
    "telephone": re.compile(
        rf"(?<![\w.])(?:\+|00)[1-9]\d(?:[ ./()-]{{0,2}}\d){{7,12}}{_RIGHT}"
        rf"|{_LEFT}0[1-9]\d{{7,8}}{_RIGHT}"
        rf"|{_LEFT}0[1-9]\d{{0,2}}[ /.]\d{{2,3}}[ .]?\d\d[ .]?\d\d{_RIGHT}"
    ),
}
_UUID = re.compile(r"((?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z]))")  # ours, left alone
_ELEVEN = re.compile(r"(?<!\d)\d{10,11}(?!\d)")  # ten: read as a number, a NISS loses its leading zero
_DEEP = 12  # what lies deeper than this in a value of a log is struck out whole


def redacted(text: str) -> str:
    """The text with `[kind]` in the place of all that has the shape of an identity or a secret."""
    return "".join(part if n % 2 else _struck_out(part) for n, part in enumerate(_UUID.split(text)))


def redacted_value(value: Any, depth: int = 0) -> Any:
    """A value of a structured log with every text, number, key and foreign object in it redacted."""
    match value:
        case None | bool() | float():
            return value
        case str():
            return redacted(value)
        case int():
            told = redacted(str(value))
            return value if told == str(value) else told
        case _ if depth == _DEEP:
            return "[deep]"
        case Mapping():
            return {redacted_value(k, _DEEP): redacted_value(v, depth + 1) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redacted_value(item, depth + 1) for item in value]
        case bytes() | bytearray():
            return redacted(bytes(value).decode("utf-8", "replace"))
    return redacted(str(value))


def _struck_out(text: str) -> str:
    for kind, shape in SHAPES.items():
        text = shape.sub(f"[{kind}]", text)
    return _ELEVEN.sub(_if_valid, text)


def _if_valid(digits: re.Match[str]) -> str:
    """Ten digits, or eleven between letters, may be of a digest: struck out only with the check digits of a NISS."""
    number = digits.group().zfill(11)
    checks = {97 - int(century + number[:9]) % 97 for century in ("", "2")}
    return "[niss]" if int(number[9:]) in checks else digits.group()
