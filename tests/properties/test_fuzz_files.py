"""Any file at all is answered: no error, no endless work, no cell repeated, totals that add up.

Each file is drawn from a seed, so that one that fails can be had again: PASSERELLE_FUZZ says how many files,
PASSERELLE_FUZZ_SEED which is the first (`make fuzz` tries 100,000 and says how far it came).
"""

import io
import json
import multiprocessing
import os
import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.findings import CATALOGUE
from contracts.judge import FIRST
from contracts.model import FileFormat, Limits
from contracts.reader import Refusal, read_table
from contracts.registry import lookup
from contracts.words import LANGUAGES
from hub.check import COUNTS, Asked, check_file
from hub.check_text import lines
from hub.flow.process import context
from hub.partners import Registry, load_registry
from hub.settings import load_settings
from hub.validate import validate
from tests.corpus.declare import CPAS, declare
from tests.corpus.mutate import CANARIES, CELLS, FEEDS, FORMS, WORD, Drawn, drawn
from tests.corpus.recipe import GOOD

FILES = int(os.environ.get("PASSERELLE_FUZZ", "400"))
FIRST_SEED = int(os.environ.get("PASSERELLE_FUZZ_SEED", "1"))
CHUNK = 250
CPU_SECONDS = 30  # a guard of the campaign: the slowest file takes some tenths of one
DAY = date(2025, 3, 2)
HIDDEN = re.compile("|".join(re.escape(canary) for canary in CANARIES))
COUNTED = re.compile(r"(?:empty|\d+ (?:digit|letter|other)s?(?:, \d+ (?:letter|other)s?)*)")


class EndlessError(Exception):
    """A file took longer than any should."""


@contextmanager
def bounded() -> Iterator[None]:
    """Stops what takes too much of the processor."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@cache
def folder() -> Path:
    """Gives a folder of this process."""
    return Path(tempfile.mkdtemp(prefix="passerelle-fuzz-"))


@cache
def registry_folder(form: FileFormat) -> Path:
    """Makes a registry whose partners declare this form."""
    made = Path(tempfile.mkdtemp(dir=folder()))
    declare(made, form)
    return made


@cache
def registry() -> Registry:
    """Gives the registry of the partners as they are."""
    return load_registry(registry_folder(FileFormat()))


def answered(file: Drawn, number: int) -> Counter[str]:
    """Holds all that must be true of the answer to a file, and gives its codes."""
    path = folder() / ("file.xlsx" if file.form.kind == "xlsx" else "file.csv")
    path.write_bytes(file.data)
    environment = load_settings({"PASSERELLE_ENVIRONMENT": file.environment})
    hub = replace(environment, partners=registry_folder(file.form), limits=file.limits)
    language = "en" if number % 2 else LANGUAGES[number // 2 % len(LANGUAGES)]
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed), bounded():
        answer = check_file(hub, Asked(path, file.feed, CPAS, language))
        text = "\n".join(lines(answer, language))
    assert printed.getvalue() == ""
    assert not HIDDEN.search(text), "a cell in the text"
    assert not HIDDEN.search(json.dumps(answer, ensure_ascii=False)), "a cell in the answer"
    _adds_up(answer)
    if language == "en":
        _shows_counts_only(answer, file.feed)
    if number % 8 == 0:
        _rows_add_up(file)
    return Counter(answer["codes"]) or Counter(["accepted"])


def _adds_up(answer: dict[str, Any]) -> None:
    counts = {name: answer[name] for name in COUNTS}
    assert all(count >= 0 for count in counts.values())
    assert counts["read"] == sum(counts[name] for name in ("accepted", "rejected", "duplicate", "superseded"))
    found = Counter(f["code"] for f in answer["findings"] if f["code"] != "F18")
    assert set(found) == set(answer["codes"]) <= set(CATALOGUE)
    assert all(min(FIRST, answer["codes"][code]) == kept for code, kept in found.items())
    wrong = {f["line"] for f in answer["findings"] if f["severity"] == "ERROR" and f["line"] and f["code"][0] == "R"}
    assert all(f["line"] is None or f["line"] >= 1 for f in answer["findings"])
    if answer["verdict"] == "ACCEPTED":
        assert len(wrong) == counts["rejected"] if max(found.values(), default=0) < FIRST else wrong
    else:
        assert counts["accepted"] == counts["duplicate"] == counts["superseded"] == counts["warnings"] == 0
        assert answer["code"] == "F18" or counts["read"] == 0


def _shows_counts_only(answer: dict[str, Any], feed: str) -> None:
    """A shape of a row is made of counts and of the contract's own words."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    expected = {field.name: field.expected for field in contract.fields}
    for finding in answer["findings"]:
        if finding["column"] is not None:
            counts, wanted, rest = finding["shape"].partition(f", {expected[finding['column']]} expected")
            assert COUNTED.fullmatch(counts.removesuffix(", not a possible value")), finding["code"]
            assert (wanted, rest) == ("", "") or not rest


