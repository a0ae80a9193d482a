"""Tables whose cells a spreadsheet or a hand has damaged, and rows that contradict themselves or the sender."""

from __future__ import annotations

from contracts import employment_v1
from contracts.model import FileFormat
from tests.corpus.recipe import Damaged, table, with_row

DMY, COMMA = FileFormat(dates="dmy"), FileFormat(delimiter=",")
CHECK, TEN, REAL_IN_TEST, TEST_IN_REAL = "R101", "R102", "R106", "R105"

NUMBERS = [
    with_row(
        "a person number that lost its leading zero",
        "ORIE",
        {"niss": "5061500045", "birth_date": "2005-06-15"},
        ("niss", TEN),
    ),
    with_row("a person number that lost two zeros", "INSC", {"niss": "101001742"}, ("niss", CHECK)),
    with_row("a person number with points", "STAT", {"niss": "85.07.31-000.31"}, ("niss", CHECK)),
    with_row("a person number with an apostrophe before", "MOBI", {"niss": "'85073100031"}, ("niss", CHECK)),
    with_row("a person number as a formula", "MANQ", {"niss": '="85073100031"'}, ("niss", CHECK)),
    with_row("a person number in groups", "FORM", {"niss": "850731\u00a0000\u00a031"}, ("niss", CHECK)),
    with_row("a person number with a wrong check", "MUTA", {"niss": "85473100021"}, ("niss", CHECK)),
    with_row("a person number in scientific notation", "ORIE", {"niss": "8.50731E+10"}, ("niss", "R307")),
    with_row("scientific notation with a comma", "INSC", {"niss": "8,50731E+10"}, ("niss", "R307")),
    with_row("a person number with .0", "STAT", {"niss": "85073100031.0"}, ("niss", "R308")),
    with_row("a real number in test", "SITU", {"niss": "81120103571"}, ("niss", REAL_IN_TEST)),
    Damaged(
        "a test number in real",
        "MOBI",
        table("MOBI", {}).encode(),
        environment="R",
        found=((2, "niss", TEST_IN_REAL),),
        totals=(1, 0, 0, 1),
        cells=("85073100031",),
    ),
    with_row("a person number in a reference", "OFFR", {"offer_number": "85073100031"}, ("offer_number", "R601")),
    with_row(
        "a person number in a title", "FORM", {"training_title": "Dossier 85.07.31-000.31"}, ("training_title", "R601")
    ),
    with_row("blanks around a person number", "MANQ", {"breach_id": "B-2025-4", "niss": "\u00a085073100031 "}),
    with_row("an enterprise number without its zero", "STAT", {"operator_bce": "236363165"}, ("operator_bce", "R206")),
    with_row(
        "an enterprise number with a wrong check",
        "CATA",
        {"organization_id": "0207000276"},
        ("organization_id", "R204"),
    ),
    with_row(
        "an establishment in the place of an enterprise",
        "FORM",
        {"provider_bce": "2000000141"},
        ("provider_bce", "R204"),
    ),
]
SPREADSHEET = [
    with_row(
        "a commune with .0",
        "ORIE",
        {"cpas_nis": "62063.0", "residence_nis": "62063.0"},
        ("cpas_nis", "R308"),
        ("residence_nis", "R308"),
    ),
    with_row("a count with .0", "OFFR", {"positions": "2.0"}, ("positions", "R308")),
    with_row("a version with ,0", "CATA", {"version": "1,0"}, ("version", "R308")),
    with_row("a day number for a date", "SITU", {"decision_date": "45678"}, ("decision_date", "R309")),
    with_row("a day number for a moment", "STAT", {"appointment_at": "45746.1458"}, ("appointment_at", "R306")),
    with_row(
        "day, month and year where they are not declared",
        "ORIE",
        {"ri_start_date": "31/12/2024"},
        ("ri_start_date", "R311"),
    ),
    with_row("a short date", "INSC", {"registration_date": "28-2-25"}, ("registration_date", "R311")),
    with_row(
        "day, month and year as declared", "FORM", {"enrolment_id": "E-2025-2", "planned_start": "06/01/2025"}, form=DMY
    ),
    with_row(
        "month before day where days come first",
        "JOBD",
        {"answer_deadline": "03/31/2025"},
        ("answer_deadline", "R311"),
        form=DMY,
    ),
    with_row("an impossible day", "OFFR", {"published_from": "2025-02-30"}, ("published_from", "R306")),
    with_row("TRUE for 1", "MOBI", {"transport_need": "TRUE"}, ("transport_need", "R310")),
    with_row("VRAI for 1", "SITU", {"tutor": "VRAI"}, ("tutor", "R310")),
    with_row("Falsch for 0", "MANQ", {"explanation_heard": "Falsch"}, ("explanation_heard", "R310")),
    with_row("onwaar for 0", "FORM", {"certification": "onwaar"}, ("certification", "R310")),
    with_row("an error for a code", "STAT", {"track": "#N/A"}, ("track", "R313")),
    with_row("an error for a number", "CATA", {"hours": "#VALEUR!"}, ("hours", "R313")),
    with_row(
        "an error for a date and for a reference",
        "JOBD",
        {"answer_deadline": "#REF!", "event_id": "#BEZUG!"},
        ("answer_deadline", "R313"),
        ("event_id", "R313"),
    ),
    with_row("a decimal comma", "FORM", {"hours_done": "120,5"}, ("hours_done", "R312")),
    with_row("a decimal comma in weekly hours", "SITU", {"weekly_hours": "37,5"}, ("weekly_hours", "R312")),
    with_row("scientific notation in a count", "JOBD", {"capacity": "2e2"}, ("capacity", "R307")),
    with_row("a phone number that lost its plus", "ORIE", {"phone": "32470000000"}, ("phone", "R306")),
    with_row("a category that lost its zero", "INSC", {"stat92_category": "5"}, ("stat92_category", "R301")),
    with_row(
        "commas between the elements of a list", "ORIE", {"requested_action": "BILAN,RAN"}, ("requested_action", "R301")
    ),
    with_row("a code in small letters", "CATA", {"taxonomy_term": "ran"}, ("taxonomy_term", "R301")),
    with_row("a formula in a title", "JOBD", {"title": "=HYPERLINK(A1)"}, ("title", "R306")),
    with_row(
        "required cells that are empty", "MUTA", {"notice_id": "", "niss": " "}, ("niss", "R305"), ("notice_id", "R305")
    ),
    with_row("a control character", "ORIE", {"first_name": "Zo\x07é"}, ("first_name", "R306")),
    with_row("a negative number", "OFFR", {"positions": "-2"}, ("positions", "R306")),
    with_row("a number beyond the bounds", "CATA", {"maximum_age": "650"}, ("maximum_age", "R314")),
    with_row(
        "days that run over their months",
        "ORIE",
        {"birth_date": "1985-07-32"},
        ("birth_date", "R306"),
    ),
    Damaged(
        "a column of person numbers that was taken for numbers",
        "ORIE",
        table("ORIE", *[{"niss": "8.50731E+10"}] * 25).encode(),
        found=tuple((line, "niss", "R307") for line in range(2, 27)),
        totals=(25, 0, 0, 25),
        too_bad=True,
        cells=("8.50731E+10",),
    ),
    Damaged(
        "a quarter of the rows damaged, too few to refuse the file",
        "INSC",
        table("INSC", *[{}] * 57, *[{"niss": "8507310003"}] * 19).encode(),
        found=tuple((line, "niss", TEN) for line in range(59, 78)),
        totals=(76, 57, 0, 19),
        repeated=(56, 0),
        cells=("8507310003",),
    ),
]
SENDERS = [
    with_row("a commune that does not exist", "ORIE", {"residence_nis": "62064"}, ("residence_nis", "R201")),
    with_row("a commune that does not exist in a list", "OFFR", {"work_nis": "62063|62064"}, ("work_nis", "R201")),
    with_row(
        "the code of a commune that has merged",
        "INSC",
        {"effective_date": "2025-02-28", "residence_nis": "82005"},
        ("residence_nis", "R202"),
        warned=1,
    ),
    with_row("the code of a commune that has merged, of an event", "JOBD", {"nis": "82005"}, ("nis", "R202"), warned=1),
    with_row("a commune of the German-speaking Community", "MOBI", {"cpas_nis": "63023"}, ("cpas_nis", "R203")),
    with_row("the commune of another CPAS", "SITU", {"cpas_nis": "52011"}, ("cpas_nis", "R205")),
    with_row("the reference of another CPAS", "ORIE", {"referral_id": "R52011-2025-000001"}, ("referral_id", "R205")),
    with_row("article 60 with another employer", "SITU", {"employer_bce": "0207000275"}, ("employer_bce", "R207")),
]
_RI = dict.fromkeys((field.name for field in employment_v1.FIELDS), "") | {
    "situation_group": "RI",
    "legislation": "1",
    "ri_category": "2",
}
BETWEEN_COLUMNS = [
    with_row("a birth date of somebody else", "ORIE", {"birth_date": "1985-07-30"}, ("birth_date", "R501")),
    with_row(
        "a birth in the future", "ORIE", {"birth_date": "2085-07-31"}, ("birth_date", "R304"), ("birth_date", "R501")
    ),
    with_row("a record of the future", "STAT", {"recorded_at": "2099-03-03T00:00:00+01:00"}, ("recorded_at", "R304")),
    with_row(
        "no reason for a refusal",
        "STAT",
        {"core_status": "FAILED", "business_status": "UNREACHABLE"},
        ("status_reason_code", "R305"),
    ),
    with_row("a status of another group", "STAT", {"business_status": "TRAINING"}, ("business_status", "R301")),
    with_row("a PIIS code that has ended", "ORIE", {"piis_code": "3"}, ("piis_code", "R302")),
    with_row("exempt, but not voluntary", "ORIE", {"exempt_health_equity": "1"}, ("voluntary", "R305")),
    with_row("the kind of another group", "SITU", {"situation_group": "RI"}, ("situation_kind", "R301")),
    with_row(
        "a suspension of four months",
        "SITU",
        _RI | {"situation_kind": "RI_SUSPENSION", "suspension_months": "4"},
        ("suspension_months", "R314"),
    ),
    with_row(
        "a suspension without its months",
        "SITU",
        _RI | {"situation_kind": "RI_SUSPENSION"},
        ("suspension_months", "R305"),
    ),
    with_row(
        "months of suspension in a grant",
        "SITU",
        _RI | {"situation_kind": "RI_GRANT", "suspension_months": "1"},
        ("suspension_months", "R315"),
    ),
    with_row("full-time with fewer hours", "SITU", {"weekly_hours": "19"}, ("measure_code", "R301")),
    with_row("a contract that ends when it starts", "SITU", {"planned_end": "2025-03-01"}, ("planned_end", "R303")),
    Damaged(
        "two full-time contracts at once",
        "SITU",
        table("SITU", {}, {"contract_id": "C-2025-2"}, {"contract_id": "C-2025-3", "notice_status": "9"}).encode(),
        found=((2, "contract_start", "R502"), (3, "contract_start", "R502")),
        totals=(3, 3, 2, 0),
        cells=("C-2025-2",),
    ),
    with_row("deregistered without a day", "INSC", {"movement": "2"}, ("deregistration_date", "R305")),
    with_row(
        "a day of deregistration for a registration",
        "INSC",
        {"deregistration_date": "2025-03-01"},
        ("deregistration_date", "R315"),
    ),
    with_row("more hours done than planned", "FORM", {"hours_done": "132.1"}, ("hours_done", "R314")),
    with_row("a reason to abandon what is complete", "FORM", {"abandon_reason": "LEVEL"}, ("abandon_reason", "R315")),
    with_row("more places free than there are", "CATA", {"capacity_available": "13"}, ("capacity_available", "R314")),
    with_row("places free of an unknown number", "CATA", {"capacity_maximum": ""}, ("capacity_maximum", "R305")),
    with_row("last seen before it was first seen", "OFFR", {"last_seen": "2025-02-19"}, ("last_seen", "R303")),
    with_row(
        "an event that ends before it starts", "JOBD", {"ends_at": "2025-04-10T07:00:00+00:00"}, ("ends_at", "R303")
    ),
    with_row(
        "declined without a reason",
        "MOBI",
        {"answer": "DECLINED", "attendance": "", "result": ""},
        ("declined_reason", "R305"),
    ),
    with_row("a result of somebody absent", "MOBI", {"attendance": "ABSENT_JUSTIFIED"}, ("result", "R315")),
    with_row("withdrawn before it was recorded", "MANQ", {"withdrawn_on": "2025-02-25"}, ("withdrawn_on", "R303")),
    with_row("an attempt of what needs none", "MANQ", {"kind": "OFFER_REFUSED"}, ("attempt_no", "R315")),
    with_row("a number replaced by itself", "MUTA", {"replaced_by": "85473100020"}, ("replaced_by", "R301")),
    with_row("a number cancelled and replaced", "MUTA", {"kind": "CANCELLED"}, ("replaced_by", "R315")),
]
_PART = {"measure_code": "115", "weekly_hours": "19"}
REPEATED = [
    Damaged(
        "an older version beside a newer one, and another referral",
        "ORIE",
        table("ORIE", {}, {"version": "2"}, {"referral_id": "R62063-2025-000002"}).encode(),
        totals=(3, 3, 0, 0),
        repeated=(0, 1),
    ),
    Damaged(
        "an older version beside a newer one, and another contract",
        "SITU",
        table("SITU", _PART, _PART | {"version": "2"}, _PART | {"contract_id": "C-2025-2"}).encode(),
        totals=(3, 3, 0, 0),
        repeated=(0, 1),
    ),
    Damaged(
        "the same row three times, under other notices",
        "MANQ",
        table("MANQ", {}, {"notice_id": "n-2"}, {"notice_id": "n-3", "recorded_at": "2025-03-01T10:00:00Z"}).encode(),
        totals=(3, 3, 0, 0),
        repeated=(2, 0),
    ),
]
ROWS = [*REPEATED, *NUMBERS, *SPREADSHEET, *SENDERS, *BETWEEN_COLUMNS]
