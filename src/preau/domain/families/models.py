from django.db import models
from django.db.models.functions import Lower

from preau.domain.accounts.models import User
from preau.foundation import ids


class TownLink(models.TextChoices):
    """What ties a family to the town: a tariff may ask it (rule 20)."""

    RESIDENT = "resident", "habite la commune"
    SCHOOLED = "schooled", "scolarisé dans la commune"
    WORKING = "working", "un parent y travaille"
    NONE = "none", "hors commune"


class SchoolLevel(models.TextChoices):
    """Classes of the nursery and primary schools, in their order."""

    TPS = "TPS", "toute petite section"
    PS = "PS", "petite section"
    MS = "MS", "moyenne section"
    GS = "GS", "grande section"
    CP = "CP", "CP"
    CE1 = "CE1", "CE1"
    CE2 = "CE2", "CE2"
    CM1 = "CM1", "CM1"
    CM2 = "CM2", "CM2"
    ULIS = "ULIS", "ULIS"


class Diet(models.TextChoices):
    """The only words about meals that may be kept of a child (rule 15): no reason, no religion, no illness."""

    NO_PORK = "no_pork", "sans porc"
    NO_MEAT = "no_meat", "sans viande"
    NO_GLUTEN = "no_gluten", "sans gluten"
    NO_DAIRY = "no_dairy", "sans lait"
    OWN_BASKET = "own_basket", "panier-repas (PAI)"


class Household(models.Model):
    """A family file: the people who live together and answer together to the town."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    file_number = models.CharField("numéro de dossier", max_length=30, unique=True)
    file_name = models.CharField("nom de dossier", max_length=100)
    address = models.TextField("adresse", blank=True)
    postal_code = models.CharField("code postal", max_length=12, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    country = models.CharField("pays", max_length=100, blank=True)
    allowance_number = models.CharField("numéro d’allocataire", max_length=100, blank=True)
    town_link = models.CharField("lien avec la commune", max_length=10, choices=TownLink, default=TownLink.RESIDENT)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "famille"
        constraints = [
            models.CheckConstraint(
                name="household_has_a_number_and_a_name",
                condition=~models.Q(file_number="") & ~models.Q(file_name=""),
            ),
            models.UniqueConstraint(Lower("file_number"), name="file_numbers_differ_by_more_than_case"),
        ]

    def __str__(self) -> str:
        return f"{self.file_number} {self.file_name}"

    @property
    def label(self) -> str:
        """How the family is named on its pages: « Famille Delattre »."""
        return f"Famille {self.file_name}"


class Guardian(models.Model):
    """An adult who holds parental authority and may log in: one login each."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="guardians")
    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="guardian")
    position = models.PositiveSmallIntegerField("rang", default=1)
    civility = models.CharField("civilité", max_length=12, blank=True)
    last_name = models.CharField("nom", max_length=100)
    birth_name = models.CharField("nom de naissance", max_length=100, blank=True)
    first_name = models.CharField("prénom", max_length=100, blank=True)
    birth_date = models.DateField("né(e) le", null=True, blank=True)
    email = models.EmailField("courriel", blank=True)
    mobile_phone = models.CharField("téléphone portable", max_length=30, blank=True)
    home_phone = models.CharField("téléphone", max_length=30, blank=True)
    work_phone = models.CharField("téléphone professionnel", max_length=30, blank=True)

    class Meta:
        verbose_name = "responsable légal"
        verbose_name_plural = "responsables légaux"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["household", "position"], name="guardians_of_a_household_have_ranks"),
            models.CheckConstraint(
                name="a_household_has_two_guardians_at_most", condition=models.Q(position__in=[1, 2])
            ),
            models.CheckConstraint(name="guardian_has_a_name", condition=~models.Q(last_name="")),
        ]
        indexes = [models.Index(Lower("email"), name="guardian_email")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Child(models.Model):
    """A child; lives in one home or in two."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    homes = models.ManyToManyField(Household, through="ChildHome", related_name="children")
    last_name = models.CharField("nom", max_length=100)
    first_name = models.CharField("prénom", max_length=100)
    birth_date = models.DateField("né(e) le", null=True, blank=True)
    sex = models.CharField("sexe", max_length=1, blank=True, choices=[("F", "fille"), ("M", "garçon")])
    school = models.CharField("école", max_length=100, blank=True)
    class_name = models.CharField("classe", max_length=100, blank=True)
    level = models.CharField("niveau", max_length=4, choices=SchoolLevel, blank=True)

    class Meta:
        verbose_name = "enfant"
        constraints = [
            models.CheckConstraint(
                name="child_has_a_first_and_a_last_name",
                condition=~models.Q(first_name="") & ~models.Q(last_name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class ChildHome(models.Model):
    """A child's place in a household; `position` gives the child its sticker everywhere."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="places")
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="child_places")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["child", "household"], name="a_child_is_once_in_a_household"),
            models.UniqueConstraint(fields=["household", "position"], name="children_of_a_household_have_ranks"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} @ {self.household_id}"


class QuotientFamilial(models.Model):
    """A family index known from a date on; history is kept, prices say which one they used."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="quotients")
    amount_cents = models.PositiveIntegerField("montant (centimes)")
    valid_on = models.DateField("valable à partir du")

    class Meta:
        verbose_name = "quotient familial"
        verbose_name_plural = "quotients familiaux"
        ordering = ["-valid_on"]
        constraints = [
            models.UniqueConstraint(fields=["household", "valid_on"], name="one_quotient_per_household_and_date"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents / 100:.2f} au {self.valid_on:%d/%m/%Y}"


class ChildDiet(models.Model):
    """A word of the closed list that the kitchen must know of a child (rule 15)."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="diets")
    diet = models.CharField("régime", max_length=12, choices=Diet)

    class Meta:
        verbose_name = "régime alimentaire"
        verbose_name_plural = "régimes alimentaires"
        constraints = [
            models.UniqueConstraint(fields=["child", "diet"], name="a_diet_is_said_once_of_a_child"),
            models.CheckConstraint(
                name="a_diet_is_one_of_the_lawful_words", condition=models.Q(diet__in=[d.value for d in Diet])
            ),
        ]

    def __str__(self) -> str:
        return self.get_diet_display()
