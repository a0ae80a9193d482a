"""The tokens of one recipient: each person under the token key under which it was first told, to whomever.

So a token names the same person for ever, in the rows that its recipient holds and in those to come; a new token key is
for people who are told for the first time.
"""

from collections.abc import Collection

from hub.flow.hub import Hub
from hub.pseudonymise import Tokens


def tokens_of(hub: Hub, recipient: str, sids: Collection[str]) -> dict[str, str]:
    """The token of each subject for this recipient. Raises OperatorError when a key that is needed is not here."""
    kids = hub.identity.told_under(sids, hub.keys.active("token").kid, hub.now)
    made: dict[str, str] = {}
    for kid in sorted(set(kids.values())):
        made |= Tokens(recipient, hub.keys.key("token", kid)).by_sid([sid for sid in kids if kids[sid] == kid])
    return made
