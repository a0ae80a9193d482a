"""The grammar of names for any name and any text."""

import json
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from hub import filenames
from hub.filenames import InName, Manifest, OutName, masked_shape, parse, parse_out

FEEDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=4)
PARTNERS = st.text("0123456789", min_size=6, max_size=6)
STREAM = (FEEDS, PARTNERS, st.dates(), st.integers(1, 99_999), st.sampled_from("TR"))
PARTS = st.integers(1, 99)


@st.composite
def in_names(draw: st.DrawFn) -> InName:
    """Any name of a file that a partner sends."""
    kind, parts = draw(st.sampled_from(["FI", "GO", "TD"])), draw(PARTS)
    part = draw(st.integers(1, parts)) if kind == "FI" else None
    return InName(kind, *(draw(field) for field in STREAM), parts, part)  # type: ignore[arg-type,call-arg]


out_names = st.builds(OutName, st.sampled_from(["FO", "GO"]), *STREAM)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
counts = st.integers(0, 2**31 - 1)
manifests = st.builds(
    Manifest,
    in_names().map(str),
    counts,
    digests,
    st.sampled_from(["orientations/1", "statuses_out/12"]),
    st.none() | counts,
    st.none() | counts,
    st.none() | digests,
    st.sampled_from(["DELTA", "SNAPSHOT"]),
    st.booleans(),
    st.none() | st.text("passerelle.example/audit\n0Az+/=— ", min_size=1, max_size=300),
)
# Texts near the grammar: pieces of names, whole names with one character changed, and anything else.
near = st.lists(
    st.sampled_from(["FI", "GO", "TD", "FO", ".", "ORIE", "062063", "20260907", "20260230", "00001", "T", "1"]),
    max_size=16,
).map("".join)
texts = st.text() | near | in_names().map(str) | out_names.map(str)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_every_name_is_read_back() -> None:
    """Reading what was written gives the same name, for every kind."""
    kinds: Counter[str] = Counter()

    @settings(max_examples=400, deadline=None)
    @given(in_names(), out_names)
    def holds(incoming: InName, outgoing: OutName) -> None:
        kinds.update([f"in {incoming.kind}", f"out {outgoing.kind}"])
        assert parse(filenames.format(incoming)) == incoming
        assert parse_out(filenames.format(outgoing)) == outgoing
        assert not filenames.is_temporary(filenames.format(incoming))
        assert filenames.is_temporary(filenames.temporary_name(outgoing))

    holds()
    print(dict(sorted(kinds.items())))
    assert set(kinds) == {"in FI", "in GO", "in TD", "out FO", "out GO"}


def test_any_text_is_a_name_or_none() -> None:
    """Whatever a partner calls a file, its name is read as one that is written the same way, or as None."""
    seen: Counter[str] = Counter()

    @settings(max_examples=600, deadline=None)
    @given(texts)
    def holds(text: str) -> None:
        for read in (parse, parse_out):
            name = read(text)
            seen[f"{read.__name__} {'none' if name is None else 'name'}"] += 1
            assert name is None or filenames.format(name) == text

    holds()
    print(dict(sorted(seen.items())))
    assert len(seen) == 4


@given(st.text())
def test_a_shape_says_nothing_and_is_stable(text: str) -> None:
    """A shape holds only a, 9, the question mark and four separators, 64 at most, and is its own shape."""
    shape = masked_shape(text)
    assert len(shape) == min(len(text), 64)
    assert set(shape) <= set("a9?._- ")
    assert masked_shape(shape) == shape


@given(manifests)
def test_every_manifest_is_read_back(manifest: Manifest) -> None:
    """Reading the bytes of a manifest gives the same manifest, and the same bytes again."""
    read = Manifest.parse(manifest.to_bytes())
    assert read == manifest
    assert read is not None
    assert read.to_bytes() == manifest.to_bytes()


@given(st.binary(max_size=300), st.dictionaries(st.sampled_from(Manifest.__slots__), json_values))
def test_any_bytes_are_a_manifest_or_none(content: bytes, values: dict[str, object]) -> None:
    """Whatever a GO file holds, reading it gives a manifest that can be written again, or None."""
    for candidate in (content, json.dumps(values).encode()):
        read = Manifest.parse(candidate)
        assert read is None or Manifest.parse(read.to_bytes()) == read
