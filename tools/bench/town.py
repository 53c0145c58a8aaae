"""The reference town of the benchmarks: invented, the same at each run, of the size that `design.md` names.

5,000 families with 7,500 children, two régies, 10,000 invoices of three lines, as the files of another
software; and a few families who are logged in.
"""

import csv
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path

FAMILIES = 5_000
INVOICES = 10_000
LINES_PER_INVOICE = 3
REGIES = ("RPS", "PTE")
_LAST_NAMES = (
    "Delattre",
    "Berger",
    "N’Guessan",
    "Lemaître",
    "Ferreira",
    "Caron",
    "Haddad",
    "Wu",
    "Roussel",
    "Da Silva",
)
_FIRST_NAMES = ("Amélie", "Karim", "Julie", "Thomas", "Inès", "Paul", "Léa", "Mehdi", "Chloé", "Hugo")
_MEALS = (("Cantine", 345), ("Accueil du matin", 160), ("Accueil du soir", 210))

FAMILY_TITLES = [
    "N° famille", "Nom du dossier", "Adresse 1", "CP", "Commune", "Qualité", "Nom", "Prénom", "Tél. mobile", "E-mail",
    "Enfant - Nom", "Enfant - Prénom", "Enfant - Né(e) le", "Enfant - Sexe", "École", "Classe",
]  # fmt: skip
INVOICE_TITLES = [
    "Régie", "N° facture", "N° famille", "Période", "Date", "Échéance", "Objet", "Montant", "Réglé",
    "Ligne libellé", "Enfant", "Quantité", "Prix unitaire", "Total ligne",
]  # fmt: skip


def _names() -> list[tuple[str, str]]:
    return list(product(_LAST_NAMES, _FIRST_NAMES))


def family_rows() -> Iterator[list[str]]:
    """One row per child: every second family has two."""
    names = _names()
    for number in range(1, FAMILIES + 1):
        last, first = names[number % len(names)]
        household = [
            f"{100_000 + number}", last, f"{number % 200 + 1} rue des Tilleuls", "59000", "Saint-Éloi-sur-Lys",
            "Madame", last, first, f"06399{number:05d}", f"parent{number}@example.org",
        ]  # fmt: skip
        for rank in range(1 + number % 2):
            born = date(2014 + (number + rank) % 8, number % 12 + 1, number % 28 + 1)
            child = _FIRST_NAMES[(number + rank * 3) % len(_FIRST_NAMES)]
            yield [*household, last, child, f"{born:%d/%m/%Y}", "FM"[rank], "École des Tilleuls", "CE1"]


def _amount(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def invoice_rows() -> Iterator[list[str]]:
    """Three lines per invoice, two invoices per family, one in each régie."""
    names = _names()
    for number in range(1, INVOICES + 1):
        family = (number - 1) % FAMILIES + 1
        regie = REGIES[(number - 1) // FAMILIES]
        quantity = number % 16 + 2
        child = f"{_FIRST_NAMES[family % len(_FIRST_NAMES)]} {names[family % len(names)][0]}"
        total = sum(quantity * price for _, price in _MEALS)
        invoice = [
            regie, f"{regie}-2026-{number:05d}", f"{100_000 + family}", "09/2026", "30/09/2026", "31/10/2026",
            "Restauration et périscolaire", _amount(total), "0,00",
        ]  # fmt: skip
        for label, price in _MEALS:
            yield [*invoice, label, child, f"{quantity}", _amount(price), _amount(quantity * price)]


def write_files(folder: Path) -> tuple[Path, Path]:
    """The two files of the other software: families, invoices."""
    paths = folder / "familles.csv", folder / "factures.csv"
    for path, titles, rows in zip(paths, (FAMILY_TITLES, INVOICE_TITLES), (family_rows(), invoice_rows()), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(titles)
            writer.writerows(rows)
    return paths
