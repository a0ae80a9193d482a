"""The product: `hub.reconcile`, without the columns that another step fills."""

from __future__ import annotations

from datetime import date

import polars as pl

from hub.reconcile import Rules, reconcile

NOT_OURS = ("kind", "lead", "next_service", "lead_rule")


def run(events: pl.DataFrame, rules: Rules, today: date) -> pl.DataFrame:
    """Returns the states by referral."""
    return reconcile(events, rules, today).drop(NOT_OURS)