def _rows_add_up(file: Drawn) -> None:
    """What is accepted and what is rejected are different rows, and together all of them."""
    contract = lookup(file.feed, "in", 1, file.environment)
    assert contract is not None
    table = read_table(file.data, contract, file.form, file.limits)
    if isinstance(table, Refusal):
        assert CATALOGUE[table.code].severity == "ERROR"
        return
    result = validate(table, contract, context(registry(), CPAS, DAY), file.form, first=10**6)
    errors = set(result.findings.filter(severity="ERROR")["line"])
    accepted = set(result.rows["line"])
    assert result.read == result.accepted + result.rejected == table.read
    assert (len(accepted), len(errors)) == (result.accepted, result.rejected)
    assert not accepted & errors
    assert accepted | errors == set(table.lines) | {finding.line for finding in table.ragged}
    assert result.counts == dict(sorted(Counter(result.findings["code"]).items()))
    assert result.warned == len(set(result.findings.filter(severity="WARNING")["line"]) & accepted)


def chunk(first: int, count: int) -> tuple[Counter[str], list[str], float]:
    """Answers the files of some seeds; gives their codes, what failed, and the longest time of a file."""
    met, failed, longest = Counter[str](), list[str](), 0.0
    for seed in range(first, first + count):
        started = time.process_time()
        try:
            met.update(answered(drawn(seed), seed))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed.append(f"seed {seed}: {type(error).__name__} {str(error)[:200]}")
        longest = max(longest, time.process_time() - started)
    return met, failed, longest


def _chunk(bounds: tuple[int, int]) -> tuple[int, Counter[str], list[str], float]:
    return bounds[1], *chunk(*bounds)


def _many(first: int, count: int) -> tuple[Counter[str], list[str]]:
    """Answers many files in two processes and says how far it came, so that one can go on from there."""
    bounds = [(at, min(CHUNK, first + count - at)) for at in range(first, first + count, CHUNK)]
    met, failed, done, started, longest = Counter[str](), list[str](), 0, time.monotonic(), 0.0
    with multiprocessing.get_context("spawn").Pool(2, _one_thread) as pool:
        for files, codes, wrong, slowest in pool.imap(_chunk, bounds):
            done, longest = done + files, max(longest, slowest)
            met += codes
            failed += wrong
            rate = done / (time.monotonic() - started)
            told = f"{done} of {count} files, {rate:.1f} a second, {longest:.2f} s of processor at most"
            print(f"{told}, {len(failed)} failed; goes on at seed {first + done}", *wrong, sep="\n  ", flush=True)
    return met, failed


def _one_thread() -> None:
    os.environ["POLARS_MAX_THREADS"] = "1"  # before its first use in this process: two processes are enough


def test_any_file_drawn_from_a_seed_is_answered() -> None:
    """Good and damaged files, changed at random as bytes, as text or in their cells: each has a sound answer."""
    if FILES > 2 * CHUNK:
        met, failed = _many(FIRST_SEED, FILES)
    else:
        met, failed, _ = chunk(FIRST_SEED, FILES)
    print(FILES, "files from seed", FIRST_SEED, dict(met.most_common()))
    assert failed == []
    if FILES >= 300:
        assert met["accepted"] > FILES / 50
        assert len({code for code in met if code[0] == "F"}) > 12
        assert len({code for code in met if code[0] == "R"}) > 15


SMALL = Limits(file_bytes=6_000, rows=3, cell=50)
texts = st.sampled_from(CELLS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
written = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"])


@st.composite
def files(draw: st.DrawFn) -> Drawn:
    """Draws a table of any texts beside good cells, and how it is written and declared, which may differ."""
    feed, form = draw(st.sampled_from(FEEDS)), draw(st.sampled_from(FORMS))
    names = list(GOOD[feed])
    changes = st.dictionaries(st.sampled_from(names), texts, max_size=5)
    rows = [list((GOOD[feed] | change).values()) for change in draw(st.lists(changes, max_size=4))]
    rows = [row[:width] + [WORD] * (width - len(row)) for row in rows if (width := len(row) + draw(widths))]
    if draw(st.integers(0, 9)) == 0:
        names = draw(st.permutations(names) | st.just([*names, WORD]) | st.just(names[1:]))
    quote = draw(st.sampled_from([form.quote, form.quote, form.quote, ""]))
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n"]))
    delimiter = draw(st.sampled_from([form.delimiter] * 9 + list(";,\t|")))
    told = [[quote + cell.replace(quote or "\0", 2 * quote) + quote for cell in row] for row in (names, *rows)]
    text = "".join(delimiter.join(row) + end for row in told)
    limits = draw(st.sampled_from([Limits()] * 5 + [SMALL]))
    return Drawn(feed, text.encode(draw(written), "replace"), form, limits, draw(st.sampled_from("TTTR")))


widths = st.sampled_from([0] * 12 + [-1, 1])


@pytest.mark.slow
def test_any_table_of_texts_is_answered() -> None:
    """Tables of any texts, however written and declared, have a sound answer too."""
    met: Counter[str] = Counter()

    @settings(
        max_examples=max(400, FILES // 20), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(files(), st.integers(0, 7))
    def holds(file: Drawn, number: int) -> None:
        met.update(answered(file, number))

    holds()
    print(dict(met.most_common()))
    assert {"R001", "R002", "R305", "R306", "F13", "F29"} <= set(met)
