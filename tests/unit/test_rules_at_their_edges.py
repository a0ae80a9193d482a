"""The rules on either side of each of their edges, many rows at a time: what mutation testing found to be missing.

The single faults are those of `vectors/faults.json`; what stands here besides is told by the mutants of
`docs/mutants.md`.
"""

from typing import Any

import polars as pl
import pytest

from contracts import employment_v1
from contracts.codes import is_bce
from contracts.niss import can_stand_in, stands_in
from contracts.overlap import Period, overlaps_another
from tests.corpus.judged import FAULTS, FEEDS, Found, by_row, judged


@pytest.mark.parametrize("feed", FEEDS)
def test_all_known_faults_in_one_table_are_told_apart(feed: str) -> None:
    """In one table, each faulty row has its own findings and no other row's."""
    faults: list[dict[str, Any]] = [
        fault for fault in FAULTS if fault["feed"] == feed and ["contract_start", "R502"] not in fault["found"]
    ]
    result = judged(feed, [fault["changes"] for fault in faults])
    assert by_row(result, len(faults)) == [fault["found"] for fault in faults]
    assert result.read == len(faults) == result.accepted + result.rejected


def periods(*rows: tuple[str | None, str | None, str | None, str | None, bool | None]) -> list[bool | None]:
    """Gives what is found on periods told as person, thing, start, end (days of 2025) and whether they are judged."""
    names = ("person", "thing", "start", "end", "judged")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names[:4], pl.String()) | {"judged": pl.Boolean()}, orient="row")
    days = [pl.concat_str(pl.lit("2025-"), pl.col(name)).str.to_date().alias(name) for name in ("start", "end")]
    period = Period(*(pl.col(name) for name in names[:4]))
    found = frame.with_columns(days).select(found=overlaps_another(period, pl.col("judged")))
    return found["found"].to_list()


def test_periods_that_share_one_day_overlap() -> None:
    """Both ends are included: one day in common is an overlap, the day after is none."""
    one = ("a", "1", "01-10", "01-20", True)
    assert periods(one, ("a", "2", "01-20", "01-30", True)) == [True, True]
    assert periods(one, ("a", "2", "01-21", "01-30", True)) == [False, False]
    assert periods(one, ("a", "2", "01-01", "01-10", True)) == [True, True]
    assert periods(one, ("a", "2", "01-01", "01-09", True)) == [False, False]
    assert periods(one, ("a", "2", "01-12", "01-12", True)) == [True, True]


def test_only_another_thing_of_the_same_person_counts() -> None:
    """Rows of one thing and of other persons do not count, whatever their order and their names."""
    one = ("a", "1", "01-10", "01-20", True)
    assert periods(one, one, ("a", "1", "01-15", "01-30", True)) == [False, False, False]
    assert periods(one, ("b", "2", "01-10", "01-20", True), ("b", "1", "01-10", "01-20", True)) == [False, True, True]
    assert periods(("a", "2", "01-10", "01-20", True), ("b", "1", "01-10", "01-20", True)) == [False, False]
    apart = ("a", "1", "01-01", "04-10", True), ("a", "2", "12-01", "12-02", True), ("b", "3", "01-01", "04-10", True)
    assert periods(*apart) == [False, False, False]
    assert periods(("b", "1", "03-01", "03-02", True), ("a", "1", "01-01", "12-31", True), one) == [False, False, False]


def test_what_lacks_something_is_not_judged_and_does_not_count() -> None:
    """A row that is not judged, has no person, thing, start or end, or ends before it starts says nothing."""
    one, other = ("a", "1", "01-10", "01-20", True), ("a", "2", "01-10", "01-20", True)
    assert periods(one, other) == [True, True]
    for place, cell in ((0, None), (1, None), (2, None), (3, None), (3, "01-09"), (4, False), (4, None)):
        lacking = tuple(cell if at == place else told for at, told in enumerate(other))
        assert periods(one, lacking) == [False, None], place
        assert periods(lacking, one) == [None, False], place
    assert periods() == []


