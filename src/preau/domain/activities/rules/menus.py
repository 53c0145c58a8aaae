"""Words of the public schemas of menus, and those that families read. Pure.

Values are those of SCDL « menus-collectifs » 1.2.x and « plats-menus-collectifs » 0.7.x, so that files read back.
"""

from collections.abc import Iterable

from django.db.models import TextChoices

from preau.foundation.text import fold


class Meal(TextChoices):
    """Meals of a day, in their order."""

    BREAKFAST = "petit-déjeuner", "petit-déjeuner"
    LUNCH = "déjeuner", "déjeuner"
    SNACK = "goûter", "goûter"
    DINNER = "dîner", "dîner"
    LIGHT = "collation", "collation"
    PICNIC = "pique-nique", "pique-nique"
    OTHER = "autre", "autre repas"


class Course(TextChoices):
    """Courses of a meal, in their order."""

    STARTER = "entrée", "entrée"
    MAIN = "plat principal", "plat"
    SIDE = "garniture", "garniture"
    DAIRY = "produit laitier", "produit laitier"
    DESSERT = "dessert", "dessert"
    BREAD = "pain", "pain"
    OTHER = "autre", "autre"


class RestaurantKind(TextChoices):
    """Kinds of place where a menu is served."""

    CRECHE = "crèche", "crèche"
    NURSERY = "maternelle", "école maternelle"
    PRIMARY = "élémentaire", "école élémentaire"
    MIDDLE = "collège", "collège"
    HIGH = "lycée", "lycée"
    UNIVERSITY = "université", "université"
    TRAINING = "centre de formation", "centre de formation"
    OFFICE = "administration", "administration"
    SENIORS = "résidence sénior", "résidence sénior"
    EHPAD = "EHPAD", "EHPAD"
    HOME_MEALS = "repas à domicile", "repas à domicile"
    LEISURE = "centre de loisirs", "centre de loisirs"
    COMPANY = "restaurant d'entreprise", "restaurant d’entreprise"
    OTHER = "autre", "autre"


class RegisterKind(TextChoices):
    """In which public register a place has its number."""

    SIRET = "SIRET", "SIRET"
    SCHOOL = "EN", "numéro d’école (Éducation nationale)"
    OTHER = "autre", "autre"
    NONE = "sans", "aucun"


ORGANIC, VEGETARIAN = "agriculture biologique", "végétarien"
HOME_MADE = "fait maison"

#: Official signs of quality and origin (EGalim, rule 28), and how a family reads each.
QUALITY_SIGNS = {
    ORGANIC: "bio",
    "appellation d'origine protégée": "AOP",
    "appellation d'origine contrôlée": "AOC",
    "indication géographique protégée": "IGP",
    "spécialité traditionnelle garantie": "STG",
    "label rouge": "Label rouge",
}

#: Diets of a dish. The schema writes one of them with a trailing space: see `WRITTEN_DIETS`.
DIETS = {
    VEGETARIAN: "végétarien",
    "sans sel": "sans sel",
    "sans porc": "sans porc",
    "sans sucre ajouté": "sans sucre ajouté",
}
WRITTEN_DIETS = {"sans porc": "sans porc "}

#: The fourteen of regulation (EU) 1169/2011, annex II, and how a family reads each.
ALLERGENS = {
    "céréales contenant du gluten": "gluten",
    "crustacés": "crustacés",
    "oeufs": "œufs",
    "poissons": "poissons",
    "arachides": "arachides",
    "soja": "soja",
    "lait": "lait",
    "fruits à coques": "fruits à coque",
    "céleri": "céleri",
    "moutarde": "moutarde",
    "graines de sésame": "sésame",
    "anhydride sulfureux et sulfites": "sulfites",
    "lupin": "lupin",
    "mollusques": "mollusques",
}

TEXTURES = ("sans texture modifiée", "mixé", "mixé lissé", "fondant", "haché")
NUTRISCORES = ("A", "B", "C", "D", "E")
#: Guests of a menu that is for everybody.
EVERYBODY = "tous"

_RANK_OF_COURSE = {course: rank for rank, course in enumerate(Course.values)}
_RANK_OF_MEAL = {meal: rank for rank, meal in enumerate(Meal.values)}


def course_rank(course: str) -> int:
    """Place of a course in a meal."""
    return _RANK_OF_COURSE[course]


def meal_rank(meal: str) -> int:
    """Place of a meal in a day."""
    return _RANK_OF_MEAL[meal]


def signs_of(*, quality: Iterable[str], diets: Iterable[str], labels: str) -> tuple[str, ...]:
    """What is good to know of a dish, as families read it: « bio », « végétarien », « fait maison »."""
    home_made = fold(HOME_MADE) in fold(labels)
    others = (label.strip() for label in labels.split(";"))
    return (
        *(QUALITY_SIGNS[sign] for sign in quality),
        *(DIETS[diet] for diet in diets),
        *([HOME_MADE] if home_made else []),
        *(label for label in others if label and fold(label) != fold(HOME_MADE)),
    )


def allergen_words(allergens: Iterable[str]) -> tuple[str, ...]:
    """Allergens as families read them, in the order of the regulation."""
    held = set(allergens)
    return tuple(words for key, words in ALLERGENS.items() if key in held)
