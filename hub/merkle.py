"""The Merkle tree of RFC 6962 and RFC 9162, section 2.1: roots, proofs of inclusion and of consistency.

Pure. Leaves and nodes are hashed apart (0x00, 0x01), so that no node passes for a leaf. A tree that grows needs its
edge only: the roots of its whole subtrees from left to right, one for each bit that is set in its size.
"""

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()  # the root of no leaves

Edge = tuple[bytes, ...]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one leaf: 0x00, then the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node: 0x01, then its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(size: int, edge: Edge, leaf: bytes) -> Edge:
    """The edge of a tree of `size` leaves after one more, in O(log n)."""
    kept = [*edge, leaf]
    while size & 1:
        right = kept.pop()
        kept[-1] = node_hash(kept[-1], right)
        size >>= 1
    return tuple(kept)


def root_of_edge(edge: Edge) -> bytes:
    """The root of the tree with this edge."""
    if not edge:
        return EMPTY
    root = edge[-1]
    for left in reversed(edge[:-1]):
        root = node_hash(left, root)
    return root


def edge_of(leaves: Iterable[bytes]) -> Edge:
    """The edge of the tree with these leaf hashes."""
    edge: Edge = ()
    for size, leaf in enumerate(leaves):
        edge = grown(size, edge, leaf)
    return edge


def root(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree with these leaf hashes (MTH)."""
    return root_of_edge(edge_of(leaves))


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """What shows that leaf `index`, counted from 0, is among these (PATH); the lowest sibling first."""
    _require(0 <= index < len(leaves))
    proof, begin, end = [], 0, len(leaves)
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(root(leaves[middle:end]))
            end = middle
        else:
            proof.append(root(leaves[begin:middle]))
            begin = middle
    return proof[::-1]


def consistency_proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """What shows that the tree of the first `first` leaves became the tree of all by appending alone (PROOF).

    Empty where nothing is to be shown: all of them, or none.
    """
    _require(0 <= first <= len(leaves))
    proof, begin, end, whole = [], 0, len(leaves), True
    while 0 < first < end:  # `whole`: the old tree is a subtree of the new one, whose root the verifier has
        middle = begin + _split(end - begin)
        if first <= middle:
            proof.append(root(leaves[middle:end]))
            end = middle
        else:
            proof.append(root(leaves[begin:middle]))
            begin, whole = middle, False
    if first and not whole:
        proof.append(root(leaves[begin:end]))
    return proof[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether leaf `index` is in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            at, last = _climbed(at, last)
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(first: int, second: int, proof: Sequence[bytes], old: bytes, new: bytes) -> bool:
    """Whether the tree of `second` leaves grew from that of `first` by appending alone (RFC 9162, 2.1.4.2).

    `old` and `new` are their roots.
    """
    if not 0 <= first <= second:
        return False
    if first == 0:
        return not proof and old == EMPTY and (second > 0 or new == EMPTY)
    if first == second:
        return not proof and old == new
    if not proof:
        return False
    path = [old, *proof] if first & (first - 1) == 0 else list(proof)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    was = is_now = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            was, is_now = node_hash(step, was), node_hash(step, is_now)
            at, last = _climbed(at, last)
        else:
            is_now = node_hash(is_now, step)
        at, last = at >> 1, last >> 1
    return last == 0 and was == old and is_now == new


def _climbed(at: int, last: int) -> tuple[int, int]:
    """Past the levels at which a node on the right edge has no sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _require(met: bool) -> None:
    if not met:
        raise ValueError("no such leaf in this tree")
