"""What the database refuses, and how it got there."""

import re

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

from tests.support.sources import files, is_test

#: PostgreSQL cuts longer names, and two cut names may collide.
LONGEST_NAME = 63


def _our_models():
    return [model for model in apps.get_models() if model.__module__.startswith("preau.")]


def _named_refusals() -> set[str]:
    return {constraint.name for model in _our_models() for constraint in model._meta.constraints}


def _test_words() -> set[str]:
    return {
        word
        for path in files("", ".py")
        if is_test(path)
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }


def test_every_constraint_has_a_test_that_names_it():
    assert sorted(_named_refusals() - _test_words()) == []


def test_every_constraint_has_a_name_that_fits():
    assert [name for name in _named_refusals() if len(name) > LONGEST_NAME] == []


def _our_migrations():
    loader = MigrationLoader(None)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("preau.")}
    return loader, {key: migration for key, migration in loader.disk_migrations.items() if key[0] in ours}


def test_migrations_of_an_app_form_one_line():
    loader, migrations = _our_migrations()
    labels = {label for label, _ in migrations}
    assert {label: leaves for label in labels if len(leaves := loader.graph.leaf_nodes(label)) != 1} == {}
    forks = {
        key: parents
        for key, migration in migrations.items()
        if len(parents := [parent for parent in migration.dependencies if parent[0] == key[0]]) > 1
    }
    assert forks == {}


def test_every_migration_can_be_undone():
    _, migrations = _our_migrations()
    one_way = {
        key
        for key, migration in migrations.items()
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    }
    assert one_way == set()


class _Notebook:
    """Stands for a schema editor: notes the statements of an operation instead of running them."""

    def __init__(self) -> None:
        self.connection = connection
        self.statements: list[str] = []

    def execute(self, statement: str, params: object = ()) -> None:
        self.statements.append(statement)


def _barriers_asked_for() -> set[str]:
    """Names of the triggers and links that our own migration operations install."""
    loader, migrations = _our_migrations()
    notebook = _Notebook()
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        for operation in migrations[key].operations if key in migrations else ():
            if type(operation).__module__.startswith("preau."):
                operation.database_forwards(key[0], notebook, None, None)
    asked = set()
    for statement in notebook.statements:
        asked |= set(re.findall(r"(?:CREATE (?:CONSTRAINT )?TRIGGER|ADD CONSTRAINT) (\w+)", statement))
        asked -= set(re.findall(r"(?:DROP TRIGGER|DROP CONSTRAINT) (\w+)", statement))
    return asked


PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger UNION SELECT conname FROM pg_constraint",
}


@pytest.mark.django_db
def test_every_trigger_asked_for_is_there():
    """SQLite rebuilds a table to change it, and forgets its triggers: the change must ask for them again."""
    with connection.cursor() as cursor:
        cursor.execute(PRESENT[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    assert _barriers_asked_for() - present == set()
