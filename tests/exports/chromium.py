"""A headless Chromium, driven over a pipe: what a page shows, runs and asks the network for."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

DEADLINE_SECONDS = 60

# Chromium reads commands from descriptor 3 and answers on descriptor 4. Both may be taken by the
# pipes themselves, so they go through numbers that are free.
WIRE = """
import os, sys
for number, descriptor in enumerate(sys.argv[1:3]):
    os.dup2(int(descriptor), 100 + number)
os.dup2(100, 3), os.dup2(101, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def executable() -> str | None:
    """Return where Chromium is installed, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Page:
    """One tab; `requests` holds the address of everything that it asked for."""

    into: int
    out: int
    session: str = ""
    asked: int = 0
    rest: bytes = b""
    requests: list[str] = field(default_factory=list)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that arrive meanwhile are noted."""
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.into, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self.asked:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def show(self, file: Path, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Open a file at a width, as a phone or a desktop would, and wait until it is there."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=file.as_uri())
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """Return what an expression of JavaScript is worth on the page."""
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return got["result"].get("value")

    def picture(self, *, whole: bool = True) -> bytes:
        """Return the page as PNG."""
        got = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(got["data"])

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.out], [], [], DEADLINE_SECONDS)
            assert ready, "Chromium does not answer"
            chunk = os.read(self.out, 1 << 16)
            assert chunk, "Chromium has ended"
            self.rest += chunk
        message, _, self.rest = self.rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        self._note(answer)
        return answer

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(event["params"]["request"]["url"])


@contextmanager
def page(profile: Path) -> Iterator[Page]:
    """Start Chromium with an empty profile, and end it."""
    path = executable()
    assert path is not None
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    wired = (sys.executable, "-c", WIRE, str(their_in), str(their_out))
    browser = subprocess.Popen(
        [*wired, path, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(their_in, their_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_in)
    os.close(their_out)
    try:
        yield _opened(Page(our_out, our_in))
    finally:
        os.close(our_out)
        os.close(our_in)
        browser.kill()
        browser.wait(DEADLINE_SECONDS)


def _opened(tab: Page) -> Page:
    target = tab.call("Target.createTarget", url="about:blank")["targetId"]
    tab.session = tab.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Network"):
        tab.call(f"{domain}.enable")
    return tab
