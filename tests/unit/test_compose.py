"""The containers' files, read but not run: what every service must have, and what it must not see."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
OURS = {name for name, service in SERVICES.items() if service["image"] == "passerelle:local"}
ONCE = {name for name, service in SERVICES.items() if service["restart"] == "no"}
each = pytest.mark.parametrize("name", SERVICES)


def environment(name: str) -> dict[str, str]:
    """What a service is told."""
    return SERVICES[name].get("environment", {})


def mounted(volume: str) -> set[str]:
    """The services that see a volume."""
    return {name for name, one in SERVICES.items() if any(v.startswith(f"{volume}:") for v in one["volumes"])}


@each
def test_every_service_is_watched_or_ends(name: str) -> None:
    """A service either stays and says whether it is well, or ends and somebody waits until it ended well."""
    service = SERVICES[name]
    if name in ONCE:
        waited = [one["depends_on"].get(name) for one in SERVICES.values() if "depends_on" in one]
        assert {"condition": "service_completed_successfully"} in waited
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"


@each
def test_each_waits_for_more_than_a_start(name: str) -> None:
    """Whoever needs another waits until that one is well, or has ended well."""
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        ended = "service_completed_successfully" if needed in ONCE else "service_healthy"
        assert how == {"condition": ended}


@each
def test_no_secret_is_written_down(name: str) -> None:
    """A secret is a variable without default, so that a start without it is refused."""
    variable = re.compile(r"\$\{[A-Z_]+:\?run docker/make-env\}")
    for key, value in environment(name).items():
        if re.search(r"PASSWORD|SECRET|FERNET", key):
            assert variable.fullmatch(value), key
        assert not re.search(r"://[^@/]*:[^@/]+@", variable.sub("", value)), key


@each
def test_only_this_machine_reaches_a_port(name: str) -> None:
    """What is published is published on 127.0.0.1."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert SERVICES[name].get("network_mode", "none") == "none"


def test_images_are_pinned() -> None:
    """Every image from elsewhere has a tag with a version; ours is built here."""
    foreign = {one["image"] for one in SERVICES.values()} - {"passerelle:local"}
    foreign |= set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    for image in foreign:
        assert re.fullmatch(r"[a-z/]+:\d+[a-z0-9.-]*", image), image
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["keys"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_ours_run_with_nothing_to_spare(name: str) -> None:
    """Our containers have no capability, cannot gain one, and write to volumes and /tmp only."""
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert "privileged" not in service
    assert re.findall(r"^USER (\d+)", DOCKERFILE, re.MULTILINE)[-1] != "0"


def test_who_sees_keys_identities_and_mailboxes() -> None:
    """Keys and the hub's databases are for those that work with them, the partners' own folders for the partners."""
    urls = {name for name in SERVICES if {"PASSERELLE_LEDGER_URL", "PASSERELLE_IDENTITY_URL"} & set(environment(name))}
    assert urls == {"init", "scheduler"}
    assert mounted("keys") == {"keys", "scheduler"}
    assert "keys:/var/lib/passerelle/keys:ro" in SERVICES["scheduler"]["volumes"]
    assert mounted("standins") == {"standins"}
    assert mounted("hub") == {"init", "scheduler"}
    near = {name for name, one in SERVICES.items() if "partners" in one.get("networks", [])}
    assert near == {"standins", "scheduler"}
    assert COMPOSE["networks"]["partners"]["internal"] is True
    assert not environment("standins")


def test_nothing_enters_the_image_unnamed() -> None:
    """The build sees what is allowed by name, and neither secrets nor results of runs are."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert not {"!.env", "!var", "!.git"} & set(lines)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    needed = {package.split(".")[0] for package in packages} | {"config", "dags", "docker", "partners"}
    assert {f"!{name}" for name in needed} <= set(lines)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """`docker/make-env` gives every variable that is asked for, at random, to its owner alone, and only once."""
    told = []
    for name in ("one", "two", "one"):
        subprocess.run([ROOT / "docker" / "make-env", tmp_path / name], check=True, capture_output=True)
        told.append((tmp_path / name).read_text())
    assert told[0] == told[2]
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600
    one, two = (dict(line.split("=", 1) for line in text.splitlines()) for text in told[:2])
    assert set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text())) == set(one)
    values = [*one.values(), *two.values()]
    assert len(set(values)) == len(values)
    assert min(len(value) for value in values) >= 24
