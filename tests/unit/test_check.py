"""`passerelle check`: the hub's own answer before the file is sent, and in the reader's language."""

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from play import PROJECT, Exchange
from post import CPAS, Post, Row, go_of, mark_of, name_of

from contracts.findings import CATALOGUE
from contracts.registry import lookup
from contracts.words import LANGUAGES, mend, says
from hub.cli import main

FOREM = "900001"
GOOD: dict[str, Row] = json.loads((PROJECT / "tests/vectors/good_rows.json").read_text("utf-8"))
KEYS = {"verdict", "code", "feed", "version", "codes", "findings"}
COUNTS = ("read", "accepted", "warnings", "rejected", "duplicate", "superseded")
FINDING = {"line", "column", "code", "severity", "shape", "message", "mend"}


def csv_of(feed: str, rows: Iterable[Mapping[str, str]], version: int = 1) -> bytes:
    """The file of these rows of a feed."""
    contract = lookup(feed, "in", version, "T")
    assert contract is not None
    cells = [{name: row[name] or None for name in contract.columns} for row in rows]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(contract.columns, pl.String()))
    return frame.write_csv(separator=";").encode()


def orie(n: int = 1, **changed: str) -> Row:
    """A right orientation under its own reference, changed."""
    return GOOD["ORIE"] | {"referral_id": f"R62063-2025-{n:06d}", "notice_id": f"a-{n}"} | changed


def many(good: int, bad: int, **wrong: str) -> list[Row]:
    """So many right orientations, then so many wrong ones."""
    return [orie(n) for n in range(good)] + [orie(good + n, **wrong) for n in range(bad)]


OTHER = "85073099932"  # another invented person

ORIENTATIONS: dict[str, list[Row]] = {
    "right": [orie()],
    "no rows": [],
    "the same row twice, under another notice and hour": [
        orie(),
        orie(notice_id="b", recorded_at="2025-03-01T18:00:00+01:00"),
        orie(2),
    ],
    "the same row written in two ways": [orie(version="1"), orie(version="001")],
    "two versions of one notice": [orie(), orie(version="2"), orie(version="3", effective_date="2025-02-01")],
    "a lower version below, and twice": [orie(version="2"), orie(), orie(), orie(version="2", notice_id="b")],
    "versions of two digits": [orie(version="9"), orie(version="10"), orie(version="10", priority="URGENT")],
    "one referral for two people": [orie(), orie(version="2", niss=OTHER, birth_date="1985-07-30")],
    "two contents under one version": [orie(), orie(priority="URGENT")],
    "a cancelled notice": [orie(), orie(version="2", notice_status="9")],
    "one row of each fate": [
        orie(),
        orie(notice_id="b"),
        orie(version="2"),
        orie(2, residence_nis="82005"),
        orie(3, niss="8507310003"),
        orie(4, niss="85073100032", priority="urgent", birth_date="45678", effective_date="01/03/2025"),
    ],
    "a warned row that says nothing new": [orie(residence_nis="82005")] * 2,
    "more findings than are shown": many(600, 110, priority="?"),
    "a fifth of the rows": many(80, 20, sex="9"),
    "more than a fifth of the rows, and a warned one": [orie(99, residence_nis="82005"), *many(78, 20, sex="9")],
    "every row, but few of them": many(0, 19, niss="", priority=""),
}
SITUATIONS = {
    "contracts of one person that overlap": [
        GOOD["SITU"],
        GOOD["SITU"] | {"contract_id": "C-2025-2"},
        GOOD["SITU"] | {"contract_id": "C-2025-2"},
        GOOD["SITU"] | {"version": "2", "decision_date": "2025-02-16"},
    ],
    "one reference for two people": [GOOD["SITU"], GOOD["SITU"] | {"niss": OTHER}, GOOD["SITU"] | {"version": "2"}],
}
STATUSES = {
    "statuses of one referral": [
        GOOD["STAT"],
        GOOD["STAT"] | {"notice_id": "b"},
        GOOD["STAT"] | {"version": "2", "core_status": "received"},
        GOOD["STAT"] | {"version": "3", "advisor_unit": "LIEGE-2"},
    ],
}
RIGHT = csv_of("ORIE", [orie()])
HEADER, _, BELOW = RIGHT.partition(b"\n")
BYTES: dict[str, bytes] = {
    "a mark of byte order": b"\xef\xbb\xbf" + RIGHT,
    "no end of the last line": RIGHT.rstrip(b"\n"),
    "a row too short and one too long": RIGHT + b"x;y\n" + BELOW.rstrip(b"\n") + b";z\n",
    "another encoding": RIGHT.decode().encode("cp1252"),
    "UTF-16": RIGHT.decode().encode("utf-16"),
    "nothing": b"",
    "blank lines": b"\n \n",
    "commas": RIGHT.replace(b";", b","),
    "a header with a column less": b"\n".join([HEADER.rpartition(b";")[0], BELOW]),
    "no header": BELOW,
    "a quote left open": RIGHT + b'"left open;1\n',
    "a NUL byte": RIGHT.replace(b"Dubois", b"Du\0bois"),
    "an old end of file": RIGHT + b"\x1a",
    "a workbook": b"PK\x03\x04" + b"x" * 40,
}


