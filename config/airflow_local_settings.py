"""Loaded by every Airflow process at its start: the scheduler imports here what its tasks will need.

The tasks fork from it and share the memory, instead of each paying the imports. Import only: a query of
polars would start threads, which a fork does not survive.
"""

import sys

if "scheduler" in sys.argv:
    import sqlalchemy.dialects.sqlite  # noqa: F401

    import hub.wiring  # noqa: F401  and with it polars, pandera, paramiko and cryptography
