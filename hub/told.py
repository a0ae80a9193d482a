"""What each recipient is told: rows of the reconciled view and rows passed through, before they are sealed.

Pure, frames in and frames out. Whom a row concerns and who may have it was decided in `hub.audience`; here is what it
shows, what names it, and its digest. A row of the view that its recipient may no longer have is told as GONE.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from types import MappingProxyType

import polars as pl

from contracts.model import Contract
from hub.lifecycle import NONE
from hub.model import FOREM, Class, EntityKind
from hub.publish import DIGEST, ENTITY, KEY
from hub.reconcile import visible_to_cpas, visible_to_forem
from hub.said import field

GONE = "GONE"  # the digest of a row that was taken back
PERSON, NAMED_BY = "__sid", "__named_by"  # of whom a row is, and the event whose capsule goes with it

CROSSED = "R504"  # found between a situation and an enrolment, and written on both
_CROSSED = ("TRAINING_DURING_ART60", "AWAITING_TRAINING_DATES")  # its reasons
_PLAIN = "STATED"  # the reason of a row on which nothing was found
_OF_A_CPAS = (EntityKind.SITUATION, EntityKind.REGISTRATION, EntityKind.ANSWER)  # named by their CPAS too
_SAME_NAMES = (
    *("cpas_view", "forem_view", "business_status", "status_date", "class", "reason", "owner", "since", "due"),
    *("lead", "next_service", "lead_rule", "cpas_version", "forem_version", "next_appointment_at"),
)
_SEPARATOR = "\x1f"  # no cell can hold it
_NONE = pl.lit(None, pl.String)
NOBODY: Mapping[str, str] = MappingProxyType({})


def shown(states: pl.DataFrame, *, to_cpas: bool) -> pl.DataFrame:
    """The states as their recipients may see them: CPAS, or Le Forem."""
    if not to_cpas:
        return visible_to_forem(states)
    referral = pl.col("kind") == EntityKind.REFERRAL
    referrals = visible_to_cpas(states.filter(referral))
    return _without_guesses(pl.concat([referrals, states.filter(~referral).select(referrals.columns)]))


def signed(states: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The states with what orders them between persons: the sender's own number of the event that names the person.

    Subject ids are drawn, so nothing is ever ordered by them.
    """
    origin = events.select("source", field("notice_id").alias("notice_id"), named_by="event_id")
    return states.join(origin, on="named_by", how="left")


def view_rows(states: pl.DataFrame, contract: Contract, former: Mapping[str, str] = NOBODY) -> pl.DataFrame:
    """One row of the view for each `signed` state, in the order of names: all but the day and what is sealed.

    Of several recipients, each row with its `recipient`. `former`: of the events of a person who is known under another
    subject today, that former one. It is part of the digest: once the number in a row is another's, it is told again.
    """
    named = states.with_columns(_named_cpas().alias("named_cpas"), _reference().alias("entity_ref"))
    key = ("kind", "sid", pl.col("named_cpas").fill_null(""), pl.col("entity_ref").fill_null(""))
    cells = (
        named.sort("kind", "entity_ref", "named_cpas", "source", "notice_id", "entity_id")
        .select(
            "recipient",
            pl.concat_str(*key, separator="|").alias(KEY),
            pl.col("entity_id").alias(ENTITY),
            pl.col("sid").alias(PERSON),
            pl.col("named_by").alias(NAMED_BY),
            pl.lit("STATE").alias("record"),
            pl.col("kind").alias("entity_kind"),
            pl.col("named_cpas").alias("cpas"),
            "entity_ref",
            pl.col("state").alias("agreed_state"),
            pl.when(pl.col("codes").list.len() > 0).then(pl.col("codes").list.join("|")).alias("codes"),
            *(_text(named, name) for name in _SAME_NAMES),
        )
        .with_columns(pl.col("cpas_view", "forem_view").fill_null("NONE"))
    )
    told = [name for name in contract.columns if name in cells.columns]
    return cells.with_columns(_digest(cells, told, _subject(NAMED_BY, former)))


