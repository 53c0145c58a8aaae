"""Settings of one installation, read from the environment.

One installation serves one town (ADR 0001). Everything an operator may set is listed in
`docs/exploitation.md`; a wrong or missing value stops the program at start with its name.
"""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from environs import Env

env = Env()
env.read_env(override=False)

PACKAGE_DIR = Path(__file__).resolve().parent.parent

#: `production` refuses demo comforts, loopback gateways and fault switches (see config/checks.py).
PREAU_ENV = env.str("PREAU_ENV", "production", validate=lambda value: value in {"production", "demo", "test"})
PREAU_DEMO = PREAU_ENV == "demo"
PREAU_DATA_DIR = Path(env.str("PREAU_DATA_DIR", "build/data")).resolve()
PREAU_DATA_DIR.mkdir(parents=True, exist_ok=True)
#: The address families type, without a final slash. Links in mails are built from it, never from a request (W5).
PREAU_PUBLIC_URL = env.str("PREAU_PUBLIC_URL", "http://localhost:8000").rstrip("/")
#: Where anybody verifies a receipt; printed on it (P07).
PREAU_RECEIPT_URL = f"{PREAU_PUBLIC_URL}/verifier/{{code}}/"
#: Where two agents decide a case to review; named in the régisseur's mail.
PREAU_CASE_URL = f"{PREAU_PUBLIC_URL}/bureau/dossiers/{{case}}/"
#: Where the agents follow one payment; named in the régisseur's mail.
PREAU_PAYMENT_URL = f"{PREAU_PUBLIC_URL}/bureau/paiements/{{payment}}/"
#: Where a family goes on with a basket of several payments; written in the receipt of the first (V06).
PREAU_BASKET_URL = f"{PREAU_PUBLIC_URL}/panier/"
#: Named crash and pause points, for the crash campaign only (config/checks.py refuses them in production).
PREAU_FAULTS = env.bool("PREAU_FAULTS", False)
#: How many passwords one process may hash at the same time (reliability D.1).
PREAU_HASHING_SLOTS = env.int("PREAU_HASHING_SLOTS", 2)
#: Mean seconds that a request may wait for a free thread before newcomers wait in the waiting room (ADR 0021).
PREAU_WAIT_LIMIT = env.float("PREAU_WAIT_LIMIT", 0.15)
#: Minutes of silence after which somebody who came in is a newcomer again.
PREAU_STAY_MINUTES = env.int("PREAU_STAY_MINUTES", 10)

DEBUG = False
SECRET_KEY = env.str("PREAU_SECRET_KEY") if PREAU_ENV == "production" else env.str("PREAU_SECRET_KEY", "demo" * 16)
SECRET_KEY_FALLBACKS: list[str] = env.list("PREAU_SECRET_KEY_FALLBACKS", [])
_HTTPS = PREAU_PUBLIC_URL.startswith("https://")
_PUBLIC_HOST = PREAU_PUBLIC_URL.split("://", 1)[1].split("/")[0].rsplit(":", 1)[0]
ALLOWED_HOSTS = [_PUBLIC_HOST, *env.list("PREAU_EXTRA_HOSTS", [])]
CSRF_TRUSTED_ORIGINS = [PREAU_PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "csp",
    "preau.config",
    "preau.foundation.admission",
    "preau.foundation.audit",
    "preau.foundation.files",
    "preau.foundation.mail",
    "preau.domain.town",
    "preau.domain.accounts",
    "preau.domain.regies",
    "preau.domain.families",
    "preau.domain.messaging",
    "preau.domain.ledger",
    "preau.domain.activities",
    "preau.domain.pricing",
    "preau.domain.bookings",
    "preau.domain.billing",
    "preau.domain.payments",
    "preau.plugins.gateways.payfip",
    "preau.plugins.gateways.paybox",
    "preau.plugins.gateways.systempay",
    "preau.plugins.gateways.payline",
    "preau.plugins.gateways.tipi",
    "preau.plugins.gateways.counter",
    "preau.plugins.imports.families",
    "preau.plugins.imports.invoices",
    "preau.ui",
    "preau.interfaces.portal",
    "preau.interfaces.desk",
    "preau.interfaces.webhooks",
    "preau.interfaces.jobs",
    *(["preau.interfaces.mailbox"] if PREAU_ENV != "production" else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # Before anything that asks the database: whoever waits costs next to nothing.
    "preau.interfaces.portal.waiting_room.middleware.WaitingRoomMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "preau.interfaces.portal.access.middleware.SessionLifeMiddleware",
    "preau.interfaces.portal.middleware.TownMiddleware",
    "preau.interfaces.portal.middleware.ClosedByDefaultMiddleware",
    "preau.interfaces.desk.middleware.AgentsOnlyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "preau.config.urls"
WSGI_APPLICATION = "preau.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "preau.interfaces.portal.context.page",
                "preau.interfaces.desk.context.desk",
            ],
            "builtins": ["preau.ui.templatetags.preau_ui"],
        },
    },
]

DATABASES = {"default": env.dj_db_url("PREAU_DATABASE_URL", f"sqlite:///{PREAU_DATA_DIR / 'preau.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.int("PREAU_DB_POOL", 8), "timeout": 10},
        "options": "-c lock_timeout=3s -c statement_timeout=60s -c timezone=UTC",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["preau.domain.accounts.backends.IdentifierBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "preau.domain.accounts.passwords.EntropyValidator"},
    {"NAME": "preau.domain.accounts.passwords.ContextValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["preau.domain.accounts.passwords.BoundedArgon2Hasher"]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "portal:login"
LOGIN_REDIRECT_URL = "portal:home"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "preau_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 30 * 60
CSRF_COOKIE_NAME = "preau_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "preau.interfaces.portal.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
#: Other sites of the town may live on subdomains: promising https for them is not ours to do.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_SSL_REDIRECT = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("PREAU_BEHIND_PROXY", False) else None

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

LANGUAGE_CODE = "fr"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = PREAU_DATA_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PREAU_DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if PREAU_ENV == "test":  # programs started by tests serve the sources: nothing to collect, hash and compress
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True  # each client of a test would list the files anew
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

DEFAULT_FROM_EMAIL = env.str("PREAU_MAIL_FROM", f"portail@{_PUBLIC_HOST}")
if PREAU_ENV == "production":
    vars().update(env.dj_email_url("PREAU_SMTP_URL", "smtp://localhost:25"))
else:
    EMAIL_BACKEND = "preau.foundation.mail.backends.FolderBackend"
    EMAIL_FILE_PATH = PREAU_DATA_DIR / "mailbox"
EMAIL_TIMEOUT = 20
#: Makes the HTML twin of a mail from its text: `(subject=, text=) -> str`.
PREAU_MAIL_DRESS = "preau.ui.mail.dress"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"short keys": {"()": "preau.foundation.logs.ShortKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short keys"]}},
    "root": {"handlers": ["console"], "level": env.str("PREAU_LOG_LEVEL", "INFO")},
    # The payment library prints secrets at DEBUG (payment-gateways 2.7.3): never below INFO, whatever the level above.
    "loggers": {
        "eopayment": {"level": "WARNING"},
        "zeep": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
    },
}
