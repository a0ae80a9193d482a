"""Rows told before, as they were told: read from the recipient's own published files.

A snapshot needs them of what is held back: its recipient goes on holding the row that it has. The outbox keeps every
file published, and what is sealed in it stays sealed.
"""

from collections import defaultdict
from collections.abc import Collection

import polars as pl

from hub.errors import InvariantBroken
from hub.flow.hub import Hub
from hub.flow.outbox import outbound_contract
from hub.flow.tokens import tokens_of
from hub.publish import DIGEST, ENTITY, KEY
from hub.snapshot import NAME
from hub.told import entity_of
from hub.validate import verify_outbound


def as_told(hub: Hub, recipient: str, keys: Collection[str]) -> pl.DataFrame:
    """The rows of the view with these keys, as this recipient was last told them; a sheet."""
    contract = outbound_contract(hub, recipient, "RECO")
    files: dict[str, list[str]] = defaultdict(list)
    for key, name in sorted(hub.ledger.publications.told_at(recipient, "RECO", keys).items()):
        files[name].append(key)
    told = hub.ledger.publications.told(recipient, "RECO", {entity_of(key) for key in keys})
    columns = (KEY, DIGEST, ENTITY, *contract.columns)
    parts = [pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))]
    for name, wanted in files.items():
        table = verify_outbound(hub.files.read("outbox", name), contract).table
        parts.append(_named(hub, recipient, wanted, told).join(table, on=list(NAME), nulls_equal=True).select(columns))
    found = pl.concat(parts)
    if found.height != len(keys):
        raise InvariantBroken("the outbox does not hold what a recipient was told")
    return found


def _named(hub: Hub, recipient: str, keys: list[str], told: dict[str, str]) -> pl.DataFrame:
    """What names these rows in a file of this recipient."""
    parts = [key.split("|") for key in keys]
    tokens = tokens_of(hub, recipient, {sid for _, sid, *_ in parts})
    cells = {
        KEY: keys,
        DIGEST: [told[key] for key in keys],
        ENTITY: [entity_of(key) for key in keys],
        "entity_kind": [kind for kind, *_ in parts],
        "subject_token": [tokens[sid] for _, sid, *_ in parts],
        "cpas": [cpas or None for *_, cpas, _ in parts],
        "entity_ref": [reference or None for *_, reference in parts],
    }
    return pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String()))
