"""Setting up the stand-ins: keys, mailboxes, the scenario's scripts and truth."""

from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulators import communes, days, defects, envelopes, layout, plan, portal, registrations, sealing, truth
from simulators.layout import FOREM
from simulators.plan import Scenario

PER_CPAS = 12  # referrals in five days, about


def create(
    root: Path,
    *,
    seed: int,
    first: date,
    count: int,
    cpas: str,
    registry: Path,
    referrals: int = 0,
    wrap: bool = False,
    api: bool = False,
    offers: bool = False,
) -> None:
    """Make everything under `root`; keys that exist are kept. With `api`, Le Forem and one CPAS have one too.

    With `offers` there is a portal with public job offers.

    Raises FileExistsError when another scenario has begun there: its books would not fit.
    """
    if (root / "truth" / "truth.json").exists():
        raise FileExistsError("a scenario exists in this folder already")
    chosen = communes.choose(communes.read(registry, first), cpas)
    calendar = days.working_days(first, count)
    story = plan.draw(seed, calendar, chosen, referrals or len(chosen) * PER_CPAS * count // 5)
    for partner in [FOREM, *(commune.partner for commune in chosen)]:
        sealing.make_keys(root, partner)
        for folder in layout.MAILBOX:
            (layout.mailbox(root, partner) / folder).mkdir(parents=True, exist_ok=True)
    desks = open_desks(root, story) if api else {}
    if wrap:
        envelopes.agree(root, [commune.partner for commune in chosen], desks, first)
    make_host_key(root)
    layout.write_json(root / "public" / "channels.json", [channel(one) for one in layout.partners(root)])
    if offers:
        portal.plan(root, chosen, calendar, registry)
    people = registrations.of_story(story) if api else []
    if api:
        layout.write_json(root / "public" / "api.json", desks)
    truth.write(root, story, people)


def open_desks(root: Path, story: Scenario) -> dict[str, object]:
    """Le Forem's desk stands beside its mailbox and takes RECO; one CPAS has an API and no mailbox else.

    A mistake in the bytes of a file cannot be made through an API: that CPAS is one whose story has none.
    """
    for folder in layout.MAILBOX:
        (root / FOREM / "desk" / folder).mkdir(parents=True, exist_ok=True)
    wrong = {partner for (partner, _), defect in story.placed.items() if defect.name in defects.OF_BYTES}
    fit = [one.partner for one in story.communes if one.encoding == "utf-8" and one.partner not in wrong]
    alone: dict[str, object] = {one: {"desk": "mailbox", "feeds": []} for one in fit[:1]}
    return alone | {FOREM: {"desk": "desk", "feeds": ["RECO"]}}


def make_host_key(root: Path) -> None:
    """The SFTP server's ed25519 key, and its public line for those who pin it."""
    path = root / "server" / "host_key"
    if path.exists():
        return
    private = Ed25519PrivateKey.generate()
    ssh = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    layout.write_whole(root / "public" / "host_key.pub", private.public_key().public_bytes(*ssh) + b"\n")
    form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    layout.write_whole(path, private.private_bytes(*form))
    path.chmod(0o600)


def channel(partner: str) -> dict[str, str]:
    """Where a partner's mailbox is, apart from host and port."""
    return {
        "partner": partner,
        "user": layout.user(partner),
        "inbox": "in",
        "done": "in/done",
        "outbox": "out",
    }
