"""Every kind of mistake in the registry is found, on its line, without repeating the wrong cell."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.errors import OperatorError
from hub.partners import Problem, load_registry
from hub.partners_check import check

FOLDER = Path(__file__).parents[2] / "partners"
TABLES = (
    "cpas.csv",
    "nis_history.csv",
    "postal_codes.csv",
    "formats.csv",
    "plans.csv",
    "versions.csv",
    "envelopes.csv",
    "selection.csv",
)
FILES = (*TABLES, "forem.toml", "calendar.toml", "retention.toml")
Copy = Callable[[str, str, str], Path]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of the registry with one text replaced in one file."""

    def _copy(file: str, old: str, new: str) -> Path:
        for name in FILES:
            shutil.copy(FOLDER / name, tmp_path)
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
        return tmp_path

    return _copy


LIEGE = "062063;62063;Liège;;62000;Liège;Liège;FOREM;;2024-04-12;CONV2024;utf-8;1977-01-01;"
EUPEN = "063023;63023;Eupen;Eupen;63000;Verviers;Liège;ADG;;;;utf-8;1977-01-01;"
BERTOGNE = "2024-09-10;CONV2024;utf-8;1977-01-01;2024-12-31"


def _liege(old: str, new: str) -> tuple[str, str, str]:
    assert old in LIEGE
    return "cpas.csv", LIEGE + "\n", LIEGE.replace(old, new, 1) + "\n"


def _choice(*lines: str) -> tuple[str, str, str]:
    return "selection.csv", "max_offers\n", "\n".join(["max_offers", *lines]) + "\n"


def _format(written: str, partner: str = "062063") -> tuple[str, str, str]:
    return "formats.csv", ";dates\n", f";dates\n{partner};;{written}\n"


def _version(*lines: str) -> tuple[str, str, str]:
    return "versions.csv", ";since\n", "\n".join([";since", *lines]) + "\n"


def _envelope(*lines: str) -> tuple[str, str, str]:
    return "envelopes.csv", ";receives\n", "\n".join([";receives", *lines]) + "\n"


FIRST = "062063;2024-04-12;1|2|4;;;;cellule emploi;+320062063;emploi@cpas-liege.example"


def _plan(old: str, new: str) -> tuple[str, str, str]:
    assert old in FIRST
    return "plans.csv", FIRST, FIRST.replace(old, new, 1)


