"""Airflow for the tests of the DAGs: an empty home of its own, set before anything imports Airflow."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(tempfile.mkdtemp(prefix="passerelle-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ.update(
    {
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__XCOM_BACKEND": "hub.task_xcom.IdsAndCounts",
        "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS": "hub.task_logs.LOGGING_CONFIG",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
)


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """An empty metadata database with our pools: what `dag.test()` needs."""
    import json

    from airflow.models import Pool
    from airflow.utils import db

    db.initdb()
    for name, pool in json.loads((ROOT / "config" / "pools.json").read_text()).items():
        Pool.create_or_update_pool(name, pool["slots"], pool["description"], pool["include_deferred"])


@pytest.fixture(scope="session")
def dagbag(airflow_database: None) -> "DagBag":
    """The DAGs as the dag processor reads them."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(ROOT / "dags"))
