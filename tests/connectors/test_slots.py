"""How many connections are open at a time, from every thread and process of the machine."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.errors import Throttled
from connectors.sftp import SftpMailbox, read_key
from connectors.slots import Slots
from tests.connectors.faulty import ClientKey, Honest, serving


def _most(work: Callable[[Callable[[], None]], None], times: int) -> int:
    """The most that were inside at once when `work` is done by many threads."""
    inside, most, lock = 0, 0, threading.Lock()

    def enter() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.02)
        with lock:
            inside -= 1

    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(work, enter) for _ in range(times)]:
            done.result()
    return most


@pytest.mark.parametrize(("in_all", "most"), [(32, 2), (1, 1)], ids=["per host", "in all"])
def test_never_more_than_agreed(tmp_path: Path, in_all: int, most: int) -> None:
    """However many threads visit a host, no more than the agreed connections are open, and every one gets its turn."""
    slots = Slots(tmp_path, in_all=in_all, jitter=0.0)

    def work(enter: Callable[[], None]) -> None:
        with slots.take("host:22", 2):
            enter()

    assert _most(work, 12) == most


def test_hosts_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """A host all of whose connections are in use keeps nobody from another."""
    slots = Slots(tmp_path, patience=0.1)
    with slots.take("one:22", 1):
        with slots.take("other:22", 1):
            pass
        with pytest.raises(Throttled) as caught, slots.take("one:22", 1):
            pass
    assert caught.value.retry


def _hold(folder: Path, held: "multiprocessing.synchronize.Event") -> None:
    with Slots(folder).take("host:22", 1):
        held.set()
        time.sleep(600)


def test_a_killed_process_gives_its_place_back(tmp_path: Path) -> None:
    """Other processes count; the place of one that is killed is free at once."""
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, held))
    process.start()
    assert held.wait(50)
    with pytest.raises(Throttled), Slots(tmp_path, patience=0.1).take("host:22", 1):
        pass
    process.kill()
    process.join()
    with Slots(tmp_path, patience=5.0).take("host:22", 1):
        pass


def test_who_comes_later_waits_a_little(tmp_path: Path) -> None:
    """The first to a host connects at once; those after it are spread over the jitter."""
    drawn: list[float] = []

    def draw() -> float:
        drawn.append(0.0)
        return 0.0

    slots = Slots(tmp_path, draw=draw)
    with slots.take("host:22", 2):
        assert not drawn
        with slots.take("host:22", 2):
            assert drawn


def test_sessions_on_a_real_server(root: Path, client_key: ClientKey, tmp_path: Path) -> None:
    """Mailboxes of one host are entered by no more than the agreed sessions, and each gives its place back."""
    key, slots = read_key(client_key.file), Slots(tmp_path / "slots", jitter=0.0)
    with serving(root, client_key.public, Honest) as address:

        def work(enter: Callable[[], None]) -> None:
            with SftpMailbox(address, key, slots=slots, sessions=3) as box:
                enter()
                assert not box.exists("in", "file")

        assert 1 < _most(work, 9) <= 3
