"""The rules of each field (payment-gateways.md 3.4), pure. The first broken one decides the code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from banksim.payfip.errors import FunctionalError, TechnicalError

MIN_CENTS = 100
#: 100 000 €; a contract may set less.
MAX_CENTS = 10_000_000
_AMOUNT_CHARACTERS = 11
_MEL_CHARACTERS = range(6, 81)
_URL_CHARACTERS = 250
_NUMCLI = re.compile(r"[0-9]{6}", re.ASCII)
_REFDET = re.compile(r"[A-Za-z0-9]{6,30}", re.ASCII)
_EXER = re.compile(r"[0-9]{4}", re.ASCII)
_OBJET = re.compile(r"[A-Za-z0-9 ]{0,100}", re.ASCII)
_MEL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, kw_only=True)
class Client:
    """A creditor known to the DGFiP: one per régie or budget. Labels: town, accountant, service."""

    numcli: str
    label_1: str
    label_2: str = ""
    label_3: str = ""
    secured: bool = True
    ceiling_cents: int = MAX_CENTS


@dataclass(frozen=True, kw_only=True)
class Order:
    """What `creerPaiementSecurise` asks, once every rule holds; `montant` in cents."""

    numcli: str
    exer: str
    refdet: str
    objet: str | None
    montant: int
    mel: str
    urlnotif: str
    urlredirect: str
    saisie: str


def check_numcli(numcli: str, client: Client | None) -> Client:
    """The client itself.

    Raises:
        FunctionalError: T1 malformed, T2 unknown, T4 without secured access.
    """
    if not _NUMCLI.fullmatch(numcli):
        raise FunctionalError("T1", f"numcli doit avoir 6 chiffres, reçu « {numcli} »")
    if client is None:
        raise FunctionalError("T2", f"le client {numcli} n’est pas déclaré")
    if not client.secured:
        raise FunctionalError("T4", f"le client {numcli} n’a pas l’accès sécurisé")
    return client


def check_order(given: Mapping[str, str], client: Client | None) -> Order:
    """The order these fields make; absent and empty are the same.

    Raises:
        FunctionalError: with the code of the first broken rule.
        TechnicalError: a rule whose code is not public (exer, objet).
    """
    known = check_numcli(given.get("numcli", ""), client)
    saisie = given.get("saisie", "")
    if saisie not in {"T", "X", "W"}:
        raise FunctionalError("S1", f"saisie doit être T, X ou W, reçu « {saisie} »")
    return Order(
        numcli=known.numcli,
        saisie=saisie,
        refdet=check_refdet(given.get("refdet", "")),
        montant=check_amount(given.get("montant", ""), known.ceiling_cents),
        mel=check_mel(given.get("mel", "")),
        urlnotif=check_url("N1", "urlnotif", given.get("urlnotif", "")),
        urlredirect=check_url("D1", "urlredirect", given.get("urlredirect", "")),
        exer=check_exer(given.get("exer", "")),
        objet=check_objet(given.get("objet", "")),
    )


def check_refdet(refdet: str) -> str:
    """The reference of the debt.

    Raises:
        FunctionalError: R3.
    """
    if not _REFDET.fullmatch(refdet):
        raise FunctionalError("R3", f"refdet doit avoir 6 à 30 lettres ou chiffres, reçu « {refdet} »")
    return refdet


def check_amount(text: str, ceiling_cents: int) -> int:
    """Cents.

    Raises:
        FunctionalError: M1 malformed, M3 under 1 €, M5 above the ceiling of the contract.
    """
    if not text.isascii() or not text.isdigit() or len(text) > _AMOUNT_CHARACTERS:
        raise FunctionalError("M1", f"montant doit être un nombre entier de centimes, reçu « {text} »")
    cents = int(text)
    if cents < MIN_CENTS:
        raise FunctionalError("M3", f"montant de {cents} centimes, minimum {MIN_CENTS}")
    if cents > ceiling_cents:
        raise FunctionalError("M5", f"montant de {cents} centimes, maximum du contrat {ceiling_cents}")
    return cents


def check_mel(text: str) -> str:
    """A mail address.

    Raises:
        FunctionalError: A1 absent, A2 malformed.
    """
    if not text:
        raise FunctionalError("A1", "mel est obligatoire")
    if len(text) not in _MEL_CHARACTERS or not _MEL.fullmatch(text):
        raise FunctionalError("A2", f"mel doit avoir 6 à 80 caractères dont un « @ », reçu « {text} »")
    return text


def check_url(code: str, name: str, text: str) -> str:
    """An address to call.

    Raises:
        FunctionalError: `code`.
    """
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        sound = False
    if not sound or len(text) >= _URL_CHARACTERS:
        raise FunctionalError(code, f"{name} doit être une adresse http de moins de 250 caractères, reçu « {text} »")
    return text


def check_exer(text: str) -> str:
    """The accounting year.

    Raises:
        TechnicalError: not 4 digits.
    """
    return _unpublished("exer", _EXER, text)


def check_objet(text: str) -> str | None:
    """What the payer reads; None when nothing was sent.

    Raises:
        TechnicalError: not at most 100 plain letters, digits and spaces.
    """
    return _unpublished("objet", _OBJET, text) or None


def _unpublished(name: str, pattern: re.Pattern[str], text: str) -> str:
    """A format of the guide whose code is in no public source: a technical error rather than an invented code."""
    if not pattern.fullmatch(text):
        raise TechnicalError(f"{name} ne suit pas {pattern.pattern}, reçu « {text} »")
    return text
