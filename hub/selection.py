"""Which offers, events and trainings each CPAS is told of: by places, occupations and invitations.

Pure, one pass over all CPAS. A place is the CPAS that answers for it today, so that an offer in a commune that has
merged is found under its successor. The nearest and newest come first where a CPAS takes only so many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from hub.partners import Partner, Registry

Scope = Literal["COMMUNE", "ARRONDISSEMENT", "PROVINCE"]
SCOPES: tuple[Scope, ...] = ("COMMUNE", "ARRONDISSEMENT", "PROVINCE")
OWN, NAMED, ARRONDISSEMENT, PROVINCE = range(4)  # how near a place is: the lower the nearer


@dataclass(frozen=True, slots=True)
class Choice:
    """What a CPAS wants to be told of, by its plan d'actions.

    `communes` are NIS codes beside its own, such as those of its neighbours; `occupations` the first characters of
    ROME codes, all where there is none; `offers` how many it takes at most.
    """

    scope: Scope = "ARRONDISSEMENT"
    communes: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    offers: int = 200


class Selection:
    """The selection of one day for some CPAS: who reaches which place, and what each wants."""

    def __init__(self, registry: Registry, choices: Mapping[str, Choice], cpas: Iterable[str], today: date) -> None:
        wanted = {partner: choices.get(partner, Choice()) for partner in sorted(cpas)}
        there = [p for p in registry.cpas() if p.is_valid(today)]
        self._places = _places(registry, today)
        self._postal_codes = _frame({"place": pl.String, "nis": pl.String}, registry.postal_codes.items())
        near = [
            (one, place, nearness)
            for one, choice in wanted.items()
            for place, nearness in _near(registry, there, one, choice, today).items()
        ]
        self._reach = _frame({"cpas": pl.String, "place": pl.String, "nearness": pl.Int64}, near)
        provincial = [
            (one, p.partner_id) for one in wanted for p in there if _province(p) == _province(registry.partners[one])
        ]
        self._province = _frame({"cpas": pl.String, "place": pl.String}, provincial)
        wishes = [(one, prefix) for one, choice in wanted.items() for prefix in choice.occupations]
        self._wishes = _frame({"cpas": pl.String, "prefix": pl.String}, wishes)
        limits = [(one, choice.offers) for one, choice in wanted.items()]
        self._limits = _frame({"cpas": pl.String, "limit": pl.Int64}, limits)

    def offers(self, offers: pl.DataFrame) -> pl.DataFrame:
        """`cpas`, `entity_id`, `event_id`, `nearness` of the offers for each CPAS, the nearest and newest first."""
        columns = ("entity_id", "event_id", "rome", "published_from")
        found = (
            self._work_places(offers)
            .join(self._reach, on="place")
            .group_by("cpas", "entity_id")
            .agg(pl.col("nearness").min())
            .join(offers.select(columns), on="entity_id")
        )
        ranked = self._of_wished_occupations(found).sort(
            "cpas", "nearness", "published_from", "entity_id", descending=[False, False, True, False], nulls_last=True
        )
        numbered = ranked.with_columns(nth=pl.int_range(pl.len()).over("cpas")).join(
            self._limits, on="cpas", maintain_order="left"
        )
        return numbered.filter(pl.col("nth") < pl.col("limit")).select("cpas", "entity_id", "event_id", "nearness")

    def events(self, events: pl.DataFrame) -> pl.DataFrame:
        """`cpas`, `entity_id`, `event_id` of the events that invite each CPAS; one that names none invites all."""
        ids = events.select("entity_id", "event_id", "target_nis")
        every = ids.filter(pl.col("target_nis").is_null()).join(self._limits.select("cpas"), how="cross")
        invited = self._located(ids.filter(pl.col("target_nis").is_not_null()), "target_nis")
        named = invited.join(self._limits.select("cpas"), left_on="place", right_on="cpas", how="semi")
        both = [every.select(_TOLD), named.select(cpas="place", entity_id="entity_id", event_id="event_id")]
        return pl.concat(both).unique().sort(_TOLD)

    def trainings(self, catalogue: pl.DataFrame) -> pl.DataFrame:
        """`cpas`, `entity_id`, `event_id` of the trainings for each CPAS: its province's, and all online."""
        ids = catalogue.select("entity_id", "event_id", "location_type", "location_nis")
        online = ids.filter(pl.col("location_type") == "virtual").join(self._limits.select("cpas"), how="cross")
        near = self._located(ids.filter(pl.col("location_nis").is_not_null()), "location_nis")
        in_province = near.join(self._province, on="place")
        return pl.concat([online.select(_TOLD), in_province.select(_TOLD)]).unique().sort(_TOLD)

    def _work_places(self, offers: pl.DataFrame) -> pl.DataFrame:
        """`entity_id` and `place` of each place of work; by postal codes where an offer gives no commune."""
        named = self._located(offers.filter(pl.col("work_nis").is_not_null()), "work_nis")
        others = offers.filter(pl.col("work_nis").is_null() & pl.col("work_postal_codes").is_not_null())
        codes = others.select("entity_id", place=pl.col("work_postal_codes").str.split("|")).explode("place")
        coded = codes.join(self._postal_codes, on="place").drop("place").join(self._places, on="nis")
        return pl.concat([named.select("entity_id", "place"), coded.select("entity_id", "place")]).unique()

    def _located(self, rows: pl.DataFrame, column: str) -> pl.DataFrame:
        """The rows once for each place that a list of NIS codes names, as `place`."""
        exploded = rows.with_columns(nis=pl.col(column).str.split("|")).explode("nis")
        return exploded.join(self._places, on="nis").drop("nis")

    def _of_wished_occupations(self, found: pl.DataFrame) -> pl.DataFrame:
        picky = found.join(self._wishes, on="cpas").filter(pl.col("rome").str.starts_with(pl.col("prefix")))
        easy = found.join(self._wishes, on="cpas", how="anti")
        return pl.concat([easy, picky.drop("prefix").unique()])


_TOLD = ("cpas", "entity_id", "event_id")


def _near(registry: Registry, there: Iterable[Partner], cpas: str, choice: Choice, today: date) -> dict[str, int]:
    """The places that a CPAS reaches, and how near each is."""
    me = registry.partners[cpas]
    owners = (registry.owner_of_nis(nis, today) for nis in choice.communes)
    reached = {owner: NAMED for owner in owners if owner is not None} | {cpas: OWN}
    around = [p for p in there if p.arrondissement_nis == me.arrondissement_nis] if choice.scope != "COMMUNE" else []
    province = [p for p in there if _province(p) == _province(me)] if choice.scope == "PROVINCE" else []
    for nearness, partners in ((ARRONDISSEMENT, around), (PROVINCE, province)):
        for partner in partners:
            reached.setdefault(partner.partner_id, nearness)
    return reached


def _province(partner: Partner) -> str:
    """The first digit of a Walloon NIS code is its province's: 2, 5, 6, 8 or 9 (Statbel, REFNIS)."""
    return partner.arrondissement_nis[:1]


def _places(registry: Registry, today: date) -> pl.DataFrame:
    owners = ((p.nis, registry.owner_of_nis(p.nis, today)) for p in registry.cpas())
    known = [(nis, owner) for nis, owner in owners if owner is not None]
    return _frame({"nis": pl.String, "place": pl.String}, known)


def _frame(schema: Mapping[str, type[pl.DataType]], rows: Iterable[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(schema), orient="row")
