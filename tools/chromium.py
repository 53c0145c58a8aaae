"""Where the browser of the tests and pictures is."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

VARIABLE = "PREAU_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class ChromiumMissing(Exception):
    """No browser was named, installed or downloaded."""


def find_chromium() -> Path:
    """The browser's program: the one named by PREAU_CHROMIUM, the system's, else Playwright's own download.

    Raises:
        ChromiumMissing: none of them exists.
    """
    named = os.environ.get(VARIABLE)
    candidates = [named] if named else [shutil.which(name) for name in _NAMES]
    if not any(candidates):
        with sync_playwright() as playwright:
            candidates = [playwright.chromium.executable_path]
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            return Path(candidate)
    raise ChromiumMissing(
        f"no Chromium: install Debian's « chromium », run `playwright install chromium`, or set {VARIABLE}"
    )


def launch(playwright: Playwright) -> Browser:
    """Start the browser without a window; it can reach nothing but this machine.

    Raises:
        ChromiumMissing: see `find_chromium`.
    """
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses root
    return playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
