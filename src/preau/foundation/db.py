"""What the database itself refuses: migration operations that install triggers, on SQLite and PostgreSQL alike."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION preau_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$body$;
"""


class Barrier(Operation):
    """Base of what a migration installs in the database itself, and takes away backwards."""

    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers and links are no part of the models' state."""

    def names(self, vendor: str) -> set[str]:
        """Names of the triggers and links installed (see `foundation.barriers`)."""
        raise NotImplementedError


class Lifted(Operation):
    """Takes a barrier away, so that the next operations may change its table; install it again after them.

    SQLite rebuilds a table to change it and forgets its triggers, PostgreSQL keeps them: lifted first, both agree.
    """

    reversible = True

    def __init__(self, barrier: Barrier) -> None:
        self.barrier = barrier

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers and links are no part of the models' state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self.barrier.database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self.barrier.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Lift for a while: {self.barrier.describe()}"


class _Triggers(Barrier):
    """Base: turns `_refusals` into triggers of the database at hand."""

    def __init__(self, table: str) -> None:
        self.table = table

    def names(self, vendor: str) -> set[str]:
        """The same on every database."""
        return {name for name, *_ in self._refusals()}

    def _refusals(self) -> list[tuple[str, str, str, str]]:
        """Rows (trigger name, event, SQL condition or empty, sentence)."""
        raise NotImplementedError

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        postgres = schema_editor.connection.vendor == "postgresql"
        if postgres:
            # No parameters at all: the driver would take the % of RAISE for a placeholder.
            schema_editor.execute(_POSTGRES_FUNCTION, None)
        for name, event, condition, sentence in self._refusals():
            when = f"WHEN ({condition})" if condition else ""
            body = (
                f"EXECUTE FUNCTION preau_refuse('{sentence}')"
                if postgres
                else f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
            if postgres:
                when = when.replace("IS NOT OLD.", "IS DISTINCT FROM OLD.")
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {self.table} FOR EACH ROW {when} {body}",
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        suffix = f" ON {self.table}" if schema_editor.connection.vendor == "postgresql" else ""
        for name, *_ in self._refusals():
            schema_editor.execute(f"DROP TRIGGER {name}{suffix}")


class AppendOnly(_Triggers):
    """Rows of `table` are written once: no UPDATE or DELETE ever succeeds (I29)."""

    def _refusals(self) -> list[tuple[str, str, str, str]]:
        return [
            (f"{self.table}_no_update", "UPDATE", "", f"{self.table} is append-only"),
            (f"{self.table}_no_delete", "DELETE", "", f"{self.table} is append-only"),
        ]

    def describe(self) -> str:
        return f"Make {self.table} append-only"


class WrittenOnce(_Triggers):
    """Rows of `table` never change; one may be removed, as long as nothing points at it."""

    def _refusals(self) -> list[tuple[str, str, str, str]]:
        return [(f"{self.table}_no_update", "UPDATE", "", f"{self.table} is written once")]

    def describe(self) -> str:
        return f"Write rows of {self.table} once"


class FrozenColumns(_Triggers):
    """The listed columns never change once written, and rows are never deleted (I7, I11).

    Those of `once_known` may be written later, as long as they are empty.
    """

    def __init__(self, table: str, columns: list[str], *, once_known: tuple[str, ...] = ()) -> None:
        super().__init__(table)
        self.columns, self.once_known = columns, once_known

    def _refusals(self) -> list[tuple[str, str, str, str]]:
        changes = [f"NEW.{column} IS NOT OLD.{column}" for column in self.columns]
        changes += [f"OLD.{column} IS NOT NULL AND NEW.{column} IS NOT OLD.{column}" for column in self.once_known]
        changed = " OR ".join(changes)
        return [
            (f"{self.table}_frozen", "UPDATE", changed, f"frozen columns of {self.table} never change"),
            (f"{self.table}_no_delete", "DELETE", "", f"rows of {self.table} are never deleted"),
        ]

    def describe(self) -> str:
        return f"Freeze {', '.join([*self.columns, *self.once_known])} of {self.table}"


class SameOwner(Barrier):
    """`table.column` points at a row of `parent` that has the same `shared` value: a composite foreign key (I13).

    `parent` needs a unique constraint on (id, shared). SQLite cannot add a foreign key to a table, so a trigger
    says the same there.
    """

    def __init__(self, table: str, column: str, parent: str, shared: str) -> None:
        self.table, self.column, self.parent, self.shared = table, column, parent, shared
        self.name = f"{table}_{column}_same_{shared}"

    def names(self, vendor: str) -> set[str]:
        """A foreign key, or its two triggers."""
        return {self.name} if vendor == "postgresql" else {f"{self.name}_insert", f"{self.name}_update"}

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} FOREIGN KEY ({self.column}, {self.shared}) "
                f"REFERENCES {self.parent} (id, {self.shared}) DEFERRABLE INITIALLY DEFERRED",
            )
            return
        sentence = f"{self.table}.{self.column} belongs to another {self.shared}"
        for event in ("INSERT", "UPDATE"):
            schema_editor.execute(
                f"CREATE TRIGGER {self.name}_{event.lower()} BEFORE {event} ON {self.table} FOR EACH ROW "  # noqa: S608
                f"WHEN NEW.{self.column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {self.parent} "
                f"WHERE id = NEW.{self.column} AND {self.shared} = NEW.{self.shared}) "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE {self.table} DROP CONSTRAINT {self.name}")
            return
        for event in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER {self.name}_{event}")

    def describe(self) -> str:
        return f"Keep {self.table}.{self.column} within one {self.shared}"


class KeptWith(Barrier):
    """Rows of `table` are not removed while the row of `parent` that `column` points at stands.

    To remove both: the parent first, then its rows, in one transaction; the link between them waits for the commit.
    """

    def __init__(self, table: str, column: str, parent: str) -> None:
        self.table, self.column, self.parent = table, column, parent
        self.name = f"{table}_kept"

    def names(self, vendor: str) -> set[str]:
        """One trigger everywhere."""
        return {self.name}

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        stands = f"EXISTS (SELECT 1 FROM {self.parent} WHERE id = OLD.{self.column})"  # noqa: S608
        sentence = f"rows of {self.table} are kept with their {self.parent}"
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
                f"IF {stands} THEN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; "
                f"END IF; RETURN OLD; END $body$",
                None,
            )
            when = f"EXECUTE FUNCTION {self.name}()"
        else:
            when = f"WHEN {stands} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        schema_editor.execute(f"CREATE TRIGGER {self.name} BEFORE DELETE ON {self.table} FOR EACH ROW {when}")

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.execute(f"DROP TRIGGER {self.name}")
            return
        schema_editor.execute(f"DROP TRIGGER {self.name} ON {self.table}")
        schema_editor.execute(f"DROP FUNCTION {self.name}()")

    def describe(self) -> str:
        return f"Keep {self.table} with {self.parent}"


