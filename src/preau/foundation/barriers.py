"""Whether what the database should refuse is still refused: triggers, links and constraints, by their names.

SQLite rebuilds a table to change it and forgets its triggers; a hurried hand may drop a constraint to pass a load.
"""

import re

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from preau.foundation.db import Barrier

#: Statements whose first column names what stands (SQLite: or holds the definition of a table, constraints included).
_STANDING = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index')",
        "SELECT sql FROM sqlite_master WHERE type = 'table'",
    ),
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
        "SELECT conname FROM pg_constraint",
        "SELECT indexname FROM pg_indexes",
    ),
}
_NAME = re.compile(r"\w+")


def missing_barriers() -> list[str]:
    """Names of what migrations installed and the database no longer has, in alphabetical order."""
    return sorted((_asked_of_models() | _asked_of_migrations()) - _standing())


def _asked_of_models() -> set[str]:
    asked = set()
    for model in apps.get_models():
        about = model._meta  # noqa: SLF001  (public and documented, whatever its name says)
        asked |= {constraint.name for constraint in about.constraints}
    return asked


def _asked_of_migrations() -> set[str]:
    """Names of the triggers and links that our own migration operations install."""
    migrations = MigrationLoader(None).disk_migrations.values()
    operations = [one for migration in migrations for one in migration.operations if isinstance(one, Barrier)]
    return {name for one in operations for name in one.names(connection.vendor)}


def _standing() -> set[str]:
    found: set[str] = set()
    with connection.cursor() as cursor:
        for statement in _STANDING[connection.vendor]:
            cursor.execute(statement)
            found.update(name for (text,) in cursor.fetchall() for name in _NAME.findall(text))
    return found
