"""Django serves only as the web layer: addresses, requests, templates. The data are in `banksim.store`."""

import os
from importlib.util import find_spec
from pathlib import Path

#: One folder per imitated gateway; each has `gateway.py` (its name, tables, faults) and `urls.py`.
BANKSIM_GATEWAYS = ["banksim.payfip", "banksim.paybox", "banksim.systempay", "banksim.payline", "banksim.tipi"]
BANKSIM_DATABASE = Path(os.environ.get("BANKSIM_DATA_DIR", "build/banksim")).resolve() / "banksim.sqlite3"


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent


DEBUG = False
#: A page of another site cannot reach the simulator through a name of its own (DNS rebinding).
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
APPEND_SLASH = False
ROOT_URLCONF = "banksim.urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # refuses the other hosts on every address
#: The largest genuine message is a SOAP call of about 2 kB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_folder(package) / "templates" for package in ("banksim", *BANKSIM_GATEWAYS)],
    }
]
USE_TZ = True
TIME_ZONE = "Europe/Paris"
USE_I18N = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # What is received and answered is in the journal, without card numbers.
    "loggers": {"django.request": {"level": "ERROR"}},
}
