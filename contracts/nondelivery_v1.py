"""Feed NOND, version 1: the notice of non-delivery, for those whose rows lie in a file that was not taken in time.

One row for each referral in such a file, once when it is overdue and once when it was taken after all. It names the
file and the referral, and nobody.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import empty_unless, not_before, required_if
from contracts.fields import code, coded_text, date
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import value

STATES = ("OVERDUE", "TAKEN_LATE")


def _rules(_context: Context, _environment: Environment) -> Rules:
    taken = pl.col("state") == "TAKEN_LATE"
    order = ("Le délai ne finit pas avant la remise.", "The deadline does not end before the delivery.")
    late = ("Pas avant la fin du délai.", "Not before the end of the deadline.")
    filled = ("Obligatoire pour TAKEN_LATE.", "Required for TAKEN_LATE.")
    empty = ("Vide pour OVERDUE.", "Empty for OVERDUE.")
    return {
        "due": [not_before("due", value("delivered_on"), order)],
        "taken_on": [
            required_if("taken_on", taken, filled),
            empty_unless("taken_on", taken, empty),
            not_before("taken_on", value("due"), late),
        ],
    }


CONTRACT = Contract(
    feed="NOND",
    name="nondelivery",
    version=1,
    direction="out",
    fields=(
        Field("file", "text", required=True, max_length=64),
        code("feed", ("ORIE", "STAT"), required=True),
        coded_text("recipient", codes.PARTNER, "6 digits", required=True),
        coded_text("referral_id", codes.REFERRAL_ID, "R, 5 digits, -, year, -, 6 digits", required=True),
        date("delivered_on", required=True),
        date("due", required=True),
        code("state", STATES, required=True),
        date("taken_on"),
        Field("message_fr", "text", required=True),
        Field("mend_fr", "text", required=True),
    ),
    key=("file", "referral_id", "state"),
    effective_date=None,
    rules=_rules,
)
