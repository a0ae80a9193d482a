"""What the documentation takes from the code: state diagrams, lists of codes, the list of decisions.

`write` makes each generated block anew, `check` names those that are not current and changes nothing. A block
lies between two markers on its page; what is around it is written by hand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts import describe
from contracts.findings import CATALOGUE, Code
from contracts.model import Contract
from contracts.registry import contracts
from hub import lifecycle
from hub.stores import publications, submissions

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


def _contract_block(contract: Contract) -> Block:
    page = f"docs/contracts/{contract.name}_v{contract.version}.md"
    return Block(page, "columns", lambda: describe.page(contract))


BLOCKS = (
    *(_contract_block(contract) for contract in contracts("T")),
    Block("docs/steps/reconcile.md", "lifecycle", lifecycle.describe),
    Block("docs/steps/record.md", "submission states", lambda: diagram(submissions.MOVES)),
    Block("docs/steps/deliver.md", "publication states", lambda: diagram(publications.MOVES)),
    Block("docs/partners/codes.md", "codes", codes),
    Block("docs/decisions/README.md", "decisions", decisions),
)


def stale(root: Path = ROOT) -> list[str]:
    """The blocks that are not what the code says today, as `page: name`."""
    return [f"{block.page}: {block.name}" for block in BLOCKS if (text := _read(root, block)) != block.renewed(text)]


def write(root: Path = ROOT) -> list[str]:
    """Make every block anew; the blocks that changed."""
    changed = stale(root)
    for block in BLOCKS:
        (root / block.page).write_text(block.renewed(_read(root, block)), encoding="utf-8")
    return changed


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 all is current (now), 1 `check` found a block that is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["write", "check"])
    writing = parser.parse_args(argv).command == "write"
    found = write() if writing else stale()
    for block in found:
        print(f"{block}: {'made anew' if writing else 'not current, run `make docs`'}")
    return int(bool(found) and not writing)


def _read(root: Path, block: Block) -> str:
    return (root / block.page).read_text(encoding="utf-8")


def _codes(entries: Iterable[Code]) -> str:
    head = ["| code | gravité | ce qu'il dit | comment corriger |", "|---|---|---|---|"]
    rows = [f"| {c.code} | {SEVERITIES[c.severity]} | {_cell(c.fr)} | {_cell(c.mend_fr)} |" for c in entries]
    return "\n".join([*head, *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


if __name__ == "__main__":
    sys.exit(main())
