"""A profile in French, for the partners' page: what comes from where, and what is left to fill in."""

from __future__ import annotations

from contracts.profiles.model import Origin, Profile

_GIVEN = {"cpas": "ce que donne `--cpas`", "now": "le moment du brouillon"}


def page(profile: Profile) -> str:
    """Two Markdown lists: each column of the feed that the profile fills, then each that the export lacks."""
    fields = profile.contract.fields
    filled = [f"| `{f.name}` | {_from(profile.columns[f.name])} |" for f in fields if f.name in profile.columns]
    lacking = [
        f"| `{f.name}` | {'oui' if f.required else ''} | {_in_cell(profile.lacking[f.name][0])} |"
        for f in fields
        if f.name in profile.lacking
    ]
    told = ["| colonne | reprise de |", "|---|---|", *filled, ""]
    return "\n".join([*told, "| ce qui manque | obligatoire | que faire |", "|---|---|---|", *lacking]) + "\n"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")


def _from(origin: Origin) -> str:
    if origin.constant is not None:
        return f"toujours `{origin.constant}`"
    if origin.given:
        return _GIVEN[origin.given]
    columns = (" et " if origin.join is not None else " ou ").join(f"« {name} »" for name in origin.columns)
    return columns + (", codes traduits" if origin.codes is not None else "")
