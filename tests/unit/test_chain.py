"""Gaps and forks in a line of files, whatever the order in which they arrive."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.chain import Link, chain_warning

START = datetime(2026, 3, 9, 7, tzinfo=UTC)


def link(sequence: int, digest: str, previous: str | None, *, hour: int = 0, name: str = "") -> Link:
    """A file; its name follows its sequence unless given."""
    return Link(name or f"file {sequence}", sequence, digest, previous, START + timedelta(hours=hour))


A, B, C = link(1, "a", None), link(2, "b", "a", hour=1), link(3, "c", "b", hour=2)


@pytest.mark.parametrize(
    ("new", "others", "warning"),
    [
        (A, [], None),
        (B, [A], None),
        (C, [A, B], None),
        (link(1, "a", "z"), [], "F37"),
        (C, [A], "F37"),
        (B, [A, C], None),
        (link(4, "d", None), [A], None),
        (link(4, "d", "b"), [A, B, C], "F38"),
        (link(4, "d", "a"), [A, B], "F38"),
        (link(3, "x", "b", name="of a restored backup"), [A, B, C], "F38"),
        (link(4, "d", "a"), [A, link(2, "b", None, hour=1), link(3, "c", None, hour=2)], "F38"),
    ],
    ids=[
        "the first",
        "the second",
        "the third",
        "a first that follows something",
        "one missing before it",
        "the missing one, late",
        "a sender that says nothing",
        "two files after one",
        "back to an earlier one",
        "a number used twice after one file",
        "an earlier one, of a sender that said nothing meanwhile",
    ],
)
def test_a_place_in_the_line_gives_its_warning(new: Link, others: list[Link], warning: str | None) -> None:
    """To follow the last is in order, to follow nothing known is a gap, to follow another file is a fork."""
    assert chain_warning(new, others) == warning
    assert chain_warning(new, others[::-1]) == warning


def test_the_same_bytes_sent_again_are_no_fork() -> None:
    """A file with the bytes of an earlier one has its hash too: what follows it follows the later of the two."""
    again = link(3, "a", "b", hour=2)
    assert chain_warning(again, [A, B]) is None
    assert chain_warning(link(4, "d", "a", hour=3), [A, B, again]) is None


def test_a_file_sent_again_under_its_name_is_no_fork() -> None:
    """New content under an old name follows what the old content followed, and may be followed itself."""
    renewed = link(2, "b2", "a", hour=3)
    assert chain_warning(renewed, [A, B, C]) is None
    assert chain_warning(link(4, "d", "b2", hour=4), [A, B, C, renewed]) is None


def test_the_very_same_file_is_not_another_one() -> None:
    """A file that was put again is not compared with itself."""
    assert chain_warning(B, [A, B]) is None
