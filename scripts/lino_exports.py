"""Exports tables of Lino Welfare's demo as its users do; run by `lino.py` with Lino's own Python.

Each export is what the button "Export to .xls" answers in the browser with these columns shown. What a table
shows is a choice of its user: these are the columns that the profiles of `partners/profiles` ask for.
"""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

USER = "romain"  # the demo's administrator, whose language is French
# The tables' own names and those of their columns. Of a PIIS the reason of its end is not shown: it can tell of health.
TABLES = {
    "clients": (
        "pcsw.AllClients",
        "id client_state last_name first_name gender birth_date national_id zip_code city language email phone gsm",
    ),
    "piis": ("isip.Contracts", "id client applies_from applies_until date_ended type date_decided date_issued user"),
    "art60": (
        "art60.Contracts",
        "id client client__national_id applies_from applies_until date_ended type date_decided date_issued user",
    ),
    "art61": (
        "art61.Contracts",
        "id client client__national_id applies_from applies_until date_ended type date_decided date_issued regime user",
    ),
    "octrois": (
        "aids.Grantings",
        "id client aid_type category start_date end_date decision_date request_date state",
    ),
}


def main() -> int:
    """Writes each table as NAME.xlsx into the folder given."""
    folder = Path(sys.argv[1])
    import_module("django").setup()
    browser = _browser()
    for name, (table, columns) in TABLES.items():
        shutil.copyfile(_export(browser, table, columns.split()), folder / f"{name}.xlsx")
    return 0


def _browser() -> Any:
    """Gives a browser in the process, in which the user is signed in."""
    settings = import_module("django.conf").settings
    settings.ALLOWED_HOSTS = ["*"]
    browser = import_module("django.test").Client()
    users = import_module("lino.api.rt").models.users.User.objects
    browser.force_login(users.get(username=USER), backend=settings.AUTHENTICATION_BACKENDS[0])
    return browser


def _export(browser: Any, table: str, shown: list[str]) -> Path:
    """Presses the button; gives the workbook that the browser would open."""
    constants = import_module("lino.core.constants")
    actor = import_module("lino.api.rt").models.resolve(table)
    known = {column.name for column in actor.get_handle().get_columns()}
    if missing := set(shown) - known:
        raise SystemExit(f"{table} has no column {', '.join(sorted(missing))}")
    query = {
        constants.URL_PARAM_ACTION_NAME: "export_excel",
        constants.URL_PARAM_COLUMNS: shown,
        constants.URL_PARAM_WIDTHS: ["10"] * len(shown),
        constants.URL_PARAM_HIDDENS: ["false"] * len(shown),
    }
    answer = browser.get(f"/api/{table.replace('.', '/')}", query).json()
    site = import_module("django.conf").settings.SITE
    return Path(site.media_root) / str(answer["open_url"]).removeprefix("/media/")


if __name__ == "__main__":
    raise SystemExit(main())
