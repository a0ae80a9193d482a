"""Run one verb as another operating-system user: import everything, give the rights of root up, then begin.

Prints as JSON how it went for each partner, and which of the given files this user could read.
"""

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import alembic.autogenerate  # noqa: F401  what is imported late could not be read from root's own Python any more
import polars as pl
import psycopg  # noqa: F401
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

from hub import flow
from hub.settings import load_settings
from hub.wiring import open_hub
from hub.zones import NEEDS


def main() -> None:
    """Arguments: user, group, verb, instant, partners (with commas), then files to try."""
    user, group, verb, at, partners, *files = sys.argv[1:]
    pl.DataFrame({"warm": ["up"]}).filter(pl.col("warm") == "up")
    os.setgroups([])
    os.setgid(int(group))
    os.setuid(int(user))
    os.umask(0o077)
    readable = [name for name in files if _reads(Path(name))]
    with open_hub(load_settings(), datetime.fromisoformat(at), NEEDS[verb]) as hub:
        if verb == "reconcile":
            outcomes = []
            flow.reconcile(hub)
        else:
            outcomes = getattr(flow, verb)(hub, partners.split(","))
    print(json.dumps({"errors": [[o.partner, o.error] for o in outcomes if o.error], "readable": readable}))


def _reads(path: Path) -> bool:
    try:
        path.read_bytes()
    except PermissionError:
        return False
    return True


if __name__ == "__main__":
    main()
