"""What waited in the vault is sealed once its recipient has given a key: by the identity zone, never by publish."""

from collections.abc import Iterable

from hub.flow.guard import guarded
from hub.flow.hub import Hub
from hub.keys import PartnerKey
from hub.pseudonymise import Capsule, seal


def seal_waiting(hub: Hub, partners: Iterable[str]) -> None:
    """Seal what is kept for these partners that have a key now, and forget it. Running it twice is harmless.

    What was kept for a CPAS that another has succeeded is sealed to the successor, if only that one has a key.
    """
    keys: dict[str, PartnerKey] = {}
    for partner in partners:
        for organisation in (partner, *hub.registry.predecessors(partner, hub.today)):
            if key := hub.partner_keys.get(organisation) or hub.partner_keys.get(partner):
                keys[organisation] = key
    while rows := guarded("unlock", hub.identity.vault.waiting, sorted(keys), hub.keys):
        made = [
            Capsule(one.event_id, one.recipient, one.entity_id, one.sid, key.kid, seal(one.values, key), one.local)
            for one in rows
            for key in [keys[one.recipient]]
        ]
        guarded("keep", hub.identity.keep, made, hub.now)
        hub.identity.vault.remove(rows)