def gone_rows(keys: Iterable[str]) -> pl.DataFrame:
    """The rows that take back rows told before, by the keys of these."""
    parts = sorted((key.split("|"), key) for key in keys)
    ordered = sorted(parts, key=lambda part: (part[0][0], part[0][3], part[0][2], part[1]))
    cells = {
        KEY: [key for _, key in ordered],
        DIGEST: [GONE for _ in ordered],
        ENTITY: [entity_of(key) for _, key in ordered],
        PERSON: [sid for (_, sid, _, _), _ in ordered],
        "record": [GONE for _ in ordered],
        "entity_kind": [kind for (kind, *_), _ in ordered],
        "cpas": [cpas or None for (_, _, cpas, _), _ in ordered],
        "entity_ref": [reference or None for (*_, reference), _ in ordered],
    }
    return pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String()))


def entity_of(key: str) -> str:
    """The entity of which a row of the view tells, from the row's key."""
    kind, sid, cpas, reference = key.split("|")
    match EntityKind(kind):
        case EntityKind.REFERRAL:
            return reference
        case EntityKind.SITUATION:
            group, _, contract = reference.partition(":")
            return f"SITU|{cpas}|{sid}|{group}|{contract}"
        case EntityKind.REGISTRATION:
            return f"REGI|{cpas}|{sid}"
        case EntityKind.ANSWER:
            return f"MOBI|{cpas}|{sid}|{reference}"
        case EntityKind.ENROLMENT:
            return f"FORM|{FOREM}|{reference}"
        case EntityKind.BREACH:
            return f"MANQ|{FOREM}|{reference}"


def taken_back(told: pl.DataFrame, rows: pl.DataFrame, frozen: Collection[str]) -> pl.DataFrame:
    """What was told of the view and is not among its `rows` any more; what is frozen stays as it was told.

    `told` is what the ledger keeps of it: `recipient`, `row_key`, `entity_id`, `row_hash`.
    """
    standing = told.filter(pl.col("row_hash") != GONE, ~pl.col("entity_id").is_in(list(frozen)))
    return standing.join(rows, left_on=["recipient", "row_key"], right_on=["recipient", KEY], how="anti")


def passed_rows(rows: pl.DataFrame, contract: Contract, former: Mapping[str, str] = NOBODY) -> pl.DataFrame:
    """The rows of a feed that pass through (with `named_by`): coded columns as their sender wrote them.

    The digest of a row is that of its event, and names the columns that only later versions have and that are filled
    in: a recipient that turns to another version is told again what it is told otherwise, and nothing else. It names
    the `former` subject of the capsule that goes with a row which came under another number.
    """
    coded = [name for name in contract.named("coded") if name != "sender"]
    payload = pl.col("payload").str.json_decode(pl.Struct(dict.fromkeys(coded, pl.String())))
    filled = (pl.when(pl.col(name).is_not_null()).then(pl.lit(f"+{name}")) for name in contract.added)
    order = [*contract.entity, str(contract.effective_date), "__version", "sender", "notice_id"]
    under, came = _subject("named_by", former), _subject("event_id", former)
    other = pl.when(under.ne_missing(came)).then(pl.concat_str(pl.lit("@"), under.fill_null("")))
    return (
        rows.select(
            "recipient",
            pl.concat_str("entity_id", pl.col("effective_date").cast(pl.String), separator="|").alias(KEY),
            pl.col("event_id").alias(DIGEST),
            pl.col("entity_id").alias(ENTITY),
            pl.col("sid").alias(PERSON),
            pl.col("named_by").alias(NAMED_BY),
            pl.col("source").alias("sender"),
            pl.col("version").alias("__version"),
            other.alias("__other"),
            payload.struct.unnest(),
        )
        .with_columns(pl.concat_str(DIGEST, *filled, "__other", ignore_nulls=True))
        .sort(order)
        .drop("__version", "__other")
    )


