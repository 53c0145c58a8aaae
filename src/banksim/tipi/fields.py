"""The rules of the form's parameters (payment-gateways.md 4.1), with the codes of the web service (3.5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from banksim.payfip.errors import FunctionalError
from banksim.payfip.fields import (
    Client,
    check_amount,
    check_exer,
    check_mel,
    check_numcli,
    check_objet,
    check_refdet,
    check_url,
)

#: T test, X activation, A production, M typed by hand.
SAISIES = ("T", "X", "A", "M")


@dataclass(frozen=True, kw_only=True)
class Creditor(Client):
    """A creditor whose contract has the form: PayFiP's own description, with a lower ceiling (9 999,99 €)."""

    ceiling_cents: int = 999_999

    @property
    def number(self) -> str:
        """Names it in statements."""
        return self.numcli

    @property
    def label(self) -> str:
        """Its name on pages."""
        return self.label_1


def check(given: Mapping[str, str], creditor: Creditor | None) -> tuple[dict[str, str], int]:
    """The parameters kept as they were sent, absent ones left out, and the cents.

    Raises:
        FunctionalError: with the code of the first broken rule.
        TechnicalError: a rule whose code is not public (exer, objet).
    """
    known = check_numcli(given.get("numcli", ""), creditor)
    saisie = given.get("saisie", "")
    if saisie not in SAISIES:
        raise FunctionalError("S1", f"saisie doit être T, X, A ou M, reçu « {saisie} »")
    check_refdet(given.get("refdet", ""))
    cents = check_amount(given.get("montant", ""), known.ceiling_cents)
    check_mel(given.get("mel", ""))
    if given.get("urlcl"):
        check_url("N1", "urlcl", given["urlcl"])
    if given.get("exer"):
        check_exer(given["exer"])
    check_objet(given.get("objet", ""))
    names = ("numcli", "exer", "refdet", "objet", "montant", "mel", "urlcl", "saisie")
    return {name: given[name] for name in names if given.get(name)}, cents
