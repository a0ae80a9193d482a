"""The pages agree with the code and with one another."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import docs as generator
from connectors.errors import LinkError
from contracts.findings import CATALOGUE
from contracts.words import mend
from hub.cli import VERBS
from hub.keys import read_partner_keys, read_private_key
from hub.pseudonymise import open_capsule, seal

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "partners").glob("*.md")])
STEPS = [*VERBS, "verify", "validate", "pseudonymise", "record"]  # the last four are what `process` does
HEADINGS = ["Promise", "What it reads", "What it leaves", "Running it twice", "What if it fails", "Who can act"]
RECORDS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def relative(page: Path) -> str:
    return str(page.relative_to(ROOT))


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", CODE.sub("", text_of(page)), re.MULTILINE)


def anchor(heading: str) -> str:
    """As the forges make one: lower case, spaces as dashes, punctuation dropped."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """A link to a file finds it, and a link to a heading finds that heading."""
    for target in LINK.findall(CODE.sub("", text_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        led = page.parent / path if path else page
        assert led.exists(), target
        if fragment:
            assert fragment in [anchor(heading) for heading in headings(led)], target


def test_no_two_test_files_have_one_name() -> None:
    """All tests run in one process as well: two modules of one name could not be loaded side by side."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("verb", STEPS)
def test_every_verb_has_its_page(verb: str) -> None:
    """The page of a verb bears its name and has the same headings, in the same order, as every other."""
    assert headings(DOCS / "steps" / f"{verb}.md") == [verb, *HEADINGS]


def test_what_is_generated_is_current() -> None:
    """No generated block and no file of a contract differs from what the code says today; `make docs` mends it."""
    assert generator.stale() == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(DOCS, tmp_path / "docs")
    return tmp_path


def test_a_block_that_was_changed_is_found(copy: Path) -> None:
    """A state altered by hand makes its block stale, writing mends it, and what is around it stays."""
    page = copy / "docs/steps/deliver.md"
    page.write_text(text_of(page).replace("READY --> DATA_SENDING", "READY --> GONE"), encoding="utf-8")
    assert generator.stale(copy) == ["docs/steps/deliver.md: publication states"]
    generator.write(copy)
    assert text_of(page) == text_of(ROOT / "docs/steps/deliver.md")


def test_a_file_of_a_contract_that_was_changed_is_found(copy: Path) -> None:
    """A page altered, a sample lost and a page of no contract are named, and writing mends all three."""
    folder = copy / "docs/contracts"
    page, sample, orphan = folder / "noti_v1.md", folder / "acrf_v1/valide.csv", folder / "en/gone_v1.md"
    page.write_text(text_of(page).replace("oui", "non"), encoding="utf-8")
    sample.unlink()
    orphan.write_text("# gone\n", encoding="utf-8")
    named = sorted(path.relative_to(copy).as_posix() for path in (page, sample, orphan))
    assert sorted(generator.stale(copy)) == named
    generator.write(copy)
    assert generator.stale(copy) == []
    assert not orphan.exists()


def test_a_page_without_markers_is_refused() -> None:
    """A block whose markers were lost is an error, not silence."""
    with pytest.raises(ValueError, match="markers"):
        generator.BLOCKS[0].renewed("# a page\n")


def test_every_code_is_explained_to_partners() -> None:
    """The partners' list has every code of the catalogue with its phrase and what to do, files' codes included."""
    told = text_of(DOCS / "partners" / "codes.md")
    assert [code for code in CATALOGUE if f"| {code} |" not in told or mend(code) not in told] == []


def test_every_link_error_is_in_the_runbook() -> None:
    """For each name that a red `again` can show, the runbook says whether to try again and what to do."""
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \|", text_of(DOCS / "runbook.md"), re.MULTILINE)
    told = {name: again == "yes" for name, again in rows}
    assert {error.__name__: error.retry for error in LinkError.__subclasses__()}.items() <= told.items()


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.name[:4])
def test_a_decision_is_a_page(record: Path) -> None:
    """A record has its number in its title, says context, decision, consequences, and fits on a page."""
    title, *rest = headings(record)
    assert title.startswith(f"{record.name[:4]} ")
    assert rest == ["Context", "Decision", "Consequences"]
    assert len(text_of(record).splitlines()) <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    """Records are 0001, 0002 … each once."""
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("verb", [step for step in STEPS if step != "reconcile"])
def test_a_step_fits_on_a_page(verb: str) -> None:
    """The page of a verb has at most 60 lines; that of reconcile carries its tables."""
    assert len(text_of(DOCS / "steps" / f"{verb}.md").splitlines()) <= 60


@pytest.mark.parametrize("alg", ["X25519", "MLKEM768-X25519"])
def test_the_key_pair_of_the_partners_page_works(alg: str, tmp_path: Path) -> None:
    """What a partner copies from the page makes a public key that the hub takes and a private one that opens."""
    *kinds, rest = re.findall(r"```python\n(.*?)```", text_of(DOCS / "partners" / "ouvrir.md"), re.DOTALL)
    (kind,) = [one for one in kinds if f'"{alg}"' in one]
    subprocess.run([sys.executable, "-c", kind + rest], cwd=tmp_path, check=True)
    (private,) = tmp_path.glob("*.key")
    assert private.stat().st_mode & 0o777 == 0o600
    assert json.loads(text_of(private))["kid"] == private.stem
    kid, recipient, key = read_private_key(private)
    sealed = seal({"cpas_dossier_ref": "A1"}, read_partner_keys(tmp_path)["062063"])
    assert open_capsule(sealed, kid, recipient, key) == {"cpas_dossier_ref": "A1"}
