"""The families of the demo town. All invented; phones are in the ranges kept for fiction."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adult:
    """One adult of a family: who they are and how they are reached."""

    civility: str
    last_name: str
    first_name: str
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Kid:
    """One child."""

    first_name: str
    last_name: str
    born: str
    sex: str
    school: str
    class_name: str


@dataclass(frozen=True, slots=True)
class Family:
    """One file of the demo town."""

    number: str
    name: str
    street: str
    adults: tuple[Adult, ...]
    kids: tuple[Kid, ...]


_TILLEULS, _CRECHE = "École des Tilleuls", "Multi-accueil Les Coquelicots"

MAIN = Family(
    "4127",
    "DELATTRE-KOUASSI",
    "12 rue des Flamands",
    (
        Adult("Madame", "DELATTRE-KOUASSI", "Hélène", "helene.delattre@courriel.example", "06 39 98 41 27"),
        Adult("Monsieur", "KOUASSI", "Jean-Baptiste", "jb.kouassi@courriel.example", "06 39 98 41 28"),
    ),
    (
        Kid("Aïssata-Marie", "KOUASSI", "09/03/2018", "F", _TILLEULS, "CE2"),
        Kid("Barthélemy", "KOUASSI", "21/12/2020", "M", _TILLEULS, "GS"),
        Kid("Zélie-Anastasie", "KOUASSI", "02/02/2024", "F", _CRECHE, ""),
    ),
)
ONE_INVOICE = Family(
    "5210",
    "BERGER",
    "3 impasse du Général-Leclerc",
    (Adult("Monsieur", "BERGER", "Sylvain", "sylvain.berger@courriel.example", "06 39 98 52 10"),),
    (Kid("Inès", "BERGER", "30/06/2019", "F", _TILLEULS, "CP"),),
)
LARGE = Family(
    "6033",
    "RAKOTONDRAINIBE-ANDRIAMANANTENASOA",
    "Résidence l’Alouette, bâtiment B",
    (
        Adult(
            "Madame",
            "RAKOTONDRAINIBE-ANDRIAMANANTENASOA",
            "Hasiniaina Voahangy",
            "hasina@courriel.example",
            "06 39 98 60 33",
        ),
    ),
    tuple(
        Kid(name, "RAKOTONDRAINIBE", f"1{rank}/05/{2013 + rank}", "FM"[rank % 2], _TILLEULS, class_name)
        for rank, (name, class_name) in enumerate(
            [
                ("Fitiavana", "CM2"),
                ("Tiana", "CM1"),
                ("Mialy", "CE2"),
                ("Rado", "CE1"),
                ("Sitraka", "CP"),
                ("Aina", "MS"),
            ],
        )
    ),
)
SETTLED = Family(
    "7001",
    "O’BRIEN NGUYEN",
    "7 bis allée des Alizés",
    (Adult("Monsieur", "O’BRIEN NGUYEN", "Sean", "sean.obrien@courriel.example", "06 39 98 70 01"),),
    (Kid("Anaïs-Lou", "O’BRIEN NGUYEN", "01/09/2018", "F", _TILLEULS, "CE2"),),
)
NOT_YET = Family(
    "8118",
    "LE GOFF",
    "4 rue Schœlcher",
    (Adult("Monsieur", "LE GOFF", "Yann", "", "06 39 98 81 18"),),
    (Kid("Maëlle", "LE GOFF", "02/02/2021", "F", _TILLEULS, "MS"),),
)
FAMILIES = (MAIN, ONE_INVOICE, LARGE, SETTLED, NOT_YET)
