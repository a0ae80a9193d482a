"""Which offers, events and trainings each CPAS is told of, on the real communes of the registry."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from hub.choices import COLUMNS, FILE, read_choices
from hub.errors import OperatorError
from hub.partners import load_registry
from hub.selection import ARRONDISSEMENT, NAMED, OWN, PROVINCE, Choice, Selection

PROJECT = Path(__file__).parents[2]
REGISTRY = load_registry(PROJECT / "partners")
DAY = date(2026, 3, 9)
LIEGE, ANS, HUY, ARLON = "062063", "062003", "061031", "081001"
CPAS = (LIEGE, ANS, HUY, ARLON)


def offers(**work_nis: str | None) -> pl.DataFrame:
    """Offers by number and place of work, the later the newer."""
    rows = [
        {
            "entity_id": name,
            "event_id": f"event {name}",
            "work_nis": nis,
            "work_postal_codes": "4000|1000",
            "rome": "J1501" if n % 2 else None,
            "published_from": date(2026, 3, 1 + n),
        }
        for n, (name, nis) in enumerate(work_nis.items())
    ]
    text = dict.fromkeys(("entity_id", "event_id", "work_nis", "work_postal_codes", "rome"), pl.String)
    return pl.DataFrame(rows, schema=text | {"published_from": pl.Date})


def chosen(frame: pl.DataFrame, **choices: Choice) -> dict[str, list[tuple[str, int]]]:
    """The offers for each CPAS in order, with how near each is; choices by name of commune."""
    named = {"liege": LIEGE, "ans": ANS, "huy": HUY, "arlon": ARLON}
    selection = Selection(REGISTRY, {named[name]: choice for name, choice in choices.items()}, CPAS, DAY)
    found: dict[str, list[tuple[str, int]]] = {cpas: [] for cpas in CPAS}
    for cpas, entity, _, nearness in selection.offers(frame).iter_rows():
        found[cpas].append((entity, nearness))
    return found


def test_by_default_the_arrondissement_is_told_the_nearest_first() -> None:
    """A CPAS without a choice gets its arrondissement: its own commune first, then the newest."""
    found = chosen(offers(a="62063", b="62003", c="62096", d="61031", e="62063"))
    assert found[LIEGE] == [("e", OWN), ("a", OWN), ("c", ARRONDISSEMENT), ("b", ARRONDISSEMENT)]
    assert found[HUY] == [("d", OWN)]
    assert found[ARLON] == []


def test_a_scope_is_as_wide_as_it_was_chosen() -> None:
    """COMMUNE is the commune alone, PROVINCE the whole province; communes named beside come before the others."""
    frame = offers(a="62063", b="62003", c="61031", d="81001")
    found = chosen(frame, liege=Choice("COMMUNE"), ans=Choice("PROVINCE"), huy=Choice("COMMUNE", ("62003", "99999")))
    assert found[LIEGE] == [("a", OWN)]
    assert found[ANS] == [("b", OWN), ("a", ARRONDISSEMENT), ("c", PROVINCE)]
    assert found[HUY] == [("c", OWN), ("b", NAMED)]


def test_an_offer_in_several_communes_counts_once_and_where_it_is_nearest() -> None:
    """An offer with several places of work is one row, as near as the nearest of them."""
    assert chosen(offers(a="62003|62063|21004"))[LIEGE] == [("a", OWN)]


def test_a_postal_code_stands_in_for_a_missing_commune() -> None:
    """Where an offer names no commune its postal codes do; one outside Wallonia leads nowhere."""
    assert chosen(offers(a=None))[LIEGE] == [("a", OWN)]


def test_a_place_that_has_merged_is_its_successors() -> None:
    """An offer in a commune that merged is found under the CPAS that answers for it today."""
    selection = Selection(REGISTRY, {"082039": Choice("COMMUNE")}, ["082039"], DAY)
    assert selection.offers(offers(a="82005"))["entity_id"].to_list() == ["a"]


def test_occupations_are_chosen_by_the_start_of_their_code() -> None:
    """A CPAS that names occupations gets those only; an offer without one is not among them."""
    frame = offers(a="62063", b="62063")
    assert [entity for entity, _ in chosen(frame, liege=Choice(occupations=("J15", "K")))[LIEGE]] == ["b"]
    assert chosen(frame, liege=Choice(occupations=("K",)))[LIEGE] == []


def test_a_cpas_takes_at_most_so_many() -> None:
    """The first of the ranking are kept, for each CPAS its own number."""
    frame = offers(a="62063", b="62063", c="62003")
    found = chosen(frame, liege=Choice(offers=2))
    assert [entity for entity, _ in found[LIEGE]] == ["b", "a"]
    assert len(found[ANS]) == 3


def write(folder: Path, *lines: str) -> Path:
    """A folder with a selection.csv of these lines."""
    (folder / FILE).write_text("\n".join([";".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return folder


def test_the_choices_of_the_project_can_be_read() -> None:
    """The file of the project holds together."""
    assert read_choices(PROJECT / "partners") == {}


def test_a_line_is_a_choice(tmp_path: Path) -> None:
    """A line of the file becomes the choice of its CPAS."""
    folder = write(tmp_path, "062063;COMMUNE;62003|62096;K|J15;50")
    assert read_choices(folder) == {LIEGE: Choice("COMMUNE", ("62003", "62096"), ("K", "J15"), 50)}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("62063;COMMUNE;;;50", "selection.csv:2: partner_id has not the form"),
        ("062063;ROYAUME;;;50", "selection.csv:2: scope has not the form"),
        ("062063;COMMUNE;4000;;50", "selection.csv:2: communes has not the form"),
        ("062063;COMMUNE;;X1;50", "selection.csv:2: occupations has not the form"),
        ("062063;COMMUNE;;;0", "selection.csv:2: max_offers has not the form"),
        ("062063;COMMUNE;;", "selection.csv:2: 4 cells, 5 expected"),
        ("062063;COMMUNE;;;5\n062063;COMMUNE;;;5", "selection.csv:3: this partner_id has a line already"),
    ],
)
def test_a_wrong_line_is_told_without_its_cells(line: str, message: str, tmp_path: Path) -> None:
    """What is wrong is named by line and column; no cell is repeated."""
    with pytest.raises(OperatorError, match=message):
        read_choices(write(tmp_path, line))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """Without the file nobody would know which choice was lost."""
    with pytest.raises(OperatorError, match="missing"):
        read_choices(tmp_path)