def sealed_sheet(
    rows: pl.DataFrame, contract: Contract, sealed: Mapping[str, Mapping[str, str]], snapshot: date | None = None
) -> pl.DataFrame:
    """The sheet of some rows: `sealed` holds a token for each person, an identity and a reference for each event."""
    found = rows.with_columns(
        pl.col(PERSON).replace_strict(sealed["tokens"], return_dtype=pl.String).alias("subject_token"),
        _looked_up(rows, sealed["identities"]).alias("sealed_identity"),
        _looked_up(rows, sealed["references"]).alias("sealed_local_ref"),
        pl.lit(snapshot.isoformat() if snapshot else None, pl.String).alias("snapshot_date"),
    )
    missing = [pl.lit(None, pl.String).alias(name) for name in contract.columns if name not in found.columns]
    return found.with_columns(missing).select(KEY, DIGEST, ENTITY, *contract.columns)


def _looked_up(rows: pl.DataFrame, found: Mapping[str, str]) -> pl.Expr:
    if NAMED_BY not in rows.columns or not found:
        return pl.lit(None, pl.String)
    return pl.col(NAMED_BY).replace_strict(found, default=None, return_dtype=pl.String)


def _without_guesses(states: pl.DataFrame) -> pl.DataFrame:
    """Leave out what a CPAS could conclude about the other side's doings with somebody.

    Who leads and what is next follow from what Le Forem holds: blank until it has answered. A training during an
    article 60 is told to a CPAS that may know both of them.
    """
    referral, answered = pl.col("kind") == EntityKind.REFERRAL, pl.col("forem_view") != NONE
    person = ("recipient", "sid")
    led = (referral & answered).any().over(person)
    crossed = pl.col("codes").list.contains(CROSSED).fill_null(value=False)
    hidden = crossed & (pl.col("kind").filter(crossed).n_unique().over(person) < 2)
    quiet = hidden & pl.col("reason").is_in(_CROSSED)
    return states.with_columns(
        *(pl.when(led).then(pl.col(name)).alias(name) for name in ("lead", "next_service", "lead_rule")),
        pl.when(hidden)
        .then(pl.col("codes").list.set_difference([CROSSED]).list.sort())
        .otherwise("codes")
        .alias("codes"),
        pl.when(quiet).then(pl.lit(str(Class.AGREED))).otherwise("class").alias("class"),
        pl.when(quiet).then(pl.lit(_PLAIN)).otherwise("reason").alias("reason"),
        *(pl.when(~quiet).then(pl.col(name)).alias(name) for name in ("owner", "since", "due")),
    )


def _named_cpas() -> pl.Expr:
    return pl.when(pl.col("kind").is_in(list(map(str, _OF_A_CPAS)))).then("cpas")


def _reference() -> pl.Expr:
    """What a state is called: the reference of a referral, enrolment, event or breach; RI, PIIS or CONTRACT:<id>."""
    parts = pl.col("entity_id").str.split("|")
    contract = parts.list.get(4, null_on_oob=True)
    situation = pl.when(contract != "").then(pl.concat_str(parts.list.get(3, null_on_oob=True), pl.lit(":"), contract))
    return (
        pl.when(pl.col("kind") == EntityKind.REFERRAL)
        .then(pl.col("entity_id"))
        .when(pl.col("kind") == EntityKind.SITUATION)
        .then(situation.otherwise(parts.list.get(3, null_on_oob=True)))
        .when(pl.col("kind") != EntityKind.REGISTRATION)
        .then(parts.list.last())
    )


def _text(states: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if states.schema[name] == pl.String else pl.col(name).cast(pl.String)


def _subject(event: str, former: Mapping[str, str]) -> pl.Expr:
    """The former subject under which an event was recorded, if it was."""
    return pl.col(event).replace_strict(former, default=None, return_dtype=pl.String) if former else _NONE


def _digest(cells: pl.DataFrame, told: list[str], former: pl.Expr) -> pl.Series:
    """SHA-256 of what each row tells, and of whose number is in it; the other sealed cells and the day are no news."""
    said = [pl.col(name).fill_null("") for name in told]
    texts = cells.select(pl.concat_str(*said, former, separator=_SEPARATOR, ignore_nulls=True)).to_series()
    return pl.Series(DIGEST, [hashlib.sha256(text.encode()).hexdigest() for text in texts], dtype=pl.String)
