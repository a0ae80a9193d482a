"""The figures of the joint yearly report, from what the ledger holds today: as a CSV and as a page to print."""

from hub.errors import InvariantBroken, OperatorError
from hub.flow.hub import Hub
from hub.flow.reconcile import seen
from hub.partners import Kind
from hub.said import said
from hub.statistics_page import csv, html
from hub.suppress import audit
from hub.yearly import Report, aged, obliged_in, oriented_in, placed, report


def yearly_report(hub: Hub, year: int) -> Report:
    """The figures of this year by arrondissement, hidden where they must be and audited.

    Raises OperatorError for a year that has not begun, and while the ledger has states that are to be reconciled:
    figures of a state that no longer holds would be published, and later ones compared with them.
    """
    if year > hub.today.year:
        raise OperatorError("this year has not begun")
    waiting = hub.ledger.entities.to_reconcile(hub.today)
    if waiting.persons or waiting.answered:
        raise OperatorError("the ledger is not reconciled up to that day: run `passerelle reconcile` first")
    found = hub.ledger.entities.yearly(year)
    oriented = oriented_in(year, found.referrals, said(seen(hub, found.orientations)))
    names, obliged = areas(hub), obliged_in(year, found.duties)
    counted = (placed(aged(persons, found.cohorts, year), names) for persons in (oriented, obliged))
    return report(year, hub.today, hub.settings.smallest_count, *counted)


def statistics_files(made: Report) -> dict[str, bytes]:
    """The report as files, by name. InvariantBroken, and no file, where a reader could know more than is promised."""
    for table in (table for part in made.parts for table in part.tables):
        if table.protected is not None and audit(table.protected, made.k):
            raise InvariantBroken("a table of the yearly figures does not hide what it promises to hide")
    name = f"statistiques.{made.year}"
    return {f"{name}.csv": csv(made), f"{name}.html": html(made).encode()}


def areas(hub: Hub) -> dict[str, str]:
    """The arrondissement of each CPAS there ever was, which is that of the one that answers for it today."""
    found = {}
    for partner in hub.registry.cpas():
        heir = hub.registry.get(hub.registry.successor(partner.partner_id, hub.today))
        if heir is not None and heir.kind is Kind.CPAS:
            found[partner.partner_id] = heir.arrondissement
    return found
