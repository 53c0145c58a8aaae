"""What the town's billing software would deliver: the two tables of docs/imports.md, and a PDF per invoice."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from preau.domain.billing.documents.invoice import InvoiceLine, InvoiceSheet, render_invoice
from preau.domain.regies.models import Regie
from preau.domain.town.models import Town
from preau.foundation import french, ids
from preau.foundation.pdf.look import Look
from preau.interfaces.jobs.demo.people import FAMILIES, LARGE, MAIN, NOT_YET, ONE_INVOICE, SETTLED, Family

_FAMILY_HEADERS = [
    "N° famille", "Nom du dossier", "Adresse 1", "CP", "Commune", "Qualité", "Nom", "Prénom", "Tél. mobile", "E-mail",
    "Responsable 2 – Qualité", "Responsable 2 – Nom", "Responsable 2 – Prénom", "Responsable 2 – Tél. mobile",
    "Responsable 2 – E-mail", "QF", "QF au", "Enfant - Nom", "Enfant - Prénom", "Enfant - Né(e) le", "Enfant - Sexe",
    "École", "Classe",
]  # fmt: skip
_INVOICE_HEADERS = [
    "Régie", "N° facture", "N° famille", "Période", "Date", "Échéance", "Objet", "Montant", "Réglé", "Mode", "PDF",
    "Ligne libellé", "Enfant", "Jour", "Quantité", "Prix unitaire", "Total ligne",
]  # fmt: skip
_MEAL_CENTS, _CARE_CENTS, _CRIB_HOUR_CENTS, _LEISURE_CENTS, _MUSIC_CENTS = 360, 120, 210, 1150, 2130


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a demo invoice; the price is in cents."""

    label: str
    child: str
    quantity: int
    price_cents: int

    @property
    def total_cents(self) -> int:
        return self.quantity * self.price_cents


@dataclass(frozen=True, slots=True)
class DemoInvoice:
    """One invoice of the delivery; `settled_by` empty means still owed."""

    regie: str
    number: str
    family: Family
    month: date
    issued_on: date
    due_on: date
    label: str
    lines: tuple[Line, ...]
    settled_by: str = ""

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)


def write_families(path: Path) -> None:
    """The table of families, one row per child."""
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        table = csv.writer(handle, delimiter=";")
        table.writerow(_FAMILY_HEADERS)
        for family in FAMILIES:
            first, second = family.adults[0], (*family.adults, None)[1]
            adult_2 = (
                [second.civility, second.last_name, second.first_name, second.mobile, second.email]
                if second
                else [""] * 5
            )
            for kid in family.kids:
                table.writerow(
                    [
                        *(family.number, family.name, family.street, "59299", "Saint-Éloi-sur-Lys"),
                        *(first.civility, first.last_name, first.first_name, first.mobile, first.email),
                        *adult_2,
                        *("742,50", "01/01/2026"),
                        *(kid.last_name, kid.first_name, kid.born, kid.sex, kid.school, kid.class_name),
                    ],
                )


def write_invoices(
    folder: Path,
    *,
    town: Town,
    regies: Mapping[str, Regie],
    access_codes: Mapping[str, str],
    portal_url: str,
    today: date,
) -> None:
    """The table of invoices and the PDF of each, beside it; `access_codes` by file number."""
    folder.mkdir(parents=True, exist_ok=True)
    invoices = list(all_invoices(today))
    look = Look(motto=town.motto, territory=town.territory, colour=town.primary_colour)
    with (folder / "factures.csv").open("w", encoding="cp1252", newline="") as handle:
        table = csv.writer(handle, delimiter=";")
        table.writerow(_INVOICE_HEADERS)
        for invoice in invoices:
            for line in invoice.lines:
                table.writerow(_row(invoice, line))
    for invoice in invoices:
        sheet = _sheet(
            invoice, town=town, regie=regies[invoice.regie], portal_url=portal_url, access_codes=access_codes
        )
        content = render_invoice(sheet, look=look)
        (folder / f"{invoice.number}.pdf").write_bytes(content)


def _row(invoice: DemoInvoice, line: Line) -> list[str]:
    return [
        invoice.regie,
        invoice.number,
        invoice.family.number,
        f"{invoice.month:%m/%Y}",
        f"{invoice.issued_on:%d/%m/%Y}",
        f"{invoice.due_on:%d/%m/%Y}",
        invoice.label,
        _typed(invoice.total_cents),
        _typed(invoice.total_cents if invoice.settled_by else 0),
        invoice.settled_by,
        f"{invoice.number}.pdf",
        line.label,
        line.child,
        "",
        str(line.quantity),
        _typed(line.price_cents),
        _typed(line.total_cents),
    ]


