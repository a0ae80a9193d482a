"""Source profiles: other programs' exports of invented people, and the drafts that are made of them."""

from __future__ import annotations

import io
import json
import shutil
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from contracts.profiles.describe import page
from contracts.profiles.forms import DATES, NISS, eleven_digits, international, iso_date
from contracts.profiles.load import load_profile
from contracts.profiles.model import Origin, Profile, ProfileProblem
from contracts.profiles.source import read_export
from contracts.profiles.translate import Draft, Export, translate
from contracts.reader import Refusal, Table, read_table
from hub.draft import Wanted, draft_file
from hub.draft_answer import lines
from hub.errors import OperatorError
from hub.flow.process import context
from hub.partners import load_registry
from hub.settings import load_settings
from hub.validate import validate

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "partners" / "profiles"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
GIVEN: dict[Any, str] = {"cpas": "62063", "now": "2026-03-09T09:30:00+01:00"}
CANARY = "Zkanari"


def number(born: date, order: str = "999") -> str:
    """A person number that nobody has, with right check digits."""
    nine = f"{born:%y%m%d}{order}"
    check = 97 - int(("2" if born.year >= 2000 else "") + nine) % 97
    return f"{nine}{check:02}"


def as_lino(born: date, order: str = "999") -> str:
    """The same as Lino writes it: `=` before the check digits of those born since 2000."""
    niss = number(born, order)
    return f"{niss[:6]} {niss[6:9]}{'=' if born.year >= 2000 else '-'}{niss[9:]}"