@dataclass(frozen=True)
class Sent:
    """One file as it is put into the sender's mailbox."""

    data: bytes
    feed: str = "ORIE"
    sender: str = CPAS
    rows: int = 1

    @property
    def name(self) -> str:
        """The name that it is sent by."""
        return name_of(feed=self.feed, sender=self.sender)

    def manifest(self, **changed: Any) -> bytes:
        """The right GO, changed."""
        contract = lookup(self.feed, "in", 1, "T")
        assert contract is not None
        return go_of(self.name, self.data, **{"rows": self.rows, "contract": contract.label} | changed)


def sent(feed: str, rows: list[Row], sender: str = CPAS) -> Sent:
    """The file of these rows."""
    return Sent(csv_of(feed, rows), feed, sender, len(rows))


FILES = {
    **{f"ORIE: {what}": sent("ORIE", rows) for what, rows in ORIENTATIONS.items()},
    **{f"SITU: {what}": sent("SITU", rows) for what, rows in SITUATIONS.items()},
    **{f"STAT: {what}": sent("STAT", rows, FOREM) for what, rows in STATUSES.items()},
    **{what: Sent(data, rows=3 if "short" in what else 1) for what, data in BYTES.items()},
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=CPAS).prepare()


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is checked without keys and without databases."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "nowhere"))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `passerelle check` and gives what it prints; the exit code must be the one expected."""

    def run(*words: object, code: int = 0) -> str:
        assert main(["check", *map(str, words)]) == code
        return capsys.readouterr().out

    return run


def answer(ask: Any, *words: object, code: int = 0) -> dict[str, Any]:
    """The answer in JSON."""
    told: dict[str, Any] = json.loads(ask(*words, "--json", code=code))
    return told


def left(folder: Path, name: str, data: bytes) -> Path:
    """A file on the disk of its sender."""
    path = folder / name
    path.write_bytes(data)
    return path


def fates(told: dict[str, Any]) -> dict[str, int]:
    """The counts of an answer."""
    return {name: told[name] for name in COUNTS}


# the same answer as the hub's


def received(post: Post, file: Sent) -> dict[str, Any]:
    """What the hub answered, in the words of its receipts: verdict and code, counts, findings."""
    (receipt,) = post.told("ACRF")
    refused = receipt["verdict"] == "REFUSED"
    lines = post.told("NOTI")
    totals = [line for line in lines if line["record"] == "TOTAL"]
    counts = {name: int(totals[0][name]) if totals else 0 for name in ("read", "accepted", "rejected", "duplicate")}
    counts |= {new: int(totals[0][old]) if totals else 0 for new, old in RENAMED.items()}
    found = [line for line in lines if line["record"] == "FINDING"]
    placed = [line for line in found if line["line"] or line["count"] == "1"]
    of_each = Counter(line["code"] for line in placed)
    in_full = {line["code"]: int(line["count"]) for line in found if line not in placed}
    return {
        "verdict": receipt["verdict"],
        "code": receipt["code"] if refused else None,
        "feed": file.feed,
        **counts,
        "codes": {**of_each, **in_full},
        "findings": sorted(tuple(line[name] for name in TOLD) for line in placed),
    }


RENAMED = {"warnings": "warned", "superseded": "superseded"}
TOLD = ("line", "column", "code", "severity", "shape", "message_fr", "mend_fr")


