"""Columns of the families table: one notion each, under every title we know for it (docs/imports.md)."""

from preau.foundation.tabular import Column

GUARDIAN_FIELDS = {
    "civility": ("Qualité", "Civilité"),
    "birth_name": ("Nom de naissance", "Nom de jeune fille"),
    "last_name": ("Nom d’usage", "Nom", "Nom marital"),
    "first_name": ("Prénom", "Prénoms"),
    "birth_date": ("Date de naissance", "Né(e) le"),
    "home_phone": ("Tél. fixe", "Téléphone fixe", "Tél. domicile", "Téléphone domicile", "Téléphone"),
    "mobile_phone": ("Tél. mobile", "Téléphone mobile", "Tél. portable", "Téléphone portable", "Portable"),
    "work_phone": ("Tél. travail", "Tél. professionnel", "Téléphone professionnel", "Tél. pro"),
    "email": ("E-mail", "Courriel", "Mail", "Adresse e-mail"),
}
GUARDIAN_RANKS = (1, 2)

_HOUSEHOLD = (
    Column("file_number", ("N° famille", "Numéro famille", "N° dossier", "Numéro de dossier"), required=True),
    Column("file_name", ("Nom du dossier",)),
    Column("address_1", ("Adresse 1", "Adresse", "Rue")),
    Column("address_2", ("Adresse 2", "Complément d’adresse", "Complément")),
    Column("postal_code", ("CP", "Code postal")),
    Column("city", ("Commune", "Ville")),
    Column("country", ("Pays",)),
    Column("allowance_number", ("N° allocataire", "Numéro allocataire", "N° CAF")),
    Column("quotient_familial_cents", ("QF", "Quotient familial")),
    Column("quotient_familial_on", ("QF au", "Date du QF", "Date QF")),
)
_CHILD = (
    Column("child_last_name", ("Enfant - Nom", "Nom de l’enfant", "Nom enfant")),
    Column("child_first_name", ("Enfant - Prénom", "Prénom de l’enfant", "Prénom enfant")),
    Column("child_birth_date", ("Enfant - Né(e) le", "Enfant - Date de naissance", "Date de naissance enfant")),
    Column("child_sex", ("Enfant - Sexe", "Sexe de l’enfant")),
    Column("school", ("École", "Enfant - École", "Établissement")),
    Column("class_name", ("Classe", "Enfant - Classe")),
)
#: Known, and left aside: what a family owes comes from its invoices.
BALANCE = Column("balance", ("Solde", "Solde dû", "Reste dû"))


def _guardian_columns(rank: int) -> tuple[Column, ...]:
    columns = []
    for field, titles in GUARDIAN_FIELDS.items():
        ranked = tuple(f"Responsable {rank} – {title}" for title in titles)
        columns.append(Column(f"guardian_{rank}_{field}", (*titles, *ranked) if rank == 1 else ranked))
    return tuple(columns)


_GUARDIANS = tuple(column for rank in GUARDIAN_RANKS for column in _guardian_columns(rank))
COLUMNS = (*_HOUSEHOLD, *_GUARDIANS, *_CHILD, BALANCE)

#: Columns whose cells are repeated on each row of a family.
HOUSEHOLD_KEYS = tuple(column.key for column in (*_HOUSEHOLD[1:], *_GUARDIANS))
CHILD_KEYS = tuple(column.key for column in _CHILD)
#: Those that say who the family is.
NAME_KEYS = frozenset(
    f"guardian_{rank}_{field}" for rank in GUARDIAN_RANKS for field in ("birth_name", "last_name", "first_name")
)
