"""`make screenshots`: every page of the demo town, on a phone (360 px) and on a desk (1280 px), in `build/screenshots`.

A visitor, then families, go through the demo with the imitated banks, so that each page shows what it shows
in life. The few
pictures of the README and the guides (`docs/images`) are taken again on the way. Look at them: no test does it for you.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from tools.chromium import launch
from tools.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
_TARGET, _KEPT = ROOT / "build" / "screenshots", ROOT / "docs" / "images"
_PREAU = Path(sys.executable).with_name("preau")
_START_SECONDS, _MAIL_SECONDS = 90, 40
_HEIGHTS = {360: 740, 1280: 860}
_BROKEN = 500
#: The pictures of the README and of the guides: what the first screen shows, without scrolling.
_IN_DOCS = {
    "accueil-360.png", "factures-360.png", "resultat-paye-360.png", "panier-choisi-1280.png", "dossiers-1280.png",
    "dossier-a-confirmer-1280.png",
}  # fmt: skip
_MAX_BYTES = 120_000

#: Pages as they are at first; a picture bears the name of its address.
_PUBLIC = (
    "/", "/aide/", "/aide/paiement/", "/periodes-de-paiement/", "/accessibilite/", "/conditions/", "/contact/",
    "/donnees-personnelles/", "/verifier/", "/verifier/code-inconnu/", "/connexion/", "/identifiants-oublies/",
    "/courriel-envoye/", "/mot-de-passe/lien-trop-ancien/", "/premiere-connexion/", "/premiere-connexion/dossier/",
    "/premiere-connexion/lien/", "/page-qui-n-existe-pas/", "/boite-aux-lettres/", "/galerie/",
)  # fmt: skip
_FAMILY = (
    "/accueil/", "/comptes/", "/factures/historique/", "/factures/archives/", "/factures/prelevements/", "/recus/",
    "/dossier/", "/inscriptions/", "/planning/", "/planning/modifier/", "/planning/avance/", "/planning/recapitulatif/",
    "/planning/supprimer/", "/recharger/", "/panier/", "/mon-compte/", "/mon-compte/mot-de-passe/",
    "/mon-compte/courriel/", "/mon-compte/appareils/", "/mon-compte/confirmer/", "/deconnexion/", "/factures/",
)  # fmt: skip


@contextmanager
def _demo(folder: Path) -> Iterator[dict[str, Any]]:
    """The demo town on free ports, with everything it writes in `folder`; gives its `demo.json`.

    Raises:
        RuntimeError: it did not start.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))}
    env = {**kept, "PREAU_PORT": str(port), "PREAU_BANKSIM_PORT": str(free_port())}
    log = folder / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [_PREAU, "demo"], cwd=folder, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_answers(f"{url}/sante/", process)
        yield json.loads((folder / "build" / "demo.json").read_text(encoding="utf-8"))
    except Exception:
        print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310  (our own address)
        except (URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the demo did not start")


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
        for width, height in _HEIGHTS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            picture = f"{name}-{width}.png"
            if picture in _IN_DOCS:
                _keep(self.page.screenshot(animations="disabled"), picture)
            # A window as high as the page: what sticks to its lower edge then lies where it belongs.
            whole = int(self.page.evaluate("document.documentElement.scrollHeight"))
            self.page.set_viewport_size({"width": width, "height": max(height, whole)})
            target = _TARGET / f"{width}" / f"{self.taken:02d}-{name}.png"
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
    if len(picture) > _MAX_BYTES:
        raise RuntimeError(f"{name}: {len(picture)} bytes, more than a README should carry")
    (_KEPT / name).write_bytes(picture)


def _public(visitor: Visitor) -> None:
    for path in _PUBLIC:
        visitor.see(path)
    visitor.page.goto(f"{visitor.portal}/connexion/")
    visitor.press("Me connecter")
    visitor.take("connexion-erreurs")
    visitor.page.goto(visitor.card["banksim"])
    visitor.take("banques-imitees")


def _first_entries(visitor: Visitor, newcomer: dict[str, str]) -> None:
    page = visitor.page
    page.goto(f"{visitor.portal}/premiere-connexion/")
    page.fill('[name="access_code"]', newcomer["login"])
    page.fill('[name="code"]', newcomer["password"])
    visitor.press("Continuer")
    visitor.take("ouvrir-avec-codes")
    page.fill('[name="new_password"]', "court")
    visitor.press("Ouvrir mon compte")
    visitor.take("ouvrir-avec-codes-erreurs")
    page.goto(f"{visitor.portal}/premiere-connexion/dossier/")
    page.fill('[name="file_number"]', "8118")
    page.fill('[name="file_name"]', "LE GOFF")
    page.fill('[name="code"]', newcomer["password"])
    visitor.press("Continuer")
    visitor.take("ouvrir-avec-dossier")
    page.goto(f"{visitor.portal}/premiere-connexion/lien/")
    page.fill('[name="file_number"]', "4127")
    page.fill('[name="file_name"]', "DELATTRE-KOUASSI")
    page.fill('[name="email"]', "jb.kouassi@courriel.example")
    visitor.press("Recevoir un lien")
    visitor.open_mail("compte")
    visitor.take("courrier-premiere-connexion")
    visitor.follow_mailed_link()
    visitor.take("ouvrir-avec-lien")


def _forgotten(visitor: Visitor, email: str) -> None:
    visitor.page.goto(f"{visitor.portal}/identifiants-oublies/")
    visitor.page.fill('[name="email"]', email)
    visitor.press("Recevoir mes identifiants")
    visitor.open_mail("identifiants")
    visitor.take("courrier-identifiants")
    visitor.follow_mailed_link()
    visitor.take("nouveau-mot-de-passe")


def _at_the_bank(visitor: Visitor, scenario: str, *, pictures: str = "") -> None:
    """From the preparation page through the imitated pages, whichever the bank, and back to the portal.

    `pictures` begins the names of those to take.
    """
    page = visitor.page
    page.wait_for_selector("#payer-carte, #numero-carte")
    page.check(f"#scenario-{scenario}")
    if page.locator("#payer-carte").count():
        if pictures:
            visitor.take(f"{pictures}-choix")
        page.click("#payer-carte")
        page.wait_for_selector("#numero-carte")
    if pictures:
        visitor.take(f"{pictures}-carte")
    page.click("#valider")
    if scenario == "pay_3ds":
        page.wait_for_selector("#code-3ds")
        if pictures:
            visitor.take(f"{pictures}-code")
        page.fill("#code-3ds", "123456")
        page.click("#valider")
    page.wait_for_selector("#resultat")
    if pictures:
        visitor.take(f"{pictures}-ticket")
    page.click("#retour")
    page.wait_for_url(f"{visitor.portal}/paiement/resultat/**")
    # When the bank's notice comes first, the page waits for it and shows the news by itself.
    page.get_by_role("heading", name="refusé" if scenario == "refuse" else "payés").wait_for()


def _family(visitor: Visitor) -> None:
    """A family of four régies: everything it reads, then a payment at each bank, one refused on the way."""
    visitor.login(0)
    visitor.page.wait_for_url("**/accueil/")
    visitor.page.emulate_media(color_scheme="dark")
    visitor.take("accueil-sombre")
    visitor.page.emulate_media(color_scheme="light")
    for path in _FAMILY:
        visitor.see(path)
    visitor.page.goto(f"{visitor.portal}/comptes/")
    visitor.page.get_by_role("link", name="Relevé").first.click()
    visitor.take("releve")
    _planning(visitor)
    _pay_all(visitor)
    visitor.see("/accueil/", "accueil-a-jour")
    visitor.see("/factures/historique/", "historique-paye")
    visitor.see("/recus/", "recus-remplis")
    visitor.see("/boite-aux-lettres/", "boite-aux-lettres-remplie")
    visitor.open_mail("reçu")
    visitor.take("courrier-recu")


def _planning(visitor: Visitor) -> None:
    """Three views, days ticked, what they cost, what is held; then everything is given up."""
    page = visitor.page
    for view in ("mois", "quinzaine", "semaine"):
        visitor.see(f"/planning/?vue={view}", f"planning-{view}")
    page.goto(f"{visitor.portal}/planning/modifier/")
    page.get_by_role("navigation", name="Période").get_by_role("button").last.click()
    boxes = page.locator(".slot input[type=checkbox]")
    for box in boxes.all()[:6]:
        box.check()
    visitor.take("planning-coche")
    if not boxes.count():
        return
    visitor.press("Valider et terminer")
    page.wait_for_url("**/planning/recapitulatif/**")
    visitor.take("planning-recapitulatif-rempli")
    visitor.see("/planning/supprimer/", "planning-supprimer-rempli")
    visitor.press("Tout supprimer")


def _pay_all(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.portal}/factures/")
    for box in page.locator('main input[type="checkbox"]').all():
        box.check()
    visitor.take("factures-cochees")
    visitor.press("Ajouter au panier")
    visitor.take("panier-choisi")
    visitor.press("Procéder au paiement")
    _at_the_bank(visitor, "pay_3ds", pictures="banque")
    visitor.take("resultat-suite")
    visitor.press("Continuer")
    _at_the_bank(visitor, "refuse")
    visitor.take("resultat-refuse")
    page.goto(f"{visitor.portal}/panier/")
    visitor.press("Procéder au paiement")
    for bank in ("banque-2", "banque-3", "banque-4"):
        _at_the_bank(visitor, "pay_3ds", pictures=bank)
        if page.get_by_role("button", name="Continuer").count():
            visitor.press("Continuer")
    visitor.take("resultat-paye")
    code = str(page.locator(".verify code").inner_text())
    visitor.see(f"/verifier/{code.replace('-', '')}/", "verifier-vrai")


def _half_way(visitor: Visitor) -> None:
    """A family that leaves the bank's page open: preparation, waiting, cancelled."""
    visitor.login(1)
    page = visitor.page
    page.goto(f"{visitor.portal}/factures/")
    page.locator('main input[type="checkbox"]').first.check()
    visitor.press("Ajouter au panier")
    page.route("**/*.js", lambda route: route.abort())  # else the preparation page leaves before it is taken
    visitor.press("Procéder au paiement")
    page.wait_for_url("**/paiement/*/")
    visitor.take("preparation")
    here = page.url
    page.unroute("**/*.js")
    page.goto(here)
    page.wait_for_selector("#payer-carte")
    page.goto(here)
    visitor.take("paiement-en-cours")
    visitor.see("/accueil/", "accueil-en-cours")
    visitor.see("/factures/", "factures-en-cours")
    page.goto(here)
    page.locator('main a[href*="/paiement/resultat/"]').click()
    visitor.take("resultat-attente")
    page.goto(here)
    visitor.press("Annuler et recommencer")
    visitor.take("panier-apres-annulation")


def _others(visitor: Visitor) -> None:
    visitor.login(2)
    visitor.page.wait_for_url("**/accueil/")
    visitor.take("accueil-nombreux")
    visitor.see("/factures/", "factures-nombreuses")
    visitor.page.locator("main details summary").first.click()
    visitor.take("factures-detail")
    visitor.page.get_by_role("link", name="Page de cette facture").first.click()
    visitor.take("facture")
    visitor.login(3)
    visitor.page.wait_for_url("**/accueil/")
    visitor.take("accueil-rien")


def _doubt(visitor: Visitor) -> None:
    """The bank answers with one cent more than what a family paid: a case opens."""
    page, banks = visitor.page, f"{visitor.card['banksim']}/sim/api/faults"
    page.request.post(banks, data={"operation": "recupererDetailPaiementSecurise", "kind": "altered_amount"})
    visitor.login(1)
    page.goto(f"{visitor.portal}/panier/")
    visitor.press("Procéder au paiement")
    page.wait_for_selector("#payer-carte")
    page.check("#scenario-pay")
    page.click("#payer-carte")
    page.wait_for_selector("#numero-carte")
    page.click("#valider")
    page.wait_for_selector("#resultat")
    page.click("#retour")
    page.get_by_role("heading", name="vérifi").wait_for()
    visitor.take("resultat-a-verifier")
    page.request.delete(banks)


def _agents(visitor: Visitor) -> None:
    """The desk: a case proposed by one agent, closed by the other, told to the family."""
    page = visitor.page
    visitor.login(5)
    page.wait_for_url("**/bureau/")
    visitor.take("bureau")
    visitor.see("/bureau/dossiers/", "dossiers")
    page.locator("main table a").first.click()
    case = page.url.removeprefix(visitor.portal)
    visitor.take("dossier")
    visitor.press("Proposer cette décision")
    visitor.take("dossier-erreurs")
    page.get_by_label("Porter à l’avoir").check()
    page.get_by_label("Raison").fill("Relevé de la DGFiP lu ce matin : la somme annoncée est bien arrivée.")
    visitor.press("Proposer cette décision")
    visitor.take("dossier-propose")
    visitor.login(6)
    visitor.see(case, "dossier-a-confirmer")
    visitor.press("Confirmer et clore le dossier")
    visitor.take("dossier-clos")
    visitor.open_mail("examiné")
    visitor.take("courrier-examine")


def main() -> int:
    """Take every picture; the number of files is printed."""
    shutil.rmtree(_TARGET, ignore_errors=True)
    for width in _HEIGHTS:
        (_TARGET / f"{width}").mkdir(parents=True)
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="preau-pictures-") as folder,
        _demo(Path(folder)) as card,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        visitor = Visitor(browser, card)
        _public(visitor)
        _first_entries(visitor, card["logins"][4])
        _forgotten(visitor, card["logins"][1]["login"])
        _family(visitor)
        _half_way(visitor)
        _others(visitor)
        _doubt(visitor)
        _agents(visitor)
    print(f"{visitor.taken} pages, at each width, in {_TARGET.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
