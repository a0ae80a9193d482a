"""Real exports of Lino Welfare, made by `make lino`, through their profiles.

Its demo's people have numbers that could be somebody's: the exports stay below var/, and nothing here shows a cell.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.codes import PIIS
from contracts.profiles.load import load_profile
from contracts.profiles.source import read_export
from contracts.profiles.translate import Export
from hub.draft import Wanted, draft_file
from hub.settings import load_settings

ROOT = Path(__file__).parents[2]
EXPORTS = Path(os.environ.get("PASSERELLE_VAR", ROOT / "var")).absolute() / "lino" / "exports"
CHATELET = "52012"  # the CPAS whose demo it is
NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
PROFILES = ("clients", "piis", "art60", "art61", "octrois")
PAIRED = ("piis", "octrois")

pytestmark = pytest.mark.skipif(
    not all((EXPORTS / f"{name}.xlsx").is_file() for name in PROFILES),
    reason="the exports of Lino Welfare are not there: `make lino` makes them (it needs a package index)",
)


def drafted(name: str, folder: Path) -> tuple[dict[str, Any], pl.DataFrame]:
    """The command's answer and the draft's rows."""
    beside = EXPORTS / "clients.xlsx" if name in PAIRED else None
    wanted = Wanted(EXPORTS / f"{name}.xlsx", f"lino-{name}", CHATELET, beside, folder / "draft.csv")
    answer = draft_file(load_settings({}), wanted, NOW)
    assert answer["verdict"] == "DRAFT"
    return answer, pl.read_csv(folder / "draft.csv", separator=";", infer_schema=False)


@pytest.mark.parametrize("name", PROFILES)
def test_each_real_export_is_drafted(name: str, tmp_path: Path) -> None:
    """What Lino exports has the layout that its profile says, and at least one row is drafted."""
    answer, rows = drafted(name, tmp_path)
    counts = answer["rows"]
    assert counts["drafted"] == rows.height > 0
    assert counts["export"] == counts["drafted"] + counts["left_out"]


@pytest.mark.parametrize("name", PROFILES)
def test_every_person_number_of_lino_is_read(name: str, tmp_path: Path) -> None:
    """Each number is a right one of eleven digits: the only fault found is that the test environment wants none."""
    answer, rows = drafted(name, tmp_path)
    niss = next(column for column in answer["columns"] if column["column"] == "niss")
    assert set(niss["codes"]) <= {"R106", "R305"}
    assert niss["codes"]["R106"] == rows["niss"].count() > 0


@pytest.mark.parametrize("name", PROFILES)
def test_only_what_lacks_is_missing(name: str, tmp_path: Path) -> None:
    """A column that the profile takes from a real export is never malformed: it is right, empty, or not valid that day.

    Article 61 and 60 contracts, PIIS before November 2016: R302 tells of codes that came later.
    """
    answer, _ = drafted(name, tmp_path)
    mapped = [column for column in answer["columns"] if column["from"]]
    assert {code for column in mapped for code in column["codes"]} <= {"R106", "R302", "R305"}


def test_persons_come_from_the_second_export(tmp_path: Path) -> None:
    """PIIS name clients by number only: with the clients' export most get their person number, archived ones do not."""
    answer, rows = drafted("piis", tmp_path)
    assert rows["niss"].count() > rows.height / 2
    assert rows["niss"].null_count() >= answer["rows"]["unmatched"]
    assert set(rows["piis_code"].drop_nulls()) <= set(PIIS)


@pytest.mark.parametrize("name", PROFILES)
def test_no_cell_of_the_export_is_in_the_answer(name: str, tmp_path: Path) -> None:
    """Neither a name nor a number of a real export is in what the command tells of it."""
    answer, _ = drafted(name, tmp_path)
    told = json.dumps(answer, ensure_ascii=False)
    profile = load_profile(ROOT / "partners" / "profiles" / f"lino-{name}.toml")
    export = read_export((EXPORTS / f"{name}.xlsx").read_bytes(), profile.source, profile.read)
    assert isinstance(export, Export)
    who = [column for column in ("NISS", "Bénéficiaire", "Nom de famille", "adresse e-mail") if column in profile.read]
    texts = {text for column in who for text in export.rows[column].drop_nulls()}
    assert texts
    assert not [text for text in texts if text in told]
