"""pandera on pandas: the same rules in a pandas schema with whole-column checks, texts held by Arrow.

A rule across columns is a check of the frame, as pandera's pages show it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
import polars as pl
import pyarrow as arrow
from pandera.errors import SchemaErrors
from pyarrow import csv

from bench import rules_python as plain
from bench.outcome import FOUND, Outcome, Watch
from bench.rules_polars import ALONE, CODED, DATES, FORMED, LENGTHS, LISTS, REQUIRED
from bench.subject import context
from contracts import codes
from contracts.model import Context, Contract
from contracts.parse import DATE, INCOMPLETE_DATE, INTEGER, TIMESTAMP

TEXT = pd.StringDtype("pyarrow", na_value=np.nan)  # what pandas 3 calls str
Holds = Callable[[pd.DataFrame], pd.Series]


def run(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """Reads with Arrow, validates all at once, drops the rows with a failure that is not a warning."""
    with watch("read"):
        frame = read(path, contract)
    known = context()
    write_canonically(frame)
    schema = schema_of(contract, known)
    wide = pd.concat([frame, parsed(frame)], axis=1)
    found = pl.DataFrame(schema=FOUND)
    try:
        schema.validate(wide, lazy=True)
    except SchemaErrors as errors:
        found = _found(errors.failure_cases)
    bad = found.filter(pl.col("code") != "R202")["line"].unique().to_numpy()
    accepted = frame.drop(index=bad)
    return Outcome(accepted, len(accepted), found)


def read(path: Path, contract: Contract) -> pd.DataFrame:
    """Gives every cell as a text; the index is the line. (pandas' own reader would drop the zero of a number.)"""
    options = csv.ConvertOptions(column_types=dict.fromkeys(contract.columns, arrow.string()), strings_can_be_null=True)
    table = csv.read_csv(path, parse_options=csv.ParseOptions(delimiter=";"), convert_options=options)
    frame = table.to_pandas(types_mapper={arrow.string(): TEXT}.get, split_blocks=True, self_destruct=True)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return frame


def write_canonically(frame: pd.DataFrame) -> None:
    """Writes in their one form the few texts that are written otherwise."""
    forms = {
        "version": ("^[1-9][0-9]*$", plain.canonical_number),
        "recorded_at": (r"^.{10}T..:..:..([.][0-9]*[1-9])?([+].|-1|-0[1-9]).:..$", plain.canonical_moment),
        "cpas_dossier_ref": ("^[A-Z1-9][A-Z0-9]*$", plain.canonical_dossier),
    }
    for name, (usual, written) in forms.items():
        if name in frame:
            odd = ~frame[name].str.match(usual, na=True).astype(bool)
            frame.loc[odd, name] = frame.loc[odd, name].map(written, na_action="ignore").astype(TEXT)


def parsed(frame: pd.DataFrame) -> pd.DataFrame:
    """Gives the values beside the texts: dates, the day of recording, the parts of the person's number."""
    values = {f"_{name}": _date(frame[name]) for name in DATES if name in frame}
    recorded = frame["recorded_at"].where(_like(frame["recorded_at"], TIMESTAMP))
    moment = pd.to_datetime(recorded, format="ISO8601", utc=True, errors="coerce").dt.tz_convert("Europe/Brussels")
    values["_recorded_at"] = moment.dt.tz_localize(None).dt.normalize()
    version = frame["version"].where(_like(frame["version"], INTEGER))
    values["_version"] = pd.to_numeric(version, errors="coerce")
    return pd.DataFrame(values | _person(frame), index=frame.index)


def _date(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text.where(_like(text, DATE)), format="%Y-%m-%d", errors="coerce")


def _like(text: pd.Series, pattern: str) -> pd.Series:
    return text.str.contains(pattern.replace("(", "(?:").replace("(?:?:", "(?:"), na=False).astype(bool)


def _person(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Gives the number's year by its check, whether it is right, possible, and agrees with the birth date."""
    eleven = _like(frame["niss"], "^[0-9]{11}$")
    n = pd.to_numeric(frame["niss"].where(eleven, "0")).to_numpy(np.int64)
    base, check, field = n // 100, n % 100, n // 10**7 % 100
    month, day, short = field % 20, n // 10**5 % 100, n // 10**9
    after = (base + 2_000_000_000) % 97 + check == 97
    right = eleven.to_numpy() & (after | (base % 97 + check == 97))
    year = short + np.where(after, 2000, 1900)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = np.where(month == 2, 28 + leap, 30 + (month + month // 8) % 2)
    order = base % 1000
    whole = right & (field < 60) & (month <= 12) & ((month == 0) | (day <= last))
    given = _given(frame["birth_date"])
    parts = {
        "_whole": whole,
        "_born": year * 10_000 + np.where(month == 0, 0, month * 100 + day),
        "_test": (order == 0) | ((order == 999) & (field < 20)),
        "_given": given,
        "_same": ~whole | ((short == 0) & (month == 0)) | _same(given, year, month, day),
    }
    return {name: pd.Series(part, index=frame.index) for name, part in parts.items()}


def _given(birth: pd.Series) -> np.ndarray:
    """Gives a birth date as YYYYMMDD, 0 where it cannot be read."""
    unread = _date(birth).isna()
    unread &= ~(birth.str.endswith("-00", na=False) & _like(birth, INCOMPLETE_DATE))
    return pd.to_numeric(birth.mask(unread, "0").str.replace("-", "", regex=False)).to_numpy(np.int64)


def _same(given: np.ndarray, year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    no_month = (month == 0) | (given // 100 % 100 == 0)
    no_day = no_month | (day == 0) | (given % 100 == 0)
    same = (year == given // 10_000) & (no_month | (month == given // 100 % 100)) & (no_day | (day == given % 100))
    return (given == 0) | same


def schema_of(contract: Contract, known: Context) -> pa.DataFrameSchema:
    """Gives the pandas schema of this contract: a column for each text, a check of the frame for each other rule."""
    columns = {name: pa.Column(TEXT, _own(name, known), nullable=name not in REQUIRED) for name in contract.columns}
    across = [
        pa.Check(holds, error=f"{column}:{code}")
        for column, code, holds in _across(known)
        if column in contract.columns
    ]
    return pa.DataFrameSchema(columns, checks=across)


def _own(name: str, known: Context) -> list[pa.Check]:
    checks = [_check(code, holds) for code, holds in _communes(name, known)]
    if name in CODED:
        checks.append(pa.Check.isin(CODED[name], error="R301"))
    pattern = FORMED.get(name, INTEGER if name == "version" else None)
    if name in LISTS:
        checks.append(_check(LISTS[name][0], lambda text: _like(text, LISTS[name][1])))
    elif pattern:
        checks.append(_check("R306", lambda text: _like(text, pattern) & _fits(text, name)))
    elif name in ("last_name", "first_name", "referent_id", "niss"):
        checks.append(_check("R306", lambda text: ~_like(text, r"[\x00-\x1f\x7f]") & _fits(text, name)))
    if name in ("notice_id", "referral_id", "cpas_nis", "wished_occupation"):
        checks.append(_check("R601", _hides_nothing))
    return checks


def _check(code: str, holds: Callable[[pd.Series], pd.Series]) -> pa.Check:
    return pa.Check(holds, error=code)


def _fits(text: pd.Series, name: str) -> pd.Series | bool:
    return text.str.len() <= LENGTHS[name] if name in LENGTHS else True


def _hides_nothing(text: pd.Series) -> pd.Series:
    holds = pd.Series(True, index=text.index)
    long = text[text.str.len() >= 11]
    suspect = long[_like(long, ALONE)]
    holds[suspect.index] = ~suspect.map(plain.hides_niss).astype(bool)
    return holds


def _communes(name: str, known: Context) -> list[tuple[str, Callable[[pd.Series], pd.Series]]]:
    communes, german, entitled = list(known.communes), list(known.adg), list(known.entitled)
    if name == "cpas_nis":
        return [
            ("R201", lambda nis: nis.isin(communes) | ~_like(nis, codes.NIS)),
            ("R203", lambda nis: ~nis.isin(german)),
            ("R205", lambda nis: ~nis.isin(communes) | nis.isin(german) | nis.isin(entitled)),
        ]
    if name == "residence_nis":
        return [("R201", lambda nis: nis.isin(communes) | _like(nis, codes.OUTSIDE_WALLONIA) | ~_like(nis, codes.NIS))]
    if name == "referral_id":
        return [("R205", lambda text: ~_like(text, "^R[0-9]{5}-") | text.str.slice(1, 6).isin(entitled))]
    return []


def _across(known: Context) -> list[tuple[str, str, Holds]]:
    today = pd.Timestamp(known.received_on)
    limit = today.year * 10_000 + today.month * 100 + today.day
    communes = dict(known.communes)
    possible: Holds = lambda f: f["_whole"] & (f["_born"] <= limit)  # noqa: E731 - used twice below
    rules: list[tuple[str, str, Holds]] = [
        ("version", "R314", lambda f: f["_version"].isna() | f["_version"].between(1, 2_147_483_647)),
        ("recorded_at", "R306", lambda f: f["recorded_at"].isna() | f["_recorded_at"].notna()),
        ("recorded_at", "R304", lambda f: ~(f["_recorded_at"] > today)),
        ("niss", "R101", lambda f: f["niss"].isna() | possible(f) | _like(f["niss"], "^[0-9]{10}$")),
        ("niss", "R102", lambda f: ~_like(f["niss"], "^[0-9]{10}$")),
        ("niss", "R106", lambda f: ~possible(f) | f["_test"]),
        ("birth_date", "R306", lambda f: f["birth_date"].isna() | (f["_given"] > 0)),
        ("birth_date", "R304", lambda f: f["_given"] <= limit),
        ("birth_date", "R501", lambda f: f["_same"]),
        ("cpas_nis", "R202", lambda f: _open(f["cpas_nis"], communes, f["_effective_date"])),
        ("residence_nis", "R202", lambda f: _open(f["residence_nis"], communes, f["_effective_date"])),
        ("ri_category", "R305", lambda f: f["ri_category"].notna() | (f["legislation"] != "1")),
        ("ri_start_date", "R303", lambda f: ~(f["_ri_start_date"] > f["_effective_date"])),
        ("piis_code", "R302", lambda f: _open(f["piis_code"], dict(codes.PIIS), f["_effective_date"])),
        ("voluntary", "R305", lambda f: (f["voluntary"] == "1") | (f["exempt_health_equity"] != "1")),
        ("informed_on", "R303", lambda f: ~(f["_informed_on"] > f["_recorded_at"])),
    ]
    return rules + [(name, "R306", _date_form(name)) for name in DATES]


def _date_form(name: str) -> Holds:
    return lambda f: f[name].isna() | f[f"_{name}"].notna()


def _open(code: pd.Series, lists: dict[str, codes.Validity], day: pd.Series) -> pd.Series:
    since = code.map({k: pd.Timestamp(v.since) for k, v in lists.items() if v.since})
    until = code.map({k: pd.Timestamp(v.until) for k, v in lists.items() if v.until})
    return ~((day < since) | (day > until))


def _found(cases: pd.DataFrame) -> pl.DataFrame:
    """Gives line, column and code; of a check of the frame pandera lists every cell of the row."""
    cases = cases[["index", "column", "check"]].drop_duplicates() if len(cases) else cases
    across = cases["check"].str.contains(":", regex=False)
    named = cases["check"].where(across, cases["column"] + ":" + cases["check"].replace({"not_nullable": "R305"}))
    told = pl.DataFrame({"line": cases["index"].to_numpy(np.int64), "told": named.to_list()})
    parts = pl.col("told").str.split(":")
    return (
        told.select("line", column=parts.list.first(), code=parts.list.last()).unique().sort("line", "column", "code")
    )
