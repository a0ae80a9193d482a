"""Why a whole file cannot be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a whole file cannot be read: a file code of the catalogue and a shape that shows no cell.

    `line` is the physical line (in a workbook the sheet's row), None when it is not of one line.
    """

    code: str
    line: int | None
    shape: str


class Refused(Exception):  # noqa: N818 - not an error of ours: it never leaves the reader
    """Carries a refusal out of the depths of the reader, which gives it as its answer."""

    def __init__(self, code: str, line: int | None, shape: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, line, shape)
