"""The Merkle tree against the reference vectors of Certificate Transparency (RFC 6962)."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub import merkle

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/merkle.json").read_text("utf-8"))
LEAVES = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(VECTORS["empty"]), *map(bytes.fromhex, VECTORS["roots"])]


def steps(vector: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(step) for step in vector["proof"]]


def test_roots_are_the_published_ones() -> None:
    """The tree of no leaf, of one, and so on to eight, has the root that the vectors give."""
    assert [merkle.root(LEAVES[:size]) for size in range(9)] == ROOTS


def test_the_edge_holds_a_hash_for_each_bit_of_the_size() -> None:
    """What is kept of a tree of seven leaves is three hashes; of eight, the root alone."""
    assert [len(merkle.edge_of(LEAVES[:size])) for size in range(9)] == [size.bit_count() for size in range(9)]
    assert merkle.edge_of(LEAVES) == (ROOTS[8],)


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_inclusion_proofs_are_the_published_ones(vector: dict[str, Any]) -> None:
    """A proof of inclusion has the steps of the vectors, and verifies under their root."""
    index, size = vector["index"], vector["size"]
    assert merkle.inclusion_proof(index, LEAVES[:size]) == steps(vector)
    assert merkle.verify_inclusion(index, size, LEAVES[index], steps(vector), ROOTS[size])


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_consistency_proofs_are_the_published_ones(vector: dict[str, Any]) -> None:
    """A proof of consistency has the steps of the vectors, and verifies between their roots."""
    first, second = vector["first"], vector["second"]
    assert merkle.consistency_proof(first, LEAVES[:second]) == steps(vector)
    assert merkle.verify_consistency(first, second, steps(vector), ROOTS[first], ROOTS[second])


def test_what_no_tree_has_is_refused() -> None:
    """A leaf beyond the end, a proof for a tree that shrank, and a size below nothing are refused."""
    assert not merkle.verify_inclusion(8, 8, LEAVES[0], [], ROOTS[8])
    assert not merkle.verify_inclusion(-1, 8, LEAVES[0], [], ROOTS[8])
    assert not merkle.verify_consistency(8, 6, [], ROOTS[8], ROOTS[6])
    assert not merkle.verify_consistency(-1, 6, [], ROOTS[6], ROOTS[6])
    assert not merkle.verify_consistency(0, -1, [], ROOTS[0], ROOTS[0])
    assert not merkle.verify_consistency(0, 0, [], ROOTS[0], ROOTS[1])
    assert not merkle.verify_consistency(0, 3, [], ROOTS[1], ROOTS[3])
    for call in (lambda: merkle.inclusion_proof(8, LEAVES), lambda: merkle.consistency_proof(9, LEAVES)):
        with pytest.raises(ValueError, match="no such leaf"):
            call()
