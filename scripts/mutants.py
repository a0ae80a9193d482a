"""Changes the rules one by one, in a copy of the tree, and asks the tests whether they notice.

A mutant that no test notices is either a hole in the tests or says the same as the original; the latter stands in
docs/mutants.md with its reason, and anything else makes the run fail. Each mutant has a process of its own, forked
from one in which the libraries are loaded, as loading them takes longer than most tests.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import io
import json
import os
import re
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

from mutations import Mutation, mutations

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "var" / "mutants"
REASONS = ROOT / "docs" / "mutants.md"
COPIED = ("contracts", "hub", "partners", "tests", "docs", "scripts", "pyproject.toml")
CPU_SECONDS = 300  # of one mutant: the slowest tests of a module together take half of it

_EDGES = "unit/test_rules_at_their_edges.py"
_OF = _EDGES + "::test_all_known_faults_in_one_table_are_told_apart[{}]"
_COLUMNS = "unit/test_contracts_as_published.py"
_PAGES = "docs/test_docs.py::test_what_is_generated_is_current"
_WHOLE = ("unit/test_contract_declarations.py", "spec/test_damaged_files.py")
_OF_NISS = ("birth_dates", "texts_in_the_test_environment", "a_number_standing_in_another_column_is_seen")
TESTS: dict[str, tuple[str, ...]] = {  # the quick ones first: the first to fail ends the run
    "niss": (*(f"unit/test_niss_rules.py::test_{name}" for name in _OF_NISS), _EDGES, "unit/test_niss_rules.py"),
    "codes": ("unit/test_codes_lists.py", _COLUMNS, _EDGES, _PAGES),
    "compile": ("unit/test_compile.py", "unit/test_compile_edges.py", _EDGES),
    "judge": ("unit/test_findings_kept.py", _EDGES),
    "closely": ("unit/test_closely.py", "unit/test_niss_rules.py"),
    "damage": (_EDGES, "unit/test_damage.py"),
    "overlap": (_EDGES,),
    "situations_v1": (_COLUMNS, _OF.format("SITU"), _PAGES, _EDGES, *_WHOLE),
    "orientations_v1": (_COLUMNS, _OF.format("ORIE"), _PAGES, _EDGES, *_WHOLE),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one mutant: killed, survived, or endless (it took too long, which a run of tests shows too)."""

    module: str
    where: str
    change: str
    fate: str
    seconds: float


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives one module from another source than its file's."""

    def __init__(self, name: str, source: str, path: Path) -> None:
        self._name, self._source, self._path = name, source, path

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Finds the mutated module and no other."""
        del path, target
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def get_source(self, fullname: str) -> str:
        """Gives the mutated source."""
        del fullname
        return self._source

    def get_code(self, fullname: str) -> CodeType:
        """Compiles the mutated source under the path of the original."""
        del fullname
        return compile(self._source, str(self._path), "exec")


def main() -> int:
    """Runs the mutants of some modules; 1 when one survives without a written reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=[], help=f"some of {', '.join(TESTS)}")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="only mutants whose line in the report holds this")
    parser.add_argument("--again", action="store_true", help="only those that survived in the report before")
    parser.add_argument("--new", action="store_true", help="only those that the report does not have")
    parser.add_argument("--list", action="store_true", help="only name them")
    asked = parser.parse_args()
    chosen = [(m, mutation) for m in asked.modules or TESTS for mutation in _mutations(m)]
    chosen = [(m, mutation) for m, mutation in chosen if asked.only in f"{m} {mutation.where} {mutation.change}"]
    before = _before()
    if asked.again:
        chosen = [
            (m, mutation) for m, mutation in chosen if before.get((m, mutation.where, mutation.change)) == "survived"
        ]
    if asked.new:
        chosen = [(m, mutation) for m, mutation in chosen if (m, mutation.where, mutation.change) not in before]
    if asked.list:
        print(*(f"{m} | {mutation.where} | {mutation.change}" for m, mutation in chosen), sep="\n")
        return 0
    tree = _copied()
    same = [(m, Mutation("module", "nothing", ast.unparse(_parsed(m)))) for m in dict.fromkeys(m for m, _ in chosen)]
    if any(verdict.fate != "survived" for verdict in _all(tree, same, asked.jobs)):
        sys.exit("the tests do not pass as it is")
    for verdict in _all(tree, chosen, asked.jobs):
        before[verdict.module, verdict.where, verdict.change] = verdict.fate
        _keep(before)
    named = {(m, mutation.where, mutation.change) for m in asked.modules or TESTS for mutation in _mutations(m)}
    return _told([Verdict(*key, fate, 0) for key, fate in before.items() if key in named])


