"""`passerelle draft`: a partner's own export as a draft of a feed, and what it still lacks, column by column.

Offline, for a CPAS or its software vendor. The draft holds people in clear: it is written only where it is asked
for, readable by its owner alone, and never over another file. The answer holds no value of a row.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from contracts.model import Contract
from contracts.profiles.load import load_profile
from contracts.profiles.model import Given, Profile, ProfileProblem, Source
from contracts.profiles.source import read_export
from contracts.profiles.translate import Draft, Export, translate
from contracts.reader import Refusal, Table
from contracts.words import Language
from hub.calendar import BRUSSELS, brussels_date
from hub.draft_answer import Answer, answer_of, refused
from hub.errors import OperatorError
from hub.flow.process import context
from hub.partners import load_registry
from hub.settings import Settings
from hub.validate import Validated, validate

_ALL = 2**31  # of each code, so that they can be counted by column


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draft: an export, the name of a profile or its path, and what the profile may ask for besides.

    `cpas` is the NIS code of the CPAS; `beside` the second export of a profile that needs one; `out` where the
    draft is written, nowhere when it is None.
    """

    export: Path
    profile: str
    cpas: str | None = None
    beside: Path | None = None
    out: Path | None = None


def draft_file(settings: Settings, wanted: Wanted, now: datetime, language: Language = "fr") -> Answer:
    """Drafts a feed from an export; the verdict is DRAFT, or REFUSED when an export cannot be read.

    Raises OperatorError when the profile, the command or the place of the draft must be mended.
    """
    try:
        profile = load_profile(_path(settings, wanted.profile))
        return _drafted(settings, wanted, profile, now, language)
    except ProfileProblem as problem:
        raise OperatorError(str(problem)) from None


def _path(settings: Settings, profile: str) -> Path:
    folder = settings.partners / "profiles"
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if profile in known:
        return folder / f"{profile}.toml"
    if profile.endswith(".toml") and Path(profile).is_file():
        return Path(profile)
    raise OperatorError(f"--profile takes the path of a profile, or one of: {', '.join(known)}")


def _drafted(settings: Settings, wanted: Wanted, profile: Profile, now: datetime, language: Language) -> Answer:
    export = _read(wanted.export, profile.source, profile.read)
    if isinstance(export, Refusal):
        return refused(profile, export, language)
    beside = _beside(profile, wanted.beside)
    if isinstance(beside, Refusal):
        return refused(profile, beside, language)
    draft = translate(profile, export, _given(wanted, now), beside)
    validated = _judged(settings, draft, profile.contract, wanted.cpas, now)
    if wanted.out:
        _write(wanted.out, draft.rows)
    return answer_of(profile, draft, validated, language) | {"out": str(wanted.out) if wanted.out else None}


def _read(path: Path, source: Source, columns: Any) -> Export | Refusal:
    if not path.is_file():
        raise OperatorError("there is no such export")
    return read_export(path.read_bytes(), source, columns)


def _beside(profile: Profile, path: Path | None) -> Export | Refusal | None:
    said = profile.companion
    if (said is None) != (path is None):
        needed = f"needs it: {' / '.join(said.says)}" if said else "reads none"
        raise OperatorError(f"--with gives a second export, and this profile {needed}")
    if said is None or path is None:
        return None
    return _read(path, said.source, (said.key, *said.adds))


def _given(wanted: Wanted, now: datetime) -> Mapping[Given, str]:
    moment: dict[Given, str] = {"now": now.astimezone(BRUSSELS).isoformat(timespec="seconds")}
    return moment | ({"cpas": wanted.cpas} if wanted.cpas else {})


def _judged(settings: Settings, draft: Draft, contract: Contract, cpas: str | None, now: datetime) -> Validated:
    """Judges the draft as the hub would judge it from this CPAS, or from the one that every row is for."""
    of_rows = draft.rows["cpas_nis"].unique().to_list()
    sender = cpas or (of_rows[0] if len(of_rows) == 1 else None)
    registry = load_registry(settings.partners)
    if sender is None or registry.get(f"0{sender}") is None:
        raise OperatorError("--cpas takes the NIS code of the CPAS that sends, five digits of the registry")
    known = context(registry, f"0{sender}", brussels_date(now))
    lines = pl.int_range(2, draft.rows.height + 2, dtype=pl.Int64, eager=True).alias("line")
    return validate(Table(draft.rows, lines, ()), contract, known, first=_ALL)


def _write(path: Path, rows: pl.DataFrame) -> None:
    text = io.BytesIO()
    rows.write_csv(text, separator=";")
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text.getvalue())
    except FileExistsError:
        raise OperatorError("--out names a file that exists; a draft is never written over another file") from None
    except OSError:
        raise OperatorError("--out names a place that cannot be written") from None
