"""DuckDB: the same rules in SQL; a row's broken rules are bits of two numbers, and those of bad rows become a list."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import polars as pl

from bench.engines.hand import WARNING
from bench.outcome import Outcome, Watch
from bench.rules_polars import ALONE, CODED, DATES, FORMED, LENGTHS, LISTS, REQUIRED
from bench.subject import context
from contracts import codes
from contracts.model import Context, Contract
from contracts.parse import DATE, INCOMPLETE_DATE, INTEGER, TIMESTAMP

Rule = tuple[str, str, str]  # column, code, the SQL of when it is broken
BITS = 62  # of each number
CONTROL = r"[\x00-\x1f\x7f]"
RIGHT = "(({0} // 100) % 97 + {0} % 100 = 97)"
RIGHT_2000 = "((({0} // 100) + 2000000000) % 97 + {0} % 100 = 97)"


def run(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """Reads and judges into a table in memory, of which the accepted rows and the broken rules are taken."""
    known, columns = context(), set(contract.columns)
    own = [rule for rule in rules(known) if rule[0] in columns]
    base = duckdb.connect()
    base.execute(f"CREATE TEMP TABLE judged AS {judging(path, contract, own, known)}")
    errors = _masks(n for n, (_, code, _) in enumerate(own) if code not in WARNING)
    good = " AND ".join(f"(m{place} & {mask}) = 0" for place, mask in enumerate(errors))
    accepted = base.sql(f"SELECT line, {', '.join(contract.columns)} FROM judged WHERE {good}").to_arrow_table()
    marked = pl.DataFrame(base.sql("SELECT line, m0, m1 FROM judged WHERE m0 <> 0 OR m1 <> 0").to_arrow_table())
    return Outcome(accepted, accepted.num_rows, _found(marked, own))


def _found(marked: pl.DataFrame, own: list[Rule]) -> pl.DataFrame:
    parts = [
        marked.lazy()
        .filter(pl.col(f"m{n // BITS}") & (1 << n % BITS) != 0)
        .select(pl.col("line").cast(pl.Int64), column=pl.lit(column), code=pl.lit(code))
        for n, (column, code, _) in enumerate(own)
    ]
    return pl.concat(parts).collect().sort("line", "column", "code")


def _masks(bits: Iterable[int]) -> tuple[int, int]:
    low, high = 0, 0
    for n in bits:
        low, high = (low | 1 << n, high) if n < BITS else (low, high | 1 << n - BITS)
    return low, high


def judging(path: Path, contract: Contract, own: list[Rule], known: Context) -> str:
    """Gives the query of canonical texts and of two numbers whose bits are the broken rules."""
    columns = contract.columns
    sums = ["0", "0"]
    for n, (_, _, broken) in enumerate(own):
        sums[n // BITS] += f" + CASE WHEN {broken} THEN {1 << n % BITS} ELSE 0 END"
    read = f"""SELECT row_number() OVER () + 1 AS line, * FROM read_csv('{path}', delim=';', header=true,
        all_varchar=true, nullstr='', quote='"', columns={dict.fromkeys(columns, "VARCHAR")})"""
    texts = ", ".join(_canonical(name) for name in columns)
    return f"""WITH read AS ({read}), texts AS (SELECT line, {texts} FROM read),
        parsed AS (SELECT *, {_parsed(set(columns))} FROM texts), parts AS (SELECT *, {_parts()} FROM parsed),
        whole AS (SELECT *, {_whole(known)} FROM parts)
        SELECT line, {", ".join(columns)}, ({sums[0]})::BIGINT AS m0, ({sums[1]})::BIGINT AS m1 FROM whole"""


def _q(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _like(name: str, pattern: str) -> str:
    return f"regexp_matches({name}, {_q(pattern)})"


def _in(name: str, options: Iterable[str]) -> str:
    return f"{name} IN ({', '.join(map(_q, options))})"


def _canonical(name: str) -> str:
    if name == "version":
        bare = f"regexp_replace({name}, '^[+]?0*([0-9]+)$', '\\1')"
        return f"CASE WHEN {_like(name, '^[1-9][0-9]*$')} THEN {name} ELSE {bare} END {name}"
    if name == "recorded_at":
        odd = f"regexp_replace({name}, '^(.{{16}})(Z|[+-].....)$', '\\1:00\\2')"
        odd = f"regexp_replace({odd}, '^(.{{19}}[.][0-9]*?)0+(Z|[+-].....)$', '\\1\\2')"
        odd = f"regexp_replace(regexp_replace({odd}, '[.](Z|[+-].....)$', '\\1'), '(Z|-00:00)$', '+00:00')"
        usual = "^.{19}([.][0-9]*[1-9])?([+]..|-1.|-0[1-9]):..$"
        return f"CASE WHEN {_like(name, usual)} OR NOT {_like(name, TIMESTAMP)} THEN {name} ELSE {odd} END {name}"
    if name == "cpas_dossier_ref":
        bare = f"regexp_replace(upper(regexp_replace({name}, '[\\s\\x{{a0}}/-]', '', 'g')), '^0+(.)', '\\1')"
        return f"CASE WHEN {_like(name, '^[A-Z1-9][A-Z0-9]*$')} THEN {name} ELSE {bare} END {name}"
    return name


def _parsed(columns: set[str]) -> str:
    dates = [
        f"CASE WHEN {_like(c, DATE)} THEN TRY_CAST({c} AS DATE) END _{c}"
        for c in (*DATES, "birth_date")
        if c in columns
    ]
    eleven = _like("niss", "^[0-9]{11}$")
    hidden = [
        f"CASE WHEN length({c}) >= 11 AND {_like(c, ALONE)} THEN "
        f"TRY_CAST(regexp_replace(regexp_extract({c}, {_q(ALONE)}, 1), '[^0-9]', '', 'g') AS BIGINT) END _in_{c}"
        for c in ("notice_id", "referral_id", "cpas_nis", "wished_occupation")
        if c in columns
    ]
    return ", ".join([
        *dates, *hidden,
        f"CASE WHEN {_like('version', INTEGER)} THEN TRY_CAST(version AS BIGINT) END _version",
        f"(CASE WHEN {_like('recorded_at', TIMESTAMP)} THEN TRY_CAST(recorded_at AS TIMESTAMPTZ) END "
        "AT TIME ZONE 'Europe/Brussels')::DATE _recorded_at",
        f"CASE WHEN {eleven} THEN TRY_CAST(niss AS BIGINT) END _niss",
    ])  # fmt: skip


def _parts() -> str:
    opened = f"(suffix(birth_date, '-00') AND {_like('birth_date', INCOMPLETE_DATE)})"
    readable = f"(_birth_date IS NOT NULL OR {opened})"
    return f"""{RIGHT.format("_niss")} _before, {RIGHT_2000.format("_niss")} _after, _niss // 1000000000 _year,
        _niss // 10000000 % 100 _field, _niss // 10000000 % 20 _month, _niss // 100000 % 100 _day,
        _niss // 100 % 1000 _order, CASE WHEN {readable} THEN CAST(replace(birth_date, '-', '') AS BIGINT) END _born"""


