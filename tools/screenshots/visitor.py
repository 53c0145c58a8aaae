"""One browser that goes through the demo town, and what is kept of what it sees."""

import time
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET, KEPT = ROOT / "build" / "screenshots", ROOT / "docs" / "images"
HEIGHTS = {360: 740, 1280: 860}
_MAIL_SECONDS, _BROKEN, _MAX_BYTES = 40, 500, 120_000
#: The pictures of the README and of the guides: what the first screen shows, without scrolling.
_IN_DOCS = {
    "accueil-360.png", "factures-360.png", "resultat-paye-360.png", "panier-choisi-1280.png", "dossiers-1280.png",
    "dossier-a-confirmer-1280.png", "planning-coche-360.png",
}  # fmt: skip


class Visitor:
    """One browser that goes through the town and takes each page at both widths."""

    def __init__(self, browser: Browser, card: dict[str, Any]) -> None:
        self.card = card
        self.portal: str = card["portal"]
        self.page = browser.new_page(locale="fr-FR", timezone_id="Europe/Paris")
        self.page.set_default_timeout(40_000)
        self.taken = 0

    def take(self, name: str) -> None:
        """Both pictures of what is shown; `_IN_DOCS` says which become part of the documentation."""
        self.taken += 1
        self.page.evaluate("document.fonts.ready")
        for width, height in HEIGHTS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            picture = f"{name}-{width}.png"
            if picture in _IN_DOCS:
                _keep(self.page.screenshot(animations="disabled"), picture)
            # A window as high as the page: what sticks to its lower edge then lies where it belongs.
            whole = int(self.page.evaluate("document.documentElement.scrollHeight"))
            self.page.set_viewport_size({"width": width, "height": max(height, whole)})
            target = TARGET / f"{width}" / f"{self.taken:02d}-{name}.png"
            self.page.screenshot(path=target, full_page=True, animations="disabled")

    def see(self, path: str, name: str = "") -> None:
        """Go to an address and take it, under its own name unless another is given.

        Raises:
            RuntimeError: the page is broken.
        """
        answer = self.page.goto(self.portal + path)
        if answer is None or answer.status >= _BROKEN:
            raise RuntimeError(f"{path} is broken: see the demo's log")
        self.take(name or path.strip("/").replace("/", "-") or "accueil-public")

    def login(self, rank: int) -> dict[str, str]:
        """Come in as the login of that rank in the demo's card."""
        login: dict[str, str] = self.card["logins"][rank]
        self.page.context.clear_cookies()
        self.page.goto(f"{self.portal}/connexion/")
        self.page.fill('[name="identifier"]', login["login"])
        self.page.fill('[name="password"]', login["password"])
        self.press("Me connecter")
        return login

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words).first.click()

    def open_mail(self, words: str) -> None:
        """Show the newest mail whose subject holds `words`, once it has arrived.

        Raises:
            RuntimeError: no such mail came.
        """
        deadline = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < deadline:
            self.page.goto(f"{self.portal}/boite-aux-lettres/")
            mail = self.page.get_by_role("link", name=words)
            if mail.count():
                mail.first.click()
                return
            time.sleep(0.5)
        raise RuntimeError(f"no mail about « {words} »")

    def follow_mailed_link(self) -> None:
        """Open the link of the mail shown that leads to the town."""
        link = self.page.locator(f'.measure a[href^="{self.portal}"]').first.get_attribute("href")
        self.page.goto(str(link))


def _keep(picture: bytes, name: str) -> None:
    """With 256 colours: nobody sees it, and it weighs half as much."""
    path = KEPT / name
    with Image.open(BytesIO(picture)) as full:
        full.convert("RGB").quantize(256).save(path, optimize=True)
    if path.stat().st_size > _MAX_BYTES:
        raise RuntimeError(f"{name}: {path.stat().st_size} bytes, more than a README should carry")