OLD, YOUNG = date(1985, 7, 31), date(2001, 2, 15)
CLIENTS: list[list[Any]] = [
    ["ID", "État", "Nom de famille", "Prénom", "Sexe", "Date de naissance", "NISS", "Code postal", "Localité", "Langue",
     "adresse e-mail", "Téléphone", "Mobile"],
    [116, "Accompagné", CANARY, "Anna", "Féminin", OLD, as_lino(OLD, "000"), "4000", "Liège", "fr",
     "anna@example.com", "04 222 33 44", None],
    [117, "Accompagné", "Exemple", "Bruno", "Masculin", YOUNG, as_lino(YOUNG), "4020", "Liège", "de", None,
     "04 222 33 44", "0470/12.34.56"],
    [118, "Nouveau", "Attente", "Carla", "Non binaire", None, None, None, None, None, None, None, None],
]  # fmt: skip
PIIS: list[list[Any]] = [
    ["ID", "Bénéficiaire", "Début de contrat", "Fin prévue", "Date de fin", "Type de contrat", "Décidé le",
     "Date de signature", "Titulaire (SI)"],
    [1, f"{CANARY.upper()} Anna (116)", date(2026, 1, 5), date(2027, 1, 4), None, "VSE Ausbildung", date(2026, 1, 2),
     date(2026, 1, 3), "Referent Un"],
    [2, "EXEMPLE Bruno (117*)", date(2026, 2, 2), date(2027, 2, 1), None, "VSE Vollzeitstudium", date(2026, 1, 30),
     date(2026, 1, 31), "Referent Un"],
    [3, "PARTI Dora (9)", date(2026, 2, 2), date(2027, 2, 1), None, f"PIIS {CANARY}", date(2026, 1, 30), None, None],
]  # fmt: skip
ART60: list[list[Any]] = [
    ["ID", "Bénéficiaire", "NISS", "Début de contrat", "Fin prévue", "Date de fin", "Type", "Décidé le"],
    [7, f"{CANARY.upper()} Anna (116)", as_lino(OLD, "000"), date(2026, 1, 5), date(2027, 1, 4), date(2027, 1, 4),
     "économie sociale", date(2026, 1, 2)],
]  # fmt: skip
GRANTS: list[list[Any]] = [
    ["ID", "Bénéficiaire", "Type d'aide sociale", "Categorie", "Date de début", "au", "Décidé", "État"],
    [1, "EXEMPLE Bruno (117)", "Revenu d'intégration", "Persone isolée", date(2026, 1, 1), None, date(2025, 12, 20),
     "Confirmé"],
    [2, "EXEMPLE Bruno (117)", "Aide Médicale Urgente", None, date(2026, 1, 1), None, date(2025, 12, 20), "Confirmé"],
    [3, f"{CANARY.upper()} Anna (116)", "Revenu d'intégration", None, date(2026, 1, 1), None, None, "À confirmer"],
]  # fmt: skip
STATE_WIDTHS = (1, 5, 6, 11, 2, 11, 12, 1, 8, 8, 6, 1, 8, 1, 30)
STATE = [
    ("1", "62063", "202603", "A-12/7", "00", number(OLD, "000"), "202600000017", "1", "20260301", "20260331",
     "832001", "+", "00098765", "2", f"{CANARY} Anna"),
    ("2", "62063", "202603", "B13", "00", number(YOUNG), "202600000018", "1", "20260309", "20260331", "832001", "+",
     "00012345", "0", "Exemple Bruno"),
    ("1", "62063", "202603", "A-12/7", "00", number(OLD, "000"), "202600000017", "3", "20260201", "20260228",
     "832001", "-", "00098765", "2", f"{CANARY} Anna"),
]  # fmt: skip


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """The rows as openpyxl saves them, which is what Lino uses."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def read(profile: Profile, data: bytes) -> Export:
    export = read_export(data, profile.source, profile.read)
    assert isinstance(export, Export)
    return export


def beside(profile: Profile) -> Export | None:
    if profile.companion is None:
        return None
    wanted = (profile.companion.key, *profile.companion.adds)
    export = read_export(workbook(CLIENTS), profile.companion.source, wanted)
    assert isinstance(export, Export)
    return export


def draft(name: str, data: bytes) -> Draft:
    profile = load_profile(FOLDER / f"{name}.toml")
    return translate(profile, read(profile, data), GIVEN, beside(profile))


def fixed(rows: Sequence[Sequence[str]] = STATE) -> bytes:
    padded = ["".join(cell.ljust(width) for cell, width in zip(row, STATE_WIDTHS, strict=True)) for row in rows]
    return "\r\n".join([*padded, ""]).encode("cp1252")


def delimited(rows: Sequence[Sequence[str]] = STATE) -> bytes:
    return "\r\n".join([*(";".join(row) for row in rows), ""]).encode("cp1252")


EXPORTS = {
    "lino-art60": workbook(ART60),
    "lino-art61": workbook(ART60),
    "lino-clients": workbook(CLIENTS),
    "lino-octrois": workbook(GRANTS),
    "lino-piis": workbook(PIIS),
    "spp-is-csv": delimited(),
    "spp-is-txt": fixed(),
}
CONTRACT = {
    "weekly_hours": "38",
    "reference_hours": "38",
    "employer_bce": "0236363165",
}
FILLED = {  # what a clerk fills in where the export lacks it
    "lino-art60": {"version": "1", "measure_code": "116", **CONTRACT},
    "lino-art61": {"version": "1", "measure_code": "108", **CONTRACT},
    "lino-clients": {
        "version": "1", "effective_date": "2026-03-09", "referral_id": "R62063-2026-000001", "legislation": "1",
        "ri_category": "2", "ri_start_date": "2026-01-01", "public": "RI", "exempt_health_equity": "0",
        "legal_basis": "CONV2024", "delegation": "NONE", "requested_action": "REGISTRATION", "priority": "NORMAL",
        "referent_id": "ref1", "referent_phone": "+3242223344", "referent_email": "ref@example.com",
        "informed_on": "2026-03-09",
    },
    "lino-octrois": {"version": "1"},
    "lino-piis": {"version": "1"},
    "spp-is-csv": {"version": "1", "decision_date": "2026-02-20"},
    "spp-is-txt": {"version": "1", "decision_date": "2026-02-20"},
}  # fmt: skip
UNKNOWN_ROWS = {"lino-piis": 1}  # of whom the second export says nothing: they stay without a number


@pytest.mark.parametrize("name", NAMES)
def test_what_lacks_is_filled_in_and_the_draft_is_accepted(name: str) -> None:
    """A draft whose declared gaps are filled in, and nothing else touched, is accepted by the contract."""
    profile, drafted = load_profile(FOLDER / f"{name}.toml"), draft(name, EXPORTS[name])
    assert set(FILLED[name]) <= set(profile.lacking)
    rows = drafted.rows.with_columns(pl.lit(text).alias(column) for column, text in FILLED[name].items())
    numbers = pl.int_range(1, rows.height + 1, eager=True)
    table = Table(rows, numbers.alias("line"), ())
    known = context(load_registry(ROOT / "partners"), "062063", NOW.date())
    validated = validate(table, profile.contract, known)
    assert validated.rejected == UNKNOWN_ROWS.get(name, 0), validated.findings
    assert validated.accepted >= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_says_what_its_export_lacks(name: str) -> None:
    """Every required column comes from the export or is declared lacking with what to fill in, in both languages."""
    profile = load_profile(FOLDER / f"{name}.toml")
    required = {field.name for field in profile.contract.fields if field.required}
    assert required <= set(profile.columns) | set(profile.lacking)
    for french, english in profile.lacking.values():
        assert french.endswith(".")
        assert english.endswith(".")
        assert french != english


def test_a_pair_of_lino_exports_becomes_a_draft() -> None:
    """Person numbers of both centuries, names of clients and dates are read in Lino's way; nobody is guessed."""
    drafted = draft("lino-piis", workbook(PIIS))
    assert drafted.rows["niss"].to_list() == [number(OLD, "000"), number(YOUNG), None]
    assert drafted.rows["cpas_dossier_ref"].to_list() == ["116", "117", "9"]
    assert drafted.rows["effective_date"].to_list() == ["2026-01-05", "2026-02-02", "2026-02-02"]
    assert (drafted.read, drafted.left_out, drafted.unmatched) == (3, 0, 1)
    assert drafted.lines.to_list() == [2, 3, 4]


