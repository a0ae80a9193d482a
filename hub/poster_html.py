"""The page of job offers as HTML: one file that asks for nothing else, on screen and on A4 paper.

Every text is escaped: a title is a partner's words.
"""

from collections.abc import Iterator
from html import escape

from hub.poster import HOW, SOURCE, Offer, Poster, in_french, qr_rows

_QUIET = 4  # modules of white around a QR code, as ISO/IEC 18004 asks

_STYLE = """
@page { size: A4 portrait; margin: 12mm 12mm 16mm;
  @bottom-right { content: "page " counter(page) " / " counter(pages); font: 8pt sans-serif; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 186mm; padding: 4mm; color: #000; background: #fff; overflow-wrap: anywhere;
  font: 9pt/1.3 Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
h1 { margin: 0 0 1mm; font-size: 18pt; line-height: 1.15; color: #0b3c5d; }
h2 { margin: 0 0 1.5mm; padding: 1mm 0; font-size: 10.5pt; color: #0b3c5d; border-bottom: 0.4mm solid #0b3c5d;
  break-after: avoid; }
h3 { margin: 0; font-size: 9.5pt; }
p { margin: 0; }
header { margin-bottom: 3mm; }
.offers { columns: 2; column-gap: 8mm; }
section { margin-bottom: 3mm; }
article { display: grid; grid-template-columns: 1fr 20mm; column-gap: 2mm; margin-bottom: 2.5mm; break-inside: avoid; }
svg { width: 20mm; height: 20mm; }
.address { grid-column: 1 / -1; font-size: 6.5pt; }
a { color: inherit; }
.rest { margin: 2mm 0; font-weight: bold; }
footer { margin-top: 3mm; padding-top: 1.5mm; border-top: 0.2mm solid #000; font-size: 7.5pt; break-inside: avoid; }
@media screen and (max-width: 40em) { .offers { columns: 1; } }
@media print {
  body { max-width: none; padding: 0; font-size: 8.5pt; line-height: 1.2; }
  svg { width: 18mm; height: 18mm; }
}
"""


def html(poster: Poster) -> str:
    """The whole document."""
    title, day = escape(poster.title), in_french(poster.day)
    rest = f'<p class="rest">{escape(poster.rest)}</p>\n' if poster.rest else ""
    how = f"<p>{escape(HOW)}</p>\n" if poster.offers else ""
    return (
        '<!DOCTYPE html>\n<html lang="fr-BE">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title} - {day}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{title}</h1>\n<p>CPAS de {escape(poster.cpas)}, le {day}</p>\n"
        f'{how}</header>\n<main>\n<div class="offers">\n{"".join(_groups(poster))}</div>\n{rest}</main>\n'
        f"<footer><p>{escape(SOURCE)}</p></footer>\n</body>\n</html>\n"
    )


def _groups(poster: Poster) -> Iterator[str]:
    for domain, offers in poster.groups:
        yield f"<section>\n<h2>{escape(domain)}</h2>\n{''.join(map(_article, offers))}</section>\n"


def _article(offer: Offer) -> str:
    lines = "".join(f"<p>{escape(text)}</p>" for text in offer.lines)
    url = escape(offer.url, quote=True)
    return (
        f"<article>\n<div><h3>{escape(offer.title)}</h3>{lines}</div>\n{_qr(offer)}"
        f'<p class="address"><a href="{url}">{url}</a></p></article>\n'
    )


def _qr(offer: Offer) -> str:
    rows = qr_rows(offer.url)
    side = len(rows) + 2 * _QUIET
    runs = "".join(
        f"M{start + _QUIET} {row + _QUIET}h{length}v1h-{length}z"
        for row, found in enumerate(rows)
        for start, length in found
    )
    label = f"Code QR : page de l'offre {escape(offer.number)}"
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path d="{runs}"/></svg>\n'
    )
