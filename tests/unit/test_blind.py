"""Blinding on P-521 gives what RFC 9380, RFC 9497 and the eHealth cookbook publish, and refuses what is no point."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hub.blind import blind, derive_key, ehealth_point, evaluate, finalise
from hub.p521 import ORDER, P, Point, from_bytes, hash_to_curve, hash_to_field, multiply, to_bytes

VECTORS = Path(__file__).parents[1] / "vectors"


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VECTORS / f"p521_{name}.json").read_text(encoding="utf-8"))
    return found


HASHED, OPRF, EHEALTH = read("hash_to_curve"), read("oprf"), read("ehealth")
KEY = int(OPRF["key"], 16)
POINT = hash_to_curve(b"a point", b"tests")


def decoded(text: str) -> int:
    """Gives a number of the cookbook's: base64, leading zero bytes or not."""
    return int.from_bytes(base64.b64decode(text))


@pytest.mark.parametrize("vector", HASHED["vectors"], ids=lambda v: v["message"][:16] or "empty")
def test_a_message_is_hashed_to_the_published_point(vector: dict[str, Any]) -> None:
    """RFC 9380, J.3.1: both numbers of the field, then the point."""
    message, tag = vector["message"].encode(), HASHED["tag"].encode()
    assert hash_to_field(message, tag, 2, P) == [int(u, 16) for u in vector["u"]]
    assert hash_to_curve(message, tag) == Point(int(vector["x"], 16), int(vector["y"], 16))


def test_the_key_is_derived_as_published() -> None:
    """RFC 9497, A.5.1: seed and info give the key."""
    assert derive_key(bytes.fromhex(OPRF["seed"]), bytes.fromhex(OPRF["info"])) == KEY


@pytest.mark.parametrize("vector", OPRF["vectors"], ids=lambda v: v["input"][:4])
def test_blinding_evaluating_and_finalising_give_what_is_published(vector: dict[str, str]) -> None:
    """RFC 9497, A.5.1: the question, the answer and the output, byte for byte."""
    number, scalar = bytes.fromhex(vector["input"]), int(vector["blind"], 16)
    question = blind(number, scalar)
    (answer,) = evaluate(KEY, [question])
    assert (question.hex(), answer.hex()) == (vector["blinded"], vector["evaluated"])
    assert finalise(number, scalar, answer).hex() == vector["output"]


@pytest.mark.parametrize("vector", EHEALTH["vectors"], ids=lambda v: f"{v['value']}-{v['spare']}")
def test_a_value_is_encoded_and_blinded_as_the_cookbook_does(vector: dict[str, Any]) -> None:
    """The eHealth cookbook: a value's point, and that point blinded, x and y."""
    point = ehealth_point(base64.b64decode(vector["value"]), vector["spare"])
    assert point == (decoded(vector["x"]), decoded(vector["y"]))
    (blinded,) = multiply(decoded(EHEALTH["blind"]), [point])
    assert blinded == (decoded(vector["blinded_x"]), decoded(vector["blinded_y"]))


def test_there_are_as_many_vectors_as_were_published() -> None:
    """Five of RFC 9380, two of RFC 9497 in mode 0, fourteen of the cookbook."""
    assert [len(found["vectors"]) for found in (HASHED, OPRF, EHEALTH)] == [5, 2, 14]


def off_the_curve() -> bytes:
    """Gives 67 bytes in the form of a point whose x no point has."""
    x = next(x for x in range(1, 99) if pow(x**3 - 3 * x + (POINT.y**2 - POINT.x**3 + 3 * POINT.x), P // 2, P) == P - 1)
    return b"\x02" + x.to_bytes(66)


NO_POINTS = {
    "nothing": b"",
    "the identity": b"\x00",
    "the identity, filled up": bytes(67),
    "not on the curve": off_the_curve(),
    "x beyond the field": b"\x02" + (P + POINT.x).to_bytes(66) if P + POINT.x < 2**528 else b"",
    "another form": b"\x04" + to_bytes(POINT)[1:],
    "too short": to_bytes(POINT)[:-1],
    "too long": to_bytes(POINT) + b"\0",
}


@pytest.mark.parametrize("data", NO_POINTS.values(), ids=NO_POINTS.keys())
def test_what_is_no_point_is_refused_by_both_sides(data: bytes) -> None:
    """The holder evaluates none of it, the client takes none as an answer, and the error repeats no byte."""
    for refuse in (lambda: from_bytes(data), lambda: evaluate(KEY, [data]), lambda: finalise(b"1", 5, data)):
        with pytest.raises(ValueError, match=r"^not a point of P-521$"):
            refuse()


def test_a_pair_off_the_curve_is_not_multiplied() -> None:
    """A point that was not read by `from_bytes` is looked at again: a wrong curve would give the scalar away."""
    with pytest.raises(ValueError):
        multiply(5, [Point(POINT.x, POINT.y + 1)])


@pytest.mark.parametrize("scalar", [0, ORDER, -1, ORDER + 1])
def test_a_scalar_out_of_range_is_refused(scalar: int) -> None:
    """0 and the order would make the identity."""
    with pytest.raises(ValueError, match="order"):
        multiply(scalar, [POINT])


def test_the_first_and_the_last_scalar_multiply() -> None:
    """Once the point is the point, and the order less one is its opposite: y is right at both ends."""
    opposite = Point(POINT.x, P - POINT.y)
    assert multiply(1, [POINT]) == [POINT]
    assert multiply(ORDER - 1, [POINT]) == [opposite]
    assert multiply(ORDER - 2, multiply(2, [POINT])) == multiply(4, [opposite])


def test_a_value_too_long_for_the_cookbook_is_refused() -> None:
    """Value, length and spare bytes fit into a coordinate, or nothing is made."""
    assert ehealth_point(b"v" * 56).x
    with pytest.raises(ValueError, match="too long"):
        ehealth_point(b"v" * 57)


@pytest.mark.parametrize("tag", [b"", b"t" * 256])
def test_a_tag_has_a_length_that_can_be_written(tag: bytes) -> None:
    """RFC 9380 wants a tag, and this code hashes no long one down."""
    with pytest.raises(ValueError, match="tag"):
        hash_to_curve(b"", tag)
