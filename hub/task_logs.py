"""What stands between a task and its log in Airflow: each line is redacted by shape before it is written.

The last net, under the catalogue of events and the guards: it catches what another library or another DAG logs or
prints. `AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS` names `LOGGING_CONFIG`; beside it Airflow looks for `REMOTE_TASK_LOG`,
whose processors it puts into the way of every line, in the task and in the supervisor that writes the file. What a
task prints also goes into the log of the scheduler, whose processors nothing but `ComponentLog` reaches.
"""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog
from airflow.config_templates.airflow_local_settings import DEFAULT_LOGGING_CONFIG

from hub.redaction import redacted_value

Line = MutableMapping[str, Any]


def redact_line(_logger: object, _method: str, line: Line) -> Line:
    """A line of a structured log, redacted. What begins with `_` is structlog's own and is not written."""
    ours = {name: value for name, value in line.items() if name.startswith("_")}
    told: Line = redacted_value({name: value for name, value in line.items() if name not in ours})
    return {**told, **ours}


class RedactedLog:
    """Stands where Airflow expects a remote log. It uploads nothing and has nothing to read: logs stay local."""

    processors = (structlog.processors.format_exc_info, redact_line)

    def upload(self, path: object, ti: object = None) -> None:
        """Nothing to do."""

    def read(self, relative_path: str, ti: object = None) -> tuple[list[str], list[str]]:  # noqa: ARG002  Airflow's
        """Nothing is kept elsewhere."""
        return [], []


class ComponentLog(logging.NullHandler):
    """Handles nothing: as Airflow makes its handlers, it has the log of its own processes redacted too."""

    def __init__(self) -> None:
        super().__init__()
        processors: list[Any] = structlog.get_config()["processors"]  # the list itself, which loggers share
        if redact_line not in processors:
            processors[-1:-1] = RedactedLog.processors


LOGGING_CONFIG = {
    **DEFAULT_LOGGING_CONFIG,
    "handlers": {**DEFAULT_LOGGING_CONFIG["handlers"], "redaction": {"class": "hub.task_logs.ComponentLog"}},
}
REMOTE_TASK_LOG = RedactedLog()
