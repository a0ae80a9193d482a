"""The page of offers: what it says in French, that nothing of a partner is mark-up, and how much fits."""

import io
import re
from datetime import date
from html.parser import HTMLParser

import pypdf
import pytest

from hub.poster import DOMAINS, OTHER, Poster, in_french, poster, qr_rows
from hub.poster_html import html
from hub.poster_pdf import PAGES, fitted, pdf

DAY = date(2026, 3, 9)
COMMUNES = {"62063": "Liège", "62003": "Ans"}
LINK = "https://www.leforem.be/recherche-offres/offre-detail/"


def payload(number: int = 1, **changed: str | None) -> dict[str, str | None]:
    """An offer as the feed has it, changed."""
    offer = {
        "offer_number": f"{4567000 + number}",
        "title": "Cuisinier de collectivité",
        "rome": "G1602",
        "contract_type": "CDI",
        "regime": "PT",
        "positions": "2",
        "work_nis": "62063",
        "work_postal_codes": "4000",
        "published_until": "2026-04-01",
        "url": f"{LINK}{4567000 + number}",
    }
    return offer | changed


def page(*payloads: dict[str, str | None]) -> Poster:
    """A page for Liège."""
    return poster("Liège", DAY, payloads, COMMUNES)


def words(content: bytes) -> tuple[int, str]:
    """Pages and text of a PDF as another's code reads it, line ends as blanks."""
    read = pypdf.PdfReader(io.BytesIO(content))
    return len(read.pages), re.sub(r"\s+", " ", " ".join(one.extract_text() for one in read.pages))


def test_codes_become_words() -> None:
    """Contract, working time, number of positions, place and last day are said in French."""
    (offer,) = page(payload()).offers
    assert offer.domain == DOMAINS["G"]
    assert offer.lines == (
        "Liège",
        "durée indéterminée, temps partiel, 2 postes",
        "Offre n° 4567001, jusqu'au 1er avril 2026",
    )


def test_what_an_offer_does_not_say_is_left_out() -> None:
    """Without working time, positions, last day or occupation nothing is made up."""
    empty = dict.fromkeys(("rome", "regime", "positions", "published_until"))
    (offer,) = page(payload(**empty)).offers
    assert (offer.domain, offer.lines) == (OTHER, ("Liège", "durée indéterminée", "Offre n° 4567001"))


@pytest.mark.parametrize(
    ("nis", "place"), [("62063|62003|62063", "Liège, Ans"), ("62003|21004", "Ans"), ("21004", "4000"), (None, "4000")]
)
def test_a_place_is_named_by_the_registry(nis: str | None, place: str) -> None:
    """Communes that are known are named once; where none is, the postal codes say where."""
    assert page(payload(work_nis=nis)).offers[0].place == place


def test_offers_are_grouped_by_domain_and_sorted_by_place() -> None:
    """Domains come in the order of ROME, offers of no occupation last, inside by commune and title."""
    made = page(payload(1, rome=None), payload(2, rome="N4101"), payload(3), payload(4, work_nis="62003"))
    assert [(domain, [o.number[-1] for o in offers]) for domain, offers in made.groups] == [
        (DOMAINS["G"], ["4", "3"]),
        (DOMAINS["N"], ["2"]),
        (OTHER, ["1"]),
    ]


def test_a_day_is_written_in_french() -> None:
    """The first of a month is an ordinal, other days are not."""
    assert (in_french(date(2026, 8, 1)), in_french(date(2026, 12, 31))) == ("1er août 2026", "31 décembre 2026")


def test_a_qr_code_has_its_three_eyes() -> None:
    """The code of an address is a square that begins with the seven dark modules of its finder patterns."""
    rows = qr_rows(f"{LINK}4567001")
    size = len(rows)
    assert (size - 17) % 4 == 0
    for row in (rows[0], rows[6]):
        assert row[0] == (0, 7)
        assert row[-1] == (size - 7, 7)
    assert rows[-1][0] == (0, 7)


