from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from preau.domain.activities.models.calendar import Site
from preau.domain.activities.rules.menus import (
    EVERYBODY,
    ORGANIC,
    VEGETARIAN,
    Course,
    Meal,
    allergen_words,
    signs_of,
)

SIRET = RegexValidator(r"\A[0-9]{14}\Z", "Un SIRET a 14 chiffres.")


class MenuPublisher(models.Model):
    """Who answers for the menus in the public files: one row. The town's name is the town's own."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    town_siret = models.CharField("SIRET de la commune", max_length=14, validators=[SIRET])
    kitchen_name = models.CharField("nom de la cuisine ou du prestataire", max_length=120)
    kitchen_siret = models.CharField("SIRET de la cuisine", max_length=14, blank=True, validators=[SIRET])

    class Meta:
        verbose_name = "éditeur des menus"
        verbose_name_plural = "éditeur des menus"
        constraints = [
            models.CheckConstraint(name="menus_have_one_publisher", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        return self.kitchen_name


class Menu(models.Model):
    """What is served at a meal of a day, at one site or at all of them; a site's own menu wins over that of all."""

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, blank=True, related_name="menus", verbose_name="lieu"
    )
    day = models.DateField("jour")
    meal = models.CharField("repas", max_length=16, choices=Meal, default=Meal.LUNCH)
    #: For whom, in the town's words: « tous », « maternelles ».
    guests = models.CharField("convives", max_length=100, default=EVERYBODY)
    published_at = models.DateTimeField()

    class Meta:
        verbose_name = "menu"
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "day", "meal", "guests"],
                condition=Q(site__isnull=False),
                name="a_site_has_one_menu_of_a_meal_for_the_same_guests",
            ),
            models.UniqueConstraint(
                fields=["day", "meal", "guests"],
                condition=Q(site__isnull=True),
                name="all_sites_have_one_menu_of_a_meal_for_the_same_guests",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.meal}"


class MenuDish(models.Model):
    """One dish of a menu. Lists hold the values of the public schema (`rules.menus`); `code` ties its composition."""

    menu = models.ForeignKey(Menu, on_delete=models.CASCADE, related_name="dishes")
    position = models.PositiveSmallIntegerField()
    course = models.CharField("service", max_length=16, choices=Course)
    name = models.CharField("plat", max_length=160)
    code = models.CharField("code", max_length=16, blank=True)
    quality = models.JSONField("signes de qualité", default=list)
    #: Other labels, separated by « ; »: « fait maison ; produit de Martinique ».
    labels = models.CharField("autres labels", max_length=300, blank=True)
    details = models.CharField("précision", max_length=300, blank=True)
    diets = models.JSONField("régimes", default=list)
    allergens = models.JSONField("allergènes", default=list)
    textures = models.JSONField("textures", default=list)
    nutriscore = models.CharField("Nutri-Score", max_length=1, blank=True)
    #: What the dish costs the kitchen, in the file's own digits: published, never computed with.
    cost = models.CharField("prix de revient", max_length=20, blank=True)
    modified_at = models.DateTimeField(null=True)
    modification = models.CharField("raison du changement", max_length=300, blank=True)

    class Meta:
        verbose_name = "plat"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["menu", "position"], name="dishes_of_a_menu_have_ranks"),
            models.CheckConstraint(name="a_dish_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_organic(self) -> bool:
        return ORGANIC in self.quality

    @property
    def is_vegetarian(self) -> bool:
        return VEGETARIAN in self.diets

    @property
    def signs(self) -> tuple[str, ...]:
        """What is good to know of it, as families read it."""
        return signs_of(quality=self.quality, diets=self.diets, labels=self.labels)

    @property
    def allergen_words(self) -> tuple[str, ...]:
        """Its allergens, as families read them."""
        return allergen_words(self.allergens)


class DishProduct(models.Model):
    """One product in a dish, dishes being known by their code: what the public schema of dishes publishes."""

    dish_code = models.CharField("code du plat", max_length=40)
    dish_name = models.CharField("plat", max_length=160)
    position = models.PositiveSmallIntegerField()
    name = models.CharField("produit", max_length=160)
    supplier_name = models.CharField("fournisseur", max_length=120, blank=True)
    supplier_siret = models.CharField(max_length=14, blank=True)
    supplier_insee = models.CharField(max_length=5, blank=True)
    quality = models.JSONField(default=list)
    labels = models.CharField(max_length=300, blank=True)
    description = models.CharField(max_length=500, blank=True)
    has_gmo = models.BooleanField(null=True)
    is_irradiated = models.BooleanField(null=True)
    additives = models.CharField(max_length=300, blank=True)
    allergens = models.JSONField(default=list)
    nutrients = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    modification = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "produit d’un plat"
        verbose_name_plural = "produits des plats"
        ordering = ["dish_code", "position"]
        constraints = [
            models.UniqueConstraint(fields=["dish_code", "position"], name="products_of_a_dish_have_ranks"),
        ]

    def __str__(self) -> str:
        return f"{self.dish_name}: {self.name}"
