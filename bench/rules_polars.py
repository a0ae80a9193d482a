"""The rules of ORIE written by hand as polars expressions, by somebody who knows polars and wants them fast.

Nothing is derived from the contract but its code lists and patterns. Each text is tested once, what several
rules need is computed once, and what is dear is only done on texts that need it: the others are null there.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from contracts import codes
from contracts.model import Context
from contracts.parse import DATE, INCOMPLETE_DATE, INTEGER, TIMESTAMP

Rule = tuple[str, str, pl.Expr]  # column, code, is it broken? (null: not judged)

REQUIRED = (
    "notice_id", "version", "notice_status", "effective_date", "recorded_at", "referral_id", "cpas_nis",
    "cpas_dossier_ref", "niss", "last_name", "first_name", "birth_date", "residence_nis", "postal_code",
    "contact_language", "legislation", "ri_start_date", "public", "exempt_health_equity", "legal_basis", "delegation",
    "requested_action", "priority", "referent_id", "referent_phone", "referent_email", "informed_on",
)  # fmt: skip
CODED = {
    "notice_status": codes.NOTICE_STATUS, "sex": codes.SEXES, "contact_language": codes.LANGUAGES,
    "legislation": codes.LEGISLATION, "ri_category": codes.RI_CATEGORY, "piis_code": tuple(codes.PIIS),
    "public": codes.PUBLIC, "exempt_health_equity": codes.BOOLEANS, "voluntary": codes.BOOLEANS,
    "legal_basis": codes.LEGAL_BASIS, "delegation": codes.DELEGATION, "study_level": codes.STUDY_LEVEL,
    "digital_autonomy": codes.DIGITAL_AUTONOMY, "availability": codes.AVAILABILITY, "childcare_need": codes.BOOLEANS,
    "mobility_limited": codes.BOOLEANS, "priority": codes.PRIORITY,
}  # fmt: skip
FORMED = {
    "notice_id": codes.NOTICE_ID, "referral_id": codes.REFERRAL_ID, "cpas_nis": codes.NIS,
    "cpas_dossier_ref": codes.DOSSIER, "residence_nis": codes.NIS, "postal_code": codes.POSTAL_CODE,
    "phone": codes.PHONE, "email": codes.EMAIL, "wished_occupation": codes.OCCUPATION,
    "referent_phone": codes.PHONE, "referent_email": codes.EMAIL,
}  # fmt: skip
NO_CONTROL = r"[\x00-\x1f\x7f]"
LENGTHS = {"last_name": 60, "first_name": 60, "email": 254, "referent_id": 20, "referent_email": 254}
DATES = ("effective_date", "ri_start_date", "availability_from", "informed_on")
WRITTEN = r"[0-9]{2}[.]?[0-9]{2}[.]?[0-9]{2}[-. /]?[0-9]{3}[-. =]?[0-9]{2}"
ALONE = f"(?:^|[^0-9A-Za-z])({WRITTEN})(?:$|[^0-9A-Za-z])"


OFFSETS = {
    f"{sign}{hours:02}:{minutes:02}": timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
    for sign in "+-"
    for hours in range(15)
    for minutes in range(60)
}


def listing(elements: tuple[str, ...]) -> str:
    """Gives the pattern of elements joined by a vertical bar."""
    element = f"({'|'.join(elements)})"
    return f"^{element}([|]{element})*$"


LISTS = {
    "requested_action": ("R301", listing(codes.REQUESTED_ACTION)),
    "driving_license": ("R301", listing(codes.DRIVING_LICENSE)),
    "languages": ("R306", listing((codes.LANGUAGE_LEVEL.strip("^$"),))),
}


def only(text: pl.Expr, condition: pl.Expr) -> pl.Expr:
    """Gives the text where the condition holds, null elsewhere: what follows passes nulls by."""
    return pl.when(condition).then(text)


def canonical(columns: set[str]) -> list[pl.Expr]:
    """Gives the columns that are written in another form when they are accepted."""
    version, moment, dossier = pl.col("version"), pl.col("recorded_at"), pl.col("cpas_dossier_ref")
    number = only(version, ~version.str.contains("^[1-9][0-9]*$")).str.extract("^[+]?0*([0-9]+)$", 1)
    loose = only(dossier, ~dossier.str.contains("^[A-Z1-9][A-Z0-9]*$"))
    bare = loose.str.replace_all(r"[\s\x{a0}/-]", "").str.to_uppercase().str.strip_chars_start("0")
    zero = pl.when((bare == "") & loose.str.contains("0")).then(pl.lit("0")).otherwise(bare)
    made = {
        "version": pl.coalesce(number, version),
        "recorded_at": pl.coalesce(_written_in_full(moment), moment),
        "cpas_dossier_ref": pl.coalesce(zero, dossier),
    }
    return [text.alias(name) for name, text in made.items() if name in columns]


def _written_in_full(moment: pl.Expr) -> pl.Expr:
    """Gives a moment with its seconds, without final zeros, with its offset; null where it is written so already."""
    usual = moment.str.contains("^.{19}([.][0-9]*[1-9])?([+]..|-1.|-0[1-9]):..$")
    odd = only(moment, ~usual & moment.str.contains(TIMESTAMP))
    seconds = odd.str.extract("^.{16}(:..)", 1).fill_null(":00")
    fraction = odd.str.extract("^.{19}([.][0-9]*[1-9])0*[Z+-]", 1).fill_null("")
    offset = odd.str.extract("([+-]..:..)$", 1).fill_null("+00:00").replace("-00:00", "+00:00")
    return pl.concat_str(odd.str.head(16), seconds, fraction, offset)


def parsed(columns: set[str]) -> list[pl.Expr]:
    """Gives dates, the day of recording, numbers: each under its column's name with an underscore before it."""
    version, niss = pl.col("version"), pl.col("niss")
    return [
        *(_date(name) for name in (*DATES, "birth_date") if name in columns),
        only(version, version.str.contains(INTEGER)).cast(pl.Int64, strict=False).alias("_version"),
        _recorded_day(),
        only(niss, niss.str.contains("^[0-9]{11}$")).cast(pl.Int64, strict=False).alias("_niss"),
        *(_suspect(name) for name in ("notice_id", "referral_id", "cpas_nis", "wished_occupation") if name in columns),
    ]