# as Excel, LibreOffice and Numbers write them in English, French, German and Dutch
ERRORS = (
    *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"),
    *("#N/D", "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!"),
    *("#NV", "#BEZUG!", "#WERT!", "#ZAHL!"),
    *("#N/B", "#NB", "#VERW!", "#WAARDE!", "#DEEL/0!", "#NAAM?", "#GETAL!", "#LEEG!"),
)
DAMAGES = {
    "R313": ERRORS,
    "R307": ("1E+10", "8.5e10", "8,5E10", "-1e3", "+1e3", "12E5"),
    "R308": ("1.0", "62063.00", "1,0", "12,00"),
    "R310": ("true", "False", "VRAI", "Faux", "wahr", "FALSCH", "Waar", "onwaar"),
    "R301": (
        "1E-10",
        "E10",
        "1.01",
        "1.",
        ".0",
        "truE1",
        "avrai",
        "#N/AX",
        "X#N/A",
        "#REF",
        "oui",
        "x1E10",
        "1E10x",
        "1.000",
    ),
}


def test_each_damage_of_a_flag_is_told_by_its_code() -> None:
    """Whatever a spreadsheet writes for 1 or 0 is told as what it is, and what only resembles it is not."""
    cells = [(cell, code) for code, cells in DAMAGES.items() for cell in cells]
    result = judged("MANQ", [{"explanation_heard": cell} for cell, _ in cells])
    assert by_row(result, len(cells)) == [[["explanation_heard", code]] for _, code in cells]
    assert result.counts == {code: len(DAMAGES[code]) for code in sorted(DAMAGES)}


DAYS = {
    "R309": ("3000", "9999", "10000", "45678", "99999", "45678.5", "45678,25"),
    "R311": ("1/3/25", "01/03/2025", "1.3.2025", "01-03-25", "01/03/2025 09:00"),
    "R306": (
        *("999", "2999", "03000", "123456", "x45678", "45678x", "45678.", "1/3/025", "1/3/20255", "x1/3/25", "1/3"),
        *("001/3/25", "1/003/25", "1/3/25 x"),
    ),
}


def test_each_damage_of_a_date_is_told_by_its_code() -> None:
    """A day number and a date in another form are told as such; what is neither has not the form of a date."""
    cells = [(cell, code) for code, cells in DAYS.items() for cell in cells]
    result = judged("JOBD", [{"answer_deadline": cell} for cell, _ in cells])
    assert by_row(result, len(cells)) == [[["answer_deadline", code]] for _, code in cells]


def test_each_damage_of_a_number_is_told_by_its_code() -> None:
    """A decimal comma is told where a number is asked, a point and zeros where none are."""
    cells = {
        "1,5": "R312",
        "12,25": "R312",
        "1.5.2": "R306",
        ",5": "R306",
        "1,": "R306",
        "x1,5": "R306",
        "1,5x": "R306",
    }
    result = judged("FORM", [{"hours_planned": cell} for cell in cells])
    assert by_row(result, len(cells)) == [[["hours_planned", code]] for code in cells.values()]
    counts = {"2,5": "R306", "2.0": "R308", "2,0": "R308", "2.5": "R306"}
    result = judged("OFFR", [{"positions": cell} for cell in counts])
    assert by_row(result, len(counts)) == [[["positions", code]] for code in counts.values()]


def test_nine_digits_are_an_enterprise_number_without_its_zero() -> None:
    """Nine digits and nothing else, where an enterprise is asked; elsewhere they are only another form."""
    cells = {
        "236363165": "R206",
        "12345678": "R204",
        "1234567890": "R204",
        "x123456789": "R204",
        "123456789x": "R204",
    }
    result = judged("STAT", [{"operator_bce": cell} for cell in cells])
    assert by_row(result, len(cells)) == [[["operator_bce", code]] for code in cells.values()]
    assert by_row(judged("ORIE", [{"cpas_nis": "236363165"}]), 1) == [[["cpas_nis", "R306"]]]


