"""A real browser for the journeys: French, on a phone unless asked otherwise, and strict about errors."""

import os
from urllib.parse import urlsplit

import pytest
from django.db import connections
from playwright.sync_api import sync_playwright

from tests.support.places import missing
from tools.chromium import ChromiumMissing, launch

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
#: What Chromium writes for any answer ≥ 400, expected or not: the tests assert the answers themselves.
_ANSWER_IN_ERROR = "Failed to load resource: the server responded with a status of"


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once for the process."""
    # Playwright keeps an event loop in this thread; Django would take our own queries for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except ChromiumMissing as refusal:
            missing(str(refusal))
        yield browser
        # In Playwright's loop Django opens connections of its own, which nobody would close after it.
        connections.close_all()
        browser.close()


class Windows:
    """Opens pages as separate visitors (own cookies each) and remembers what went wrong in them."""

    def __init__(self, browser) -> None:
        self._browser = browser
        self._contexts = []
        self.faults: list[str] = []

    def open(self, *, viewport=PHONE, javascript: bool = True, **options):
        """A page of a new visitor; `options` go to Playwright's `new_context`."""
        context = self._browser.new_context(
            viewport=viewport,
            java_script_enabled=javascript,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            **options,
        )
        context.set_default_timeout(60_000)
        self._contexts.append(context)
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._note_request)
        return context.new_page()

    def _note_console(self, message) -> None:
        if message.type == "error" and not message.text.startswith(_ANSWER_IN_ERROR):
            self.faults.append(f"console: {message.text}")

    def _note_request(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.hostname not in {"localhost", "127.0.0.1"}:
            self.faults.append(f"call outside: {request.url}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def windows(chromium):
    """Opens pages: `windows.open()`, `windows.open(viewport=DESK)`, `windows.open(javascript=False)`.

    The test fails at its end if a page broke the content policy, raised an error or called another site.
    """
    opened = Windows(chromium)
    yield opened
    opened.close()
    assert opened.faults == []


@pytest.fixture
def phone(windows):
    """A page 360 px wide."""
    return windows.open()


@pytest.fixture
def desk(windows):
    """A page 1280 px wide."""
    return windows.open(viewport=DESK)
