"""A referral that Le Forem sends onward to an operator, from its mailbox to that of the CPAS."""

from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import CPAS, FOREM, OTHER, OURS, Scene, row

from hub.stores import tables

MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)
CHILD = "R62063-2026-900001"
ONWARD = {"core_status": "REFERRED_ONWARD", "business_status": "OPERATOR", "operator_bce": "0999999922"}


@pytest.fixture
def scene(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """On Monday our CPAS orients somebody and Le Forem accepts; on Tuesday it sends the person on to an operator."""
    scene = Scene(tmp_path, Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare())
    scene.send(MONDAY, "ORIE", row("ORIE"))
    scene.on(MONDAY, "STAT", row("STAT", core_status="ACCEPTED", business_status="ASSIGNED_AGENCY"))
    return scene


def child(parent: str = OURS) -> dict[str, str]:
    told = {"referral_id": CHILD, "parent_referral_id": parent, "status_date": "2026-03-07", "appointment_at": ""}
    return row("STAT", **told, core_status="ACCEPTED", business_status="ASSIGNED_DIGITAL")


def test_parent_and_child_reach_the_cpas(scene: Scene) -> None:
    """The CPAS sees its referral sent onward and the child's own status, which names the parent; both are agreed."""
    parent = row("STAT", version="2", status_date="2026-03-06", appointment_at="", **ONWARD)
    scene.on(TUESDAY, "STAT", parent, child())
    for recipient in (CPAS, FOREM):
        view = {ref: one for (kind, _, ref), one in scene.view(recipient).items() if kind == "REFERRAL"}
        assert {ref: (one["agreed_state"], one["class"]) for ref, one in view.items()} == {
            OURS: ("REFERRED_ONWARD", "AGREED"),
            CHILD: ("ACCEPTED", "AGREED"),
        }
    passed = {one["referral_id"]: one["parent_referral_id"] for one in scene.raw(CPAS, "STAT")}
    assert passed[CHILD] == OURS
    assert scene.raw(OTHER, "STAT") == []


def test_a_child_of_nobodys_referral_is_told_to_no_cpas(scene: Scene) -> None:
    """As long as the parent is unknown it is an orphan, Le Forem's to explain; no CPAS hears of it."""
    scene.on(TUESDAY, "STAT", child("R62063-2026-777777"))
    states = {one["entity_id"]: one for one in scene.exchange.rows(tables.entity_state)}
    assert (states[CHILD]["cpas"], states[CHILD]["reason"]) == (None, "AWAITING_REFERRAL")
    assert CHILD not in {one["referral_id"] for one in scene.raw(CPAS, "STAT")}
    assert CHILD not in {ref for _, _, ref in scene.view(CPAS)}
