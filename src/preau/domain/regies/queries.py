"""Reads about régies: what is open, with whom, until when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet

from preau.domain.accounts.models import User
from preau.domain.regies.models import (
    DESK_MEANS,
    AllowedMeans,
    BilledMonth,
    Channel,
    ContractSecret,
    GatewayContract,
    MeansOfPayment,
    PaymentWindow,
    Regie,
    RegieMember,
)
from preau.domain.regies.rules import ALWAYS_OPEN, Opening, WindowState, window_state
from preau.foundation import clock
from preau.foundation.sealing import unseal


def open_regies() -> QuerySet[Regie]:
    """Régies in activity, in the order of the home page."""
    return Regie.objects.filter(is_active=True).select_related("group").order_by("group__position", "position", "label")


def open_contracts(regies: Iterable[Regie], *, channel: Channel = Channel.ONLINE) -> dict[int, GatewayContract]:
    """The contract by which each régie takes payments now on a channel, by régie id; a closed régie takes none.

    In production a contract in test mode takes none either: no real money would move.
    """
    contracts = GatewayContract.objects.filter(
        regie__in=list(regies), regie__is_active=True, channel=channel, closed_on__isnull=True
    )
    if settings.PREAU_ENV == "production":
        contracts = contracts.exclude(mode=GatewayContract.Mode.TEST)
    return {contract.regie_id: contract for contract in contracts}


def holds_a_post(user: User) -> bool:
    """Whether a person is an agent of a régie."""
    return RegieMember.objects.filter(user=user).exists()


def secrets_of(contract: GatewayContract) -> dict[str, tuple[str, ...]]:
    """The keys of a contract that are good now, by name, the newest first.

    Raises:
        SealBrokenError: one of them was sealed with a key that this installation no longer has.
    """
    now = clock.now()
    good = ContractSecret.objects.filter(Q(usable_until__isnull=True) | Q(usable_until__gt=now), contract=contract)
    found: dict[str, tuple[str, ...]] = {}
    for secret in good:
        found[secret.name] = (*found.get(secret.name, ()), unseal(secret.sealed))
    return found


def allowed_means(regie: Regie) -> list[str]:
    """French labels of the means that the founding act names, in the order of the choices."""
    held = set(AllowedMeans.objects.filter(regie=regie).values_list("means", flat=True))
    return [str(label) for value, label in MeansOfPayment.choices if value in held]


def desk_means(regie: Regie) -> list[MeansOfPayment]:
    """What an agent may take at the desk: the means that the founding act names, cash first (S09, rule 8)."""
    held = set(AllowedMeans.objects.filter(regie=regie, means__in=DESK_MEANS).values_list("means", flat=True))
    return [means for means in DESK_MEANS if means in held]


def window_states(pairs: Iterable[tuple[Regie, date]], *, on: date) -> Mapping[tuple[int, date], WindowState]:
    """State of each (régie, billed month) on a day of the town, in one query whatever their number."""
    wanted = {(regie.id, month): regie for regie, month in pairs}
    windowed = {regie_id for (regie_id, _), regie in wanted.items() if regie.uses_payment_windows}
    openings: dict[tuple[int, date], list[Opening]] = defaultdict(list)
    if windowed:
        rows = BilledMonth.objects.filter(window__regies__in=windowed, month__in={month for _, month in wanted})
        for regie_id, month, first_day, last_day in rows.values_list(
            "window__regies__id",
            "month",
            "window__first_day",
            "window__last_day",
        ):
            openings[regie_id, month].append(Opening(first_day, last_day))
    return {
        key: window_state(openings[key], on=on) if regie.uses_payment_windows else ALWAYS_OPEN
        for key, regie in wanted.items()
    }


def public_windows(*, since: date) -> QuerySet[PaymentWindow]:
    """Windows not closed for long, with their months and régies, for the public table (L20)."""
    return (
        PaymentWindow.objects.filter(last_day__gte=since, regies__is_active=True)
        .distinct()
        .prefetch_related(
            "months",
            Prefetch("regies", queryset=Regie.objects.filter(is_active=True).order_by("position")),
        )
        .order_by("first_day")
    )