def checked(told: dict[str, Any]) -> dict[str, Any]:
    """What `check` answered, without F18 among the findings: of the hub's receipts only the ACRF has it."""
    found = [finding for finding in told["findings"] if finding["code"] != "F18"]
    names = ("line", "column", "code", "severity", "shape", "message", "mend")
    return {
        **{name: told[name] for name in ("verdict", "code", "feed", "codes")},
        **fates(told),
        "findings": sorted(tuple(str(f[n]) if f[n] is not None else "" for n in names) for f in found),
    }


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_the_answer_is_the_hubs(file: Sent, prepared: Exchange, tmp_path: Path, ask: Any) -> None:
    """Verdict, code, every count and every finding, word for word, are those of the receipts of the same file."""
    post = Post(tmp_path, prepared, file.sender)
    post.put(file.name, file.data, file.manifest())
    post.run("FOREM" if file.sender == FOREM else "CPAS")
    expected = received(post, file)
    path = left(tmp_path, file.name, file.data)
    refused = expected["verdict"] == "REFUSED" or expected["rejected"]
    told = answer(ask, path, code=10 if refused else 0)
    assert checked(told) == expected
    assert told["read"] == told["accepted"] + told["rejected"] + told["duplicate"] + told["superseded"]
    left(tmp_path, mark_of(file.name), file.manifest())
    assert answer(ask, path, code=10 if refused else 0) == told


def test_the_files_compared_have_every_fate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Among the files compared every count is met, every severity, and more findings than are listed."""
    seen: Counter[str] = Counter()
    for file in FILES.values():
        main(["check", str(left(tmp_path, file.name, file.data)), "--json"])
        told = json.loads(capsys.readouterr().out)
        seen.update({name for name, count in fates(told).items() if count})
        seen.update({finding["severity"] for finding in told["findings"]})
        seen.update({told["verdict"], "long" if max(told["codes"].values(), default=0) > 100 else "short"})
    wanted = {*COUNTS, "ERROR", "WARNING", "INFO", "ACCEPTED", "REFUSED", "long"}
    assert wanted <= set(seen), seen


@pytest.mark.parametrize(
    ("name", "go", "code"),
    [
        (name_of(sender="062096"), {}, "F10"),
        (name_of(sender="069999"), {}, "F10"),
        (name_of(letter="R"), {}, "F11"),
        (name_of(feed="STAT"), {}, "F17"),
        (name_of(feed="XXXX"), {}, "F17"),
        (name_of(tail="2.1"), {}, "F01"),
        (name_of(), {"sha256": "0" * 64}, "F03"),
        (name_of(), {"rows": 2}, "F04"),
        (name_of(), {"contract": "orientations/9"}, "F07"),
        (name_of(), {"contract": "statuses/1"}, "F07"),
        (name_of(), {"rows": "1"}, "F02"),
    ],
    ids=str,
)
def test_a_file_that_is_not_the_one_announced_has_the_hubs_code(
    name: str, go: dict[str, Any], code: str, prepared: Exchange, tmp_path: Path, ask: Any
) -> None:
    """What is wrong with a name, a sender or the GO beside the file refuses it here as it does there."""
    post = Post(tmp_path, prepared)
    manifest = go_of(name, RIGHT, **go)
    post.put(name, RIGHT, manifest)
    post.run()
    assert post.receipts() == [(name, "REFUSED", code)]
    left(tmp_path, mark_of(name), manifest)
    told = answer(ask, left(tmp_path, name, RIGHT), "--partner", CPAS, code=10)
    assert (told["verdict"], told["code"], told["read"]) == ("REFUSED", code, 0)
    assert [(f["code"], f["message"], f["mend"]) for f in told["findings"]] == [(code, says(code), mend(code))]


# what is asked


def test_the_answer_in_json_has_these_keys_and_no_other(tmp_path: Path, ask: Any) -> None:
    """A program can rely on the names: verdict, feed, version, the counts, codes and findings."""
    path = left(tmp_path, name_of(), FILES["ORIE: one row of each fate"].data)
    told = answer(ask, path, code=10)
    assert set(told) == KEYS | set(COUNTS)
    assert (told["feed"], told["version"]) == ("ORIE", 1)
    assert all(set(finding) == FINDING for finding in told["findings"])
    assert fates(told) == dict(zip(COUNTS, (6, 2, 1, 2, 1, 1), strict=True))


def test_the_exit_code_says_whether_something_is_rejected(tmp_path: Path, ask: Any) -> None:
    """0 when all of the file counts, warnings included; 10 when a row or the file is refused."""
    name = name_of()
    ask(left(tmp_path, name, RIGHT))
    ask(left(tmp_path, name, csv_of("ORIE", [orie(residence_nis="82005")])))
    ask(left(tmp_path, name, csv_of("ORIE", [orie(), orie(2, sex="9")])), code=10)
    ask(left(tmp_path, name, b""), code=10)
    ask(left(tmp_path, "orientations.csv", RIGHT), code=10)


def test_what_is_asked_wrongly_is_not_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No such file, feed or partner: exit code 11 and one sentence, nothing on the standard output."""
    path = str(left(tmp_path, name_of(), RIGHT))
    for words, said in (
        ([str(tmp_path / "none.csv")], "there is no such file"),
        ([str(tmp_path)], "there is no such file"),
        ([path, "--feed", "XXXX"], "the feeds are "),
        ([path, "--feed", "RECO"], "the feeds are "),
        ([path, "--partner", "069999"], "no such partner"),
        ([path, "--feed", "ORIE", "--partner", "62063"], "no such partner"),
    ):
        assert main(["check", *words, "--json"]) == 11
        printed = capsys.readouterr()
        assert printed.out == ""
        assert said in printed.err