class Reader(HTMLParser):
    """Elements and text of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_html_asks_for_nothing_and_says_everything() -> None:
    """It has a language, one first heading and the attribution, and takes nothing from elsewhere."""
    read = Reader(html(page(payload(1), payload(2, rome="N4101"))))
    tags = [tag for tag, _ in read.tags]
    assert read.tags[0] == ("html", {"lang": "fr-BE"})
    assert (tags.count("h1"), tags.count("h2"), tags.count("h3")) == (1, 2, 2)
    assert not {"script", "link", "img", "iframe", "object"} & set(tags)
    assert not [attrs for tag, attrs in read.tags if "src" in attrs or (tag != "a" and "href" in attrs)]
    assert [attrs["href"] for tag, attrs in read.tags if tag == "a"] == [f"{LINK}4567001", f"{LINK}4567002"]
    assert "Le Forem, CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/deed.fr)" in read.text
    assert all(attrs["aria-label"] for tag, attrs in read.tags if tag == "svg")


HOSTILE = "<script>alert('œ')</script> & <b>gras</b>"


def test_a_title_with_mark_up_is_text() -> None:
    """Neither HTML nor PDF take a title for mark-up: it is shown as it was written."""
    made = page(payload(title=HOSTILE, url='https://x.example/"><script>'))
    read = Reader(html(made))
    assert HOSTILE in read.text
    assert "script" not in [tag for tag, _ in read.tags]
    assert "<b>gras</b>" in words(pdf(made))[1]


def test_the_pdf_says_the_same() -> None:
    """Titles, numbers, addresses, attribution and page numbers can be read from it, without control characters."""
    made = page(*(payload(n, title=f"Métier œuvre {n} à 3 €") for n in range(1, 4)))
    pages, text = words(pdf(made))
    assert pages == 1
    for n in range(1, 4):
        assert f"Métier œuvre {n} à 3 €" in text
        assert f"{LINK}{4567000 + n}" in text
    assert "Offres d'emploi près de Liège" in text
    assert "Le Forem, CC BY-SA 4.0" in text
    assert "page 1 / 1" in text
    assert not re.search(r"[\x00-\x1f\x7f-\x9f�]", text)


def test_the_pdf_is_a_french_a4_with_its_font_inside() -> None:
    """It names its language and title, its pages are A4, every font is embedded; the same page gives the same bytes."""
    made = page(payload())
    read = pypdf.PdfReader(io.BytesIO(pdf(made)))
    assert read.root_object["/Lang"] == "fr-BE"
    assert read.metadata is not None
    assert read.metadata.title == "Offres d'emploi près de Liège"
    assert [round(float(side)) for side in read.pages[0].mediabox[2:]] == [595, 842]
    fonts = [font.get_object() for font in read.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    used = [font for font in fonts if "Vera" in str(font["/BaseFont"])]
    assert len(used) == 2
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used)
    assert pdf(made) == pdf(made)


def test_what_does_not_fit_is_counted() -> None:
    """A page keeps the best offers that find room on two sides, says how many others there are, and no more pages."""
    made = fitted(page(*(payload(n, title="Un titre assez long pour deux lignes au moins") for n in range(1, 80))))
    assert 20 < len(made.offers) < 79
    assert made.offers[0].number == "4567001"
    assert len(made.offers) + made.others == 79
    pages, text = words(pdf(made))
    assert pages == PAGES
    assert f"et {made.others} autres offres" in text
    assert f"et {made.others} autres offres" in html(made)
    assert words(pdf(page(*(payload(n) for n in range(1, 80)))))[0] > PAGES


def test_a_single_other_offer_is_singular() -> None:
    """One offer too many is one other offer."""
    assert page(payload(1), payload(2)).first(1).rest.startswith("et 1 autre offre :")


def test_a_page_without_offers_says_so() -> None:
    """With nothing to show the page says it, in both forms, on one side."""
    made = fitted(page())
    assert "Pas d'offre d'emploi pour Liège" in Reader(html(made)).text
    pages, text = words(pdf(made))
    assert (pages, "Pas d'offre d'emploi pour Liège" in text) == (1, True)
