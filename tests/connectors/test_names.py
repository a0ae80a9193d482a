"""Which names a mailbox takes, shows and refuses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.errors import ProtocolBroken
from connectors.names import Entry, entry, file_name, folder_parts, problem, with_twins


@given(st.binary(max_size=300) | st.text(st.characters(codec="utf-8"), max_size=50).map(str.encode))
@example("\u202e.csv".encode())  # turns the rest of a line around on a screen
def test_any_name(raw: bytes) -> None:
    """Any bytes give an entry that prints and stores, and that opens exactly the file it names or nothing."""
    found = entry(raw, None, None)
    assert found.name == "" or found.name.isprintable()
    found.name.encode()
    if found.problem is None:
        assert file_name(found.name) == raw
    else:
        with pytest.raises(ProtocolBroken):
            file_name(found.name)


@given(st.lists(st.sampled_from(["a", "A", "é", "e\u0301", "b"]), unique=True))
def test_twins(names: list[str]) -> None:
    """Every name that another equals but for case or accents' encoding is flagged, whatever the order."""
    entries = [Entry(name, 1, None) for name in names]
    flagged = {one.name for one in with_twins(entries) if one.problem}
    assert flagged == {one.name for one in with_twins(reversed(entries)) if one.problem}
    pairs = [{"a", "A"}, {"é", "e\u0301"}]
    assert flagged == set().union(*(pair for pair in pairs if pair <= set(names)))


def test_name_twice() -> None:
    """A server that lists one name twice is told on both."""
    assert [one.problem for one in with_twins([Entry("a", 1, None)] * 2)] == ["case twin"] * 2


def test_longest_name() -> None:
    """255 bytes are a name, 256 are not, whatever the number of characters."""
    assert problem("é".encode() * 127 + b"x") is None
    assert problem("é".encode() * 128) == "over-long"


def test_folder_parts() -> None:
    """A folder's path is its names, and none of them leads out."""
    assert folder_parts("in/done/") == ["in", "done"]
    assert folder_parts("") == folder_parts(".") == []
    with pytest.raises(ProtocolBroken):
        folder_parts("in/../../etc")
