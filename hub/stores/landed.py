"""Of which mailbox each landed file is, as the ledger says."""

import sqlalchemy as sa

from hub.stores.database import Database
from hub.stores.tables import submission


def owners(database: Database) -> dict[str, str]:
    """The partner by the name under which a file or its manifest was landed."""
    columns = submission.c.partner, submission.c.digest, submission.c.manifest_digest
    found: dict[str, str] = {}
    with database.read() as tx:
        for partner, digest, manifest in tx.execute(sa.select(*columns)):
            found |= {digest: partner, manifest: partner}
    return found