def test_a_moment_is_told_as_a_damage_only_where_it_can_be_mended_as_one() -> None:
    """How to mend a date or a number does not mend a moment: such a cell has only not its form."""
    cells = {"45678": "R306", "45678.0": "R306", "1,5": "R306", "01/03/2025": "R306", "#N/A": "R313", "4E5": "R307"}
    result = judged("STAT", [{"appointment_at": cell} for cell in cells])
    assert by_row(result, len(cells)) == [[["appointment_at", code]] for code in cells.values()]


def test_a_person_number_is_told_where_a_text_could_have_held_it() -> None:
    """In a coded text a person number is R601, also where its form leaves no place; a code that is none is R301."""
    number = "85073099932"
    cells = {
        "cpas_nis": "R601",
        "referral_id": "R601",
        "priority": "R301",
        "requested_action": "R301",
        "languages": "R601",
    }
    result = judged("ORIE", [{column: number} for column in cells])
    assert by_row(result, len(cells)) == [[[column, code]] for column, code in cells.items()]
    assert by_row(judged("ORIE", [{"postal_code": number}]), 1) == [[["postal_code", "R306"]]]


def test_eleven_digits_are_eleven() -> None:
    """A zero more in front, or anything behind, is another text, although the number that it writes is right."""
    cells = {"085073100031": "R101", "0085073100031": "R101", "850731000310": "R101", "85073100031x": "R101"}
    result = judged("INSC", [{"niss": cell} for cell in cells])
    assert by_row(result, len(cells)) == [[["niss", code]] for code in cells.values()]


def numbered(nine: str, century: str = "") -> str:
    """Completes nine digits with their check; `2` for a birth from 2000 on."""
    return f"{nine}{97 - int(century + nine) % 97:02d}"


def test_a_birth_in_any_month_is_compared_whole() -> None:
    """Of each month, January among them, another month or another day is found; the right day is not."""
    rows, expected = [], list[Found]()
    for month in range(1, 13):
        born, niss = f"1985-{month:02d}-15", numbered(f"85{month:02d}15000")
        others = [f"1985-{month % 12 + 1:02d}-15", f"1985-{month:02d}-14", f"1986-{month:02d}-15"]
        rows += [{"niss": niss, "birth_date": day} for day in [born, *others]]
        expected += [[], *[[["birth_date", "R501"]]] * 3]
    assert by_row(judged("ORIE", rows), len(rows)) == expected


def test_an_exempt_person_who_asks_for_it_may_be_oriented() -> None:
    """Exempt and voluntary is right; exempt and not voluntary, or not said to be, is not."""
    rows = [{"exempt_health_equity": "1", "voluntary": said} for said in ("1", "0", "")]
    assert by_row(judged("ORIE", rows), 3) == [[], [["voluntary", "R305"]], [["voluntary", "R305"]]]


def test_a_piis_that_was_not_signed_needs_no_day_of_signature() -> None:
    """With code 8 (reasons of health or equity) nothing was signed; with any other the day is required."""
    contract = dict.fromkeys((field.name for field in employment_v1.FIELDS), "")
    piis = contract | {"situation_group": "PIIS", "situation_kind": "PIIS"}
    rows = [piis | {"piis_code": code} for code in ("8", "9", "11")]
    unsigned = [["piis_signed_on", "R305"]]
    assert by_row(judged("SITU", rows), 3) == [[], unsigned, unsigned]


def test_a_number_is_seen_in_a_column_of_other_texts() -> None:
    """Births of either century are seen, beside texts that hold none, and an empty cell holds none."""
    old, young = numbered("850730999"), numbered("050615999", "2")
    wrong = [number[:9] + f"{(int(number[9:]) + 1) % 100:02d}" for number in (old, young)]
    texts = [None, "x", f"dossier {young}", young, *wrong, "85073099900", old, f"{young}x", "05.06.15-999-" + young[9:]]
    found = pl.DataFrame({"text": texts}).select(stands_in(pl.col("text"))).to_series().to_list()
    assert found == [False, False, True, True, False, False, False, True, False, True]
    assert pl.DataFrame({"text": [None, "x"]}).select(stands_in(pl.col("text"))).to_series().to_list() == [False, False]