def test_rows_alone_are_checked_under_any_name(tmp_path: Path, ask: Any) -> None:
    """With a feed, neither name nor GO is looked at, and in lower case too."""
    path = left(tmp_path, "Mes orientations (2).csv", RIGHT)
    told = answer(ask, path, "--feed", "orie")
    assert (told["verdict"], told["feed"], told["accepted"]) == ("ACCEPTED", "ORIE", 1)
    left(tmp_path, mark_of(name_of()), b"no manifest")
    assert answer(ask, left(tmp_path, name_of(), RIGHT), "--feed", "ORIE") == told


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_without_a_go_is_checked_under_the_version_of_its_header(version: int, tmp_path: Path, ask: Any) -> None:
    """Whoever tries a new version before announcing it is answered by its rules; any other header by version 1's."""
    data = csv_of("INSC", [GOOD["INSC"] | {"deregistration_reason": "EMPLOYED"}], version)
    found = [["R315"], []][version == 1]
    by_feed = answer(ask, left(tmp_path, "export.csv", data), "--feed", "INSC", code=10 * (version == 2))
    by_name = answer(ask, left(tmp_path, name_of(feed="INSC", sender=FOREM), data), code=10 * (version == 2))
    for told in (by_feed, by_name):
        assert (told["version"], [one["code"] for one in told["findings"]]) == (version, found)
    other = answer(ask, left(tmp_path, "other.csv", data.replace(b"movement", b"mouvement")), "--feed", "INSC", code=10)
    assert (other["verdict"], other["version"]) == ("REFUSED", 1)


def test_without_a_partner_each_cpas_may_be_the_sender(tmp_path: Path, ask: Any) -> None:
    """Rows of any commune are right as long as the sender is not named; then only its own are."""
    rows = [orie(), orie(2, cpas_nis="52011", referral_id="R52011-2025-000001")]
    path = left(tmp_path, "both.csv", csv_of("ORIE", rows))
    assert answer(ask, path, "--feed", "ORIE")["accepted"] == 2
    told = answer(ask, path, "--feed", "ORIE", "--partner", CPAS, code=10)
    assert [(f["line"], f["column"], f["code"]) for f in told["findings"]] == [
        (3, "cpas_nis", "R205"),
        (3, "referral_id", "R205"),
    ]


def test_a_partners_own_format_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Any) -> None:
    """A file is read as its sender has declared to write: encoding, separator, days."""
    folder = tmp_path / "partners"
    folder.mkdir()
    for path in (PROJECT / "partners").iterdir():
        if path.is_file():
            left(folder, path.name, path.read_bytes())
    with (folder / "formats.csv").open("a", encoding="utf-8") as formats:
        formats.write(f"{CPAS};;csv;comma;double;dmy\n")
    monkeypatch.setenv("PASSERELLE_PARTNERS", str(folder))
    row = orie(effective_date="01/03/2025", ri_start_date="01/01/2025", birth_date="31/07/1985")
    data = csv_of("ORIE", [row]).replace(b";", b",")
    assert answer(ask, left(tmp_path, name_of(), data))["accepted"] == 1
    path = left(tmp_path, "export.csv", data)
    assert answer(ask, path, "--feed", "ORIE", "--partner", CPAS)["accepted"] == 1
    assert answer(ask, path, "--feed", "ORIE", code=10)["code"] == "F29"


