"""The grammar of names by example, and manifests."""

import json
from dataclasses import replace
from datetime import date

import pytest

from hub import filenames
from hub.filenames import InName, Manifest, OutName, masked_shape, parse, parse_out

DAY = date(2026, 9, 7)
FI = InName("FI", "ORIE", "062063", DAY, 1, "T", 1, 1)
FO = OutName("FO", "RECO", "900001", DAY, 42, "R")
DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("FI.ORIE.062063.20260907.00001.T.1.1", FI),
        ("GO.ORIE.062063.20260907.00001.T.1", FI.manifest_name()),
        ("TD.ORIE.062063.20260907.00001.T.1", FI.withdrawal_name()),
        (
            "FI.STAT.900001.20240229.99999.R.12.3",
            InName("FI", "STAT", "900001", date(2024, 2, 29), 99999, "R", 12, 3),
        ),
    ],
)
def test_a_name_in_the_grammar_is_read_and_written(text: str, name: InName) -> None:
    """The names of the partner guide are read field by field and written back letter by letter."""
    assert parse(text) == name
    assert filenames.format(name) == str(name) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("FO.RECO.900001.20260907.00042.R", FO),
        ("GO.RECO.900001.20260907.00042.R.1", FO.manifest_name()),
    ],
)
def test_an_outgoing_name_is_read_and_written(text: str, name: OutName) -> None:
    """What the hub writes in `out/` is read back as what it was."""
    assert parse_out(text) == name
    assert filenames.format(name) == text


def test_data_and_manifest_lead_to_each_other() -> None:
    """The GO and TD of a file name that file, and the GO of a file sent names it too."""
    assert FI.manifest_name().data_name() == FI
    assert FI.withdrawal_name().data_name() == FI
    assert FO.manifest_name().data_name() == FO


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FI.ORIE.062063.20260907.00001.T.1",
        "GO.ORIE.062063.20260907.00001.T.1.1",
        "FI.ORIE.062063.20260230.00001.T.1.1",
        "FI.ORIE.062063.00000101.00001.T.1.1",
        "FI.ORIE.062063.20260907.00000.T.1.1",
        "FI.ORIE.062063.20260907.1.T.1.1",
        "FI.ORIE.062063.20260907.00001.X.1.1",
        "FI.ORIE.062063.20260907.00001.T.1.2",
        "FI.ORIE.062063.20260907.00001.T.0.0",
        "FI.ORIE.062063.20260907.00001.T.01.1",
        "FI.orie.062063.20260907.00001.T.1.1",
        "FI.ORIE.62063.20260907.00001.T.1.1",
        "FI.ORIE.062063.20260907.00001.T.1.1\n",
        " FI.ORIE.062063.20260907.00001.T.1.1",
        "FI.ORIE.062063.20260907.00001.T.1.1.part",
        "FI.ORIE.062063.20260907.٠٠٠٠١.T.1.1",
        "FO.ORIE.062063.20260907.00001.T",
        "../FI.ORIE.062063.20260907.00001.T.1.1",
    ],
)
def test_a_name_outside_the_grammar_is_no_name(text: str) -> None:
    """A missing field, a day that does not exist, another alphabet, a path or a blank make it no name."""
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "FO.ORIE.062063.20260230.00001.T",
        "FO.ORIE.062063.20260907.00001.T.1",
        "GO.ORIE.062063.20260907.00001.T.2",
        "GO.ORIE.062063.20260907.00001.T",
        "FI.ORIE.062063.20260907.00001.T.1.1",
        ".FO.ORIE.062063.20260907.00001.T.part",
    ],
)
def test_an_outgoing_name_outside_the_grammar_is_no_name(text: str) -> None:
    """In `out/` only FO and the GO of one part are names."""
    assert parse_out(text) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "FO"},
        {"feed": "Orie"},
        {"sender": "62063"},
        {"sequence": 0},
        {"sequence": 100_000},
        {"environment": "P"},
        {"parts": 0, "part": 0},
        {"parts": 100},
        {"part": 2},
        {"part": None},
        {"kind": "GO"},
    ],
)
def test_a_name_that_could_not_be_read_back_cannot_be_built(fields: dict[str, object]) -> None:
    """Building outside the grammar is a mistake of ours and is refused at once."""
    good = {slot: getattr(FI, slot) for slot in InName.__slots__}
    with pytest.raises(ValueError, match="outside the grammar"):
        InName(**{**good, **fields})
    with pytest.raises(ValueError, match="outside the grammar"):
        OutName("FI", "RECO", "900001", DAY, 1, "T")  # type: ignore[arg-type]


