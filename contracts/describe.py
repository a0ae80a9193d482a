"""A contract in French, for the people who fill a file in: its columns, which are required, what each expects."""

from contracts.french import in_french
from contracts.model import Contract, Field

_NATURES = {"direct": "identifie la personne", "quasi": "la décrit", "coded": "codée"}


def page(contract: Contract) -> str:
    """A Markdown table of the contract's columns, in the order of the file."""
    head = ["| colonne | obligatoire | ce qu'elle attend | nature |", "|---|---|---|---|"]
    rows = [
        f"| `{f.name}` | {'oui' if f.required else ''} | {_expected(f)} | {_NATURES[f.nature]} |"
        for f in contract.fields
    ]
    return "\n".join([*head, *rows]) + "\n"


def _expected(field: Field) -> str:
    if field.codes:
        listed = ", ".join(f"`{code}`" for code in field.codes)
        return f"{listed}, plusieurs séparés par `\\|`" if field.kind == "list" else listed
    return (in_french(field.expected) or "").replace("|", "\\|")