@pytest.mark.parametrize("name", ["export.xlsx", "EXPORT.XLSX"])
def test_a_workbook_is_read_as_one(name: str, tmp_path: Path, ask: Any) -> None:
    """A workbook needs no other word than its ending; its lines are the rows of the sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(orie()))
    for row in (orie(), orie(2, niss="8507310003")):
        sheet.append([cell or None for cell in row.values()])
    stream = io.BytesIO()
    book.save(stream)
    path = left(tmp_path, name, stream.getvalue())
    told = answer(ask, path, "--feed", "ORIE", code=10)
    assert (told["read"], told["accepted"], told["rejected"]) == (2, 1, 1)
    assert [(f["line"], f["column"], f["code"]) for f in told["findings"]] == [(3, "niss", "R102")]
    assert answer(ask, left(tmp_path, "export.csv", stream.getvalue()), "--feed", "ORIE", code=10)["code"] == "F32"


def test_what_is_passed_over_is_shown_and_refuses_nothing(tmp_path: Path, ask: Any) -> None:
    """A byte order mark and a last line without its end are told, and the file is accepted."""
    path = left(tmp_path, name_of(), b"\xef\xbb\xbf" + RIGHT.rstrip(b"\n"))
    told = answer(ask, path)
    assert (told["verdict"], told["code"], told["accepted"]) == ("ACCEPTED", None, 1)
    assert [(f["code"], f["severity"]) for f in told["findings"]] == [("F19", "INFO"), ("F27", "WARNING")]
    assert {"F19", "F27"} <= set(re.findall(r"\b[FR]\d+\b", ask(path)))


# too many rejected rows


@pytest.mark.parametrize(
    ("good", "bad", "refused"), [(80, 20, False), (79, 20, True), (79, 21, True), (41, 19, False), (0, 20, True)]
)
def test_a_file_with_too_many_rejected_rows_is_refused_whole(
    good: int, bad: int, refused: bool, tmp_path: Path, ask: Any
) -> None:
    """At a fifth, or below twenty rows, it is answered row by row; above both none of its rows counts."""
    path = left(tmp_path, name_of(), csv_of("ORIE", many(good, bad, sex="9")))
    told = answer(ask, path, code=10)
    assert told["code"] == ("F18" if refused else None)
    assert told["codes"] == {"R301": bad}
    assert [f["line"] for f in told["findings"] if f["code"] == "F18"] == ([None] if refused else [])
    assert (told["read"], told["accepted"], told["rejected"]) == (
        (good + bad, 0, good + bad) if refused else (good + bad, good, bad)
    )
    assert [f["line"] for f in told["findings"] if f["code"] == "R301"] == list(range(good + 2, good + bad + 2))
    first = ask(path, code=10).splitlines()[3]
    assert first.startswith("F18 (erreur)" if refused else "R301 (erreur, ")


def test_the_threshold_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Any) -> None:
    """An operator may be more or less patient."""
    path = left(tmp_path, name_of(), csv_of("ORIE", many(9, 2, sex="9")))
    assert answer(ask, path, code=10)["verdict"] == "ACCEPTED"
    monkeypatch.setenv("PASSERELLE_REFUSED_ROWS", "2")
    assert answer(ask, path, code=10)["verdict"] == "ACCEPTED"
    monkeypatch.setenv("PASSERELLE_REFUSED_SHARE", "0.1")
    assert answer(ask, path, code=10)["code"] == "F18"


def test_every_finding_is_counted_and_the_first_are_listed(tmp_path: Path, ask: Any) -> None:
    """Beyond a hundred of a code the others are a number; a terminal shows ten."""
    path = left(tmp_path, name_of(), csv_of("ORIE", many(600, 130, niss="8507310003")))
    told = answer(ask, path, code=10)
    assert told["codes"] == {"R102": 130}
    assert [f["line"] for f in told["findings"]] == list(range(602, 702))
    shown = ask(path, "--lang", "en", code=10).splitlines()
    assert shown[3].startswith("R102 (error, 130 times) ")
    assert [line.split(",")[0].strip() for line in shown if line.startswith("    line ")] == [
        f"line {n}" for n in range(602, 612)
    ]
    assert shown[-1] == "    … and 120 more"


# what is shown

FRENCH = re.compile(
    r"\b(ligne|lignes|colonne|fichier|une|avec|lues|rejetées|acceptées|erreur|avertissement|fois|chiffres?"
    r"|lettres?|autres?|attendue?s?|vide|cellules?|de plus)\b| [:;?!]|[«»]",
    re.IGNORECASE,
)
ALL_WRONG = (
    csv_of(
        "ORIE",
        [
            *(orie(n) for n in range(50, 70)),
            orie(residence_nis="82005"),
            orie(2, niss="85073100032", last_name="", referent_phone="04 200 00 00", languages="latin"),
            orie(
                3, niss="8.50731E+10", birth_date="45678", effective_date="01/03/2025", version="1.0", voluntary="VRAI"
            ),
            orie(4, postal_code="#N/A", availability_from="2025-02-30", informed_on="2090-01-01", notice_id="a b"),
        ],
    )
    + b"too;short;4711\n"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_in_one_language(language: str, tmp_path: Path, ask: Any) -> None:
    """Each code has its sentence and its remedy in the language asked for, and no other language is left in it."""
    path = left(tmp_path, name_of(), ALL_WRONG)
    told = answer(ask, path, "--lang", language, code=10)
    shown = ask(path, "--lang", language, code=10)
    assert len(told["codes"]) >= 12
    for code in told["codes"]:
        assert says(code, language) in shown  # type: ignore[arg-type]
        assert mend(code, language) in shown  # type: ignore[arg-type]
    ours = "\n".join(line for line in shown.splitlines() if line.startswith(("    ", "…")) and "→" not in line)
    ours += "\n".join(shown.splitlines()[:2])
    assert bool(FRENCH.search(ours)) == (language == "fr")
    shapes = "".join(finding["shape"] or "" for finding in told["findings"])
    assert (" expected" in shapes) == (language == "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name_of(), "orientations 85073100031 Dubois.csv"])
def test_nothing_shown_is_a_value(language: str, name: str, tmp_path: Path, ask: Any) -> None:
    """Neither the text nor the JSON holds a cell of the file, nor the file's own name."""
    path = left(tmp_path, name, ALL_WRONG)
    feed = ["--feed", "ORIE"] if name.endswith(".csv") else []
    shown = ask(path, *feed, "--lang", language, code=10) + ask(path, *feed, "--lang", language, "--json", code=10)
    cells = {cell for line in ALL_WRONG.decode().splitlines()[1:] for cell in line.split(";")}
    examples = {says(code, language) + mend(code, language) for code in CATALOGUE}  # type: ignore[arg-type]
    telling = {cell for cell in cells if len(cell) >= 4 and not any(cell in sentence for sentence in examples)}
    assert len(telling) > 30
    assert [cell for cell in telling if cell in shown] == []
    assert not re.search(r"\d{9}", shown)


