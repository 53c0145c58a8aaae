"""Writing what every defence of the database refuses, so that a self-check may be seen to tell it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.support.database import on_postgresql, without_triggers


@contextmanager
def past_defences(model, *barriers: str) -> Iterator[None]:
    """Write what the triggers of a table and these constraints would refuse."""
    table = model._meta.db_table
    conditional = {c.name for c in model._meta.constraints if getattr(c, "fields", None) and c.condition}
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1" if on_postgresql() else "PRAGMA ignore_check_constraints = ON")
        for name in barriers:
            if name in conditional:
                cursor.execute(f"DROP INDEX {name}")
            elif on_postgresql():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    with without_triggers(table):
        yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1" if on_postgresql() else "PRAGMA ignore_check_constraints = OFF")
