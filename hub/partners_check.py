"""Everything wrong in the folder `partners/`, as `passerelle partners check` tells it: every file of it is read.

Each file is read by the module that uses it; here they are read one after the other, with what only all of Wallonia
can show. What stops the registry from being loaded is found by `hub.partners_folder`.
"""

from collections.abc import Iterator
from pathlib import Path

from contracts.profiles.load import load_profile
from contracts.profiles.model import ProfileProblem
from hub.calendar import load_calendar
from hub.choices import check_choices
from hub.errors import OperatorError
from hub.partners_folder import CPAS_FILE, Folder, Problem, read_folder
from hub.partners_rules import CURRENT
from hub.retention import load_retention

CALENDAR_FILE, RETENTION_FILE, PROFILES = "calendar.toml", "retention.toml", "profiles"


def check(path: Path) -> list[Problem]:
    """Everything wrong in the folder, by file and line: what stops loading, counts, calendar, terms, choices."""
    folder, problems = read_folder(path)
    problems += _counts(folder)
    try:
        load_calendar(path / CALENDAR_FILE)
    except OperatorError as error:
        problems.append(Problem(CALENDAR_FILE, 0, str(error)))
    try:
        load_retention(path / RETENTION_FILE)
    except OperatorError as error:
        problems.append(Problem(RETENTION_FILE, 0, str(error)))
    problems += check_choices(path, {row["nis"]: row["service"] for _, row in folder.cpas})
    problems += _profiles(path / PROFILES)
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.message))


def _counts(folder: Folder) -> Iterator[Problem]:
    for service, expected in CURRENT.items():
        found = sum(row["service"] == service and not row["valid_until"] for _, row in folder.cpas)
        if found != expected:
            text = f"{found} CPAS of service {service} without valid_until, {expected} expected"
            yield Problem(CPAS_FILE, 0, text)


def _profiles(folder: Path) -> Iterator[Problem]:
    for path in sorted(folder.glob("*.toml")):
        try:
            load_profile(path)
        except ProfileProblem as problem:
            yield Problem(f"{PROFILES}/{path.name}", 0, str(problem).removeprefix(f"{path.name}: "))