def test_a_text_without_translation_is_left_empty_and_counted() -> None:
    """A text outside the profile's table reaches no column: it is counted, and no code is made up for it."""
    drafted = draft("lino-piis", workbook(PIIS))
    assert drafted.rows["piis_code"].to_list() == ["11", "9", None]
    assert drafted.untranslated == {"piis_code": 1}
    assert CANARY not in drafted.rows.write_csv()


def test_clients_become_orientations_to_be_completed() -> None:
    """Clients in guidance are drafted with codes, phones and the commune of their postal code; others stay out."""
    drafted = draft("lino-clients", workbook(CLIENTS))
    assert drafted.left_out == 1
    columns = ("last_name", "sex", "birth_date", "contact_language", "phone", "residence_nis", "postal_code")
    assert drafted.rows.select(columns).rows() == [
        (CANARY, "2", "1985-07-31", "fr", "+3242223344", "62063", "4000"),
        ("Exemple", "1", "2001-02-15", "de", "+32470123456", "62063", "4020"),
    ]


def test_other_aids_stay_in_the_export() -> None:
    """Of the grants only confirmed integration incomes are drafted, with their category."""
    drafted = draft("lino-octrois", workbook(GRANTS))
    assert drafted.left_out == 2
    assert drafted.rows.select("niss", "ri_category", "legislation").rows() == [(number(YOUNG), "2", "1")]


