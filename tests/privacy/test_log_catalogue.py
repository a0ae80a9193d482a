"""The log says what its catalogue allows, in the shapes it allows, and nobody in the hub speaks beside it."""

import ast
import logging
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from play import PROJECT

from hub import events
from hub.errors import InvariantBroken
from hub.events import SHAPES, LogEvent
from tests.privacy.conftest import Week
from tests.privacy.plants import BORN, EMAIL, LAST, NISS, PHONE, ROW
from tests.privacy.scanner import Scanner
from tests.privacy.watched import PLANTED

CATALOGUE = events.catalogue()
FIELDS = sorted({field for event in CATALOGUE.values() for field in event.fields})
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARNING) ([a-z_]+) (.*)")
# Nothing fails in that week, every file is taken in time, and nobody writes an AK, and the keys are in files.
UNHEARD = {"verb_failed", "acknowledged", "not_accepted", "overdue", "stray_error", "keys_exposed", "unusual_volume"}
UNHEARD |= {"link_stopped", "fetched"}
# Who may touch the means of speaking, and for what.
SPEAKERS = {
    "hub/events.py": "the catalogue",
    "hub/cli.py": "prints one line of ours for an error",
    "hub/cli_files.py": "prints the rows of a file that its owner opens",
    "hub/cli_show.py": "prints the answer that was asked for",
    "hub/task_logs.py": "redacts what others say in Airflow",
    "connectors/_line.py": "silences urllib3",
    "connectors/_link.py": "silences paramiko",
    "contracts/workbook.py": "silences openpyxl",
}

scanner = Scanner(PLANTED)
names = st.sampled_from([*FIELDS, "niss", "last_name", "row", "name", "file", "values"]) | st.from_regex(
    r"[a-z_]{1,12}", fullmatch=True
)
secrets = st.sampled_from(
    [
        NISS,
        int(NISS),
        LAST,
        "Dupont",
        ROW,
        BORN,
        EMAIL,
        PHONE,
        {"niss": NISS},
        [ROW],
        ROW.encode(),
        float(NISS),
        ValueError(ROW),
    ]
)
FITTING = {
    events.COUNT: st.integers(0, 10**9 - 1),
    events.SIZE: st.integers(0, 1 << 30),
    events.FLAG: st.booleans(),
    events.PARTNER: st.from_regex(r"[0-9]{6}", fullmatch=True),
    events.ID: st.uuids().map(str),
    events.WORD: st.sampled_from(["DONE", "Unreachable", "collect"]),
    events.CODE: st.sampled_from(["F01", "R103"]),
    events.FEED: st.sampled_from(["ORIE", "STAT"]),
    events.REASONS: st.sampled_from(["KNOWN_TO_NOBODY", "MORE_THAN_USUAL|KNOWN_ELSEWHERE"]),
    events.TEXT: st.sampled_from(["partner 062063 has no channel in channels.toml", ValueError("the server stalled")]),
}
drawn: Counter[str] = Counter()


def fitting(data: st.DataObject, event: LogEvent) -> dict[str, object]:
    """Values of the event's fields, some left out."""
    given = {name: data.draw(st.none() | FITTING[SHAPES[name]], label=name) for name in event.fields}
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("event", CATALOGUE.values(), ids=lambda event: event.name)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_event_prints_its_fields_and_refuses_any_other(
    event: LogEvent, data: st.DataObject, caplog: pytest.LogCaptureFixture
) -> None:
    """An event prints its own fields in its order; given any other it is refused, and nothing of it is logged."""
    inside = fitting(data, event)
    outside = data.draw(st.dictionaries(names.filter(lambda n: n not in (*event.fields, "event")), secrets, max_size=3))
    drawn.update([event.name, *(["strangers"] if outside else [])])
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        if outside:
            with pytest.raises(InvariantBroken) as refused:
                events.log(event, **{**inside, **outside})
            assert scanner.search([("refusal", str(refused.value).encode())]).hits == []
            assert caplog.records == []
            return
        events.log(event, **inside)
    (record,) = caplog.records
    told = [f"{name}={inside[name]}" for name in event.fields if name in inside]
    assert record.getMessage().split(" ", 1) == [event.name, " ".join(told)]
    assert record.exc_info is None


@pytest.mark.parametrize("field", sorted(set(SHAPES) - {"reason"}))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_field_refuses_a_value_of_another_shape(
    field: str, data: st.DataObject, caplog: pytest.LogCaptureFixture
) -> None:
    """No field takes a NISS, a name, a date, a row or any object: the refusal names the field and nothing else."""
    value = data.draw(secrets | st.text(min_size=33) | st.dates() | st.uuids().map(uuid.UUID.hex.fget))  # type: ignore[attr-defined]
    event = next(event for event in CATALOGUE.values() if field in event.fields)
    caplog.clear()
    with caplog.at_level(logging.DEBUG), pytest.raises(InvariantBroken, match=field) as refused:
        events.log(event, **{field: value})
    assert caplog.records == []
    assert refused.value.args == (f"the log event {event.name} was given another {field} than its shape",)
    drawn.update([f"refused {field}"])