def _whole(known: Context) -> str:
    today = known.received_on.strftime("%Y%m%d")
    year = "(_year + CASE WHEN _after THEN 2000 ELSE 1900 END)"
    leap = f"CASE WHEN {year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0) THEN 29 ELSE 28 END"
    last = f"CASE WHEN _month = 2 THEN {leap} ELSE 30 + (_month + _month // 8) % 2 END"
    born = f"{year} * 10000 + CASE WHEN _month = 0 THEN 0 ELSE _month * 100 + _day END"
    whole = f"(_before OR _after) AND _field < 60 AND _month <= 12 AND (_month = 0 OR _day <= {last})"
    return f"""{year} _full_year, coalesce({whole}, false) _whole,
        coalesce({whole} AND {born} <= {today}, false) _possible"""


def rules(known: Context) -> list[Rule]:
    """Gives the rules of all columns; what is null is not broken."""
    return [*_forms(), *_person(), *_communes(known), *_across(known)]


def _forms() -> list[Rule]:
    found = [(name, "R305", f"{name} IS NULL") for name in REQUIRED]
    found += [(name, "R301", f"NOT {_in(name, allowed)}") for name, allowed in CODED.items()]
    found += [(name, "R306", f"NOT {_like(name, form)}{_long(name)}") for name, form in FORMED.items()]
    texts = ("last_name", "first_name", "referent_id", "niss")
    found += [(name, "R306", f"{_like(name, CONTROL)}{_long(name)}") for name in texts]
    found += [(name, "R306", f"{name} IS NOT NULL AND _{name} IS NULL") for name in (*DATES, "recorded_at")]
    found += [(name, code, f"NOT {_like(name, form)}") for name, (code, form) in LISTS.items()]
    return [
        *found,
        ("version", "R306", f"NOT {_like('version', INTEGER)}"),
        ("version", "R314", "_version NOT BETWEEN 1 AND 2147483647"),
        ("birth_date", "R306", "birth_date IS NOT NULL AND _born IS NULL"),
    ]


