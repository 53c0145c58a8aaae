"""How commands that read files speak to the person who typed them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from preau.foundation.tabular import Fault

_SHOWN = 200
_STEP = 1000


class Out(Protocol):
    """What a command's standard output offers."""

    def write(self, text: str = ...) -> object: ...


def print_faults(out: Out, faults: Sequence[Fault]) -> None:
    """Each fault with its line and column, in the order of the file; the first two hundred, then how many more."""
    for fault in sorted(faults, key=lambda one: (one.line, one.column))[:_SHOWN]:
        kind = "refus" if fault.severity == "error" else "à vérifier"
        column = f", colonne « {fault.column} »" if fault.column else ""
        out.write(f"ligne {fault.line}{column} – {kind} : {fault.reason}")
    if len(faults) > _SHOWN:
        out.write(f"… et {len(faults) - _SHOWN} autres.")


def reading_progress(out: Out) -> Callable[[int, int, int], None]:
    """Says how far a reading went, every thousand lines."""

    def show(rows: int, done: int, total: int) -> None:
        if rows % _STEP == 0 and total:
            out.write(f"lecture : {rows} lignes, {100 * done // total} %")

    return show


def writing_progress(out: Out) -> Callable[[int, int], None]:
    """Says how far a writing went."""

    def show(done: int, total: int) -> None:
        out.write(f"écriture : {done} sur {total}")

    return show