@pytest.mark.parametrize("secret", [NISS, EMAIL, PHONE, f"w1.abcd.{'Q' * 43}", ROW])
def test_the_one_text_is_redacted(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    """The reason of a failure is our own text; a number, an address or a token that it quotes is struck out."""
    with caplog.at_level(logging.DEBUG):
        events.log(events.VERB_FAILED, verb="collect", reason=ValueError(f"could not read {secret}\nagain"))
    (record,) = caplog.records
    for shaped in (NISS, EMAIL, PHONE, "QQQQ"):
        assert shaped not in record.getMessage()
    assert "\n" not in record.getMessage()


def test_the_properties_drew_everything() -> None:
    """The tests before tried each event, fields that are in none, and every field with a value it must refuse."""
    print(dict(drawn))
    assert set(drawn) >= {*CATALOGUE, "strangers", *(f"refused {name}" for name in SHAPES if name != "reason")}


def test_every_field_has_a_shape_and_is_used() -> None:
    """The fields of the events are those that have a shape: none without, none too many."""
    assert set(FIELDS) == set(SHAPES)


def test_what_v_prints_in_a_week_is_in_the_catalogue(week: Week) -> None:
    """Each line of `passerelle -v` over a week is an event of the catalogue with fields of its own."""
    seen: Counter[str] = Counter()
    for line in week.logged.err.read_text().splitlines():
        match = LINE.fullmatch(line)
        assert match, "a line that is no event"
        _, name, told = match.groups()
        assert [word.split("=")[0] for word in told.split(" ")] == [
            field for field in CATALOGUE[name].fields if f"{field}=" in told
        ]
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


def modules() -> Iterator[Path]:
    """Every module that runs in the hub."""
    for part in ("hub", "contracts", "connectors", "dags", "config"):
        yield from sorted((PROJECT / part).rglob("*.py"))


def test_the_hub_logs_through_the_catalogue_only() -> None:
    """In the hub, contracts, connectors and DAGs nobody has the means to print, warn or log, but for the few named."""
    found = {str(file.relative_to(PROJECT)): _means(ast.parse(file.read_text())) for file in modules()}
    assert len(found) > 100
    assert {name for name, lines in found.items() if lines} == set(SPEAKERS)


@pytest.mark.parametrize(
    "code",
    [
        "print(1)",
        "import logging",
        "from logging import getLogger",
        "import structlog as s",
        "import warnings",
        "import sys; sys.stderr.write('x')",
        "import sys; sys.__stdout__.write('x')",
        "from sys import stdout",
        "import traceback; traceback.print_exc()",
        "import os; os.write(2, b'x')",
        "import pprint",
        "task.log.info('x')",
        "self.logger.warning('x')",
        "__import__('logging')",
    ],
)
def test_that_test_sees_each_way_to_speak(code: str) -> None:
    """Each of the ways in which a module could speak beside the catalogue is seen by the test before."""
    assert _means(ast.parse(code))
    assert not _means(ast.parse("from hub import events\nevents.log(events.RECONCILED, entities=1)\nbox.write('a')"))


MEANS = {"logging", "structlog", "warnings", "pprint", "rich", "loguru", "syslog", "faulthandler"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}
VERBS = {"debug", "info", "warning", "error", "exception", "critical", "warn"}


def _means(tree: ast.AST) -> list[int]:
    """The lines that print, or take hold of a logger, a warning or a stream of the process."""
    return [node.lineno for node in ast.walk(tree) if _speaks(node)]  # type: ignore[attr-defined]


def _speaks(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=found):
            return any(alias.name.split(".")[0] in MEANS for alias in found)
        case ast.ImportFrom(module=module, names=found):
            return (module or "").split(".")[0] in MEANS or (
                module == "sys" and any(alias.name in STREAMS for alias in found)
            )
        case ast.Attribute(value=ast.Name(id="sys"), attr=attr):
            return attr in STREAMS
        case ast.Call(func=ast.Name(id="print" | "breakpoint" | "__import__")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="traceback"), attr=attr)):
            return attr.startswith("print")
        case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="write"), args=[ast.Constant(value=1 | 2), *_]):
            return True
        case ast.Call(func=ast.Attribute(attr=attr)):
            return attr in VERBS
    return False


def test_every_call_names_an_event_and_its_own_fields() -> None:
    """Wherever the hub logs, the event is one of the catalogue and each field written there is one of its fields."""
    calls = [
        (file.name, node)
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"events.log", "log"}
    ]
    used = set()
    for name, call in calls:
        found = [n.attr for n in ast.walk(call.args[0]) if isinstance(n, ast.Attribute) and n.attr.isupper()]
        assert found, f"{name}: an event that is not of the catalogue"
        for constant in found:
            event = getattr(events, constant)
            used.add(event.name)
            assert {word.arg for word in call.keywords if word.arg} <= set(event.fields), name
    print(f"{len(calls)} calls")
    assert used == set(CATALOGUE)