class Balanced(Barrier):
    """Every transaction of the ledger has two entries at least, and they sum to zero, at commit (I1).

    PostgreSQL checks it when the transaction commits; SQLite has no deferred trigger, so there the single insert
    function (`ledger.services.book`) and the self-check hold it.
    """

    def __init__(self, parent: str, entries: str, column: str) -> None:
        self.parent, self.entries, self.column = parent, entries, column

    def names(self, vendor: str) -> set[str]:
        """Nothing on SQLite."""
        return {f"{table}_balanced" for table in (self.parent, self.entries)} if vendor == "postgresql" else set()

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        schema_editor.execute(
            f"""
            CREATE FUNCTION {self.parent}_balanced() RETURNS trigger LANGUAGE plpgsql AS $body$
            DECLARE counted integer; summed bigint; parent_id bigint;
            BEGIN
              parent_id := CASE WHEN TG_TABLE_NAME = '{self.parent}' THEN (to_jsonb(NEW)->>'id')::bigint
                                ELSE (to_jsonb(NEW)->>'{self.column}')::bigint END;
              SELECT count(*), coalesce(sum(amount_cents), 0) INTO counted, summed
                FROM {self.entries} WHERE {self.column} = parent_id;
              IF counted < 2 OR summed <> 0 THEN
                RAISE EXCEPTION 'ledger transaction % is not balanced', parent_id
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NULL;
            END $body$
            """,  # noqa: S608  (names come from the migration, never from a request)
            None,
        )
        for table in (self.parent, self.entries):
            schema_editor.execute(
                f"CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table} "
                f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {self.parent}_balanced()",
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        for table in (self.parent, self.entries):
            schema_editor.execute(f"DROP TRIGGER {table}_balanced ON {table}")
        schema_editor.execute(f"DROP FUNCTION {self.parent}_balanced()")

    def describe(self) -> str:
        return f"Keep {self.parent} balanced"
