"""What a spreadsheet does to a cell, recognised where the contract has found the cell wrong.

Nothing is repaired: a number turned into scientific notation has lost its digits, and a day number may count
from 1900 or from 1904. What is recognised is only told by a code of its own, so that the sender knows what to
change in the spreadsheet.
"""

from __future__ import annotations

import polars as pl

from contracts.codes import is_enterprise
from contracts.model import Field
from contracts.niss import can_stand_in, stands_in

FORM_CODES = frozenset({"R101", "R204", "R301", "R306"})  # what a damaged cell was found to be

_ERROR = r"^#(N/A|N/B|N/D|NV|NB|REF!|BEZUG!|VERW!|VALUE!|VALEUR!|WERT!|WAARDE!|DIV/0!|DEEL/0!|NAME\?|NOM\?|NAAM\?|NUM!|NOMBRE!|ZAHL!|GETAL!|NULL!|NUL!|LEEG!)$"  # noqa: E501
_SCIENTIFIC = "^[+-]?[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+$"
_POINT_ZERO = "^[0-9]+[.,]0{1,2}$"  # three zeros may be thousands: 1.000
_DAY_NUMBER = "^([3-9][0-9]{3}|[1-9][0-9]{4})([.,][0-9]+)?$"  # 1908 to 2173, counted from 1900; 1985 is a year
_TRUE_OR_FALSE = "(?i)^(true|false|vrai|faux|wahr|falsch|waar|onwaar)$"
_OTHER_DATE = "^[0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{2}|[0-9]{4})( [0-9:]+)?$"
_DECIMAL_COMMA = "^[0-9]+,[0-9]+$"
_NINE_DIGITS = "^[0-9]{9}$"


def told(code: str, field: Field, text: pl.Expr) -> pl.Expr:
    """Gives the code of the damage where one is recognised, and the code found otherwise."""
    if code not in FORM_CODES:
        return pl.lit(code)
    outcome = pl.lit(code)
    if field.nature == "coded" and not can_stand_in(field.pattern or ""):
        outcome = pl.when(stands_in(text)).then(pl.lit("R601")).otherwise(outcome)
    if code == "R204":
        outcome = pl.when(_lost_its_zero(text)).then(pl.lit("R206")).otherwise(outcome)
    for pattern, damage in reversed(_damages(field)):
        outcome = pl.when(text.str.contains(pattern)).then(pl.lit(damage)).otherwise(outcome)
    return outcome


def _lost_its_zero(text: pl.Expr) -> pl.Expr:
    """Would a zero in front make it the number of an enterprise? That of an establishment never has one."""
    return text.str.contains(_NINE_DIGITS) & is_enterprise(pl.concat_str([pl.lit("0"), text]))


def _damages(field: Field) -> list[tuple[str, str]]:
    """Gives the damages that can be met in a column, the most telling first."""
    found = [(_ERROR, "R313"), (_SCIENTIFIC, "R307")]
    if field.kind == "timestamp":
        return found  # how to mend a date does not mend an instant
    if field.kind in ("date", "incomplete_date"):
        return [*found, (_DAY_NUMBER, "R309"), (_OTHER_DATE, "R311")]
    if field.kind == "bool":
        found.append((_TRUE_OR_FALSE, "R310"))
    # a point mends a comma where a fraction may stand, and only there
    return [*found, (_DECIMAL_COMMA, "R312") if field.kind == "decimal" else (_POINT_ZERO, "R308")]
