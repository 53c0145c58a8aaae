"""What the program refuses to start with (payment-gateways 11.1: interlocks between real and imitated banks)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import OperationalError, ProgrammingError

from preau.foundation.outbound import is_this_machine
from preau.foundation.sealing import SealBrokenError

_MIN_SECRET = 50
_DEMO_IN_PUBLIC = (
    "La démonstration montre à tous ses e-mails et leurs liens : PREAU_PUBLIC_URL doit y désigner cette machine "
    "(http://127.0.0.1:8000), ou PREAU_ENV valoir production."
)


@register(Tags.security)
def production_is_real(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Demo comforts and fault switches have no place in production."""
    del app_configs, kwargs
    if settings.PREAU_ENV == "demo" and not is_this_machine(settings.PREAU_PUBLIC_URL):
        return [Error(_DEMO_IN_PUBLIC, id="preau.E004")]
    if settings.PREAU_ENV != "production":
        return []
    found: list[CheckMessage] = []
    if settings.PREAU_FAULTS:
        found.append(Error("PREAU_FAULTS est réservé aux essais : retirez-le en production.", id="preau.E001"))
    if not settings.PREAU_PUBLIC_URL.startswith("https://"):
        found.append(Error("PREAU_PUBLIC_URL doit commencer par https:// en production (C43).", id="preau.E002"))
    if len(settings.SECRET_KEY) < _MIN_SECRET:
        found.append(Error("PREAU_SECRET_KEY doit compter au moins 50 caractères.", id="preau.E003"))
    return found


@register(Tags.database, deploy=True)
def contracts_are_real(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """In production no contract may point at an imitated bank, nor be wrong in a way its gateway can tell."""
    del app_configs, kwargs
    if not databases or settings.PREAU_ENV != "production":
        return []
    try:
        return [Error(sentence, id="preau.E010") for sentence in _contract_problems()]
    except (OperationalError, ProgrammingError):  # not migrated yet: nothing to check
        return []


def _contract_problems() -> Iterator[str]:
    from preau.domain.payments.gateway import imitations  # noqa: PLC0415  (models are ready only now)
    from preau.domain.payments.queries.contracts import contract_problems, merchant_of  # noqa: PLC0415
    from preau.domain.regies.models import GatewayContract  # noqa: PLC0415

    for contract in GatewayContract.objects.filter(closed_on__isnull=True).select_related("regie"):
        try:
            merchant = merchant_of(contract)
        except SealBrokenError as broken:
            yield f"Contrat de {contract.regie.label} : {broken}"
            continue
        for problem in (*contract_problems(contract.gateway, merchant).values(), *imitations(merchant)):
            yield f"Contrat de {contract.regie.label} : {problem}"