def test_the_two_forms_of_the_monthly_state_say_the_same() -> None:
    """The state in fixed width and with semicolons gives one draft, of its grants only."""
    drafted, other = draft("spp-is-txt", fixed()), draft("spp-is-csv", delimited())
    assert drafted.rows.equals(other.rows)
    assert drafted.left_out == other.left_out == 1
    columns = ("notice_id", "effective_date", "legislation", "ri_category", "cpas_nis")
    assert drafted.rows.select(columns).rows() == [
        ("SPP-202603-202600000017", "2026-03-01", "1", "2", "62063"),
        ("SPP-202603-202600000018", "2026-03-09", "2", None, "62063"),
    ]


@pytest.mark.parametrize(("name", "data"), [("spp-is-txt", fixed()), ("spp-is-csv", delimited())])
def test_amounts_and_names_are_never_read(name: str, data: bytes) -> None:
    """Neither an amount, nor a budget article, nor a name of the monthly state reaches the rows that are read."""
    profile = load_profile(FOLDER / f"{name}.toml")
    text = read(profile, data).rows.write_csv()
    assert number(OLD, "000") in text
    assert not [kept for kept in (CANARY, "Exemple", "98765", "12345", "832001") if kept in text]


def test_what_follows_the_known_columns_is_passed_over() -> None:
    """A monthly state with more columns on the right gives the same draft."""
    longer = [(*row, "x") for row in STATE]
    more = b"".join(line + b"xyz\r\n" for line in fixed().splitlines())
    assert draft("spp-is-csv", delimited(longer)).rows.equals(draft("spp-is-csv", delimited()).rows)
    assert draft("spp-is-txt", more).rows.equals(draft("spp-is-txt", fixed()).rows)


@pytest.mark.parametrize(
    ("name", "data", "code", "line"),
    [
        ("spp-is-txt", fixed() + b"1620632026\r\n", "F13", 4),
        ("spp-is-csv", delimited() + b"1;62063\r\n", "F13", 4),
        ("spp-is-csv", delimited() + b'"1;62063\r\n', "F25", 4),
        ("spp-is-csv", "é".encode() + delimited(), "F08", 1),
        ("spp-is-csv", b"", "F28", None),
        ("spp-is-txt", b"", "F28", None),
        ("spp-is-txt", workbook(PIIS), "F32", None),
        ("lino-piis", delimited(), "F32", None),
        ("lino-piis", workbook([row[:5] for row in PIIS]), "F13", 1),
        ("lino-piis", workbook([[*row, row[0]] for row in PIIS]), "F13", 1),
        ("lino-piis", workbook([]), "F28", None),
    ],
)
def test_an_export_of_another_layout_is_refused(name: str, data: bytes, code: str, line: int | None) -> None:
    """An export that is not written as the profile says is refused as a whole, by line, and no cell is shown."""
    profile = load_profile(FOLDER / f"{name}.toml")
    refusal = read_export(data, profile.source, profile.read)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.line) == (code, line)
    assert CANARY.upper() not in refusal.shape.upper()


def test_a_header_names_only_columns_of_the_profile() -> None:
    """Of a header that differs, the refusal tells the columns that are missing or double, none that was read."""
    profile = load_profile(FOLDER / "lino-piis.toml")
    header = [CANARY if name == "Décidé le" else name for name in PIIS[0]]
    refusal = read_export(workbook([[*header, "ID"], *PIIS[1:]]), profile.source, profile.read)
    assert isinstance(refusal, Refusal)
    assert refusal.shape == "missing: Décidé le; more than once: ID"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (as_lino(OLD), number(OLD)),
        (as_lino(YOUNG), number(YOUNG)),
        (as_lino(OLD).replace("-", "="), as_lino(OLD).replace("-", "=")),
        (as_lino(YOUNG).replace("=", "-"), as_lino(YOUNG).replace("=", "-")),
        ("850731 999-00", "85073199900"),
        (number(OLD), number(OLD)),
        ("85.07.31-999.58", "85073199958"),
        ("850731-999-58", "850731-999-58"),
        ("", ""),
        (None, None),
    ],
)
def test_a_person_number_of_a_declared_form_becomes_eleven_digits(text: str | None, expected: str | None) -> None:
    """Separators go, wrong digits stay for the contract to judge; where sign and digits disagree nothing is done."""
    assert as_text(eleven_digits(pl.col("text"), list(NISS)), text) == expected


