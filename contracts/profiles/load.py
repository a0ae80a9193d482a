"""From a TOML file to a profile, and everything that can be wrong in one: the file and the key are named."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from contracts.model import Contract, Environment, FileFormat
from contracts.profiles.model import Companion, Condition, Origin, Profile, ProfileProblem, Source, SourceKind
from contracts.profiles.origins import checked, origin_of
from contracts.profiles.toml import Toml, keyed, one_of, says, texts, toml, value_of
from contracts.registry import lookup

_ENVIRONMENT: Environment = "T"  # a contract's columns and codes are the same in both
_TOP = {"title", "feed", "version", "source", "rows", "columns", "lacking", "companion"}
_SOURCE = {"kind", "header", "encoding", "delimiter", "quote", "layout", "longer"}
_CONDITION = {"column", "among", "not_among"}
_COMPANION = {"title", "source", "key", "match", "adds"}


def load_profile(path: Path) -> Profile:
    """Reads and checks a profile; raises ProfileProblem, which names the file and the key to be mended."""
    try:
        return _profile(path)
    except ProfileProblem as problem:
        raise ProfileProblem(f"{path.name}: {problem}") from None
    except OSError:
        raise ProfileProblem(f"{path.name}: cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileProblem(f"{path.name}: is not TOML ({error})") from None


def _profile(path: Path) -> Profile:
    table = keyed("the profile", tomllib.loads(path.read_text("utf-8")), _TOP, _TOP - {"rows", "lacking", "companion"})
    contract = _contract(table)
    lacking = {name: says(f"lacking.{name}", said) for name, said in toml("lacking", table.get("lacking", {})).items()}
    profile = Profile(
        name=path.stem,
        title=says("title", table["title"]),
        contract=contract,
        source=_source("source", table["source"]),
        rows=_conditions(table.get("rows", [])),
        columns=_columns(toml("columns", table["columns"]), contract, path.parent),
        lacking=lacking,
        companion=_companion(table["companion"], path.parent) if "companion" in table else None,
    )
    _check_columns(profile)
    _check_layout("source", profile.source, profile.read)
    return profile


def _contract(table: Toml) -> Contract:
    feed, version = value_of("feed", table["feed"], str), value_of("version", table["version"], int)
    contract = lookup(feed, "in", version, _ENVIRONMENT)
    if contract is None:
        raise ProfileProblem(f"feed: there is no feed {feed}, version {version}, from partners")
    return contract


def _source(key: str, value: Any) -> Source:
    table = keyed(key, value, _SOURCE, {"kind"})
    kind: SourceKind = one_of(f"{key}.kind", table["kind"], get_args(SourceKind))
    columns = value_of(f"{key}.layout", table.get("layout", []), list)
    layout = tuple(_layout(f"{key}.layout", column) for column in columns)
    if len(table.get("delimiter", ";")) != 1 or len(table.get("quote", "")) > 1:
        raise ProfileProblem(f"{key}: a delimiter is one character, a quote one or none")
    form = FileFormat(
        encoding=value_of(f"{key}.encoding", table.get("encoding", "utf-8"), str),
        delimiter=value_of(f"{key}.delimiter", table.get("delimiter", ";"), str),
        quote=value_of(f"{key}.quote", table.get("quote", '"'), str),
    )
    return Source(
        kind=kind,
        header=value_of(f"{key}.header", table.get("header", 0 if layout else 1), int),
        form=form,
        layout=layout,
        longer=value_of(f"{key}.longer", table.get("longer", False), bool),
    )


def _layout(key: str, value: Any) -> tuple[str, int]:
    if isinstance(value, str):
        return value, 0
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
        return value[0], value[1]
    raise ProfileProblem(f"{key}: each column is a name, or [name, width]")


def _check_layout(key: str, source: Source, read: Iterable[str]) -> None:
    names = [name for name, _ in source.layout]
    if source.kind == "fixed" and not (names and all(width > 0 for _, width in source.layout)):
        raise ProfileProblem(f"{key}.layout: a file of fixed width needs [name, width] for each column")
    if (source.header == 0) != bool(names) or source.header < 0 or (source.kind == "fixed" and source.header):
        raise ProfileProblem(f"{key}.header: a header, or 0 and a layout that names the columns")
    if len(set(names)) < len(names):
        raise ProfileProblem(f"{key}.layout: a name stands twice")
    if names and (unknown := [name for name in read if name not in names]):
        raise ProfileProblem(f"{key}.layout: it has no {', '.join(unknown)}, which the profile reads")


def _conditions(value: Any) -> tuple[Condition, ...]:
    return tuple(_condition(f"rows[{n}]", row) for n, row in enumerate(value_of("rows", value, list), 1))


def _condition(key: str, value: Any) -> Condition:
    table = keyed(key, value, _CONDITION, {"column"})
    if ("among" in table) == ("not_among" in table):
        raise ProfileProblem(f"{key}: either among or not_among")
    among = "among" in table
    wanted = texts(f"{key}.among", table["among" if among else "not_among"])
    return Condition(value_of(f"{key}.column", table["column"], str), wanted, among)


def _companion(value: Any, folder: Path) -> Companion:
    table = keyed("companion", value, _COMPANION, _COMPANION)
    companion = Companion(
        says=says("companion.title", table["title"]),
        source=_source("companion.source", table["source"]),
        key=value_of("companion.key", table["key"], str),
        match=origin_of("companion.match", table["match"], folder),
        adds=texts("companion.adds", table["adds"]),
    )
    if not companion.match.columns:
        raise ProfileProblem("companion.match: needs from")
    _check_layout("companion.source", companion.source, (companion.key, *companion.adds))
    return companion


def _columns(table: Toml, contract: Contract, folder: Path) -> dict[str, Origin]:
    fields = {field.name: field for field in contract.fields}
    if unknown := [name for name in table if name not in fields]:
        raise ProfileProblem(f"columns.{unknown[0]}: {contract.label} has no such column")
    return {name: checked(fields[name], origin_of(f"columns.{name}", value, folder)) for name, value in table.items()}


def _check_columns(profile: Profile) -> None:
    names = set(profile.contract.columns)
    for name in profile.lacking:
        if name not in names:
            raise ProfileProblem(f"lacking.{name}: {profile.contract.label} has no such column")
        if name in profile.columns:
            raise ProfileProblem(f"lacking.{name}: the column is also in columns")
    for field in profile.contract.fields:
        if field.required and field.name not in profile.columns and field.name not in profile.lacking:
            raise ProfileProblem(f"columns.{field.name}: required, so it is mapped or declared lacking")
