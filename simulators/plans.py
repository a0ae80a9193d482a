"""What each CPAS agreed to exchange, and from which day on: the plans d'actions of the registry."""

from datetime import date
from pathlib import Path

from simulators import table

FEEDS_OF_AXIS = {
    "1": {"ORIE", "STAT", "INSC"},
    "2": {"CATA", "FORM"},
    "3": {"OFFR", "JOBD", "MOBI"},
    "4": {"SITU"},
}
Plans = dict[str, list[tuple[str, frozenset[str]]]]


def read(registry: Path) -> Plans:
    """The plans of each CPAS in the order in which they came into force."""
    _, rows = table.read((registry / "plans.csv").read_text("utf-8-sig"))
    plans: Plans = {}
    for row in sorted(rows, key=lambda row: row["since"]):
        brought = set().union(*(FEEDS_OF_AXIS[axis] for axis in row["axes"].split("|")))
        left_out, added = (set(filter(None, row[name].split("|"))) for name in ("without", "extra"))
        plans.setdefault(row["partner_id"], []).append((row["since"], frozenset(brought - left_out | added)))
    return plans


def feeds(plans: Plans, partner: str, day: date) -> frozenset[str]:
    """The feeds of the plan in force that day; none where there is no plan yet."""
    return next((feeds for since, feeds in reversed(plans.get(partner, [])) if since <= day.isoformat()), frozenset())
