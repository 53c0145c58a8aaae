"""What visitors, families and agents do in the demo, so that each page shows what it shows in life."""

from tools.screenshots.visitor import Visitor

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
_DESK = (
    "/bureau/journee/", "/bureau/reserver/", "/bureau/places/", "/bureau/attente/", "/bureau/inscriptions/",
    "/bureau/calendrier/", "/bureau/activites/", "/bureau/activites/nouvelle/", "/bureau/tarifs/", "/bureau/menus/",
    "/bureau/guichet/",
)  # fmt: skip


def public(visitor: Visitor) -> None:
    for path in _PUBLIC:
        visitor.see(path)
    visitor.page.goto(f"{visitor.portal}/connexion/")
    visitor.press("Me connecter")
    visitor.take("connexion-erreurs")
    visitor.page.goto(visitor.card["banksim"])
    visitor.take("banques-imitees")


def first_entries(visitor: Visitor, newcomer: dict[str, str]) -> None:
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


def forgotten(visitor: Visitor, email: str) -> None:
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


def family(visitor: Visitor) -> None:
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
    chosen = boxes.all()[:6]
    for box in chosen:
        box.check()
    page.locator(f'[data-count]:text-is("{len(chosen)}")').first.wait_for()
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


def half_way(visitor: Visitor) -> None:
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


def others(visitor: Visitor) -> None:
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


def doubt(visitor: Visitor) -> None:
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


def agents(visitor: Visitor) -> None:
    """The desk: a case proposed by one agent, closed by the other, told to the family."""
    page = visitor.page
    visitor.login(5)
    page.wait_for_url("**/bureau/")
    visitor.take("bureau")
    for path in _DESK:
        visitor.see(path)
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