def test_a_form_that_is_not_declared_is_not_tried() -> None:
    """A number or a date in a form that the profile does not declare stays as it is written."""
    assert as_text(eleven_digits(pl.col("text"), ["nnnnnnnnnnn"]), as_lino(OLD)) == as_lino(OLD)
    assert as_text(iso_date(pl.col("text"), ["yyyymmdd"]), "31/07/1985") == "31/07/1985"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1985-07-31", "1985-07-31"),
        ("19850731", "1985-07-31"),
        ("31/07/1985", "1985-07-31"),
        ("31-07-1985", "1985-07-31"),
        ("31.07.1985", "1985-07-31"),
        ("1985-07-00", "1985-07-00"),
        ("31/02/1985", "31/02/1985"),
        ("31/07/85", "31/07/85"),
        (None, None),
    ],
)
def test_a_date_of_a_declared_form_becomes_iso(text: str | None, expected: str | None) -> None:
    """A date is written YYYY-MM-DD; an impossible, incomplete or undeclared one stays for the contract to judge."""
    assert as_text(iso_date(pl.col("text"), list(DATES)), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("04 222 33 44", "+3242223344"),
        ("0470/12.34.56", "+32470123456"),
        ("0049 241 1234567", "+492411234567"),
        ("+49 (241) 1234567", "+492411234567"),
        ("222 33 44", "222 33 44"),
        ("voir Anna", "voir Anna"),
        (None, None),
    ],
)
def test_a_phone_takes_the_calling_code_that_is_declared(text: str | None, expected: str | None) -> None:
    """A number with its zero takes the declared calling code; what may be anything else stays as it is."""
    assert as_text(international(pl.col("text"), "32"), text) == expected


def as_text(expression: pl.Expr, text: str | None) -> str | None:
    done = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(expression).item()
    return None if done is None else str(done)


def test_a_second_export_with_a_key_twice_is_not_guessed_from() -> None:
    """When two rows of the second export have one key the draft stops: one of them would be a stranger's number."""
    profile = load_profile(FOLDER / "lino-piis.toml")
    twice = Export(pl.DataFrame({"ID": ["116", "116"], "NISS": ["a", "b"]}), pl.Series([2, 3]))
    with pytest.raises(ProfileProblem, match="the same ID stands on several rows"):
        translate(profile, read(profile, workbook(PIIS)), GIVEN, twice)


def test_what_was_not_given_stops_the_draft() -> None:
    """A profile that counts on the CPAS or on a second export says which it was not given."""
    profile = load_profile(FOLDER / "lino-piis.toml")
    export = read(profile, workbook(PIIS))
    with pytest.raises(ProfileProblem, match="second export"):
        translate(profile, export, GIVEN)
    with pytest.raises(ProfileProblem, match="cpas"):
        translate(profile, export, {"now": GIVEN["now"]}, beside(profile))


def test_the_first_filled_column_counts_and_joined_ones_must_all_be() -> None:
    """Of several columns the first filled one is taken; joined ones give nothing unless all of them are filled."""
    profile = load_profile(FOLDER / "spp-is-csv.toml")
    rows = pl.DataFrame({name: ["1", "1"] for name in profile.read}).with_columns(form=pl.Series(["7", None]))
    several = {"notice_id": Origin(columns=("month", "form"), join="-"), "niss": Origin(columns=("form", "niss"))}
    made = replace(profile, columns=several, rows=())
    drafted = translate(made, Export(rows, pl.Series([1, 2])), GIVEN)
    assert drafted.rows["notice_id"].to_list() == ["1-7", None]
    assert drafted.rows["niss"].to_list() == ["7", "1"]