def test_a_file_still_being_written_is_recognised() -> None:
    """The temporary names of both sides say that the file is not complete."""
    assert filenames.temporary_name(FO) == ".FO.RECO.900001.20260907.00042.R.part"
    assert filenames.is_temporary(filenames.temporary_name(FO))
    assert filenames.is_temporary("FI.ORIE.062063.20260907.00001.T.1.1.part")
    assert not filenames.is_temporary(str(FI))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Peeters 85.07.30-000.46.csv", "aaaaaaa 99.99.99-999.99.aaa"),
        ("éloïse_Ω٣½.txt", "aaaaaa_a99.aaa"),
        ("a/b\\c\x00\n|;\ud800", "a?a?a?????"),
        ("x" * 100, "a" * 64),
        ("", ""),
    ],
)
def test_a_masked_shape_keeps_no_letter_and_no_digit(text: str, shape: str) -> None:
    """Of a name that can hold a NISS only its shape is kept, and nothing that a terminal would act upon."""
    assert masked_shape(text) == shape


MANIFEST = Manifest(str(FI), 12, DIGEST, "orientations/1", 1, 3, None)


def test_a_manifest_is_written_as_canonical_json() -> None:
    """The bytes are fixed: keys sorted, no spaces, absent values null, one final newline."""
    assert MANIFEST.to_bytes() == (
        b'{"contract":"orientations/1","file":"FI.ORIE.062063.20260907.00001.T.1.1","first_version":1,'
        b'"kind":"DELTA","last_version":3,"previous":null,"rows":12,"sha256":"' + DIGEST.encode() + b'"}\n'
    )
    assert Manifest.parse(MANIFEST.to_bytes()) == MANIFEST


def test_a_manifest_says_what_kind_of_file_it_announces() -> None:
    """A snapshot and a whole export are said; a manifest that says neither is of a delta, of a part."""
    snapshot, export = replace(MANIFEST, kind="SNAPSHOT"), replace(MANIFEST, complete=True)
    assert b'"kind":"SNAPSHOT"' in snapshot.to_bytes()
    assert b'"complete":true' in export.to_bytes()
    assert [Manifest.parse(one.to_bytes()) for one in (snapshot, export)] == [snapshot, export]
    silent = Manifest.parse(MANIFEST.to_bytes().replace(b'"kind":"DELTA",', b""))
    assert silent == MANIFEST
    for wrong in (b'"OTHER"', b"1", b"[]"):
        assert Manifest.parse(MANIFEST.to_bytes().replace(b'"DELTA"', wrong)) is None


def _changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(MANIFEST.to_bytes()), **changes}).encode()


def test_a_manifest_is_lenient_where_nothing_is_lost() -> None:
    """Unknown keys, digests in upper case and the absence of what may be null change nothing."""
    assert Manifest.parse(_changed(software="x", nested={"a": [1]})) == MANIFEST
    assert Manifest.parse(_changed(sha256=DIGEST.upper())) == MANIFEST
    short = {key: value for key, value in json.loads(MANIFEST.to_bytes()).items() if key != "previous"}
    assert Manifest.parse(json.dumps(short).encode()) == MANIFEST
    linked = Manifest.parse(_changed(previous=DIGEST.upper()))
    assert linked is not None
    assert linked.previous == DIGEST


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"\xef\xbb\xbf" + MANIFEST.to_bytes(),
        b"[" * 50_000,
        MANIFEST.to_bytes() + b" " * 70_000,
        MANIFEST.to_bytes().replace(b'"rows":12', b'"rows":12,"rows":13'),
        MANIFEST.to_bytes().replace(b'"rows":12', b'"rows":12,"x":NaN'),
        MANIFEST.to_bytes().replace(b'"rows":12,', b""),
        MANIFEST.to_bytes().replace(b"12", b"9" * 5000),
        _changed(rows="12"),
        _changed(rows=True),
        _changed(rows=12.0),
        _changed(rows=-1),
        _changed(rows=2**31),
        _changed(sha256=None),
        _changed(sha256=DIGEST[:-1]),
        _changed(contract="orientations"),
        _changed(contract=1),
        _changed(first_version="1"),
        _changed(last_version=False),
        _changed(previous=1),
        _changed(file=1),
        _changed(file="../x"),
        _changed(file="\ud800"),
    ],
)
def test_a_manifest_that_is_not_one_is_none(content: bytes) -> None:
    """Any other content is None: a partner's bad manifest is a value, never an exception."""
    assert Manifest.parse(content) is None


def test_a_manifest_of_ours_is_checked_when_it_is_built() -> None:
    """The hub cannot write a manifest that it would not read."""
    with pytest.raises(ValueError, match="manifest rows"):
        Manifest(str(FI), -1, DIGEST, "orientations/1")
