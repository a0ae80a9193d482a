"""The tables on the page of the step are those that the code applies."""

from pathlib import Path

from hub.lifecycle import describe

PAGE = Path(__file__).parents[2] / "docs" / "steps" / "reconcile.md"
BEGIN, END = "<!-- generated: lifecycle -->\n", "<!-- /generated -->"


def test_the_page_shows_the_tables_in_force() -> None:
    """The block between the markers is what `describe()` gives today; paste it anew when a table changes."""
    block = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert block == describe()
