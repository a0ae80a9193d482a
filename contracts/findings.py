"""The catalogue of finding codes: of what each is found and how grave it is.

Only codes that the hub can produce are here; what each says, and how to mend it, is in `contracts.words`. A
finding carries the shape of a value (`10 digits, 11 digits expected`), never the value. Who produces a code is
not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["ERROR", "WARNING", "INFO"]
Level = Literal["file", "row"]


@dataclass(frozen=True, slots=True)
class Code:
    """One entry: an ERROR refuses the file or the row, a WARNING keeps it, an INFO asks for nothing."""

    code: str
    level: Level
    severity: Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found on one row: where, which code, and the shape of what was read."""

    line: int
    column: str | None
    code: str
    severity: Severity
    shape: str


_FILE: Mapping[str, Severity] = {
    "F01": "ERROR",
    "F02": "ERROR",
    "F03": "ERROR",
    "F04": "ERROR",
    "F05": "WARNING",
    "F06": "WARNING",
    "F07": "ERROR",
    "F08": "ERROR",
    "F09": "ERROR",
    "F10": "ERROR",
    "F11": "ERROR",
    "F12": "INFO",
    "F13": "ERROR",
    "F14": "ERROR",
    "F15": "ERROR",
    "F16": "ERROR",
    "F17": "ERROR",
    "F18": "ERROR",
    "F19": "INFO",
    "F20": "ERROR",
    "F21": "ERROR",
    "F22": "ERROR",
    "F23": "ERROR",
    "F24": "ERROR",
    "F25": "ERROR",
    "F26": "ERROR",
    "F27": "WARNING",
    "F28": "ERROR",
    "F29": "ERROR",
    "F30": "ERROR",
    "F31": "ERROR",
    "F32": "ERROR",
    "F33": "ERROR",
    "F34": "ERROR",
    "F35": "ERROR",
    "F36": "ERROR",
    "F37": "WARNING",
    "F38": "WARNING",
    "F39": "WARNING",
    "F40": "ERROR",
    "F41": "ERROR",
    "F42": "ERROR",
    "F43": "ERROR",
}
_ROW: Mapping[str, Severity] = {
    "R001": "ERROR",
    "R002": "ERROR",
    "R101": "ERROR",
    "R102": "ERROR",
    "R103": "WARNING",
    "R104": "WARNING",
    "R105": "ERROR",
    "R106": "ERROR",
    "R107": "ERROR",
    "R201": "ERROR",
    "R202": "WARNING",
    "R203": "ERROR",
    "R204": "ERROR",
    "R205": "ERROR",
    "R206": "ERROR",
    "R207": "ERROR",
    "R301": "ERROR",
    "R302": "ERROR",
    "R303": "ERROR",
    "R304": "ERROR",
    "R305": "ERROR",
    "R306": "ERROR",
    "R307": "ERROR",
    "R308": "ERROR",
    "R309": "ERROR",
    "R310": "ERROR",
    "R311": "ERROR",
    "R312": "ERROR",
    "R313": "ERROR",
    "R314": "ERROR",
    "R315": "ERROR",
    "R401": "WARNING",
    "R402": "WARNING",
    "R403": "WARNING",
    "R404": "WARNING",
    "R406": "WARNING",
    "R501": "ERROR",
    "R502": "WARNING",
    "R503": "WARNING",
    "R504": "WARNING",
    "R505": "WARNING",
    "R506": "WARNING",
    "R507": "WARNING",
    "R508": "WARNING",
    "R509": "WARNING",
    "R601": "ERROR",
}

CATALOGUE: Mapping[str, Code] = {
    **{code: Code(code, "file", severity) for code, severity in _FILE.items()},
    **{code: Code(code, "row", severity) for code, severity in _ROW.items()},
}
