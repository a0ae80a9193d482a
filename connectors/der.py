"""Reading DER (ITU-T X.690), as far as the signature of a CMS file needs it: what is not DER is Tampered."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.errors import Tampered

SEQUENCE, SET, OID, OCTETS = 0x30, 0x31, 0x06, 0x04
CONTEXT_0 = 0xA0


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag, what it holds, and its bytes whole."""

    tag: int
    held: bytes
    whole: bytes

    def inside(self, tag: int) -> "list[Element]":
        """The elements that this one holds. Tampered when its tag is another."""
        return list(elements(self.of(tag)))

    def of(self, tag: int) -> bytes:
        """What it holds. Tampered when its tag is another."""
        if self.tag != tag:
            raise Tampered("not the structure of CMS")
        return self.held


def only(data: bytes) -> Element:
    """The one element that these bytes are."""
    found = list(elements(data))
    if len(found) != 1:
        raise Tampered("not one structure of DER")
    return found[0]


def elements(data: bytes) -> Iterator[Element]:
    """The elements that these bytes are, one after the other."""
    at = 0
    while at < len(data):
        length, begin = _length(data, at + 1)
        end = begin + length
        if data[at] & 0x1F == 0x1F or end > len(data):
            raise Tampered("cut, or not DER")
        yield Element(data[at], data[begin:end], data[at:end])
        at = end


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length and where what it measures begins; in its shortest form only."""
    first = data[at] if at < len(data) else 0x80
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    octets = data[at + 1 : at + 1 + size]
    if not 1 <= size <= 4 or len(octets) != size or octets[0] == 0 or (size == 1 and octets[0] < 0x80):
        raise Tampered("cut, or not DER")
    return int.from_bytes(octets), at + 1 + size
