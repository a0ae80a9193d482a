"""The benchmark's own ground: its files have every fault it speaks of, and its engines find the same."""

from pathlib import Path

import polars as pl
import pytest
from play import PROJECT

from bench.engines import compiled, hand, pandera_polars
from bench.outcome import Outcome, Watch
from bench.people import FAULTS, referrals, write
from bench.report import write_page
from bench.subject import narrow, wide
from contracts.model import Contract

ROWS = 3_000
FOUND_BY = {
    "checksum": ("niss", "R101"),
    "ten digits": ("niss", "R102"),
    "31 February": ("ri_start_date", "R306"),
    "code": ("study_level", "R301"),
    "commune": ("residence_nis", "R201"),
    "no name": ("last_name", "R305"),
    "order of dates": ("ri_start_date", "R303"),
    "PIIS": ("piis_code", "R302"),
    "phone": ("phone", "R306"),
    "e-mail": ("email", "R306"),
    "element of a list": ("requested_action", "R301"),
    "no category": ("ri_category", "R305"),
}
ENGINES = {
    "hand, table": hand.run_eager,
    "hand, parquet": hand.run_sink,
    "compiled": compiled.run,
    "compiled, parquet": compiled.run_stream,
    "product": compiled.run_product,
    "pandera": pandera_polars.run,
    "pandera, frame": pandera_polars.run_frame,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files of the whole contract, of fifteen columns, and with one rule failing on every row."""
    folder = tmp_path_factory.mktemp("bench")
    paths = {kind: folder / f"{kind}.csv" for kind in ("wide", "narrow", "late")}
    for kind, path in paths.items():
        write(path, ROWS, narrow=kind == "narrow", every_row_late=kind == "late")
    return paths


def judged(engine: str, path: Path, contract: Contract) -> Outcome:
    """Runs one engine on one file."""
    outcome: Outcome = ENGINES[engine](path, contract, Watch())
    return outcome


def test_every_fault_is_found_in_the_file(data: dict[str, Path]) -> None:
    """Each of the twelve kinds of fault has its code on its column, on about two rows in a hundred altogether."""
    outcome = hand.run(data["wide"], wide(), Watch())
    found = set(outcome.found.select("column", "code").iter_rows())
    assert {FOUND_BY[fault] for fault in FAULTS} <= found
    assert found - set(FOUND_BY.values()) <= {("birth_date", "R306"), ("birth_date", "R501"), ("cpas_nis", "R202")}
    assert 0.01 < 1 - outcome.accepted / ROWS < 0.03


@pytest.mark.parametrize("kind", ["wide", "narrow", "late"])
@pytest.mark.parametrize("engine", ENGINES)
def test_engines_find_the_same(engine: str, kind: str, data: dict[str, Path]) -> None:
    """Line, column and code of every failure, and the number of accepted rows, are those of the rules by hand."""
    contract = narrow() if kind == "narrow" else wide()
    expected = hand.run(data[kind], contract, Watch())
    outcome = judged(engine, data[kind], contract)
    assert outcome.accepted == expected.accepted
    assert outcome.found.sort("line", "column", "code").equals(expected.found)


def test_accepted_rows_are_the_same(data: dict[str, Path]) -> None:
    """What is accepted is written in the same canonical form by both."""
    by_hand, by_us = hand.run_eager(data["wide"], wide(), Watch()), compiled.run(data["wide"], wide(), Watch())
    assert by_us.rows.select(wide().columns).equals(by_hand.rows.select(wide().columns))
    assert by_hand.rows.height == by_hand.accepted


def test_files_are_the_same_every_time() -> None:
    """A part of a file depends on the number of its rows alone; the next part goes on with other rows."""
    assert referrals(0, 300).equals(referrals(0, 300))
    both = pl.concat([referrals(0, 10), referrals(10, 10)])
    assert both["referral_id"].n_unique() == both["notice_id"].n_unique() == 20


@pytest.mark.parametrize("name", ["figures", "reconcile", "ledger", "privacy"])
def test_the_page_of_figures_has_a_place_for_each_benchmark(name: str, tmp_path: Path) -> None:
    """What `--write` puts between two marks is there, and nothing else of the page is touched."""
    page = tmp_path / "benchmarks.md"
    before = (PROJECT / "docs" / "benchmarks.md").read_text("utf-8")
    page.write_text(before, "utf-8")
    write_page(page, ["a line"], name)
    after = page.read_text("utf-8")
    start, end = after.split(f"<!-- {name}: begin -->\na line\n<!-- {name}: end -->")
    assert before.startswith(start)
    assert before.endswith(end)
