"""Judges the rows of a table under a contract: rows that go on, findings, and counts that add up.

The one place that catches what polars raises on rows: its texts show them, so none leaves this module. What a
partner got wrong is a finding; an exception means that a contract of ours is wrong. Duplicates, versions and
the life cycle are judged later, in the ledger and in reconcile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import polars as pl

from contracts.checks import columns_of
from contracts.compile import Rule, rules_of
from contracts.findings import CATALOGUE
from contracts.judge import FINDINGS, FIRST, LINE, Judged, judge, judge_by, judge_stream
from contracts.model import Context, Contract, FileFormat
from contracts.reader import Refusal, Table, read_table
from hub.errors import InvariantBroken

T = TypeVar("T")
AS_DECLARED = FileFormat()
_OUTBOUND: dict[tuple[str, str], Sequence[Rule]] = {}
TOO_BAD = "F18"  # what a file is refused for when too many of its rows are rejected


@dataclass(frozen=True, slots=True, eq=False)
class Validated:
    """A table judged: read = accepted + rejected, and the warned are among the accepted.

    `rows` are the accepted ones, canonical texts under `line` and the contract's columns. `counts` has how many
    findings there are of each code; `findings`, with the columns of FINDINGS and by line, the first of each code:
    it never holds a value. `warned_lines` are those of the accepted rows that are warned of.
    """

    rows: pl.DataFrame
    findings: pl.DataFrame
    counts: dict[str, int]
    read: int
    accepted: int
    rejected: int
    warned_lines: frozenset[int]

    @property
    def warned(self) -> int:
        """How many accepted rows are warned of."""
        return len(self.warned_lines)


@dataclass(frozen=True, slots=True, eq=False)
class Outbound:
    """Bytes of ours read back: how many rows, their keys in the file's order, and their columns."""

    rows: int
    keys: tuple[tuple[str | None, ...], ...]
    table: pl.DataFrame


def validate(
    table: Table, contract: Contract, context: Context, form: FileFormat = AS_DECLARED, first: int = FIRST
) -> Validated:
    """Judges every row: an ERROR rejects it, a WARNING keeps it; a ragged row is rejected.

    Raises InvariantBroken, without any value, when the contract itself cannot be run.
    """
    texts = table.rows.select(table.lines.alias(LINE), pl.all())
    rows, judged = _run(contract, lambda: judge(texts, contract, context, form, first))
    ragged = Counter(finding.code for finding in table.ragged)
    result = Validated(
        rows=rows.rename({LINE: "line"}),
        findings=pl.concat([_ragged(table, first), judged.findings]).sort("line", "column", "code"),
        counts=dict(sorted((Counter(judged.counts) + ragged).items())),
        read=table.read,
        accepted=judged.accepted,
        rejected=judged.rejected + len(table.ragged),
        warned_lines=judged.warned_lines,
    )
    if result.read != result.accepted + result.rejected:
        raise InvariantBroken(f"{contract.label}: rows read are not those accepted and rejected")
    return result


def warned_too(validated: Validated, codes: Mapping[int, str], column: str) -> Validated:
    """The same with a warning on each of these accepted lines, in `column`; it shows no shape."""
    rows: list[tuple[int, str, str, str, None]] = []
    seen: Counter[str] = Counter()
    for line, code in sorted(codes.items()):
        seen[code] += 1
        if seen[code] <= FIRST:
            rows.append((line, column, code, CATALOGUE[code].severity, None))
    found = pl.DataFrame(rows, schema=FINDINGS, orient="row")
    return replace(
        validated,
        findings=pl.concat([validated.findings, found]).sort("line", "column", "code"),
        counts=dict(sorted((Counter(validated.counts) + seen).items())),
        warned_lines=validated.warned_lines | codes.keys(),
    )


def is_too_bad(validated: Validated, share: float, rows: int) -> bool:
    """Whether so many rows are rejected that none of the file is to be trusted: more than `share`, at least `rows`."""
    return validated.rejected >= rows and validated.rejected > share * validated.read


def validate_stream(texts: pl.LazyFrame, contract: Contract, context: Context, good: Path, bad: Path) -> Judged:
    """Judges a stream of rows (`__line` and the contract's columns) in bounded memory, as `judge_stream` does."""
    return _run(contract, lambda: judge_stream(texts, contract, context, AS_DECLARED, FIRST, good, bad))


def verify_outbound(data: bytes, contract: Contract) -> Outbound:
    """Reads bytes we are about to send as their recipient would; raises InvariantBroken on any objection."""
    table = read_table(data, contract)
    if isinstance(table, Refusal):
        raise InvariantBroken(f"{contract.label}: unreadable, {table.code} line {table.line}: {table.shape}")
    rules, texts = _outbound_rules(contract), table.rows.select(table.lines.alias(LINE), pl.all())
    _, judged = _run(contract, lambda: judge_by(rules, texts, contract, AS_DECLARED, 1))
    findings = pl.concat([_ragged(table, 1), judged.findings])
    if findings.height:
        line, column, code, *_ = findings.row(0)
        raise InvariantBroken(f"{contract.label}: {findings.height} codes found, first {code} {column} line {line}")
    keys = tuple(table.rows.select(contract.key).iter_rows())
    if len(set(keys)) != len(keys):
        raise InvariantBroken(f"{contract.label}: {len(keys) - len(set(keys))} row keys are not unique")
    return Outbound(len(keys), keys, table.rows)


def _outbound_rules(contract: Contract) -> Sequence[Rule]:
    """The rules for what we send: they know of no day and no sender, so they are compiled once."""
    name = (contract.label, contract.environment)
    if name not in _OUTBOUND:
        _OUTBOUND[name] = rules_of(columns_of(contract, Context(received_on=date(9999, 1, 1))))
    return _OUTBOUND[name]


def _run(contract: Contract, judging: Callable[[], T]) -> T:
    """Runs one pass; of what polars raises only the kind is told."""
    try:
        return judging()
    except pl.exceptions.PolarsError as error:
        kind = type(error).__name__
    raise InvariantBroken(f"{contract.label}: the contract cannot be run ({kind})")


def _ragged(table: Table, first: int) -> pl.DataFrame:
    kept: list[tuple[int, str | None, str, str, str]] = []
    seen: Counter[str] = Counter()
    for f in table.ragged:
        seen[f.code] += 1
        if seen[f.code] <= first:
            kept.append((f.line, f.column, f.code, f.severity, f.shape))
    return pl.DataFrame(kept, schema=FINDINGS, orient="row")
