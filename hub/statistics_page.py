"""The yearly figures as files: a CSV that a spreadsheet opens, and one page of HTML for screen and A4 paper, in French.

Both show the same counts. A hidden count is a point, the same for one that is small and for one that is hidden for
another's sake.
"""

import csv as _csv
import io
from collections.abc import Iterator, Sequence
from html import escape

from hub.poster import in_french
from hub.statistics import OTHERS, Part, Table
from hub.yearly import Report

HIDDEN = "•"
TOTAL = "Total"
COLUMNS = ("annee", "situation_au", "population", "tableau", "arrondissement", "categorie", "personnes", "remarque")
NOT_SHOWN = "nombre non publié"
LEGEND = (
    "{hidden} : nombre non publié, pour que personne ne soit reconnaissable. Un nombre de 1 à {below} ne l'est "
    "jamais ; de plus grands ne le sont pas non plus quand une soustraction rendrait un petit nombre. Un 0 et les "
    "totaux des lignes sont toujours publiés."
)
AUDIT = (
    "Contrôle avant publication, réussi : {count} nombres ne sont pas publiés sur cette page. Pour chacun, tout ce "
    "qui est publié ici laisse au moins {k} valeurs possibles ; s'il peut être inférieur à {k}, tous les petits "
    "nombres jusqu'à {k} restent possibles."
)
COUNTED = (
    "Chaque personne compte une fois par tableau, à l'arrondissement de son CPAS. Une personne orientée plusieurs "
    "fois dans l'année compte à sa dernière orientation. Une orientation retirée par le CPAS ne compte pas. Une "
    "personne dont l'aide a pris fin n'est plus tenue de s'inscrire et ne compte plus dans le tableau des inscriptions."
)
PROVISIONAL = "Chiffres provisoires : l'année n'est pas terminée. À ne pas diffuser."
TOO_FEW = "Moins de {k} personnes : rien n'est publié."
WITHHELD = "Ce tableau n'est pas publié : il en dirait trop sur des personnes."
EMPTY = "Sans personne : {names}."
TOGETHER = "Autres arrondissements : {names}."

_STYLE = """
@page { size: A4 landscape; margin: 10mm 12mm 14mm;
  @bottom-right { content: "page " counter(page) " / " counter(pages); font: 8pt sans-serif; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 273mm; padding: 4mm; color: #000; background: #fff;
  font: 9pt/1.3 Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
h1 { margin: 0 0 1mm; font-size: 16pt; color: #0b3c5d; }
h2 { margin: 4mm 0 1mm; font-size: 11pt; color: #0b3c5d; border-bottom: 0.4mm solid #0b3c5d; break-after: avoid; }
p { margin: 0 0 1.5mm; max-width: 190mm; }
.provisional { font-weight: bold; color: #a00000; }
.wide { overflow-x: auto; break-inside: avoid; margin-bottom: 3mm; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: bold; padding: 1mm 0; }
th, td { padding: 0.4mm 1mm; border-bottom: 0.2mm solid #999; text-align: right; vertical-align: bottom; }
thead th { font-weight: normal; font-size: 8pt; max-width: 24mm; }
tbody th, thead th:first-child, tfoot th { text-align: left; white-space: nowrap; font-weight: normal; }
tfoot th, tfoot td, td:last-child, thead th:last-child { font-weight: bold; }
@media print {
  body { max-width: none; padding: 0; font-size: 8pt; line-height: 1.2; }
  thead th { font-size: 7.5pt; }
  .wide { overflow: visible; }
}
"""


def csv(report: Report) -> bytes:
    """The counts, one a line, totals among them; with a byte-order mark, by which a spreadsheet knows the accents."""
    text = io.StringIO()
    writer = _csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part in report.parts:
        for table in part.tables:
            lines = _csv_lines(part, table)
            writer.writerows((report.year, report.on, part.title, table.dimension.title, *line) for line in lines)
    return text.getvalue().encode("utf-8-sig")


