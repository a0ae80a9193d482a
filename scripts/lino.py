"""Makes real exports of Lino Welfare, a case-management program in use at Walloon CPAS, for `tests/lino`.

The program (AGPL) lives in an environment of its own below var/ and never in ours. Its demo project holds people
whose numbers could be somebody's: what it exports stays below var/ and is never checked in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VAR = Path(os.environ.get("PASSERELLE_VAR", ROOT / "var")).absolute() / "lino"
# What it needs but does not say: its own framework, of the month of its release, and a library that this imports.
PACKAGES = ("lino-welfare==26.7.0", "lino-welcht==26.7.0", "lino==26.7.2", "lino-xl==26.7.2", "num2words==0.5.14")
SETTINGS = "lino_welfare.projects.mathieu.settings.demo"  # the CPAS of Châtelet, in French


def main() -> int:
    """Makes the environment, the demo's database and the exports anew; says where they are."""
    python = _environment()
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS}
    _run("prepare the demo", [str(python.with_name("django-admin")), "prep", "--noinput"], settings)
    exports = VAR / "exports"
    shutil.rmtree(exports, ignore_errors=True)
    exports.mkdir()
    # -P: this folder has a lino.py, which is not theirs
    _run("export", [str(python), "-P", str(Path(__file__).with_name("lino_exports.py")), str(exports)], settings)
    print(f"{exports}: {', '.join(sorted(path.name for path in exports.iterdir()))}")
    return 0


def _environment() -> Path:
    """Gives the Python of the environment, which is made when what it must hold has changed."""
    venv, installed = VAR / "venv", VAR / "installed.txt"
    wanted = "\n".join(PACKAGES)
    python = venv / "bin" / "python"
    if not installed.is_file() or installed.read_text() != wanted:
        VAR.mkdir(parents=True, exist_ok=True)
        _run("make the environment", [sys.executable, "-m", "venv", "--clear", str(venv)])
        _run("install", [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES])
        installed.write_text(wanted)
    return python


def _run(what: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Runs one step in var/lino; its output, which can hold people of the demo, goes to a file there."""
    print(f"lino: {what}", flush=True)
    log = VAR / "lino.log"
    with log.open("ab") as out:
        done = subprocess.run(command, cwd=VAR, env=environment, stdout=out, stderr=out, check=False)
    if done.returncode:
        raise SystemExit(f"lino: could not {what}; see {log}")


if __name__ == "__main__":
    raise SystemExit(main())
