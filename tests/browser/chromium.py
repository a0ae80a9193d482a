"""A headless Chromium told what to do through its DevTools pipe: no driver, no port, nothing to install beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 30.0  # seconds that the browser has to do a thing
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
_STARTER = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'  # the pipe's ends must be the descriptors 3 and 4


class Page:
    """One tab: goes to an address, runs JavaScript, and has noted every address that was asked for."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._rest, self._asked, self._session = b"", 0, ""
        self.requests: list[str] = []
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.tell(f"{domain}.enable")

    def tell(self, method: str, **params: Any) -> dict[str, Any]:
        """Runs one command of the DevTools protocol and gives its result."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._asked:
            if answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def go(self, address: str) -> None:
        """Opens an address and waits until it is loaded."""
        self.tell("Page.navigate", url=address)
        self.until(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(address)})")

    def run(self, script: str) -> Any:
        """Gives the value of an expression in the page."""
        return self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)["result"].get(
            "value"
        )

    def until(self, script: str) -> Any:
        """Waits until an expression in the page is true and gives it."""
        end = time.monotonic() + PATIENCE
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.1)
        return value

    def picture(self, path: Path) -> None:
        """Writes a PNG of what the window shows."""
        path.write_bytes(b64decode(self.tell("Page.captureScreenshot", format="png")["data"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._from, 1 << 16)
            assert part, "the browser has gone"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told


@contextmanager
def browser(profile: Path, size: str = "1280,900") -> Iterator[Page]:
    """A browser without any network: every name leads nowhere, and its own services are off."""
    (their_read, our_write), (our_read, their_write) = os.pipe(), os.pipe()
    command = [
        str(PROGRAM),
        "--headless=new",
        "--no-sandbox",  # as root, in a container; it opens our own pages only
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--window-size={size}",
        f"--user-data-dir={profile}",
        "--remote-debugging-pipe",
    ]
    process = subprocess.Popen(
        ["bash", "-c", _STARTER, "bash", str(their_read), str(their_write), *command],
        pass_fds=(their_read, their_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_read)
    os.close(their_write)
    try:
        yield Page(our_write, our_read)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        os.close(our_write)
        os.close(our_read)