def html(report: Report) -> str:
    """The whole document; it asks for nothing else."""
    title = f"Orientations et inscriptions : chiffres de {report.year}"
    day = in_french(report.on)
    warning = f'<p class="provisional">{PROVISIONAL}</p>\n' if report.provisional else ""
    legend = LEGEND.format(hidden=HIDDEN, below=report.k - 1)
    audit = AUDIT.format(count=number(report.hidden), k=report.k)
    return (
        '<!DOCTYPE html>\n<html lang="fr-BE">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
        f"<p>Pour le rapport annuel conjoint du Forem et de la Fédération des CPAS. Situation au {day}.</p>\n"
        f"{warning}<p>{COUNTED}</p>\n<p>{legend}</p>\n<p>{audit}</p>\n</header>\n<main>\n"
        f"{''.join(_part(part, report.k) for part in report.parts)}</main>\n</body>\n</html>\n"
    )


def number(count: int | None) -> str:
    """A count as it is written in French, with narrow spaces; the sign of a hidden one for None."""
    return HIDDEN if count is None else f"{count:,}".replace(",", "\u202f")


def _csv_lines(part: Part, table: Table) -> Iterator[tuple[str, str, int | str, str]]:
    if table.protected is None:
        return
    names = [*table.dimension.labels.values(), TOTAL]
    for row, line in _rows(part, table.protected.shown()):
        members = ", ".join(part.together) if row == OTHERS else ""
        for name, count in zip(names, line, strict=True):
            yield row, name, (HIDDEN if count is None else count), (NOT_SHOWN if count is None else members)


def _rows(part: Part, shown: Sequence[Sequence[int | None]]) -> list[tuple[str, Sequence[int | None]]]:
    """The rows by name, that of totals last; alone, where there is no other than it."""
    if len(part.rows) == 1:
        return [(part.rows[0], shown[-1])]
    return list(zip([*part.rows, TOTAL], shown, strict=True))


def _part(part: Part, k: int) -> str:
    notes = [] if part.tables else [TOO_FEW.format(k=k)]
    notes += [TOGETHER.format(names=", ".join(part.together))] if part.together else []
    told = "".join(f"<p>{escape(note)}</p>\n" for note in notes)
    tables = "".join(_table(part, table) for table in part.tables)
    return f"<section>\n<h2>{escape(part.title)}</h2>\n{told}{tables}</section>\n"


def _table(part: Part, table: Table) -> str:
    title = escape(table.dimension.title)
    if table.protected is None:
        return f"<p><strong>{title}.</strong> {escape(WITHHELD)}</p>\n"
    rows = _rows(part, table.protected.shown())
    names = list(table.dimension.labels.values())
    kept = [n for n in range(len(names)) if rows[-1][1][n] != 0]
    empty = [name for n, name in enumerate(names) if n not in kept]
    head = "".join(f'<th scope="col">{_heading(name)}</th>' for name in [*(names[n] for n in kept), TOTAL])
    body = [_line(name, [*(line[n] for n in kept), line[-1]]) for name, line in rows]
    note = f"<p>{escape(EMPTY.format(names=', '.join(empty)))}</p>\n" if empty else ""
    return (
        f'<div class="wide">\n<table>\n<caption>{title}</caption>\n<thead><tr><th scope="col">Arrondissement</th>{head}'
        f"</tr></thead>\n<tbody>\n{''.join(body[:-1])}</tbody>\n<tfoot>\n{body[-1]}</tfoot>\n</table>\n{note}</div>\n"
    )


def _heading(name: str) -> str:
    """A heading that does not break before its colon."""
    return escape(name).replace(" :", "\u00a0:")


def _line(name: str, counts: Sequence[int | None]) -> str:
    cells = "".join(f"<td>{number(count)}</td>" for count in counts)
    return f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>\n'
