"""The demo town itself: its look and its régies."""

from datetime import date, timedelta

from preau.domain.accounts.models import User
from preau.domain.families.models import Guardian
from preau.domain.regies.models import (
    AllowedMeans,
    BilledMonth,
    MeansOfPayment,
    PaymentWindow,
    Regie,
    ServiceGroup,
)
from preau.domain.town.models import Town, TownService

PASSWORD = "trois moulins au bord de la Lys"  # noqa: S105  (the demo's own, printed for everybody)
_HALL = "Hôtel de Ville\n1 place des Briquetiers\n59299 Saint-Éloi-sur-Lys"
_HOURS = (
    "Lundi au vendredi, 8\u202fh\u202f30 – 12\u202fh et 13\u202fh\u202f30 – 17\u202fh\nSamedi, 9\u202fh – 12\u202fh"
)
_MEANS = (
    MeansOfPayment.CARD_ONLINE, MeansOfPayment.DEBIT_ONLINE, MeansOfPayment.CASH, MeansOfPayment.CHEQUE,
    MeansOfPayment.TRANSFER,
)  # fmt: skip
#: What the acts of some régies name besides.
_MORE_MEANS = {"LOISIRS": (MeansOfPayment.ANCV,), "PETITE-ENFANCE": (MeansOfPayment.CESU, MeansOfPayment.CARD)}


def build_town() -> Town:
    """The town and its desks."""
    town = Town.objects.create(
        id=1,
        name="Saint-Éloi-sur-Lys",
        motto="La ville aux trois moulins",
        territory="Flandre",
        address=_HALL,
        phone="03 53 01 12 40",
        email="mairie@saint-eloi.example",
        website_url="https://www.saint-eloi.example/",
        data_protection_email="donnees@saint-eloi.example",
        terms_text=(
            "Le portail permet de consulter et de payer les factures des services aux familles.\n\n"
            "Chaque responsable légal a son propre accès, qu’il garde pour lui.\n\n"
            "Le paiement a lieu sur le site de la banque de chaque régie."
        ),
    )
    TownService.objects.create(
        name="Service Familles",
        address=_HALL,
        phone="03 53 01 12 41",
        email="familles@saint-eloi.example",
        opening_hours=_HOURS,
    )
    return town


def build_regies(*, today: date) -> dict[str, Regie]:
    """Four régies by code."""
    school = ServiceGroup.objects.create(name="École et loisirs", colour="#d99a1f", icon="canteen", position=1)
    early = ServiceGroup.objects.create(name="Petite enfance", colour="#7b4fa3", icon="pram", position=2)
    rows = [
        (
            "RESTAURATION",
            "Restauration et accueils périscolaires",
            school,
            "arrêté n° 2019-114 du 3 septembre 2019",
        ),
        ("LOISIRS", "Accueil de loisirs", school, "arrêté n° 2021-037 du 12 mai 2021"),
        ("PETITE-ENFANCE", "Petite enfance", early, "arrêté n° 2014-009 du 20 janvier 2014"),
        ("MUSIQUE", "École de musique", school, "arrêté n° 2016-052 du 27 juin 2016"),
    ]
    regies = {}
    for position, (code, label, group, act) in enumerate(rows, start=1):
        regie = regies[code] = Regie.objects.create(
            code=code,
            label=label,
            group=group,
            position=position,
            issuer_name="Caisse des écoles de Saint-Éloi-sur-Lys" if group is school else "Ville de Saint-Éloi-sur-Lys",
            issuer_address=_HALL,
            issuer_phone="03 53 01 12 41",
            email=f"regie-{code.lower()}@saint-eloi.example",
            founding_act=act,
            allows_part_payment=code == "LOISIRS",
            uses_payment_windows=code == "RESTAURATION",
            next_invoice_on=(today.replace(day=1) + timedelta(days=32)).replace(day=2),
        )
        AllowedMeans.objects.bulk_create(
            AllowedMeans(regie=regie, means=means) for means in (*_MEANS, *_MORE_MEANS.get(code, ()))
        )
    _build_windows(regies["RESTAURATION"], today)
    return regies


def _build_windows(regie: Regie, today: date) -> None:
    """A year of windows: each month's bill is payable from the 2nd of the next month to the end of the one after."""
    for back in range(12, -7, -1):
        month = _shift(today, -back)
        window = PaymentWindow.objects.create(
            first_day=_shift(month, 1) + timedelta(days=1),
            last_day=_shift(month, 3) - timedelta(days=1),
        )
        window.regies.add(regie)
        BilledMonth.objects.create(window=window, month=month)


def _shift(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def open_logins(file_numbers: set[str]) -> list[User]:
    """Ready-made logins for the first adult of some families; the others come in by their activation code."""
    users = []
    for guardian in Guardian.objects.filter(household__file_number__in=file_numbers, position=1).order_by("id"):
        user = User.objects.create_user(display_name=guardian.full_name, email=guardian.email, password=PASSWORD)
        guardian.user = user
        guardian.save(update_fields=["user"])
        users.append(user)
    return users
