"""No plain identity lies in a temporary file, not even for a moment: the hub makes none.

The verbs run in a process of its own, in which every file that is opened to be written, and every one that appears in
the temporary folder, be it made by a library in C, is noted as it happens.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from play import PROJECT, WEEK

from hub.stores.files import FOLDERS, WRITING
from tests.privacy import everybody
from tests.privacy.everybody import SENDER
from tests.privacy.watched import VERBS

WATCH = """
import ctypes, json, os, sqlite3, struct, sys, tempfile
root, day, partners, verbs = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4].split(",")
libc = ctypes.CDLL(None)
queue = libc.inotify_init1(os.O_NONBLOCK)
assert queue >= 0
assert libc.inotify_add_watch(queue, os.environ["TMPDIR"].encode(), 0x100 | 0x80) >= 0  # IN_CREATE, IN_MOVED_TO
written = set()
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            written.add(os.path.abspath(os.fsdecode(args[0])))
    elif event in ("tempfile.mkstemp", "tempfile.mkdtemp"):
        written.add(f"{event} {args[0]}")
sys.addaudithook(hook)
sys.path.insert(0, "tests/flow")
from datetime import date
from pathlib import Path
from tests.privacy.watched import ByCommand
codes = [ByCommand(Path(root)).run(verb, date.fromisoformat(day), "EVENING", partners) for verb in verbs]
def appeared():
    try:
        told = os.read(queue, 1 << 20)
    except BlockingIOError:
        return []
    names, at = [], 0
    while at < len(told):
        length = struct.unpack_from("iIII", told, at)[3]
        names.append(told[at + 16 : at + 16 + length].rstrip(b"\\0").decode())
        at += 16 + length
    return names
answer = {"codes": codes, "written": sorted(written), "appeared": appeared()}
before = set(written)
with tempfile.NamedTemporaryFile(prefix="control") as file:
    file.write(b"x")
sqlite3.connect(os.environ["TMPDIR"] + "/in-c.db").execute("CREATE TABLE t (n)")
answer["control"] = [sorted(written - before), appeared()]
print(json.dumps(answer))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: only Linux tells what appears in a folder by inotify")
def test_no_verb_writes_a_temporary_file(tmp_path: Path) -> None:
    """All verbs over every feed write into the hub's folders and the mailboxes alone; the temporary one stays empty."""
    exchange = everybody.prepared(tmp_path / "exchange")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", WATCH, exchange.root, WEEK[0].isoformat(), ",".join(SENDER.values()), ",".join(VERBS)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["codes"] == [0] * len(VERBS)
    assert told["appeared"] == []
    files, boxes = exchange.settings.files, [str(exchange.mailbox(partner)) for partner in SENDER.values()]
    ours = f"{files / WRITING}/"
    elsewhere = [
        path
        for path in told["written"]
        if not path.startswith((ours, *(f"{box}/out/" for box in boxes))) and path != os.devnull
    ]
    print(f"{len(told['written'])} files opened to be written; elsewhere: {elsewhere}")
    assert elsewhere == []
    kept = [path for folder in FOLDERS for path in (files / folder).iterdir()]
    assert sum(path.startswith(ours) for path in told["written"]) >= len(kept) > 20
    python, c = told["control"]
    assert any("control" in one for one in python)
    assert any(name.startswith("control") for name in c)
    assert "in-c.db" in c
