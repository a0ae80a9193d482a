"""The log says what its catalogue allows, and nothing else."""

import ast
import logging
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from play import PROJECT

from hub import events
from hub.events import LogEvent
from tests.privacy.conftest import Week
from tests.privacy.plants import LAST, NISS, ROW
from tests.privacy.scanner import Scanner
from tests.privacy.watched import PLANTED

CATALOGUE = {event.name: event for event in vars(events).values() if isinstance(event, LogEvent)}
FIELDS = sorted({field for event in CATALOGUE.values() for field in event.fields})
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARNING) ([a-z_]+) (.*)")
VALUE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
# Nothing fails in that week, every file is taken in time, and nobody writes an AK.
UNHEARD = {"verb_failed", "acknowledged", "not_accepted", "overdue", "unusual_volume"}
REASONS = {"reason"}  # the text of one of our own errors: words

scanner = Scanner(PLANTED)
names = st.sampled_from([*FIELDS, "niss", "last_name", "row", "name", "file", "values"]) | st.from_regex(
    r"[a-z_]{1,12}", fullmatch=True
)
secrets = st.sampled_from([NISS, LAST, ROW, {"niss": NISS}, [ROW], ROW.encode(), int(NISS), ValueError(ROW)])
ids = st.from_regex(VALUE, fullmatch=True) | st.integers(0, 10**6) | st.booleans() | st.none()
drawn: Counter[str] = Counter()


@pytest.mark.parametrize("event", CATALOGUE.values(), ids=lambda event: event.name)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_event_prints_no_field_outside_its_list(
    event: LogEvent, data: st.DataObject, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever else a caller passes, an event prints its own fields, in its order, and nothing of the others."""
    inside = {name: data.draw(ids, label=name) for name in event.fields}
    outside = data.draw(st.dictionaries(names.filter(lambda n: n not in (*event.fields, "event")), secrets, max_size=6))
    drawn.update([event.name, *(["strangers"] if outside else [])])
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        events.log(event, **{**inside, **outside})
    (record,) = caplog.records
    told = [f"{name}={value}" for name, value in inside.items() if value is not None]
    assert record.getMessage().split(" ", 1) == [event.name, " ".join(told)]
    assert scanner.search([("log", repr(vars(record)).encode())]).hits == []
    assert record.exc_info is None


def test_the_property_drew_every_event() -> None:
    """The tests before tried each event of the catalogue, and fields that are in none."""
    print(dict(drawn))
    assert set(drawn) >= {*CATALOGUE, "strangers"}


def test_what_v_prints_in_a_week_is_in_the_catalogue(week: Week) -> None:
    """Each line of `passerelle -v` over a week is an event of the catalogue with fields of its own, ids and counts."""
    seen: Counter[str] = Counter()
    for line in week.logged.err.read_text().splitlines():
        match = LINE.fullmatch(line)
        assert match, "a line that is no event"
        _, name, told = match.groups()
        words = told.split(" ")
        allowed = [f"{field}=" for field in CATALOGUE[name].fields if field not in REASONS]
        assert all(word.startswith(tuple(allowed)) for word in words)
        assert all(VALUE.fullmatch(word.split("=", 1)[1]) for word in words)
        seen[name] += 1
    print(dict(seen))
    assert set(seen) == set(CATALOGUE) - UNHEARD


def test_at_debug_nobody_else_says_more(week: Week) -> None:
    """Over the same week, the log at DEBUG of every library holds events of the catalogue and no identity."""
    text = week.logged.debug.read_text()
    speakers = Counter(re.findall(r"^\S+ \S+ [A-Z]+ (\S+) ", text, re.MULTILINE))
    print(dict(speakers))
    assert speakers["passerelle"] > 100
    assert week.scanner.search([("debug", text.encode())]).hits == []


def test_the_hub_logs_through_the_catalogue_only() -> None:
    """In the hub, the contracts and the connectors, nobody prints, warns or logs, but for the catalogue and the CLI."""
    wrong = []
    for path in sorted(PROJECT.joinpath(part) for part in ("hub", "contracts", "connectors")):
        for file in path.rglob("*.py"):
            if file.relative_to(PROJECT).as_posix() not in {"hub/cli.py", "hub/events.py"}:
                wrong += [f"{file.relative_to(PROJECT)}:{line}" for line in _speaking(file)]
    assert wrong == []


def _speaking(file: Path) -> list[int]:
    """The lines that call print, warnings.warn, or a method of a logger."""
    verbs = {"debug", "info", "warning", "error", "exception", "critical", "warn"}
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id="print"):
                    found.append(node.lineno)
                case ast.Attribute(attr=attr) if attr in verbs:
                    found.append(node.lineno)
    return found
