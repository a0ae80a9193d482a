"""A file for one recipient: rows as a sheet, the bytes that carry them re-read before they leave, their manifest.

Pure. A sheet is a frame with the columns of a contract, all text, and three more that stay here: the row's key, the
digest of what it tells, and the entity that it tells of. Who is told what is decided in `hub.audience` and `hub.told`;
sequences, storage and delivery elsewhere.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from contracts.model import Contract
from hub.errors import InvariantBroken
from hub.filenames import FileKind, Manifest, OutName
from hub.validate import verify_outbound

KEY, DIGEST, ENTITY = "__key", "__digest", "__entity"

Values = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One row to publish. `key` and `digest` say what the recipient was told, and of which entity."""

    key: str
    digest: str
    entity_id: str
    values: Values


@dataclass(frozen=True, slots=True)
class Built:
    """A published file and its manifest, as bytes."""

    data: bytes
    manifest: bytes

    @property
    def sha256(self) -> str:
        """The hash that the manifest carries."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def manifest_sha256(self) -> str:
        """The hash of the manifest itself."""
        return hashlib.sha256(self.manifest).hexdigest()


def sheet_of(rows: Sequence[Row], contract: Contract) -> pl.DataFrame:
    """The sheet of some rows, in their order; a row without a column of the contract leaves it empty."""
    kept = {KEY: [r.key for r in rows], DIGEST: [r.digest for r in rows], ENTITY: [r.entity_id for r in rows]}
    cells = {name: [row.values.get(name) for row in rows] for name in contract.columns}
    return pl.DataFrame(kept | cells, schema=dict.fromkeys((*kept, *cells), pl.String()))


def changed(rows: Iterable[Row], told: Mapping[str, str]) -> list[Row]:
    """The rows that differ from what this recipient was last told, sorted by their keys."""
    return sorted((row for row in rows if told.get(row.key) != row.digest), key=lambda row: row.key)


def differing(rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The rows (with `KEY` and `DIGEST`) that are not as their `recipient` was last told them, in their order.

    `told` has the `row_key` and the `row_hash` of what each recipient was told.
    """
    last = told.select("recipient", pl.col("row_key").alias(KEY), pl.col("row_hash").alias("__last"))
    joined = rows.join(last, on=["recipient", KEY], how="left", maintain_order="left")
    return joined.filter(pl.col(DIGEST).ne_missing(pl.col("__last"))).drop("__last")


def build(
    name: OutName,
    sheet: pl.DataFrame,
    contract: Contract,
    previous: str | None,
    kind: FileKind = "DELTA",
    checkpoint: str | None = None,
) -> Built:
    """The file and its manifest. Raises InvariantBroken when its recipient would not read the same back."""
    told = sheet.select(contract.columns)
    data = write_csv(told)
    if not verify_outbound(data, contract).table.select(contract.columns).equals(told):
        raise InvariantBroken(f"{contract.label}: the bytes do not read back as the rows published")
    first, last = _versions(told)
    manifest = Manifest(
        file=str(name),
        rows=sheet.height,
        sha256=hashlib.sha256(data).hexdigest(),
        contract=contract.label,
        first_version=first,
        last_version=last,
        previous=previous,
        kind=kind,
        checkpoint=checkpoint,
    )
    return Built(data, manifest.to_bytes())


def write_csv(table: pl.DataFrame) -> bytes:
    """UTF-8, semicolons, LF, a header: what a spreadsheet program opens (RFC 4180 quoting)."""
    return table.write_csv(separator=";", line_terminator="\n", quote_style="necessary").encode()


def _versions(told: pl.DataFrame) -> tuple[int | None, int | None]:
    if "version" not in told.columns:
        return None, None
    versions = told.get_column("version").drop_nulls().cast(pl.Int64)
    return (versions.min(), versions.max()) if versions.len() else (None, None)  # type: ignore[return-value]
