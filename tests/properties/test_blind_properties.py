"""The index made blindly depends on the number and the key, on the blind never."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.blind import blind, evaluate, finalise
from hub.p521 import ORDER, P, Point, from_bytes, hash_to_curve, multiply, to_bytes

numbers = st.binary(max_size=40)
scalars = st.integers(1, ORDER - 1) | st.integers(1, 5) | st.integers(ORDER - 5, ORDER - 1)
points = numbers.map(lambda message: hash_to_curve(message, b"tests"))
few = settings(max_examples=50, deadline=None)


def output(number: bytes, scalar: int, key: int) -> bytes:
    """Gives what client and holder make together."""
    (answer,) = evaluate(key, [blind(number, scalar)])
    return finalise(number, scalar, answer)


@few
@given(numbers, scalars, scalars, scalars)
def test_taking_the_blind_off_leaves_nothing_of_it(number: bytes, one: int, other: int, key: int) -> None:
    """Two blinds, one output; and the questions differ, so the holder cannot tell one number asked twice."""
    assume(one not in (other, ORDER - other))
    assert output(number, one, key) == output(number, other, key)
    assert blind(number, one) != blind(number, other)


@few
@given(numbers, numbers, scalars, scalars, scalars)
def test_another_number_or_another_key_gives_another_output(a: bytes, b: bytes, scalar: int, k: int, m: int) -> None:
    """Nothing but the same number under the same key is the same."""
    assert (output(a, scalar, k) == output(b, scalar, k)) == (a == b)
    assert (output(a, scalar, k) == output(a, scalar, m)) == (k == m)


@few
@given(points, scalars, scalars)
def test_multiples_are_those_of_a_group(point: Point, a: int, b: int) -> None:
    """In any order, by the product at once, and back again: y too, which the library does not give."""
    (both,) = multiply(a, multiply(b, [point]))
    assert [both] == multiply(b, multiply(a, [point])) == multiply(a * b % ORDER, [point])
    assert multiply(pow(a, -1, ORDER), multiply(a, [point])) == [point]
    assert (both.y**2 - both.x**3 + 3 * both.x) % P == (point.y**2 - point.x**3 + 3 * point.x) % P


@few
@given(points)
def test_a_point_is_read_back_as_it_was_written(point: Point) -> None:
    """67 bytes, and its opposite has others."""
    assert from_bytes(to_bytes(point)) == point
    assert from_bytes(to_bytes(Point(point.x, P - point.y))) != point


@few
@given(st.binary(min_size=67, max_size=67) | st.binary(min_size=66, max_size=66).map(lambda x: b"\x02\x00" + x[1:]))
def test_any_bytes_are_a_point_or_a_refusal(data: bytes) -> None:
    """What is read is written the same; all else is a ValueError that repeats nothing."""
    try:
        point = from_bytes(data)
    except ValueError as error:
        told = str(error)
    else:
        told = "a point" if to_bytes(point) == data else "another"
    assert told in {"a point", "not a point of P-521"}
