"""A close look at few texts gives what a close look at all of them would, nulls and pieces of a stream included."""

import polars as pl
import pytest

from contracts.closely import rewritten, where_also

TEXTS = [None, "", "a1", "a", "b2", "1", None, "c3"]
LETTERED = pl.col("t").str.contains("^[a-b]")
DIGIT = "[0-9]"


@pytest.mark.parametrize("texts", [TEXTS, ["z", None, "1"], [None, None], []])
@pytest.mark.parametrize("suspect", [LETTERED, LETTERED.fill_null(True), pl.col("t") == "none"])
def test_both_are_true(texts: list[str | None], suspect: pl.Expr) -> None:
    """True where both are, false everywhere else; never null."""
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    found = frame.select(where_also(pl.col("t"), suspect, lambda few: few.str.contains(DIGIT))).to_series()
    both = frame.select((suspect & pl.col("t").str.contains(DIGIT)).fill_null(False)).to_series()
    assert found.to_list() == both.to_list()


def test_only_the_suspect_are_looked_at() -> None:
    """The dear question is asked of few, and of none where there are none."""
    asked: list[str | None] = []

    def certain(few: pl.Series) -> pl.Series:
        asked.extend(few)
        return few.str.contains(DIGIT)

    pl.DataFrame({"t": TEXTS}).select(where_also(pl.col("t"), LETTERED, certain))
    assert asked == ["a1", "a", "b2"]
    pl.DataFrame({"t": ["z", None]}).select(where_also(pl.col("t"), LETTERED, certain))
    assert asked == ["a1", "a", "b2"]


@pytest.mark.parametrize("texts", [TEXTS, ["z", None], []])
def test_only_the_loose_are_rewritten(texts: list[str | None]) -> None:
    """The others stay as they are, empty ones too; in pieces of a stream as in one frame."""
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    change = rewritten(pl.col("t"), LETTERED, lambda few: few.str.to_uppercase())
    right = [text.upper() if text and text[0] in "ab" else text for text in texts]
    assert frame.select(change).to_series().to_list() == right
    pieces = pl.concat([frame] * 3, rechunk=False).lazy().select(change).collect(engine="streaming")
    assert pieces.to_series().to_list() == right * 3
