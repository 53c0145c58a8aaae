"""The statements of `preau selfcheck`, asked in the middle of a test."""

import re
from collections.abc import Callable, Collection

from django.db import connection

from preau.foundation.invariants import Invariant, declared

_TABLE_READ = re.compile(r'(?:FROM|JOIN) "(\w+)"')
_TABLE_WRITTEN = re.compile(r'(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM) "(\w+)"')


def broken() -> dict[str, list[str]]:
    """What is found wrong, by code (`I1`…); empty is what every test expects."""
    found: dict[str, list[str]] = {}
    for one in declared():
        for detail in one.check():
            found.setdefault(one.code, []).append(f"{one.statement} : {detail}")
    return found


class Watch:
    """Notes which tables are written, and asks a statement again only if one that it read has been written since.

    Within `connection.execute_wrapper(watch)`.
    """

    def __init__(self, *, but: Collection[str]) -> None:
        self._statements = [one for one in declared() if one.code not in but]
        self._reads: dict[str, set[str]] = {}
        self._stale: dict[str, set[str]] = {one.statement: set() for one in self._statements}
        self.has_written = True

    def __call__(self, execute: Callable, sql: str, parameters, many, context) -> object:
        if table := _TABLE_WRITTEN.match(sql):
            self.has_written = True
            for written in self._stale.values():
                written.add(table[1])
        return execute(sql, parameters, many, context)

    def broken(self) -> list[str]:
        """What is found wrong now, as sentences."""
        found = []
        for one in self._statements:
            read, written = self._reads.get(one.statement), self._stale[one.statement]
            if read is None or read & written:
                found += [f"{one.code} {one.statement} : {detail}" for detail in self._ask(one)]
            written.clear()
        return found

    def _ask(self, one: Invariant) -> list[str]:
        tables: set[str] = set()

        def note(execute, sql, parameters, many, context) -> object:
            tables.update(_TABLE_READ.findall(sql))
            return execute(sql, parameters, many, context)

        with connection.execute_wrapper(note):
            details = list(one.check())
        self._reads[one.statement] = tables
        return details
