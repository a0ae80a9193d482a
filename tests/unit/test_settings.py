"""Settings: what is too large or too bad, and what a wrong value of a variable gives."""

from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from contracts.judge import FINDINGS
from contracts.model import Limits
from hub.errors import OperatorError
from hub.settings import Settings, load_settings
from hub.validate import Validated, is_too_bad

NUMBERS = [*(f"PASSERELLE_MAX_{field.name.upper()}" for field in fields(Limits)), "PASSERELLE_REFUSED_ROWS"]


def read(settings: Settings, name: str) -> float:
    """Gives what a variable has set."""
    short = name.removeprefix("PASSERELLE_").lower()
    value: float = getattr(settings.limits if "MAX" in name else settings, short.removeprefix("max_"))
    return value


def judged(read: int, rejected: int) -> Validated:
    """Gives a table of which so many rows were rejected."""
    return Validated(pl.DataFrame(), pl.DataFrame(schema=FINDINGS), {}, read, read - rejected, rejected, frozenset())


def test_without_any_variable_the_limits_are_those_of_the_reader() -> None:
    """The reader's own limits are the defaults, and a file is too bad above a fifth and from 20 rows on."""
    settings = load_settings({})
    assert settings.limits == Limits()
    assert (settings.refused_share, settings.refused_rows) == (0.2, 20)


@pytest.mark.parametrize("name", NUMBERS)
def test_each_limit_has_its_variable(name: str) -> None:
    """A variable changes its own limit and no other."""
    default, changed = load_settings({}), load_settings({name: "7"})
    assert read(changed, name) == 7
    assert [read(changed, other) for other in NUMBERS if other != name] == [
        read(default, other) for other in NUMBERS if other != name
    ]


def test_the_share_is_a_fraction() -> None:
    """The share of rejected rows is written with a point."""
    assert load_settings({"PASSERELLE_REFUSED_SHARE": "0.05"}).refused_share == 0.05


@pytest.mark.parametrize("name", [*NUMBERS, "PASSERELLE_REFUSED_SHARE"])
@pytest.mark.parametrize("text", ["", "0", "-1", "many", "nan", "20 %", "0,2"])
def test_a_number_that_makes_no_sense_is_the_operators_error(name: str, text: str) -> None:
    """A limit that is no number above 0 stops every command, and the sentence names its variable."""
    with pytest.raises(OperatorError, match=f"^{name} is a number above 0, such as [0-9.]+$"):
        load_settings({name: text})


@pytest.mark.parametrize("name", NUMBERS)
def test_a_count_is_whole(name: str) -> None:
    """Half a row or half a byte is no limit."""
    with pytest.raises(OperatorError, match=name):
        load_settings({name: "1.5"})


def test_the_environment_is_test_or_real() -> None:
    """Which people a file may hold depends on it, so nothing is guessed from another word."""
    assert load_settings({"PASSERELLE_ENVIRONMENT": "R"}).environment == "R"
    with pytest.raises(OperatorError, match="T \\(test\\) or R \\(real\\)"):
        load_settings({"PASSERELLE_ENVIRONMENT": "test"})


def test_settings_show_no_address_of_a_database() -> None:
    """The address of a database may hold a password: it is in no text of the settings."""
    shown = repr(load_settings({"PASSERELLE_LEDGER_URL": "postgresql://hub:hush@db/ledger"}))
    assert "hush" not in shown


def test_every_path_lies_below_home_unless_it_is_set(tmp_path: Path) -> None:
    """One variable moves a whole hub; the registry is the project's own."""
    settings = load_settings({"PASSERELLE_HOME": str(tmp_path), "PASSERELLE_KEYS": "elsewhere"})
    assert {settings.files, settings.partner_keys, settings.channels, settings.ssh_key} == {
        tmp_path / name for name in ("files", "partner-keys", "channels.toml", "ssh_key")
    }
    assert settings.keys == Path("elsewhere").absolute()
    assert (settings.partners / "cpas.csv").is_file()


@pytest.mark.parametrize(
    ("read", "rejected", "too_bad"),
    [
        (100, 20, False),  # a fifth is not more than a fifth
        (100, 21, True),
        (99, 20, True),
        (95, 19, False),  # less than twenty rows
        (19, 19, False),
        (20, 20, True),
        (0, 0, False),
        (1_000_000, 200_000, False),
        (1_000_000, 200_001, True),
    ],
)
def test_a_file_is_too_bad_above_a_share_and_a_number(read: int, rejected: int, too_bad: bool) -> None:
    """Both must be passed: a small file is answered row by row, and so is a large one with a fifth rejected."""
    settings = load_settings({})
    assert is_too_bad(judged(read, rejected), settings.refused_share, settings.refused_rows) is too_bad


def test_a_share_of_one_never_refuses_a_file() -> None:
    """An operator who wants every file answered row by row sets the share to 1."""
    assert not is_too_bad(judged(50, 50), load_settings({"PASSERELLE_REFUSED_SHARE": "1"}).refused_share, 20)
