"""The news of many recipients at once: the trouble of one of them stays its own."""

import polars as pl
import pytest

from hub.audience import Recipient, Recipients
from hub.flow import news
from hub.flow.news import News, Newsroom

GOOD, BAD, FOREM = "062063", "062003", "900001"


class Panic(BaseException):
    """As polars raises: no Exception."""


@pytest.mark.parametrize("error", [ValueError, Panic])
def test_the_trouble_of_one_recipient_is_its_own(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """Where the news of many cannot be worked out, each is worked out alone, and only the one that fails, fails."""
    asked: list[list[str]] = []

    def found(_hub: object, some: Recipients, *, anew: bool) -> News:
        asked.append(some.names)
        assert not anew
        if BAD in some.names:
            raise error
        rows = pl.DataFrame({"recipient": some.names, "row_key": some.names})
        return News({"STAT": rows}, rows, rows, rows)

    monkeypatch.setattr(news, "news_of", found)
    everyone = [Recipient(one, {one}, {"RECO"}) for one in (GOOD, BAD, FOREM)]
    room = Newsroom(None, everyone, anew=False)  # type: ignore[arg-type]  # the hub is not asked here
    assert room.news(everyone[0]).view["row_key"].to_list() == [GOOD]
    with pytest.raises(error):
        room.news(everyone[1])
    assert room.news(everyone[2]).passed["STAT"]["row_key"].to_list() == [FOREM]
    assert asked == [[GOOD, BAD], [GOOD], [BAD], [FOREM]]


def test_who_is_told_together_gets_its_own_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """The news of all CPAS is worked out once, when the first of them is asked for."""
    asked: list[list[str]] = []

    def found(_hub: object, some: Recipients, *, anew: bool) -> News:
        asked.append(some.names)
        rows = pl.DataFrame({"recipient": some.names, "row_key": [f"of {one}" for one in some.names]})
        return News({}, rows, rows, rows)

    monkeypatch.setattr(news, "news_of", found)
    everyone = [Recipient(one, {one}, {"RECO"}) for one in (GOOD, BAD)]
    room = Newsroom(None, everyone, anew=False)  # type: ignore[arg-type]
    assert [room.news(one).gone["row_key"].to_list() for one in everyone] == [[f"of {GOOD}"], [f"of {BAD}"]]
    assert asked == [[GOOD, BAD]]
