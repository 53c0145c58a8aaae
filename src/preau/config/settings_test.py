"""Settings of the tests: memory database or the PostgreSQL given, quick hashing, mails kept in memory."""

import os
import tempfile

os.environ.setdefault("PREAU_ENV", "test")
# One folder per process, workers of xdist included; tests/support/database.py removes it.
os.environ["PREAU_DATA_DIR"] = tempfile.mkdtemp(prefix="preau-test-")
os.environ.setdefault("PREAU_PUBLIC_URL", "http://testserver")

from preau.config.settings import *  # noqa: F403
from preau.config.settings import DATABASES, STATIC_ROOT, env

if _url := os.environ.get("PREAU_TEST_DATABASE_URL"):
    DATABASES["default"] = {
        **env.dj_db_url("PREAU_TEST_DATABASE_URL"),
        "OPTIONS": {"options": "-c lock_timeout=3s"},
    }
else:
    DATABASES["default"]["NAME"] = ":memory:"

#: Cheap on purpose: the cost of the real hasher is asserted in accounts' own tests.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir()  # empty, but WhiteNoise warns when it is absent
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
