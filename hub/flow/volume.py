"""How many people a file names whom its CPAS has never named, and whether that is unusual: it refuses nothing."""

from collections.abc import Iterable, Sequence

from hub import events
from hub.flow.hub import Hub
from hub.model import Event
from hub.partners import Kind
from hub.volume import Limits, Named, reasons


def named_by(hub: Hub, partner: str, found: Sequence[Event]) -> Named:
    """Of the people in these rows of a CPAS those new to it; nobody for another partner, or rows about nobody."""
    sids = {event.sid for event in found if event.sid}
    if not sids or not _is_cpas(hub, partner):
        return Named()
    return hub.ledger.volumes.named(_organisations(hub, partner), sids)


def watch(hub: Hub, partners: Iterable[str]) -> None:
    """Judge what came since the last look, note what is unusual and log it once."""
    settings, volumes = hub.settings, hub.ledger.volumes
    limits = Limits(
        settings.volume_rows,
        settings.volume_times,
        settings.volume_share,
        settings.elsewhere_rows,
        settings.elsewhere_share,
    )
    for partner, day in volumes.to_judge([one for one in partners if _is_cpas(hub, one)]):
        named = volumes.by_day(partner)
        found = reasons(day, named, volumes.known(_organisations(hub, partner)), limits)
        if volumes.judge(partner, day, named[day].newcomers, found):
            told = {name: getattr(named[day], name) for name in ("newcomers", "strangers", "elsewhere")}
            events.log(events.UNUSUAL_VOLUME, partner=partner, reasons="|".join(found), **told)


def _is_cpas(hub: Hub, partner: str) -> bool:
    known = hub.registry.get(partner)
    return known is not None and known.kind is Kind.CPAS


def _organisations(hub: Hub, partner: str) -> set[str]:
    return {partner, *hub.registry.predecessors(partner, hub.today)}
