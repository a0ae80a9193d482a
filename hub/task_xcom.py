"""What stands between a task and Airflow's database: an XCom backend that stores ids, counts and our own words alone.

The functions of `hub.tasks` check what they return themselves; the backend holds for any task of any DAG on this
Airflow, whoever wrote it. `AIRFLOW__CORE__XCOM_BACKEND` names it.
"""

import re
from typing import Any
from urllib.parse import unquote

from airflow.sdk.bases.xcom import BaseXCom

from hub.crossing import RUN, may_cross
from hub.errors import InvariantBroken

KEYS = {"return_value", "skipmixin_key", "trigger_run_id"}  # what we return, and what Airflow's own operators push
LINK = "_link_TriggerDagRunLink"  # the address of a run on Airflow's own pages
_ADDRESS = re.compile(r"[A-Za-z0-9:/._-]{0,200}/dags/[a-z_]{1,40}/runs/([A-Za-z0-9%:.+_-]{1,120})", re.ASCII)


class IdsAndCounts(BaseXCom):
    """Stores what may cross (`hub.crossing`), and refuses anything else."""

    @classmethod
    def set(cls, key: str, value: Any, **where: Any) -> None:
        """Store a value that may cross. Raises InvariantBroken, which shows nothing of value or key."""
        require_crossing(key, value)
        super().set(key, value, **where)

    @classmethod
    async def aset(cls, key: str, value: Any, **where: Any) -> None:
        """The same for a task that is a coroutine."""
        require_crossing(key, value)
        await super().aset(key, value, **where)

    @classmethod
    def _set_xcom_in_db(cls, key: str, value: Any, **where: Any) -> None:
        """The way in which Airflow pushes the links of an operator, around `set`."""
        require_crossing(key, value)
        super()._set_xcom_in_db(key, value, **where)


def require_crossing(key: str, value: Any) -> None:
    """Raise InvariantBroken unless the value may lie in Airflow's database under this key."""
    if not (_is_link(value) if key == LINK else key in KEYS and may_cross(value)):
        raise InvariantBroken("XCom takes ids, counts and words of hub/crossing.py: what a task pushed was not stored")


def _is_link(value: object) -> bool:
    found = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    return value == "" or (found is not None and RUN.fullmatch(unquote(found.group(1))) is not None)