def _typed(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def _sheet(
    invoice: DemoInvoice, *, town: Town, regie: Regie, portal_url: str, access_codes: Mapping[str, str]
) -> InvoiceSheet:
    adult = invoice.family.adults[0]
    received = invoice.total_cents if invoice.settled_by else 0
    return InvoiceSheet(
        town_name=town.name,
        issuer_name=regie.issuer_name,
        issuer_address=tuple(regie.issuer_address.splitlines()),
        issuer_phone=regie.issuer_phone,
        regie_label=regie.label,
        number=invoice.number,
        period_label=french.month(invoice.month),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        debtor_name=f"{adult.civility} {adult.first_name} {adult.last_name}",
        debtor_address=(invoice.family.street, "59299 Saint-Éloi-sur-Lys"),
        file_number=invoice.family.number,
        lines=tuple(
            InvoiceLine(
                child=line.child,
                label=line.label,
                quantity=Decimal(line.quantity),
                unit_price_cents=line.price_cents,
                total_cents=line.total_cents,
            )
            for line in invoice.lines
        ),
        total_cents=invoice.total_cents,
        received_cents=received,
        left_cents=invoice.total_cents - received,
        portal_sentence="Vous pouvez payer en ligne sur le portail des familles.",
        portal_url=portal_url,
        access_code=ids.grouped(access_codes.get(invoice.family.number, "")),
        means=("espèces", "chèque bancaire"),
        payee_wording=regie.payee_wording,
        desk="Service Familles, Hôtel de Ville",
        coupon_address=tuple(regie.issuer_address.splitlines()),
    )


def all_invoices(today: date) -> Iterator[DemoInvoice]:
    """Nearly two years of invoices, the last two months partly owed; dates follow `today`."""
    months = [_month_before(today, back) for back in range(22, 0, -1)]
    for month in months:
        back = (today.year - month.year) * 12 + today.month - month.month
        owed = back == 1
        yield _school(MAIN, month, "" if owed else "Carte bancaire")
        yield _crib(MAIN, month, "" if back <= 2 else "Prélèvement")  # noqa: PLR2004  (two months late)
        if back <= 3:  # noqa: PLR2004  (they joined this year)
            yield _leisure(MAIN, month, "" if owed else "Carte bancaire")
            yield _music(MAIN, month, "" if owed else "Carte bancaire")
        yield _school(ONE_INVOICE, month, "" if owed else "Chèque")
        yield _school(SETTLED, month, "Espèces")
        if back <= 13:  # noqa: PLR2004  (forty invoices in all)
            yield from _large(month, "")
        if owed:
            yield _school(NOT_YET, month, "")


def _month_before(today: date, back: int) -> date:
    total = today.year * 12 + today.month - 1 - back
    return date(total // 12, total % 12 + 1, 1)


def _issued(month: date) -> date:
    """Bills go out on the second of the next month."""
    return _month_before(month, -1) + timedelta(days=1)


def _invoice(
    *,
    regie: str,
    series: str,
    family: Family,
    month: date,
    label: str,
    lines: tuple[Line, ...],
    settled_by: str,
) -> DemoInvoice:
    issued_on = _issued(month)
    return DemoInvoice(
        regie=regie,
        number=f"{series}-{month:%Y-%m}-{family.number}",
        family=family,
        month=month,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=28),
        label=label,
        lines=lines,
        settled_by=settled_by,
    )


def _school(family: Family, month: date, settled_by: str) -> DemoInvoice:
    pupils = [kid for kid in family.kids if kid.class_name]
    lines = [Line("Cantine", kid.first_name, 8, _MEAL_CENTS) for kid in pupils]
    lines.append(Line("Accueil du matin", pupils[-1].first_name, 1, _CARE_CENTS))
    return _invoice(
        regie="RESTAURATION",
        series="RP",
        family=family,
        month=month,
        label="Restauration et périscolaire",
        lines=tuple(lines),
        settled_by=settled_by,
    )


def _crib(family: Family, month: date, settled_by: str) -> DemoInvoice:
    line = Line("Halte-garderie", family.kids[-1].first_name, 12, _CRIB_HOUR_CENTS)
    return _invoice(
        regie="PETITE-ENFANCE",
        series="PE",
        family=family,
        month=month,
        label="Halte-garderie",
        lines=(line,),
        settled_by=settled_by,
    )


def _leisure(family: Family, month: date, settled_by: str) -> DemoInvoice:
    pupils = [kid for kid in family.kids if kid.class_name][:5]
    return _invoice(
        regie="LOISIRS",
        series="AL",
        family=family,
        month=month,
        label="Accueil de loisirs",
        lines=tuple(Line("Accueil de loisirs, mercredi", kid.first_name, 4, _LEISURE_CENTS) for kid in pupils),
        settled_by=settled_by,
    )


def _music(family: Family, month: date, settled_by: str) -> DemoInvoice:
    return _invoice(
        regie="MUSIQUE",
        series="EM",
        family=family,
        month=month,
        label="École de musique",
        lines=(Line("Cours d’éveil musical", family.kids[0].first_name, 1, _MUSIC_CENTS),),
        settled_by=settled_by,
    )


def _large(month: date, settled_by: str) -> Iterator[DemoInvoice]:
    yield _school(LARGE, month, settled_by)
    yield _leisure(LARGE, month, settled_by)
    yield _crib(LARGE, month, settled_by)
