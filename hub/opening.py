"""What a partner does with a file of ours: open its sealed columns with its own private key.

Needs no hub, no database and no network. A row sealed to a retired key is opened when that key is given too.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub.errors import OperatorError
from hub.keys import read_private_key
from hub.pseudonymise import CPAS_IDENTITY, FOREM_IDENTITY, LOCAL_REFERENCE, open_capsule

SEALED = {"sealed_identity": "identity_", "sealed_local_ref": ""}
Key = tuple[str, str, X25519PrivateKey]


def open_file(data: bytes, key_files: Sequence[Path]) -> pl.DataFrame:
    """The table of a published file with each sealed column replaced by the columns it holds.

    Raises OperatorError when the file is none of ours, or when no given key opens a row.
    """
    keys = [read_private_key(path) for path in key_files]
    try:
        table = pl.read_csv(io.BytesIO(data), separator=";", infer_schema=False)
    except pl.exceptions.PolarsError:
        raise OperatorError("this is not a file of the hub") from None
    opened: list[pl.Series] = []
    for column in table.get_columns():
        if column.name in SEALED:
            opened += _open_column(column, SEALED[column.name], keys).get_columns()
        else:
            opened.append(column)
    return pl.DataFrame(opened)


def _open_column(column: pl.Series, prefix: str, keys: Sequence[Key]) -> pl.DataFrame:
    rows = [_open_value(value, keys) if value else {} for value in column]
    present = {name for row in rows for name in row}
    names = [name for name in (*FOREM_IDENTITY, *CPAS_IDENTITY, *LOCAL_REFERENCE) if name in present]
    ordered = list(dict.fromkeys(names))
    return pl.DataFrame(
        {f"{prefix}{name}": pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in ordered}
    )


def _open_value(value: str, keys: Sequence[Key]) -> dict[str, str]:
    for kid, recipient, private in keys:
        try:
            return open_capsule(value, kid, recipient, private)
        except ValueError:
            continue
    raise OperatorError("a row was sealed to a key that was not given")