WRONG = [
    ('feed = "SITU"', 'feed = "SITA"', "feed: there is no feed SITA"),
    ("version = 1", "version = 9", "feed: there is no feed SITU, version 9"),
    ("version = 1", 'version = "1"', "version: int expected"),
    ("version = 1", "version = 1\nvresion = 1", "the profile: unknown key vresion"),
    ('title.en = "L', 'title.de = "L', "title: unknown key de"),
    ("[columns]", "[columns]\nnis = { from = 'ID' }", "columns.nis: situations/1 has no such column"),
    ('situation_kind = { constant = "PIIS" }', "", "columns.situation_kind: required"),
    ('constant = "PIIS"', 'constant = "CPAS"', "columns.situation_group: CPAS: not in the contract's list"),
    ('Arbeitssuche" = "11"', 'Arbeitssuche" = "77"', "columns.piis_code: 77: not in the contract's list"),
    ('given = "now"', 'given = "then"', "columns.recorded_at.given: one of cpas, now"),
    ('{ given = "now" }', '{ given = "now", from = "ID" }', "columns.recorded_at: one of from, constant and given"),
    ('{ given = "now" }', '{ given = "now", prefix = "x" }', "columns.recorded_at: only what comes from the export"),
    ('dates = ["yyyy-mm-dd"] }\nend_date', 'dates = ["mm/dd/yyyy"] }\nend_date', "columns.decision_date.dates: mm/dd"),
    (', dates = ["yyyy-mm-dd"] }\nend_date', " }\nend_date", "columns.decision_date.dates: the form of the date"),
    ('prefix = "LINO-PIIS-"', 'dates = ["yyyymmdd"]', "columns.notice_id.dates: the column is no date"),
    ('niss = ["yymmdd nnn-cc"', 'niss = ["nnn"', "columns.niss.niss: nnn: the forms are"),
    (r"'\(([0-9]+)\*?\)$' } #", "'[0-9]+' } #", "columns.cpas_dossier_ref.pattern: an expression with one group"),
    (r"'\(([0-9]+)\*?\)$' } #", "'(' } #", "columns.cpas_dossier_ref.pattern: an expression with one group"),
    (r"'\(([0-9]+)\*?\)$' } #", "'(?=1)(.)' } #", "columns.cpas_dossier_ref.pattern: an expression with one group"),
    ('notice_id = { from = "ID"', "notice_id = { from = []", "columns.notice_id.from: a column of the export"),
    ('kind = "xlsx" }\n\n', 'kind = "csv", delimiter = ";;" }\n\n', "source: a delimiter is one character"),
    ("[lacking.version]", "[lacking.vresion]", "lacking.vresion: situations/1 has no such column"),
    ("[lacking.version]", "[lacking.niss]", "lacking.niss: the column is also in columns"),
    ("[lacking.cpas_bce]", "[lacking.cpas_bec]", "lacking.cpas_bec: situations/1 has no such column"),
    ('kind = "xlsx" }\n\n', 'kind = "ods" }\n\n', "source.kind: one of csv, xlsx, fixed"),
    ('kind = "xlsx" }\n\n', 'kind = "fixed" }\n\n', "source.layout: a file of fixed width needs"),
    ('kind = "xlsx" }\n\n', 'kind = "csv", layout = ["ID"] }\n\n', "source.layout: it has no Début de contrat"),
    ('kind = "xlsx" }\n\n', 'kind = "csv", header = 0 }\n\n', "source.header: a header, or 0 and a layout"),
    ('kind = "xlsx" }\n\n', 'kind = "xlsx", colour = 1 }\n\n', "source: unknown key colour"),
    ('adds = ["NISS"]', "", "companion: missing key adds"),
    ("[columns]", '[[rows]]\ncolumn = "ID"\n[columns]', "rows[1]: either among or not_among"),
    ("[columns]", "[columns", "is not TOML"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), WRONG)
