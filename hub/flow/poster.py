"""The page of job offers of one CPAS, from what the ledger holds: as HTML and as PDF, with the same offers."""

import json

from hub.errors import OperatorError
from hub.flow.hub import Hub
from hub.flow.impersonal import Impersonal
from hub.partners import Kind
from hub.poster import poster
from hub.poster_html import html
from hub.poster_pdf import fitted, pdf


def offers_page(hub: Hub, partner: str) -> dict[str, bytes]:
    """The page of this CPAS today by file name. Raises OperatorError for who is no CPAS today."""
    cpas = hub.registry.get(partner)
    if cpas is None or cpas.kind is not Kind.CPAS or not cpas.is_valid(hub.today):
        raise OperatorError("a page of offers is for a CPAS of that day, by its id such as 062063")
    communes = {one.nis: one.name for one in hub.registry.cpas()}
    payloads = [json.loads(payload) for payload in Impersonal(hub, [partner]).chosen(partner, "OFFR")]
    page = fitted(poster(cpas.name, hub.today, payloads, communes))
    name = f"offres.{partner}.{hub.today:%Y%m%d}"
    return {f"{name}.html": html(page).encode(), f"{name}.pdf": pdf(page)}