def _recorded_day() -> pl.Expr:
    """Gives the day in Brussels; clock and offset are read apart, as polars reads a fixed form faster."""
    moment = only(pl.col("recorded_at"), pl.col("recorded_at").str.contains(TIMESTAMP))
    clock = moment.str.head(19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    offset = moment.str.tail(6).replace_strict(OFFSETS, default=None, return_dtype=pl.Duration("us"))
    utc = (clock - offset).dt.replace_time_zone("UTC")
    return utc.dt.convert_time_zone("Europe/Brussels").dt.date().alias("_recorded_at")


def _date(name: str) -> pl.Expr:
    text = pl.col(name)
    return only(text, text.str.contains(DATE)).str.to_date("%Y-%m-%d", strict=False).alias(f"_{name}")


def _suspect(name: str) -> pl.Expr:
    """Gives the digits of what is written like a person's number in a text that is long enough for one."""
    long = only(pl.col(name), pl.col(name).str.len_bytes() >= 11)
    found = only(long, long.str.contains(ALONE)).str.extract(ALONE, 1).str.replace_all("[^0-9]", "")
    return found.cast(pl.Int64).alias(f"_in_{name}")


def checked() -> list[pl.Expr]:
    """Gives what the person's number says, its check in either century and its parts, and the birth as YYYYMMDD."""
    n, birth = pl.col("_niss"), pl.col("birth_date")
    readable = pl.col("_birth_date").is_not_null() | (birth.str.ends_with("-00") & birth.str.contains(INCOMPLETE_DATE))
    base, check = n // 100, n % 100
    return [
        (base % 97 + check == 97).alias("_before"),
        ((base + 2_000_000_000) % 97 + check == 97).alias("_after"),
        (n // 10**9).alias("_year"),
        (n // 10**7 % 100).alias("_month_field"),
        (n // 10**7 % 20).alias("_month"),
        (n // 10**5 % 100).alias("_day"),
        (base % 1000).alias("_order"),
        only(birth, readable).str.replace_all("-", "", literal=True).cast(pl.Int64).alias("_born"),
    ]


def possible(context: Context) -> list[pl.Expr]:
    """Gives the full year of birth, whether the number says a birth, and whether that is not in the future."""
    month, day, field = pl.col("_month"), pl.col("_day"), pl.col("_month_field")
    year = pl.col("_year") + pl.when("_after").then(2000).otherwise(1900)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = pl.when(month == 2).then(28 + leap.cast(pl.Int64)).otherwise(30 + (month + month // 8) % 2)
    today = context.received_on
    born = year * 10_000 + pl.when(month == 0).then(0).otherwise(month * 100 + day)
    past = born <= today.year * 10_000 + today.month * 100 + today.day
    right = pl.col("_before") | pl.col("_after")
    whole = (right & (field < 60) & (month <= 12) & ((month == 0) | (day <= last))).fill_null(False)
    return [year.alias("_full_year"), whole.alias("_whole"), (whole & past.fill_null(False)).alias("_possible")]


def rules(columns: set[str], context: Context) -> list[Rule]:
    """Gives the rules of these columns, to be judged after `canonical`, `parsed`, `checked` and `possible`."""
    every = [*_forms(), *_person(), *_communes(context), *_across(context)]
    return [rule for rule in every if rule[0] in columns]


def _forms() -> list[Rule]:
    version, number = pl.col("version"), pl.col("_version")
    found = [(name, "R305", pl.col(name).is_null()) for name in REQUIRED]
    found += [(name, "R301", ~pl.col(name).is_in(allowed)) for name, allowed in CODED.items()]
    found += [(name, "R306", _unlike(name, form)) for name, form in FORMED.items()]
    found += [(name, "R306", _no_line(name)) for name in ("last_name", "first_name", "referent_id", "niss")]
    found += [(name, "R306", pl.col(name).is_not_null() & pl.col(f"_{name}").is_null()) for name in DATES]
    found += [(name, code, ~pl.col(name).str.contains(form)) for name, (code, form) in LISTS.items()]
    found += [
        ("recorded_at", "R306", pl.col("recorded_at").is_not_null() & pl.col("_recorded_at").is_null()),
        ("version", "R306", ~version.str.contains(INTEGER)),
        ("version", "R314", ~number.is_between(1, 2_147_483_647)),
        ("birth_date", "R306", pl.col("birth_date").is_not_null() & pl.col("_born").is_null()),
    ]
    return found


def _unlike(name: str, form: str) -> pl.Expr:
    broken = ~pl.col(name).str.contains(form)
    return broken | (pl.col(name).str.len_chars() > LENGTHS[name]) if name in LENGTHS else broken


def _no_line(name: str) -> pl.Expr:
    broken = pl.col(name).str.contains(NO_CONTROL)
    return broken | (pl.col(name).str.len_chars() > LENGTHS[name]) if name in LENGTHS else broken


def _person() -> list[Rule]:
    niss, ten = pl.col("niss"), pl.col("niss").str.contains("^[0-9]{10}$")
    test = (pl.col("_order") == 0) | ((pl.col("_order") == 999) & (pl.col("_month_field") < 20))
    year, month, day = (pl.col("_born") // 10_000, pl.col("_born") // 100 % 100, pl.col("_born") % 100)
    no_month = (pl.col("_month") == 0) | (month == 0)
    no_day = no_month | (pl.col("_day") == 0) | (day == 0)
    same = (
        (pl.col("_full_year") == year) & (no_month | (pl.col("_month") == month)) & (no_day | (pl.col("_day") == day))
    )
    unknown = (pl.col("_year") == 0) & (pl.col("_month") == 0)
    hidden = ("notice_id", "referral_id", "cpas_nis", "wished_occupation")
    return [
        ("niss", "R101", niss.is_not_null() & ~pl.col("_possible") & ~ten),
        ("niss", "R102", ten),
        ("niss", "R106", pl.col("_possible") & ~test),
        ("birth_date", "R501", pl.col("_whole") & ~same & ~unknown),
        *((name, "R601", _has_check(pl.col(f"_in_{name}"))) for name in hidden),
    ]


def _has_check(n: pl.Expr) -> pl.Expr:
    return (n // 100 % 97 + n % 100 == 97) | ((n // 100 + 2_000_000_000) % 97 + n % 100 == 97)


def _communes(context: Context) -> list[Rule]:
    cpas, home = pl.col("cpas_nis"), pl.col("residence_nis")
    communes, german = list(context.communes), list(context.adg)
    known = cpas.is_in(communes)
    elsewhere = home.str.contains(codes.OUTSIDE_WALLONIA)
    sender = only(pl.col("referral_id"), pl.col("referral_id").str.contains("^R[0-9]{5}-")).str.slice(1, 5)
    entitled = list(context.entitled)
    return [
        ("cpas_nis", "R201", ~known & cpas.str.contains(codes.NIS)),
        ("cpas_nis", "R202", _closed(cpas, context)),
        ("cpas_nis", "R203", cpas.is_in(german)),
        ("cpas_nis", "R205", known & ~cpas.is_in(german) & ~cpas.is_in(entitled)),
        ("residence_nis", "R201", ~home.is_in(communes) & ~elsewhere & home.str.contains(codes.NIS)),
        ("residence_nis", "R202", _closed(home, context)),
        ("referral_id", "R205", ~sender.is_in(entitled)),
    ]


def _closed(nis: pl.Expr, context: Context) -> pl.Expr:
    """Is the commune not in use on the day of effect? Most have one beginning and no end: few texts are looked up."""
    day = pl.col("_effective_date")
    since = {k: v.since for k, v in context.communes.items()}
    until = {k: v.until for k, v in context.communes.items() if v.until}
    ended = only(nis, nis.is_in(list(until)))
    begun = nis.replace_strict(since, default=None, return_dtype=pl.Date)
    return (day < begun) | (day > ended.replace_strict(until, default=None, return_dtype=pl.Date))


def _across(context: Context) -> list[Rule]:
    effective, today = pl.col("_effective_date"), context.received_on
    piis = pl.col("piis_code")
    piis_since = {k: v.since for k, v in codes.PIIS.items() if v.since}
    piis_until = {k: v.until for k, v in codes.PIIS.items() if v.until}
    since = piis.replace_strict(piis_since, default=None, return_dtype=pl.Date)
    until = piis.replace_strict(piis_until, default=None, return_dtype=pl.Date)
    exempt = (pl.col("exempt_health_equity") == "1").fill_null(False)
    return [
        ("recorded_at", "R304", pl.col("_recorded_at") > today),
        ("birth_date", "R304", pl.col("_born") > today.year * 10_000 + today.month * 100 + today.day),
        ("ri_category", "R305", pl.col("ri_category").is_null() & (pl.col("legislation") == "1")),
        ("ri_start_date", "R303", pl.col("_ri_start_date") > effective),
        ("piis_code", "R302", (effective < since) | (effective > until)),
        ("voluntary", "R305", exempt & pl.col("voluntary").ne_missing("1")),
        ("informed_on", "R303", pl.col("_informed_on") > pl.col("_recorded_at")),
    ]