def test_a_wrong_profile_is_told_with_its_file_and_key(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    """What is wrong with a profile is found when it is loaded, and told with the file and the key."""
    text = (FOLDER / "lino-piis.toml").read_text("utf-8")
    assert right in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(ProfileProblem) as problem:
        load_profile(path)
    assert str(problem.value).startswith(f"mine.toml: {told}")


def test_a_table_of_codes_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file of codes that is missing, has other columns or two codes for a text is a problem of the profile."""
    text = (FOLDER / "lino-clients.toml").read_text("utf-8")
    path = tmp_path / "profiles" / "mine.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    for codes, told in (
        (None, "cannot be read"),
        ("code;nis\n1;2\n", "has no such column"),
        ("postal_code;nis\n1;2\n1;3\n", "several codes"),
    ):
        if codes:
            (tmp_path / "postal_codes.csv").write_text(codes)
        with pytest.raises(ProfileProblem, match=told):
            load_profile(path)


def wanted(folder: Path, name: str = "lino-piis", **changes: Any) -> Wanted:
    """What the command is asked for: the exports of invented people in a folder."""
    (folder / "export").write_bytes(EXPORTS[name])
    (folder / "clients.xlsx").write_bytes(workbook(CLIENTS))
    clients = folder / "clients.xlsx" if name in ("lino-piis", "lino-octrois") else None
    return replace(Wanted(folder / "export", name, "62063", clients, folder / "draft.csv"), **changes)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_writes_a_draft_and_tells_no_value(name: str, tmp_path: Path) -> None:
    """The draft is a file of the feed that only its owner reads; the answer counts and names columns, no person."""
    answer = draft_file(load_settings({}), wanted(tmp_path, name), NOW)
    path = tmp_path / "draft.csv"
    profile = load_profile(FOLDER / f"{name}.toml")
    table = read_table(path.read_bytes(), profile.contract)
    assert isinstance(table, Table)
    assert table.read == answer["rows"]["drafted"] == answer["read"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.dumps(answer) + "\n".join([*lines(answer), *lines(answer, "en")])
    assert not [text for text in (CANARY, number(OLD, "000"), as_lino(OLD, "000"), "116)") if text in told]


def test_the_answer_tells_for_each_column_what_is_missing(tmp_path: Path) -> None:
    """Each column comes with its origin, the rows that lack it, those not translated and what the contract found."""
    answer = draft_file(load_settings({}), wanted(tmp_path), NOW)
    columns = {column["column"]: column for column in answer["columns"]}
    assert answer["rows"] == {"export": 3, "left_out": 0, "drafted": 3, "unmatched": 1}
    assert columns["version"]["empty"] == columns["version"]["codes"]["R305"] == 3
    assert columns["version"]["lacking_fr"]
    assert (columns["niss"]["from"], columns["niss"]["codes"]) == ("NISS", {"R305": 1})
    assert (columns["piis_code"]["untranslated"], columns["piis_code"]["codes"]) == (1, {"R305": 1})
    assert answer["rejected"] == 3
    unknown = next(finding for finding in answer["findings"] if finding["column"] == "niss")
    assert (unknown["line"], unknown["export_line"], unknown["code"]) == (4, 4, "R305")


def test_a_draft_is_never_written_over_a_file(tmp_path: Path) -> None:
    """A draft that somebody may have filled in is not written over; without --out nothing is written."""
    (tmp_path / "draft.csv").write_text("filled in")
    with pytest.raises(OperatorError, match="exists"):
        draft_file(load_settings({}), wanted(tmp_path), NOW)
    assert (tmp_path / "draft.csv").read_text() == "filled in"
    before = set(tmp_path.iterdir())
    assert draft_file(load_settings({}), wanted(tmp_path, out=None), NOW)["out"] is None
    assert set(tmp_path.iterdir()) == before


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    """An unknown profile, CPAS or export, and a second export that lacks or is not read, are told to the user."""
    for changes, told in (
        ({"profile": "lino"}, "one of: lino-art60"),
        ({"cpas": "62999"}, "--cpas"),
        ({"cpas": None}, "cpas"),
        ({"export": tmp_path / "nothing"}, "no such export"),
        ({"beside": None}, "--with gives a second export"),
        ({"out": tmp_path / "nowhere" / "draft.csv"}, "cannot be written"),
    ):
        with pytest.raises(OperatorError, match=told):
            draft_file(load_settings({}), wanted(tmp_path, **changes), NOW)
    with pytest.raises(OperatorError, match="reads none"):
        draft_file(load_settings({}), wanted(tmp_path, "lino-art60", beside=tmp_path / "clients.xlsx"), NOW)


def test_an_export_that_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    """The verdict on an export of another kind is REFUSED with the sentence of its code, and no draft is written."""
    (tmp_path / "clients.xlsx").write_bytes(b"no workbook")
    request = wanted(tmp_path)
    request.beside.write_bytes(b"no workbook")  # type: ignore[union-attr]
    answer = draft_file(load_settings({}), request, NOW, "en")
    assert (answer["verdict"], answer["findings"][0]["code"]) == ("REFUSED", "F32")
    assert lines(answer)[0] == "REFUSED lino-piis"
    assert not (tmp_path / "draft.csv").exists()


def test_the_sender_is_the_cpas_of_all_rows(tmp_path: Path) -> None:
    """Where the export itself names the CPAS it need not be given; where it names several it must be."""
    assert draft_file(load_settings({}), wanted(tmp_path, "spp-is-csv", cpas=None, out=None), NOW)["verdict"] == "DRAFT"
    two = wanted(tmp_path, "spp-is-csv", cpas=None, out=None)
    two.export.write_bytes(delimited([STATE[0], ("1", "52011", *STATE[0][2:])]))
    with pytest.raises(OperatorError, match="--cpas"):
        draft_file(load_settings({}), two, NOW)


def test_an_export_without_a_row_to_draft_gives_an_empty_draft(tmp_path: Path) -> None:
    """When the profile leaves every row out the draft is a header, and the answer says how many were left."""
    request = wanted(tmp_path, "lino-octrois")
    request.export.write_bytes(workbook([GRANTS[0], GRANTS[2]]))
    answer = draft_file(load_settings({}), request, NOW)
    assert (answer["rows"]["left_out"], answer["read"], answer["rejected"]) == (1, 0, 0)
    assert len((tmp_path / "draft.csv").read_text().splitlines()) == 1


def test_a_profile_of_one_s_own_is_given_by_its_path(tmp_path: Path) -> None:
    """A CPAS copies a profile, changes its table of codes and gives the copy by its path."""
    mine = tmp_path / "mine.toml"
    shutil.copy(FOLDER / "lino-piis.toml", mine)
    mine.write_text(mine.read_text("utf-8").replace('"VSE Ausbildung"', f'"PIIS {CANARY}"'), "utf-8")
    answer = draft_file(load_settings({}), wanted(tmp_path, profile=str(mine)), NOW)
    assert {c["column"]: c["untranslated"] for c in answer["columns"]}["piis_code"] == 1
    assert answer["profile"] == "mine"


@pytest.mark.parametrize("name", NAMES)
def test_the_partners_page_tells_each_profile_as_it_is(name: str) -> None:
    """The page for partners has each profile with what it takes and what it lacks, word for word."""
    profile = load_profile(FOLDER / f"{name}.toml")
    text = (ROOT / "docs" / "partners" / "profils.md").read_text("utf-8")
    told = text.split(f"### `{name}`\n", 1)[1].split("\n#", 1)[0]
    assert profile.title[0] in told
    assert page(profile) in told
    assert profile.companion is None or profile.companion.says[0] in told
