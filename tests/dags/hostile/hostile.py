"""Two DAGs that no one should write: one gives Airflow people in every way, the other breaks each step of the hub.

Loaded by the live Airflow of the tests beside our own DAGs. Parsed by its processes: it imports little at the top.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, get_current_context, task

from hub import tasks
from tests.privacy.plants import BORN, DOTTED, EMAIL, FIRST, LAST, NISS, PHONE, ROW

TOKEN = f"w1.abcd.{'Q' * 43}"
SHAPED = f"a row of {NISS} or {DOTTED}, {EMAIL}, {PHONE}, {TOKEN}"
RETURNED: dict[str, Any] = {
    "niss": NISS,
    "number": int(NISS),
    "name": LAST,
    "plain_name": "Dupont",
    "row": ROW,
    "born": BORN,
    "email": EMAIL,
    "deep": {"partner": "062063", "done": [{"error": FIRST}]},
    "key": {NISS: 1},
    "text_of_error": f"could not read {LAST}",
    "many": [NISS] * 3,
    "date": datetime(2003, 4, 5, tzinfo=UTC),
    "bytes": ROW.encode(),
}
PUSHED: dict[str, tuple[str, Any]] = {
    "value": ("return_value", ROW),
    "key": (NISS, 1),
    "own_key": ("note", 1),
    "around": ("_link_Somewhere", f"https://x/?niss={NISS}"),
}
CPAS = "062009"  # one with a mailbox, and without an envelope
VERBS = ("collect", "process", "acknowledge", "reconcile", "publish", "deliver")
CLEAN: dict[str, Any] = {**tasks.EVERY_DAG, "default_args": tasks.EVERY_TASK | {"retries": 0, "retry_policy": None}}


def _give(name: str) -> Any:
    return RETURNED[name]


def _push(name: str) -> None:
    key, value = PUSHED[name]
    ti = get_current_context()["ti"]
    if name == "around":
        from airflow.sdk.execution_time.task_runner import _xcom_push_to_db

        _xcom_push_to_db(ti, key, value)  # type: ignore[arg-type]
    ti.xcom_push(key, value)


def _harmless() -> dict[str, int]:
    return {"done": 1}


def _log(text: str) -> None:
    import logging

    logging.getLogger("a.library").warning("%s", text)


def _structured(text: str) -> None:
    import structlog

    structlog.get_logger("a.library").info("an event", row=text, rows=[{"niss": int(NISS), text: ValueError(text)}])


def _traceback(text: str) -> None:
    import logging

    try:
        int(text)
    except ValueError:
        logging.getLogger("a.library").exception("failed")


def _warn(text: str) -> None:
    import warnings

    warnings.warn(text, stacklevel=2)


def _program(text: str) -> None:
    import subprocess

    subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1])", text], check=True)


SPOKEN: dict[str, Callable[[str], object]] = {
    "print": print,
    "stderr": lambda text: print(text, file=sys.stderr),
    "log": _log,
    "structured": _structured,
    "traceback": _traceback,
    "warning": _warn,
    "program": _program,
}


def _speak() -> None:
    for name, say in SPOKEN.items():
        say(f"spoke {name}: {SHAPED}")
    raise RuntimeError(f"spoke: {SHAPED}")


def _break(verb: str) -> None:
    """Every failure of this verb in turn, logged as Airflow logs it; the last one fails the task."""
    import logging

    error: BaseException | None = None
    for number, (name, fault) in enumerate(_faults(verb).items()):
        from tests.privacy.test_failures import failing

        _send(verb, number)
        for earlier in VERBS[: VERBS.index(verb)]:
            _run(earlier)
        error = None
        with failing(fault, ROW) as struck:
            try:
                _run(verb)
            except BaseException as caught:
                error = caught
                logging.getLogger("task").exception("Task failed with exception")
        with Path(os.environ["PASSERELLE_STRUCK"]).open("a") as file:
            file.write(f"{verb} {name} {len(struck) if error else 0}\n")
    if error is not None:
        raise error


def _send(verb: str, number: int) -> None:
    """A file of one more orientation, with a canary in every identifying column, into the CPAS's mailbox."""
    from tests.privacy import everybody

    sequence = 9000 + 100 * VERBS.index(verb) + number
    right, wrong = everybody.rows_of("ORIE")
    own = {"cpas_nis": CPAS[1:], "referral_id": f"R{CPAS[1:]}-2025-{sequence:06d}"}
    box = Path(os.environ["PASSERELLE_HOME"]).parent / "partners" / CPAS / "mailbox" / "in"
    name = everybody.name_of(sequence, sender=CPAS)
    everybody.put(box, name, [right | own, *(row | own for row in wrong)])


def _run(verb: str) -> None:
    tasks.reconcile() if verb == "reconcile" else tasks.perform(verb, _partners())  # type: ignore[arg-type]


def _partners() -> list[str]:
    from hub import flow

    return tasks._with_hub(
        "read", lambda hub: [one for kind in ("CPAS", "FOREM") for one in flow.active_partners(hub, kind)]
    )


def _faults(verb: str) -> dict[str, Any]:
    import hub

    sys.path.append(str(Path(str(hub.__file__)).resolve().parents[1] / "tests" / "flow"))
    from tests.privacy.test_failures import FAULTS

    over_sftp = {"connectors.folder.FolderMailbox": "connectors.sftp.SftpMailbox"}
    return {
        name: replace(fault, target=reduce(lambda text, pair: text.replace(*pair), over_sftp.items(), fault.target))
        for name, fault in FAULTS.items()
        if fault.verb == verb and name != "told"  # which is called for the first view of a week alone
    }


with DAG("hostile", schedule=None, **CLEAN):
    for name in RETURNED:
        task(_give, task_id=f"returns_{name}")(name)
    for name in PUSHED:
        task(_push, task_id=f"pushes_{name}")(name)
    task(_speak, task_id="speaks")()
    task(_harmless, task_id="harmless", multiple_outputs=False)()

with DAG("faults", schedule=None, **CLEAN):
    before = None
    for verb in VERBS:
        broken = task(_break, task_id=f"break_{verb}", trigger_rule="all_done")(verb)
        mended = task(_run, task_id=f"mend_{verb}", trigger_rule="all_done")(verb)
        if before is not None:
            before >> broken
        broken >> mended
        before = mended
