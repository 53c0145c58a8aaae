"""How tests say that the database refuses something: by the name of the constraint, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, UniqueConstraint


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """What the block writes breaks the constraint of this name, at once or at commit."""
    with refused_with(_said(name)):
        yield


@contextmanager
def refused_with(sentence: str) -> Iterator[None]:
    """What the block writes is refused by the database with these words; nothing of it remains."""
    with pytest.raises(IntegrityError, match=sentence), _as_if_committed():
        yield


@contextmanager
def _as_if_committed() -> Iterator[None]:
    """What waits for the commit is told at the end of the block."""
    with transaction.atomic():
        yield
        connection.check_constraints()


def _said(name: str) -> str:
    """Words of a refusal: the constraint's name, except that SQLite tells unique ones by their columns."""
    if connection.vendor == "postgresql":
        return name
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and isinstance(constraint, UniqueConstraint):
                columns = [model._meta.get_field(field).column for field in constraint.fields]
                return ", ".join(f"{model._meta.db_table}.{column}" for column in columns)
    return name


def again(row: Model, **changes: object) -> Model:
    """The same row once more, not saved, with these differences and its own random identifiers."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and not field.generated and field.attname != "public_id"
    }
    return type(row)(**{**values, **changes})


def save_again(row: Model, **changes: object) -> Model:
    """Write the same row once more, with these differences."""
    copy = again(row, **changes)
    copy.save(force_insert=True)
    return copy


def columns_of(model: type[Model], name: str) -> list[str]:
    """Columns that a unique constraint of the database really covers."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)[name]
    assert found["unique"]
    return list(found["columns"])


def refused_whole(row: Model) -> None:
    """Neither a change of anything nor a removal of this row ever succeeds."""
    table, mine = row._meta.db_table, type(row)._base_manager.filter(pk=row.pk)
    with refused_with(f"{table} is append-only"):
        mine.update(**{row._meta.pk.attname: row.pk})
    with refused_with(f"{table} is append-only"):
        mine._raw_delete(mine.db)


def refused_frozen(row: Model, changes: dict[str, object]) -> None:
    """None of these columns may take this other value, and the row is never removed.

    SQLite does not say which of two triggers speaks first: a column that ties a row to its owner may name either.
    """
    table, mine = row._meta.db_table, type(row)._base_manager.filter(pk=row.pk)
    for column, value in changes.items():
        with refused_with(f"frozen columns of {table} never change|{table}.* belongs to another {column}"):
            mine.update(**{column: value})
    with refused_with(f"rows of {table} are never deleted"):
        mine._raw_delete(mine.db)
