"""The page of job offers as PDF, drawn by reportlab in its own font (Bitstream Vera, embedded: œ and € are in it).

The same poster gives the same bytes. Every text is escaped: reportlab reads mark-up in a paragraph.
"""

import io
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table

from hub.poster import HOW, SOURCE, Offer, Poster, in_french, qr_rows

PAGES = 2  # a sheet, printed on both sides

_PLAIN, _BOLD = "Vera", "VeraBd"
_BLUE = HexColor("#0b3c5d")
_WIDTH, _HEIGHT = A4
_MARGIN, _GAP, _FOOT, _QR = 12 * mm, 8 * mm, 22 * mm, 19 * mm
_AT_MOST = 22  # offers on a page: none is lower than its QR code and address
_COLUMN = (_WIDTH - 2 * _MARGIN - _GAP) / 2


def fitted(poster: Poster, pages: int = PAGES) -> Poster:
    """The poster with as many of its first offers as find room on these pages; at least one, if it has any."""
    low, high = min(1, len(poster.offers)), min(len(poster.offers), pages * _AT_MOST)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _drawn(poster.first(middle))[1] <= pages else (low, middle - 1)
    return poster.first(low)


def pdf(poster: Poster) -> bytes:
    """The whole document, on as many pages as it needs: see `fitted`."""
    return _drawn(poster)[0]


def _drawn(poster: Poster) -> tuple[bytes, int]:
    _fonts()
    head = _head(poster)
    tall = sum(_tall(one, _WIDTH - 2 * _MARGIN) for one in head)
    content = io.BytesIO()
    document = BaseDocTemplate(content, pagesize=A4, invariant=1, lang="fr-BE", title=poster.title, author="Passerelle")
    document.addPageTemplates(
        [
            PageTemplate("first", _frames(_HEIGHT - _MARGIN - tall), partial(_top, head), autoNextPageTemplate="next"),
            PageTemplate("next", _frames(_HEIGHT - _MARGIN)),
        ]
    )
    document.build(_story(poster), canvasmaker=_Numbered)
    return content.getvalue(), document.page


def _fonts() -> None:
    for name in (_PLAIN, _BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


def _style(size: float, font: str = _PLAIN, **more: Any) -> ParagraphStyle:
    return ParagraphStyle("", fontName=font, fontSize=size, leading=size * 1.25, **more)


def _head(poster: Poster) -> list[Flowable]:
    lines = [
        Paragraph(escape(poster.title), _style(18, _BOLD, textColor=_BLUE, spaceAfter=1 * mm)),
        Paragraph(f"CPAS de {escape(poster.cpas)}, le {in_french(poster.day)}", _style(10)),
    ]
    return [*lines, Paragraph(HOW, _style(8.5)), Spacer(0, 3 * mm)] if poster.offers else lines


def _tall(flowable: Flowable, width: float) -> float:
    return float(flowable.wrap(width, _HEIGHT)[1] + flowable.getSpaceAfter())


def _top(head: list[Flowable], canvas: Canvas, _document: BaseDocTemplate) -> None:
    """Draw the head across both columns of the first page."""
    y = _HEIGHT - _MARGIN
    for flowable in head:
        y -= flowable.wrap(_WIDTH - 2 * _MARGIN, _HEIGHT)[1]
        flowable.drawOn(canvas, _MARGIN, y)
        y -= flowable.getSpaceAfter()


def _frames(top: float) -> list[Frame]:
    none = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}
    return [Frame(x, _FOOT, _COLUMN, top - _FOOT, **none) for x in (_MARGIN, _MARGIN + _COLUMN + _GAP)]


def _story(poster: Poster) -> list[Flowable]:
    heading = _style(10.5, _BOLD, textColor=_BLUE, spaceBefore=2 * mm, spaceAfter=1.5 * mm)
    story: list[Flowable] = []
    for domain, offers in poster.groups:
        first, *others = [_drawing(offer) for offer in offers]
        story += [KeepTogether([Paragraph(escape(domain), heading), first]), *others]
    if poster.rest:
        story.append(Paragraph(escape(poster.rest), _style(9.5, _BOLD, spaceBefore=2 * mm)))
    return story or [Spacer(0, 1)]


def _drawing(offer: Offer) -> Flowable:
    lines = [Paragraph(escape(offer.title), _style(9.5, _BOLD))]
    lines += [Paragraph(escape(text), _style(8.5)) for text in offer.lines]
    address = Paragraph(escape(offer.url), _style(6.5, wordWrap="CJK"))  # an address has no blanks to break at
    everywhere = ((0, 0), (-1, -1))
    style: list[tuple[Any, ...]] = [(f"{side}PADDING", *everywhere, 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    style += [("VALIGN", *everywhere, "TOP"), ("NOSPLIT", *everywhere), ("SPAN", (0, 1), (1, 1))]
    widths = [_COLUMN - _QR - 2 * mm, _QR + 2 * mm]
    cells = [[lines, _Qr(offer.url)], [address, ""]]
    return Table(cells, colWidths=widths, style=style, spaceAfter=2.5 * mm)


class _Qr(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A QR code; the white around it is that of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._rows = qr_rows(text)
        self.width = self.height = _QR

    def draw(self) -> None:
        """Draw it as one path."""
        module = _QR / (len(self._rows) + 4)
        path = self.canv.beginPath()
        for row, runs in enumerate(self._rows):
            for start, length in runs:
                path.rect((start + 4) * module, _QR - (row + 1) * module, length * module, module)
        self.canv.setFillColor(black)
        self.canv.drawPath(path, stroke=0, fill=1)


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
    """A canvas that knows how many pages there are before it writes the foot of the first."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  reportlab's name
        """Keep the page for later."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write every page with its foot."""
        for page in self._pages:
            self.__dict__.update(page)
            self._foot(len(self._pages))
            super().showPage()
        super().save()

    def _foot(self, pages: int) -> None:
        source = Paragraph(escape(SOURCE), _style(7))
        width = _WIDTH - 2 * _MARGIN - 22 * mm
        tall = source.wrap(width, _FOOT)[1]
        self.line(_MARGIN, _FOOT - 3 * mm, _WIDTH - _MARGIN, _FOOT - 3 * mm)
        source.drawOn(self, _MARGIN, _FOOT - 4.5 * mm - tall)
        self.setFont(_PLAIN, 8)
        self.drawRightString(_WIDTH - _MARGIN, _FOOT - 7 * mm, f"page {self._pageNumber} / {pages}")
