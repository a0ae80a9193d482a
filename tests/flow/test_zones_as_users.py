"""Each zone under an operating-system user and a database role of its own: the whole exchange works, and no more."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from parted import SHARED, USERS, Parted
from play import MONDAY

from hub.stores.roles import IDENTITY, LEDGER, PUBLISH
from hub.zones import NEEDS, Zone
from tests.postgres import Postgres

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: only root can become four other users")


@pytest.fixture(scope="module")
def parted(postgres: Postgres) -> Iterator[Parted]:
    """A day played by four users with three database roles; not below pytest's folder, which only root may enter."""
    urls = postgres.new_owned("hub_owner", (LEDGER, IDENTITY, PUBLISH))
    environ = dict(zip(("PASSERELLE_LEDGER_URL", "PASSERELLE_IDENTITY_URL"), urls, strict=True))
    with TemporaryDirectory(prefix="passerelle-parted-") as folder:
        exchange = Parted(Path(folder), cpas="3", environ=environ, server=postgres)
        exchange.prepare()
        exchange.part()
        exchange.play([MONDAY])
        yield exchange


def test_four_users_play_a_day(parted: Parted) -> None:
    """Every verb did its work as the user of its zone, and the partners' books agree with the truth."""
    assert parted.books_agree(MONDAY)
    with parted.hub(MONDAY, "EVENING", NEEDS["read"]) as hub:
        assert hub.ledger.report.status()["conservation"]["holds"] == 1


@pytest.mark.parametrize("verb", ["collect", "process", "acknowledge", "reconcile", "publish", "deliver"])
def test_a_user_reads_the_key_files_of_its_zone_and_no_others(parted: Parted, verb: str) -> None:
    """The system denies each user the homes of the others; the match zone's has no key file at all."""
    zone = NEEDS[verb].zone
    own = sorted(str(path) for path in (parted.home(zone) / "keys").iterdir() if path.suffix in (".json", ".key"))
    assert parted.readable[verb] == own
    assert bool(own) is (zone is not Zone.MATCH)
    assert len(parted.key_files()) > len(own)


def test_files_are_their_owners_alone_unless_a_group_shares_the_folder(parted: Parted, tmp_path: Path) -> None:
    """In folders that a group may write to a file is that group's; in others nobody else may read it."""
    from hub.stores.files import Files

    landed = [path.stat() for path in (parted.settings.files / "landing").iterdir()]
    of_group = (USERS[Zone.MAILBOX], SHARED, 0o660)
    assert {(one.st_uid, one.st_gid, one.st_mode & 0o777) for one in landed} == {of_group}
    Files(tmp_path).write("landing", [b"sealed"], lambda: "name")
    assert (tmp_path / "landing" / "name").stat().st_mode & 0o777 == 0o600