def _long(name: str) -> str:
    return f" OR length({name}) > {LENGTHS[name]}" if name in LENGTHS else ""


def _person() -> list[Rule]:
    ten, month, day = _like("niss", "^[0-9]{10}$"), "(_born // 100 % 100)", "(_born % 100)"
    no_month = f"(_month = 0 OR {month} = 0)"
    no_day = f"({no_month} OR _day = 0 OR {day} = 0)"
    same = f"(_full_year = _born // 10000 AND ({no_month} OR _month = {month}) AND ({no_day} OR _day = {day}))"
    hidden = ("notice_id", "referral_id", "cpas_nis", "wished_occupation")
    return [
        ("niss", "R101", f"niss IS NOT NULL AND NOT _possible AND NOT {ten}"),
        ("niss", "R102", ten),
        ("niss", "R106", "_possible AND NOT (_order = 0 OR (_order = 999 AND _field < 20))"),
        ("birth_date", "R501", f"_whole AND NOT {same} AND NOT (_year = 0 AND _month = 0)"),
        *((c, "R601", f"{RIGHT.format(f'_in_{c}')} OR {RIGHT_2000.format(f'_in_{c}')}") for c in hidden),
    ]


def _communes(known: Context) -> list[Rule]:
    cpas, home = _in("cpas_nis", known.communes), _in("residence_nis", known.communes)
    german, entitled = _in("cpas_nis", known.adg), _in("cpas_nis", known.entitled)
    elsewhere, a_code = _like("residence_nis", codes.OUTSIDE_WALLONIA), _like("residence_nis", codes.NIS)
    sender = f"substr(referral_id, 2, 5) NOT IN ({', '.join(map(_q, known.entitled))})"
    return [
        ("cpas_nis", "R201", f"NOT {cpas} AND {_like('cpas_nis', codes.NIS)}"),
        ("cpas_nis", "R202", _closed("cpas_nis", dict(known.communes))),
        ("cpas_nis", "R203", german),
        ("cpas_nis", "R205", f"{cpas} AND NOT {german} AND NOT {entitled}"),
        ("residence_nis", "R201", f"NOT {home} AND NOT {elsewhere} AND {a_code}"),
        ("residence_nis", "R202", _closed("residence_nis", dict(known.communes))),
        ("referral_id", "R205", f"{_like('referral_id', '^R[0-9]{5}-')} AND {sender}"),
    ]


def _closed(column: str, lists: dict[str, codes.Validity]) -> str:
    """Is the code not in use on the day of effect? Codes with the same days are looked up together."""
    days: dict[tuple[str, str], list[str]] = {}
    for code, validity in lists.items():
        for sign, day in (("<", validity.since), (">", validity.until)):
            if day:
                days.setdefault((sign, day.isoformat()), []).append(code)
    return " OR ".join(
        f"(_effective_date {sign} DATE '{day}' AND {_in(column, some)})" for (sign, day), some in days.items()
    )


def _across(known: Context) -> list[Rule]:
    today = f"DATE '{known.received_on}'"
    return [
        ("recorded_at", "R304", f"_recorded_at > {today}"),
        ("birth_date", "R304", f"_born > {known.received_on:%Y%m%d}"),
        ("ri_category", "R305", "ri_category IS NULL AND legislation = '1'"),
        ("ri_start_date", "R303", "_ri_start_date > _effective_date"),
        ("piis_code", "R302", _closed("piis_code", dict(codes.PIIS))),
        ("voluntary", "R305", "exempt_health_equity = '1' AND voluntary IS DISTINCT FROM '1'"),
        ("informed_on", "R303", "_informed_on > _recorded_at"),
    ]
