"""`make screenshots`: every page of the demo town, on a phone (360 px) and on a desk (1280 px).

A demo of its own is built in a temporary folder and paid in for good: public pages, a family's pages, two
payments in a row at the imitated DGFiP, the receipt in the mailbox. Pictures go to `build/screenshots`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tools.chromium import launch
from tools.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
_TARGET = ROOT / "build" / "screenshots"
_SIZES = {360: 740, 1280: 900}
_START_SECONDS = 90
_BROKEN = 500
_PREAU = Path(sys.executable).with_name("preau")

_PUBLIC = {
    "accueil-public": "/",
    "connexion": "/connexion/",
    "identifiants-oublies": "/identifiants-oublies/",
    "premiere-connexion": "/premiere-connexion/",
    "ouvrir-avec-le-dossier": "/premiere-connexion/dossier/",
    "aide": "/aide/",
    "aide-paiement": "/aide/paiement/",
    "periodes-de-paiement": "/periodes-de-paiement/",
    "contact": "/contact/",
    "verifier": "/verifier/",
    "accessibilite": "/accessibilite/",
    "conditions": "/conditions/",
    "donnees-personnelles": "/donnees-personnelles/",
    "page-absente": "/nulle-part/",
    "galerie": "/galerie/",
}
_FAMILY = {
    "accueil": "/accueil/",
    "factures": "/factures/",
    "historique": "/factures/historique/",
    "archives": "/factures/archives/",
    "prelevements": "/factures/prelevements/",
    "comptes": "/comptes/",
    "dossier": "/dossier/",
    "inscriptions": "/inscriptions/",
    "planning": "/planning/",
    "mon-compte": "/mon-compte/",
    "mot-de-passe": "/mon-compte/mot-de-passe/",
    "courriel": "/mon-compte/courriel/",
    "appareils": "/mon-compte/appareils/",
    "panier-vide": "/panier/",
}


@contextmanager
def _demo() -> Iterator[dict[str, Any]]:
    """Yield what `build/demo.json` says of a demo that runs for the time of the block."""
    port, banks = free_port(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="preau-screenshots-"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREAU_")}
    ours = {"PREAU_PORT": f"{port}", "PREAU_BANKSIM_PORT": f"{banks}", "PREAU_DATA_DIR": f"{folder / 'data'}"}
    log = folder / "log"
    with log.open("wb") as output:
        demo = subprocess.Popen(
            [_PREAU, "demo"], cwd=folder, env={**kept, **ours}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_answers(f"http://127.0.0.1:{port}/sante/", demo, log)
        yield json.loads((folder / "build" / "demo.json").read_text(encoding="utf-8"))
    except Exception:
        print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
        raise
    finally:
        os.killpg(demo.pid, signal.SIGTERM)
        demo.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_answers(url: str, demo: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while demo.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (our own address)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the demo did not start:\n{log.read_text(errors='replace')}")


@dataclass
class _Album:
    """Pictures of one visitor, numbered in the order they are taken."""

    page: Page
    portal: str
    width: int
    taken: int = field(default=0)

    def take(self, name: str) -> None:
        self.taken += 1
        self.page.evaluate("document.fonts.ready")
        target = _TARGET / f"{self.width}" / f"{self.taken:02d}-{name}.png"
        self.page.screenshot(path=target, full_page=True)

    def visit(self, addresses: dict[str, str]) -> None:
        for name, path in addresses.items():
            answer = self.page.goto(self.portal + path)
            if answer is None or answer.status >= _BROKEN:
                raise RuntimeError(f"{path} is broken: see the demo's log")
            self.take(name)


def _sign_in(album: _Album, login: dict[str, str]) -> None:
    album.page.goto(f"{album.portal}/connexion/")
    album.page.locator("[name=identifier]").fill(login["login"])
    album.page.locator("[name=password]").fill(login["password"])
    album.page.get_by_role("button", name="Me connecter").click()
    album.page.wait_for_url("**/accueil/")


def _details(album: _Album) -> None:
    """Pages whose address is found on another one."""
    page = album.page
    page.goto(f"{album.portal}/factures/")
    page.locator("summary").first.click()
    album.take("factures-loupe")
    page.goto(f"{album.portal}/comptes/")
    page.locator("a[href$='/releve/']").first.click()
    album.take("releve")


def _pay_once(album: _Album, rank: int) -> None:
    """From the payment's preparation to its result, with the strong authentication of the bank."""
    page = album.page
    page.wait_for_selector("#payer-carte")
    album.take(f"paiement-{rank}-choix")
    page.locator("#payer-carte").click()
    album.take(f"paiement-{rank}-carte")
    page.locator("#valider").click()
    page.locator("#code-3ds, #retour").first.wait_for()
    if page.locator("#code-3ds").count():
        page.locator("#code-3ds").fill("123456")
        album.take(f"paiement-{rank}-code")
        page.locator("#valider").click()
        page.wait_for_selector("#retour")
    album.take(f"paiement-{rank}-ticket")
    page.locator("#retour").click()
    page.get_by_role("link", name="Télécharger le reçu (PDF)").wait_for()
    album.take(f"paiement-{rank}-resultat")


def _pay(album: _Album) -> None:
    """Every invoice that can be paid, régie after régie."""
    page = album.page
    page.goto(f"{album.portal}/factures/")
    for box in page.locator("input[name=facture]:enabled").all():
        box.check(force=True)
    album.take("factures-cochees")
    page.get_by_role("button", name="Ajouter au panier").click()
    album.take("panier")
    page.get_by_role("button", name="Procéder au paiement").click()
    _pay_once(album, 1)
    following = page.get_by_role("button", name="Continuer : payer la suite")
    if following.count():
        following.click()
        _pay_once(album, 2)
    album.visit({"recus": "/recus/", "historique-apres": "/factures/historique/", "accueil-apres": "/accueil/"})


def _mailbox(album: _Album, mailbox: str) -> None:
    page = album.page
    page.goto(mailbox)
    album.take("boite-aux-lettres")
    page.locator("main a[href^='/boite-aux-lettres/']").first.click()
    album.take("courriel-recu")


def _photograph(browser: Browser, demo: dict[str, Any], width: int, login: dict[str, str]) -> int:
    context = browser.new_context(
        viewport={"width": width, "height": _SIZES[width]}, locale="fr-FR", timezone_id="Europe/Paris"
    )
    context.set_default_timeout(20_000)
    album = _Album(context.new_page(), demo["portal"], width)
    album.visit(_PUBLIC)
    album.page.goto(demo["banksim"])
    album.take("banques-imitees")
    _sign_in(album, login)
    album.visit(_FAMILY)
    _details(album)
    _pay(album)
    _mailbox(album, demo["mailbox"])
    context.close()
    return album.taken


def main() -> int:
    """Take all the pictures, a different family paying at each width."""
    shutil.rmtree(_TARGET, ignore_errors=True)
    with _demo() as demo, sync_playwright() as playwright:
        browser = launch(playwright)
        families = [login for login in demo["logins"] if login["role"] == "family"]
        payers = {360: families[0], 1280: families[2]}
        for width, login in payers.items():
            (_TARGET / f"{width}").mkdir(parents=True)
            taken = _photograph(browser, demo, width, login)
            print(f"{taken} pictures at {width} px in {(_TARGET / f'{width}').relative_to(ROOT)}")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
