"""« Dans cet espace vous pouvez » : what this town has switched on, read from its settings, never typed (S04)."""

from collections.abc import Sequence

from preau.domain.payments.queries.gateways import GatewayInUse
from preau.domain.town.models import Town
from preau.interfaces.portal.words import NARROW, listed


def abilities(town: Town, gateways: Sequence[GatewayInUse]) -> list[str]:
    """Sentences that complete « vous pouvez », most useful first."""
    return [
        *_paying(gateways),
        f"retrouver vos factures des {town.history_months} derniers mois, et toutes celles déjà payées",
        "suivre le solde de vos comptes",
        "consulter votre dossier famille",
        "changer votre mot de passe et votre adresse e-mail",
    ]


def _paying(gateways: Sequence[GatewayInUse]) -> list[str]:
    regies = [regie for gateway in gateways for regie in gateway.regies]
    if not regies:
        return []
    always = [regie.label for regie in regies if not regie.uses_payment_windows]
    windowed = [regie.label for regie in regies if regie.uses_payment_windows]
    sentences = []
    if always:
        sentences.append(f"payer vos factures en ligne, à toute heure{NARROW}: {listed(always)}")
    if windowed:
        sentences.append(f"payer vos factures en ligne pendant les périodes de paiement{NARROW}: {listed(windowed)}")
    if any(regie.allows_part_payment for regie in regies):
        sentences.append("payer une facture en plusieurs fois, là où la régie l’accepte")
    return [*sentences, "recevoir et garder vos reçus de paiement"]