MISTAKES = {
    "id twice": (*_liege(LIEGE, f"{LIEGE}\n{LIEGE}"), "partner_id is already on line"),
    "NIS of four digits": (*_liege("062063;62063", "06206;6206"), "nis must be a NIS code"),
    "id of another NIS": (*_liege("062063;", "062064;"), "partner_id must be 0 and"),
    "no name": (*_liege(";Liège;;", "; ;;"), "name_fr"),
    "unknown arrondissement": (*_liege("62000", "65000"), "arrondissement_nis is not known"),
    "other arrondissement": (*_liege("62000", "61000"), "arrondissement_nis must begin"),
    "unknown service": (*_liege("FOREM", "ACTIRIS"), "service must be"),
    "unknown encoding": (*_liege("utf-8", "latin-9"), "encoding must be"),
    "unknown axis": (*_plan("1|2|4", "1|2|5"), "axes must be a list"),
    "axis twice": (*_plan("1|2|4", "1|4|4"), "axes must be a list"),
    "no axis": (*_plan("1|2|4", ""), "axes must be a list"),
    "left out of no axis": (*_plan("4;;;", "4;MOBI;;"), "without must be"),
    "left out in lower case": (*_plan("4;;;", "4;orie;;"), "without must be"),
    "added though the axes bring it": (*_plan("4;;;", "4;;ORIE;"), "extra must be"),
    "added but unknown": (*_plan("4;;;", "4;;XXXX;"), "extra must be"),
    "calendar of a feed outside the plan": (*_plan("4;;;;", "4;;;MOBI:weekly;"), "calendar must be"),
    "calendar of a feed of Le Forem": (*_plan("4;;;;", "4;;;STAT:weekly;"), "calendar must be"),
    "calendar of a left out feed": (*_plan("4;;;;", "4;SITU;;SITU:weekly;"), "calendar must be"),
    "unknown frequency": (*_plan("4;;;;", "4;;;ORIE:yearly;"), "calendar must be"),
    "calendar twice": (*_plan("4;;;;", "4;;;ORIE:daily|ORIE:weekly;"), "calendar must be"),
    "calendar without frequency": (*_plan("4;;;;", "4;;;ORIE;"), "calendar must be"),
    "contact by name": (*_plan("cellule emploi", "Mme Dupont"), "contact_function must be"),
    "mailbox of a person": (*_plan("emploi@", "anne.dupont@"), "contact_email must be"),
    "telephone of no country": (*_plan("+320062063", "04 220 58 11"), "contact_phone must"),
    "plan on no day": (*_plan("2024-04-12", "2024-02-30"), "since must be a date"),
    "plan before the convention": (*_plan("2024-04-12", "2024-04-11"), "since must not be before convention"),
    "plan of a stranger": (*_plan("062063", "099999"), "partner_id is not in cpas.csv"),
    "plan of an unsigned CPAS": (*_plan("062063", "053065"), "plan d'actions needs a legal_basis"),
    "plan after the end": ("plans.csv", "082005;2024-09-10", "082005;2025-01-01", "not valid on since"),
    "plan twice": ("plans.csv", FIRST, f"{FIRST}\n{FIRST}", "partner_id and since is already on line"),
    "plan lost": ("plans.csv", "082005;2024-09-10", "082003;2024-09-10", "a legal_basis needs a plan d'actions"),
    "unknown legal basis": (*_liege("CONV2024", "CONV2030"), "legal_basis must be empty"),
    "signed without basis": (*_liege("CONV2024", ""), "a signed convention needs"),
    "basis without signature": (*_liege("2024-04-12", ""), "CONV2024 needs"),
    "signed on no day": (*_liege("2024-04-12", "2024-02-30"), "convention_signed_on must be empty or a date"),
    "compact date": (*_liege("1977-01-01", "19770101"), "valid_from must be a date"),
    "end before beginning": (*_liege("1977-01-01;", "1977-01-01;1976-12-31"), "valid_from must not be after"),
    "end without successor": (*_liege("1977-01-01;", "1977-01-01;2026-12-31"), "names no successor"),
    "cell missing": (*_liege(";utf-8;", ";"), "13 cells, 14 expected"),
    "current CPAS lost": ("cpas.csv", LIEGE + "\n", "", "251 CPAS of service FOREM"),
    "header": ("cpas.csv", "partner_id;nis", "id;nis", "the header must be"),
    "convention with the ADG": (
        "cpas.csv", EUPEN, EUPEN.replace("ADG;;;;", "ADG;;2024-05-02;CONV2024;"), "a CPAS of the ADG"),
    "ADG lost": ("cpas.csv", EUPEN + "\n", "", "8 CPAS of service ADG"),
    "signed after the end": ("cpas.csv", BERTOGNE, BERTOGNE.replace("2024-09-10", "2025-02-03"),
        "convention_signed_on must not be after valid_until"),
    "old code still open": ("cpas.csv", BERTOGNE, BERTOGNE.replace("2024-12-31", ""),
        "history.csv:14: overlap"),
    "overlap of a day": ("cpas.csv", BERTOGNE, BERTOGNE.replace("2024-12-31", "2025-01-01"),
        "history.csv:14: overlap"),
    "gap": ("cpas.csv", BERTOGNE, BERTOGNE.replace("2024-12-31", "2024-12-30"), "nis_history.csv:14: gap"),
    "successor unknown": ("nis_history.csv", "82005;82039", "82005;82040", "successor new_nis is not in"),
    "predecessor unknown": ("nis_history.csv", "82005;82039", "82006;82039", "old_nis is not in"),
    "successor not yet there": ("nis_history.csv", "82005;82039;2025-01-01", "82005;82039;2024-12-01",
        "successor new_nis is not valid"),
    "two successors": ("nis_history.csv", "82005;82039;2025-01-01;merger",
        "82005;82039;2025-01-01;merger\n82005;82038;2025-01-01;merger", "old_nis is already on line"),
    "unknown kind": ("nis_history.csv", "82005;82039;2025-01-01;merger",
        "82005;82039;2025-01-01;split", "kind must be"),
    "cycle": ("nis_history.csv", "82005;82039;2025-01-01;merger",
        "82005;82039;2025-01-01;merger\n82039;82005;2026-01-01;recode", "comes back to old_nis"),
    "own successor": ("nis_history.csv", "82005;82039", "82005;82005", "comes back to old_nis"),
    "postal code of no commune": ("postal_codes.csv", "4000;62063", "4000;62999", "no current commune"),
    "postal code of an ended commune": ("postal_codes.csv", "6600;82039", "6600;82003", "no current commune"),
    "postal code twice": ("postal_codes.csv", "4000;62063", "4000;62063\n4000;62063", "postal_code is"),
    "postal code of three digits": ("postal_codes.csv", "4000;62063", "400;62063", "postal_code must be"),
    "quote never closed": ("postal_codes.csv", "4000;62063", '"4000;62063', "not CSV"),
    "kind of no file": (*_format("ods;comma;double;dmy"), "kind must be"),
    "unknown delimiter": (*_format("csv;,;double;dmy"), "delimiter must be"),
    "unknown quote": (*_format("csv;comma;none;dmy"), "quote must be"),
    "unknown dates": (*_format("csv;comma;double;mdy"), "dates must be"),
    "format of a stranger": (*_format("csv;comma;double;dmy", "099999"), "not in the registry"),
    "format twice": (*_format("csv;comma;double;dmy\n062063;;csv;tab;double;iso"), "and since is already on line"),
    "format since no day": ("formats.csv", ";dates\n", ";dates\n062063;soon;csv;tab;double;dmy\n",
        "since must be empty"),
    "envelope of a stranger": (*_envelope("099999;2026-03-09;HPKE;SIGNED"), "envelopes.csv:2: partner_id is not in"),
    "envelope of no kind": (*_envelope("062063;2026-03-09;ZIP;SIGNED"), "envelopes.csv:2: sends must be one of"),
    "envelope unsaid": (*_envelope("062063;2026-03-09;;SIGNED"), "envelopes.csv:2: sends must be one of BARE,"),
    "envelope of no kind back": (*_envelope("062063;2026-03-09;BARE;hpke"), "envelopes.csv:2: receives must be one of"),
    "envelope bare back": (*_envelope("062063;2026-03-09;BARE;BARE"), "envelopes.csv:2: receives must be one of"),
    "envelope from no day": (*_envelope("062063;;HPKE;SIGNED"), "envelopes.csv:2: since must be a date"),
    "envelope twice": (*_envelope(*["062063;2026-03-09;HPKE;SIGNED"] * 2), "envelopes.csv:3: partner_id and since is"),
    "version of a stranger": (*_version("099999;INSC;2;2026-03-09"), "versions.csv:2: partner_id is not in"),
    "version of no contract": (*_version("062063;INSC;3;2026-03-09"), "versions.csv:2: feed and version must be"),
    "version of no feed": (*_version("062063;INSD;1;2026-03-09"), "versions.csv:2: feed and version must be"),
    "version of what is not sent": (*_version("900001;INSC;2;2026-03-09"), "feed must be one that this partner is"),
    "version of one's own feed": (*_version("062063;ORIE;1;2026-03-09"), "feed must be one that this partner is"),
    "version from no day": (*_version("062063;INSC;2;"), "versions.csv:2: since must be a date"),
    "version twice": (*_version(*["062063;INSC;2;2026-03-09"] * 2), "versions.csv:3: partner_id and feed and since"),
    "choice of no scope": (*_choice("062063;WALLONIA;;;200"), "selection.csv:2: scope has not the form"),
    "choice of a stranger": (*_choice("099999;COMMUNE;;;9"), "selection.csv:2: partner_id is no CPAS"),
    "choice of the ADG": (*_choice("063023;COMMUNE;;;9"), "selection.csv:2: partner_id is no"),
    "choice of no commune": (*_choice("062063;COMMUNE;62999;;9"), "selection.csv:2: communes names a NIS"),
    "choice twice": (*_choice("062063;COMMUNE;;;9", "062063;COMMUNE;;;9"), "selection.csv:3: this partner_id has"),
    "choice cell missing": (*_choice("062063;COMMUNE;9"), "selection.csv:2: 3 cells, 5 expected"),
    "header of choices": ("selection.csv", "scope", "reach", "selection.csv:1: the header must be"),
    "id of Le Forem": ("forem.toml", "900001", "900002", "partner_id must be"),
    "enterprise number": ("forem.toml", "0236363165", "236363165", "bce must be"),
    "encoding of Le Forem": ("forem.toml", "utf-8", "utf-7", "encoding must be"),
    "legal basis gone": ("forem.toml", "DECR2025", "DECR2026", "legal_bases must give"),
    "no TOML": ("forem.toml", "[legal_bases]", "[legal_bases", "not TOML"),
    "no name of Le Forem": ("forem.toml", 'name = "Le Forem"', "name = 1", "name must be"),
    "start of Le Forem": ("forem.toml", "1999-05-06", '"1999-05-06"', "valid_from must be"),
    "holiday of another year": ("calendar.toml", "2026-05-14", "2027-05-14", "[holidays.2026]"),
    "holiday lost": ("calendar.toml", "armistice = 2026-11-11", "", "[holidays.2026]"),
    "clock lost": ("calendar.toml", "orphan_working_days", "orphan_days", "[clocks]"),
    "term lost": ("retention.toml", "[outbox]", "[inbox]", "must hold exactly"),
    "term of no days": ("retention.toml", "days = 730", "days = 0", "[persons]"),
    "term without a ground": ("retention.toml", 'basis = "art. 17 RGPD"', 'basis = ""', "[traces]"),
    "clock of no days": ("calendar.toml", "orphan_working_days = 3", "orphan_working_days = 0", "[clocks]"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found(copy: Copy, file: str, old: str, new: str, message: str) -> None:
    """Each mistake gives a problem that says what must be true."""
    found = check(copy(file, old, new))
    assert any(message in str(problem) for problem in found), found


def test_every_bad_line_of_a_file_is_told(copy: Copy) -> None:
    """Whoever mends the choices of CPAS sees all that is wrong with them at once."""
    folder = copy(*_choice("062063;NOWHERE;;;9", "062003;COMMUNE;;;9", "061031;COMMUNE;;;0"))
    assert [(problem.file, problem.line) for problem in check(folder)] == [("selection.csv", 2), ("selection.csv", 4)]


def test_a_profile_that_cannot_be_used_is_found(copy: Copy) -> None:
    """A profile is part of the registry: what its loader refuses is told with its name."""
    folder = copy("forem.toml", "\n", "\n")
    (folder / "profiles").mkdir()
    profile = (FOLDER / "profiles" / "spp-is-csv.toml").read_text(encoding="utf-8")
    (folder / "profiles" / "mine.toml").write_text(profile, encoding="utf-8")
    assert check(folder) == []
    (folder / "profiles" / "mine.toml").write_text(profile.replace("feed =", "fed =", 1), encoding="utf-8")
    (problem,) = check(folder)
    assert (problem.file, problem.line) == ("profiles/mine.toml", 0)
    assert problem.message
    assert not problem.message.startswith("mine.toml")


def test_a_problem_names_its_line_and_repeats_no_cell(copy: Copy) -> None:
    """The line is that of the file as an editor shows it, and the wrong text is not in the message."""
    folder = copy(*_liege("utf-8", "Peeters"))
    lines = (folder / "cpas.csv").read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.startswith("062063"))
    assert check(folder) == [Problem("cpas.csv", line, "encoding must be utf-8 or cp1252")]
    assert str(check(folder)[0]) == f"cpas.csv:{line}: encoding must be utf-8 or cp1252"


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_found(copy: Copy, file: str) -> None:
    """Without any one of its files the registry is not sound."""
    folder = copy(file, "\n", "\n")
    (folder / file).unlink()
    assert any(p.file == file and p.line == 0 and "missing" in p.message for p in check(folder))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe;", b"\xef\xbb\xbfpostal_code;nis\n"])
def test_an_empty_or_badly_encoded_file_is_found(copy: Copy, content: bytes) -> None:
    """A file without header, with bytes that are no UTF-8 or with a byte order mark is a problem."""
    folder = copy("postal_codes.csv", "4000", "4000")
    (folder / "postal_codes.csv").write_bytes(content)
    assert [problem.file for problem in check(folder)] == ["postal_codes.csv"]


def test_an_unsound_registry_does_not_load_but_a_smaller_one_does(copy: Copy) -> None:
    """Loading refuses what would give a wrong answer; the counts of Wallonia are for the check alone."""
    folder = copy("cpas.csv", EUPEN + "\n", "")
    with pytest.raises(OperatorError, match="no current commune"):
        load_registry(folder)
    postal = (folder / "postal_codes.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in postal if not line.endswith(";63023\n"))
    (folder / "postal_codes.csv").write_text(text, encoding="utf-8")
    envelopes = (folder / "envelopes.csv").read_text(encoding="utf-8")
    (folder / "envelopes.csv").write_text(envelopes.replace("063023;2024-03-19;BARE;SIGNED\n", ""), encoding="utf-8")
    assert load_registry(folder).get("063023") is None
    assert len(check(folder)) == 1