@pytest.mark.parametrize(
    ("pattern", "can"),
    [
        ("^[0-9]{11}$", True),
        ("^[0-9]{6}-[0-9]{3}-[0-9]{2}$", True),
        ("^[0-9]{6} [0-9]{3} [0-9]{2}$", True),
        ("^[0-9.]{8}-[0-9.]{6}$", True),
        ("^A-[0-9]{11}$", True),
        ("^A [0-9]{11}$", True),
        ("^https://a.be/[0-9]{11}$", True),
        ("^[0-9]{11}-A$", True),
        ("^[0-9]{11} A$", True),
        ("^[0-9]{10}$", False),
        ("^[0-9]{5}$", False),
        ("^[A-Z]{40}$", False),
    ],
)
def test_a_form_that_has_room_for_a_number_is_looked_into(pattern: str, can: bool) -> None:
    """Bare or with separators, alone, behind or before a word: where the form leaves room, texts are looked at."""
    assert can_stand_in(pattern) is can


@pytest.mark.parametrize("text", ["00236363165", "02363631650", " 0236363165", "0236363165 ", "0236363165\n"])
def test_an_enterprise_number_has_ten_digits_and_nothing_else(text: str) -> None:
    """A zero more in front or behind, a blank or a line end make another text of it."""
    numbers = pl.DataFrame({"n": ["0236363165", text]}).select(is_bce(pl.col("n"))).to_series().to_list()
    assert numbers == [True, False]


@pytest.mark.parametrize("text", ["a236363165", "x0236363165", "0236363165x"])
def test_an_enterprise_number_is_looked_at_whole(text: str) -> None:
    """Ten digits inside a longer text, at its end or at its start, are no number."""
    assert pl.DataFrame({"n": [text]}).select(is_bce(pl.col("n"))).item() is False


_UNEMPLOYED = {"core_status": "ON_HOLD", "business_status": "EXEMPTED"}
_WITHDRAWN = {"core_status": "CANCELLED", "business_status": "WITHDRAWN_BY_CPAS"}
_RIGHT = dict.fromkeys((*(field.name for field in employment_v1.FIELDS), "contract_id"), "") | {
    "situation_group": "PIIS",
    "situation_kind": "PIIS",
    "piis_code": "11",
    "piis_signed_on": "2025-03-01",
}


@pytest.mark.parametrize(
    ("feed", "changes", "found"),
    [
        ("STAT", {"core_status": "REFERRED_ONWARD", "business_status": "OPERATOR"}, []),
        ("STAT", _UNEMPLOYED | {"status_reason_code": "A"}, []),
        ("STAT", _UNEMPLOYED, [["status_reason_code", "R305"]]),
        ("STAT", _WITHDRAWN | {"status_reason_code": "A"}, []),
        ("STAT", _WITHDRAWN, [["status_reason_code", "R305"]]),
        ("ORIE", {"residence_nis": "99112"}, [["residence_nis", "R201"]]),
        ("ORIE", {"residence_nis": "21004"}, []),
        ("JOBD", {"languages": "1fr"}, [["languages", "R306"]]),
        ("JOBD", {"languages": "fr1"}, [["languages", "R306"]]),
        ("ORIE", {"languages": "1fr:C2"}, [["languages", "R306"]]),
        ("ORIE", {"languages": "fr:C2x"}, [["languages", "R306"]]),
        ("SITU", _RIGHT, []),
        ("SITU", _RIGHT | {"legislation": "1"}, []),
        ("SITU", {"situation_group": "XX"}, [["situation_group", "R301"]]),
    ],
)
def test_a_row_on_an_edge_has_what_it_should(feed: str, changes: dict[str, str], found: Found) -> None:
    """A code of a status, a form from its first to its last character, a condition in all its parts."""
    assert by_row(judged(feed, [changes]), 1) == [found]
