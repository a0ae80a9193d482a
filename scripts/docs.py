"""What the documentation takes from the code: contracts, state diagrams, lists of codes, the list of decisions.

`write` makes all of it anew, `check` names what is not current and changes nothing. A block lies between two
markers on its page, what is around it being written by hand; the folder of the contracts is generated whole.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pages
import protection

from contracts.findings import CATALOGUE, Code
from contracts.words import mend, says
from hub import events, lead, lifecycle, reasons, zones
from hub.stores import publications, submissions
from simulators import api_faults, sftp_faults

ROOT = Path(__file__).resolve().parents[1]
END = "<!-- /generated -->"
SEVERITIES = {"ERROR": "erreur", "WARNING": "avertissement", "INFO": "information"}


@dataclass(frozen=True, slots=True)
class Block:
    """One generated part of a page: which page, the name in its marker, and what makes its text."""

    page: str
    name: str
    make: Callable[[], str]

    def renewed(self, text: str) -> str:
        """The page with this block made anew; ValueError when a marker is missing or not alone."""
        begin = f"<!-- generated: {self.name} -->\n"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(END)
        if not found or not closed or begin in after:
            raise ValueError(f"{self.page}: the block {self.name} needs exactly one pair of markers")
        return f"{before}{begin}{self.make()}{END}{after}"


def diagram(moves: Mapping[str, Collection[str]]) -> str:
    """A table of allowed moves as a mermaid state diagram; the first state is where all begin."""
    reached = sorted({after for following in moves.values() for after in following})
    steps = [f"{before} --> {after}" for before, following in moves.items() for after in sorted(following)]
    ends = [f"{state} --> [*]" for state in reached if state not in moves]
    lines = [f"[*] --> {next(iter(moves))}", *steps, *ends]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```"]) + "\n"


def codes() -> str:
    """Every code of the catalogue in French, those of files first."""
    of_files = [code for code in CATALOGUE.values() if code.level == "file"]
    of_rows = [code for code in CATALOGUE.values() if code.level == "row"]
    return f"## Codes d'un fichier\n\n{_codes(of_files)}\n## Codes d'une ligne\n\n{_codes(of_rows)}"


def decisions() -> str:
    """The list of decision records by number, with their titles."""
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    return "".join(f"* [{_title(path)}]({path.name})\n" for path in records)


PROTECTION: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "protection-des-donnees": {
        "erasures": protection.erasures,
        "reveals": protection.reveals,
        "terms": protection.terms,
        "logged": protection.logged,
    },
    "registre": {
        "bases": protection.bases,
        "data": protection.data,
        "recipients": protection.recipients,
        "stores": protection.stores,
        "terms": protection.terms,
    },
    "aipd": {"threats": protection.threats, "figures": protection.figures},
}

BLOCKS = (
    Block("docs/steps/reconcile.md", "lifecycle", lifecycle.describe),
    Block("docs/steps/situations.md", "reasons", reasons.describe),
    Block("docs/steps/situations.md", "lead", lead.describe),
    Block("docs/steps/record.md", "submission states", lambda: diagram(submissions.MOVES)),
    Block("docs/steps/deliver.md", "publication states", lambda: diagram(publications.MOVES)),
    Block("docs/security.md", "zones", zones.describe),
    Block("docs/partners/faults.md", "faults", sftp_faults.describe),
    Block("docs/partners/faults.md", "api faults", api_faults.describe),
    Block("docs/partners/codes.md", "codes", codes),
    Block("docs/runbook.md", "log events", events.describe),
    *(Block(f"docs/{page}.md", name, make) for page, blocks in PROTECTION.items() for name, make in blocks.items()),
    Block("docs/decisions/README.md", "decisions", decisions),
)


def stale(root: Path = ROOT) -> list[str]:
    """What is not as the code says today: blocks as `page: name`, files of the contracts by their path."""
    blocks = [f"{block.page}: {block.name}" for block in BLOCKS if (text := _read(root, block)) != block.renewed(text)]
    files = pages.files()
    changed = [path for path, text in files.items() if _text(root / path) != text]
    return [*blocks, *changed, *_orphans(root, files)]


def write(root: Path = ROOT) -> list[str]:
    """Make everything anew and delete what no contract has any more; what changed."""
    changed, files = stale(root), pages.files()
    for block in BLOCKS:
        (root / block.page).write_text(block.renewed(_read(root, block)), encoding="utf-8")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    for path in _orphans(root, files):
        (root / path).unlink()
    return changed


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 all is current (now), 1 `check` found a block that is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["write", "check"])
    writing = parser.parse_args(argv).command == "write"
    found = write() if writing else stale()
    for part in found:
        print(f"{part}: {'made anew' if writing else 'not current, run `make docs`'}")
    return int(bool(found) and not writing)


def _read(root: Path, block: Block) -> str:
    return (root / block.page).read_text(encoding="utf-8")


def _orphans(root: Path, files: Collection[str]) -> list[str]:
    there = (path for path in (root / pages.FOLDER).rglob("*") if path.is_file())
    return sorted({path.relative_to(root).as_posix() for path in there} - set(files))


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _codes(entries: Iterable[Code]) -> str:
    head = ["| code | gravité | ce qu'il dit | comment corriger |", "|---|---|---|---|"]
    rows = [f"| {c.code} | {SEVERITIES[c.severity]} | {_cell(says(c.code))} | {_cell(mend(c.code))} |" for c in entries]
    return "\n".join([*head, *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


if __name__ == "__main__":
    sys.exit(main())
