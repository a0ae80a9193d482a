"""Merkle trees of any size: every proof verifies, and nothing that was altered does."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from hub import merkle

MANY = 200
drawn: Counter[str] = Counter()


def tree(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(n).encode()) for n in range(size)]


def plainly(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962, 2.1, words it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else merkle.EMPTY
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return merkle.node_hash(plainly(leaves[:half]), plainly(leaves[half:]))


def flipped(value: bytes, bit: int) -> bytes:
    """The same bytes, but for one bit."""
    return (int.from_bytes(value) ^ 1 << bit % (8 * len(value))).to_bytes(len(value))


def spoilt(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """Another proof: a bit flipped in a step, a step lost, added or moved."""
    how = data.draw(st.sampled_from(["added", *(["flipped", "lost"] if proof else [])]))
    drawn[f"step {how}"] += 1
    at = data.draw(st.integers(0, len(proof) - (how != "added")))
    if how == "added":
        return [*proof[:at], merkle.leaf_hash(b"more"), *proof[at:]]
    step = [flipped(proof[at], data.draw(st.integers(0, 255)))] if how == "flipped" else []
    return [*proof[:at], *step, *proof[at + 1 :]]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, MANY))
def test_a_grown_root_is_the_root_as_the_rfc_words_it(size: int) -> None:
    """Appending one leaf after another gives the root that the definition gives, at every size."""
    leaves = tree(size)
    assert merkle.root(leaves) == plainly(leaves)
    assert len(merkle.edge_of(leaves)) == size.bit_count()


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_every_leaf_is_proved_and_no_other(data: st.DataObject) -> None:
    """The proof of a leaf verifies; with another leaf, place, size, root or step it does not."""
    size = data.draw(st.integers(1, MANY))
    index, bit = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 255))
    leaves = tree(size)
    proof, root = merkle.inclusion_proof(index, leaves), merkle.root(leaves)
    assert merkle.verify_inclusion(index, size, leaves[index], proof, root)
    assert not merkle.verify_inclusion(index, size, flipped(leaves[index], bit), proof, root)
    assert not merkle.verify_inclusion(index, size, leaves[index], proof, flipped(root, bit))
    assert not merkle.verify_inclusion(index, size, leaves[index], spoilt(data, proof), root)
    other = data.draw(st.integers(0, size))
    assert other == index or not merkle.verify_inclusion(other, size, leaves[index], proof, root)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_every_growth_is_proved_and_no_other(data: st.DataObject) -> None:
    """Of any two sizes the proof verifies; with another root on either side, another leaf or step it does not."""
    second = data.draw(st.integers(1, MANY))
    first, bit = data.draw(st.integers(0, second)), data.draw(st.integers(0, 255))
    leaves = tree(second)
    old, new = merkle.root(leaves[:first]), merkle.root(leaves)
    proof = merkle.consistency_proof(first, leaves)
    drawn["nothing" if first == 0 else "all" if first == second else "some"] += 1
    assert merkle.verify_consistency(first, second, proof, old, new)
    assert not merkle.verify_consistency(first, second, proof, flipped(old, bit), new)
    assert not merkle.verify_consistency(first, second, spoilt(data, proof), old, new)
    if first:
        assert not merkle.verify_consistency(first, second, proof, old, flipped(new, bit))
        changed = data.draw(st.integers(0, first - 1))
        rewritten = [*leaves[:changed], merkle.leaf_hash(b"another"), *leaves[changed + 1 :]]
        forged = merkle.consistency_proof(first, rewritten)
        assert not merkle.verify_consistency(first, second, forged, old, merkle.root(rewritten))


def test_the_properties_drew_every_kind() -> None:
    """The tests before tried every way to spoil a proof, and old trees of nothing, of a part and of all."""
    print(dict(drawn))
    assert set(drawn) == {"step added", "step flipped", "step lost", "nothing", "all", "some"}
