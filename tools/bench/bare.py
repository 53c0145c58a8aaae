"""The base of the page figures: the least that Django can do to answer with one row of the database.

No middleware, no template, no session: a view, one query by key, a line of text. Same server, same
number of processes, same database, same driver and pool as the portal measured beside it.
"""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from environs import Env

TABLE = "bench_bare"

settings.configure(
    SECRET_KEY="only read by benchmarks",  # noqa: S106
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            **Env().dj_db_url("PREAU_DATABASE_URL"),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
        },
    },
    MIDDLEWARE=[],
    USE_TZ=True,
)
django.setup()


def prepare() -> None:
    """Make the table and its row."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, label text NOT NULL)")
        cursor.execute(f"INSERT INTO {TABLE} VALUES (1, 'one row')")  # noqa: S608  (a constant of this file)


def one_row(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT label FROM {TABLE} WHERE id = 1")  # noqa: S608
        (label,) = cursor.fetchone()
    return HttpResponse(label, content_type="text/plain", headers={"Content-Length": len(label)})


urlpatterns = [path("", one_row)]
application = get_wsgi_application()

if __name__ == "__main__" and os.environ.get("PREAU_DATABASE_URL"):
    prepare()