def test_a_text_begins_with_the_verdict_and_what_refused_the_file(tmp_path: Path, ask: Any) -> None:
    """First what became of the file, then the counts, then the code that refused it before all others."""
    path = left(tmp_path, name_of(), csv_of("ORIE", many(10, 25, sex="9")))
    assert ask(path, code=10).splitlines()[:5] == [
        "Fichier refusé : ORIE 1",
        "35 lues = 0 acceptées + 35 rejetées + 0 en double + 0 remplacées ; 0 avec avertissement",
        "",
        f"F18 (erreur) {says('F18')}",
        f"    → {mend('F18')}",
    ]
    assert ask(left(tmp_path, name_of(), b""), "--lang", "de", code=10).splitlines() == [
        "Datei abgelehnt: ORIE 1",
        "",
        f"F28 (Fehler) {says('F28', 'de')}",
        f"    → {mend('F28', 'de')}",
        "    leer",
    ]
    assert ask(left(tmp_path, name_of(), RIGHT), "--lang", "nl").splitlines() == [
        "Bestand aanvaard: ORIE 1",
        "1 gelezen = 1 aanvaard + 0 geweigerd + 0 dubbel + 0 vervangen; 0 met waarschuwing",
    ]


def test_the_example_of_the_partners_page_is_a_real_answer(tmp_path: Path, ask: Any) -> None:
    """What the page shows of an answer is what the command prints for such a file, line by line."""
    rows = [orie(n) for n in range(1, 13)]
    rows[4] |= {"niss": "8507310003"}
    rows[6] |= {"residence_nis": "82005"}
    rows[8] |= {"ri_start_date": "45678"}
    page = (PROJECT / "docs/partners/verifier.md").read_text("utf-8")
    (example,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert ask(left(tmp_path, name_of(), csv_of("ORIE", [*rows, rows[0]])), code=10) == example
