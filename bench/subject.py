"""What is measured: the contract ORIE in full, fifteen of its columns, and what it knows of day and sender."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from contracts.codes import Validity
from contracts.model import Context, Contract, Environment, Rules
from contracts.registry import lookup
from hub.partners import load_registry

RECEIVED_ON = date(2026, 11, 2)
SENDER = "082039"  # a CPAS that succeeds two others: it may write for three communes, two of them ended
NARROW = (
    "notice_id", "version", "notice_status", "effective_date", "recorded_at", "referral_id", "cpas_nis", "niss",
    "last_name", "first_name", "birth_date", "residence_nis", "email", "legislation", "ri_start_date",
)  # fmt: skip


def context() -> Context:
    """Gives what the registry of partners says of the communes and of the sender."""
    registry = load_registry(Path("partners"))
    communes = registry.cpas()
    return Context(
        received_on=RECEIVED_ON,
        communes={p.nis: Validity(since=p.valid_from, until=p.valid_until) for p in communes},
        adg=frozenset(p.nis for p in communes if p.service == "ADG"),
        entitled=registry.entitled_nis(SENDER, RECEIVED_ON),
    )


def wide() -> Contract:
    """Gives the whole contract ORIE, of the test environment: its people are invented."""
    contract = lookup("ORIE", "in", 1, "T")
    if contract is None:
        raise LookupError("there is no contract ORIE/1")
    return contract


def narrow() -> Contract:
    """Gives the contract of fifteen columns of ORIE, with all the rules of these columns."""
    full = wide()

    def rules(context: Context, environment: Environment) -> Rules:
        return {name: checks for name, checks in full.rules(context, environment).items() if name in NARROW}

    return replace(full, fields=tuple(f for f in full.fields if f.name in NARROW), rules=rules)


CONTRACTS = {"wide": wide, "narrow": narrow}