def _before() -> dict[tuple[str, str, str], str]:
    """Gives the fates in the report; those of mutants that exist no more are passed over later."""
    report = FOLDER / "report.json"
    kept = json.loads(report.read_text(encoding="utf-8")) if report.exists() else []
    return {(module, where, change): fate for module, where, change, fate in kept}


def _keep(fates: dict[tuple[str, str, str], str]) -> None:
    rows = [[*key, fate] for key, fate in fates.items()]
    (FOLDER / "report.json").write_text(json.dumps(rows, indent=0, ensure_ascii=False), encoding="utf-8")


def _mutations(module: str) -> list[Mutation]:
    return list(mutations(_parsed(module)))


def _parsed(module: str) -> ast.Module:
    return ast.parse((ROOT / "contracts" / f"{module}.py").read_text(encoding="utf-8"))


def _copied() -> Path:
    tree = FOLDER / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    (FOLDER / "scratch").mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source, target = ROOT / name, tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tree


def _all(tree: Path, chosen: Sequence[tuple[str, Mutation]], jobs: int) -> Iterator[Verdict]:
    """Runs the mutants, some at a time, and tells each as it ends."""
    _load_libraries()
    running: dict[int, tuple[str, Mutation, float]] = {}
    waiting = list(reversed(chosen))
    while waiting or running:
        while waiting and len(running) < jobs:
            module, mutation = waiting.pop()
            child = os.fork()
            if child == 0:
                _run(tree, module, mutation.source)
            running[child] = module, mutation, time.monotonic()
        ended, status = os.wait()
        module, mutation, started = running.pop(ended)
        verdict = Verdict(module, mutation.where, mutation.change, _fate(status), time.monotonic() - started)
        print(f"{verdict.fate:9}{verdict.seconds:6.1f} s  {module} | {mutation.where} | {mutation.change}", flush=True)
        yield verdict


def _load_libraries() -> None:
    import hypothesis
    import openpyxl
    import pandera.polars
    import polars
    import pytest
    import stdnum.be.ssn
    import stdnum.be.vat

    assert all((hypothesis, openpyxl, pandera.polars, polars, pytest, stdnum.be.ssn, stdnum.be.vat))  # noqa: S101


def _run(tree: Path, module: str, source: str) -> None:
    """Runs a module's tests on its mutant and ends this process: 0 when they pass, as they should not."""
    import pytest
    from hypothesis import Phase, settings

    settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False)
    settings.load_profile("mutants")  # one failure is enough, however large
    os.environ |= {"POLARS_MAX_THREADS": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(FOLDER / "hypothesis")}
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    os.chdir(tree)
    sys.path[:0] = [str(tree)]
    sys.meta_path.insert(0, Mutated(f"contracts.{module}", source, tree / "contracts" / f"{module}.py"))
    scratch = FOLDER / "scratch" / str(os.getpid())
    tests = [str(tree / "tests" / test) for test in TESTS[module]]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        ended = pytest.main(["-x", "-q", "-p", "no:cacheprovider", f"--basetemp={scratch}", *tests])
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(int(ended))


def _fate(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "endless"
    return "survived" if os.WEXITSTATUS(status) == 0 else "killed"


def _told(verdicts: Sequence[Verdict]) -> int:
    """Prints what came of all, by module, and the survivors without a reason."""
    reasons = set(
        re.findall(r"^\| `(\w+)` \| `(.*?)` \| `(.*)` \| ", REASONS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    for module in dict.fromkeys(v.module for v in verdicts):
        fates = Counter(v.fate for v in verdicts if v.module == module)
        print(f"{module}: {fates.total()} mutants,", ", ".join(f"{n} {fate}" for fate, n in sorted(fates.items())))
    survivors = [v for v in verdicts if v.fate == "survived"]
    bare = [v for v in survivors if (v.module, v.where, v.change.replace("|", "\\|")) not in reasons]
    print(f"{len(survivors)} survived, {len(bare)} of them without a written reason")
    print(*(f"| `{v.module}` | `{v.where}` | `{v.change}` | " for v in bare), sep="\n")
    return 1 if bare else 0


if __name__ == "__main__":
    sys.exit(main())
