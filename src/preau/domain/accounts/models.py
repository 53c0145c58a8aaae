"""People who log in, their proofs and their sessions.

No secret is stored in clear: passwords are Argon2id hashes, codes, links and device marks keyed HMACs
(`preau.domain.accounts.marks`), so that a copied database opens no account.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from preau.domain.accounts import identifiers
from preau.foundation import clock, ids

#: Wrong tries that kill an activation code (W4).
CODE_TRIES = 5


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        *,
        display_name: str,
        email: str | None = None,
        username: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """A saved account; without a password only an activation code or a mailed link opens it."""
        user = self.model(
            display_name=display_name,
            email=identifiers.plain(email) if email else None,
            username=identifiers.plain(username) if username else None,
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, display_name: str, password: str | None = None, **fields: Any) -> "User":
        """The IT person's account, made by Django's `createsuperuser`."""
        return self.create_user(
            display_name=display_name, password=password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """One person who may log in; what they may see belongs to the apps above (families, regies)."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    access_code = models.CharField(
        "code d’accès",
        max_length=identifiers.ACCESS_CODE_LENGTH,
        unique=True,
        default=identifiers.new_access_code,
        editable=False,
    )
    username = models.CharField("nom d’utilisateur", max_length=64, unique=True, null=True, blank=True)
    email = models.EmailField("e-mail", unique=True, null=True, blank=True)
    display_name = models.CharField("nom affiché", max_length=150)
    is_active = models.BooleanField("actif", default=True)
    is_staff = models.BooleanField("agent de l’informatique", default=False)
    must_change_password = models.BooleanField("doit changer de mot de passe", default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_terms_version = models.CharField(max_length=40, blank=True, editable=False)
    accepted_terms_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "access_code"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        constraints = [
            models.CheckConstraint(name="username_is_written_in_lower_case", condition=Q(username=Lower("username"))),
            models.CheckConstraint(name="username_is_not_an_email", condition=~Q(username__contains="@")),
            models.CheckConstraint(name="username_is_not_empty", condition=~Q(username="")),
            models.CheckConstraint(name="email_is_written_in_lower_case", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="email_holds_an_at_sign", condition=Q(email__contains="@")),
            models.CheckConstraint(
                name="terms_are_accepted_with_their_date",
                condition=Q(accepted_terms_version="", accepted_terms_at__isnull=True)
                | (~Q(accepted_terms_version="") & Q(accepted_terms_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} ({ids.grouped(self.access_code)})"

    @property
    def is_activated(self) -> bool:
        """Whether a password opens the account: its invoices then carry no activation code (L01)."""
        return self.has_usable_password()


class ActivationCode(models.Model):
    """A one-time code that opens an account without its password: first entry, or proof made in person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="activation_codes")
    code_mark = models.CharField(max_length=64, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "code d’activation"
        verbose_name_plural = "codes d’activation"
        constraints = [
            models.UniqueConstraint(
                name="user_has_at_most_one_live_activation_code",
                fields=["user"],
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="activation_code_dies_after_five_wrong_tries", condition=Q(failures__lte=CODE_TRIES)
            ),
            models.CheckConstraint(
                name="activation_code_expires_after_its_creation", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="activation_code_is_never_both_used_and_withdrawn",
                condition=Q(used_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"code d’activation de {self.user_id}"


class LinkPurpose(models.TextChoices):
    RESET_PASSWORD = "reset_password", "nouveau mot de passe"
    CONFIRM_EMAIL = "confirm_email", "nouvelle adresse e-mail"


class MailedLink(models.Model):
    """A link sent by mail that proves its reader owns the address: one hour, one use (W6)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mailed_links")
    purpose = models.CharField(max_length=20, choices=LinkPurpose)
    token_mark = models.CharField(max_length=64, unique=True)
    email = models.EmailField(help_text="where the link was sent")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "lien envoyé"
        verbose_name_plural = "liens envoyés"
        constraints = [
            models.CheckConstraint(name="mailed_link_has_a_known_purpose", condition=Q(purpose__in=LinkPurpose.values)),
            models.CheckConstraint(
                name="mailed_link_expires_after_its_creation", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="mailed_link_is_never_both_used_and_withdrawn",
                condition=Q(used_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} de {self.user_id}"


class KnownDevice(models.Model):
    """A browser where this person once proved who they are: strangers' failures do not slow it (W3)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices")
    token_mark = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    last_seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "appareil connu"
        verbose_name_plural = "appareils connus"
        constraints = [
            models.CheckConstraint(
                name="known_device_is_seen_after_its_creation",
                condition=Q(last_seen_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"appareil {self.label} de {self.user_id}"


class UserSession(models.Model):
    """What a person is shown of one of their open sessions, and when it last saw their password (C06)."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="user_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=60, blank=True)
    network = models.CharField(max_length=45, blank=True)
    remembered = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    last_seen_at = models.DateTimeField(default=clock.now)
    password_proved_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "session"
        verbose_name_plural = "sessions"
        constraints = [
            models.CheckConstraint(
                name="session_is_seen_after_its_creation", condition=Q(last_seen_at__gte=F("created_at"))
            ),
            models.CheckConstraint(name="session_has_a_key", condition=~Q(session_key="")),
        ]

    def __str__(self) -> str:
        return f"session {self.public_id} de {self.user_id}"


class Scope(models.TextChoices):
    """What a counter of failures watches."""

    STRANGER = "stranger", "compte, appareil inconnu"
    DEVICE = "device", "compte, appareil connu"
    PROOF = "proof", "compte, session ouverte"
    NETWORK = "network", "réseau"
    EVERYWHERE = "everywhere", "tout le site"
    ACTIVATION = "activation", "première connexion"
    RECOVERY = "recovery", "identifiants oubliés, par adresse"
    RECOVERY_NETWORK = "recovery_network", "identifiants oubliés, par réseau"


class Tally(models.Model):
    """Failures counted against one key; the key is a keyed HMAC, so the table names nobody."""

    scope = models.CharField(max_length=20, choices=Scope)
    key_mark = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    counted_from = models.DateTimeField(default=clock.now)
    blocked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "compteur d’échecs"
        verbose_name_plural = "compteurs d’échecs"
        constraints = [
            models.UniqueConstraint(name="failures_of_one_key_are_counted_once", fields=["scope", "key_mark"]),
            models.CheckConstraint(name="tally_watches_a_known_scope", condition=Q(scope__in=Scope.values)),
        ]

    def __str__(self) -> str:
        return f"{self.scope} : {self.failures}"
