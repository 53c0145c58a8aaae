"""`make rows`: which rows of `docs/rows.md` the last full `make test` proved.

A row is proved when it has tests and all of them passed on every database they ran on; both runs must be
there, and have reached their end. The table goes to the screen, the facts to `build/rows.json`:
`{"L01": {"proved": true, "tests": ["src/…::test_…"]}}`.
"""

import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
#: What one full run of `make test` leaves; a row needs both.
RUNS = ("sqlite", "postgresql")
_ROW = re.compile(r"\| (?P<id>[A-Z]\d\d) \|.*\| (?P<criterion>.+?) \|")
_SHORT = 84
#: pytest's exit codes of a run that went through all its tests: all passed, or some failed.
_COMPLETE = (0, 1)


@dataclass
class Row:
    """One line of the list, with what the tests said of it."""

    criterion: str
    outcomes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def proved(self) -> bool:
        return bool(self.outcomes) and all(set(seen) == {"passed"} for seen in self.outcomes.values())


@cache
def known_rows(root: Path = ROOT) -> dict[str, str]:
    """Criterion by row id, in the order of the document."""
    lines = (root / "docs" / "rows.md").read_text(encoding="utf-8").splitlines()
    return {found["id"]: found["criterion"] for line in lines if (found := _ROW.fullmatch(line))}


def read_runs(build: Path = BUILD) -> tuple[dict[str, Row], list[str]]:
    """Every row with its outcomes, and what is missing to trust them (no run, or a run cut short)."""
    rows = {row_id: Row(criterion) for row_id, criterion in known_rows().items()}
    doubts = []
    for run in RUNS:
        file = build / f"rows-{run}.json"
        if not file.exists():
            doubts.append(f"no result on {run}: run `make test` with this database")
            continue
        result = json.loads(file.read_text(encoding="utf-8"))
        if result["exit"] not in _COMPLETE:
            doubts.append(f"the run on {run} was cut short")
        for test, facts in result["tests"].items():
            for row_id in facts["rows"]:
                if row_id in rows:
                    rows[row_id].outcomes[test].append(facts["outcome"])
    return rows, doubts


def main() -> int:
    """Print the table and write `build/rows.json`; non-zero when a run is missing or cut short."""
    rows, doubts = read_runs()
    proved = {row_id for row_id, row in rows.items() if row.proved and not doubts}
    for row_id, row in rows.items():
        if row.outcomes:
            state = "proved" if row_id in proved else "NOT YET"
            print(f"{row_id}  {state:8} {len(row.outcomes):3} tests  {row.criterion[:_SHORT]}")
    print(f"\n{len(proved)} rows proved out of {len(rows)}.")
    for doubt in doubts:
        print(f"Nothing can be called proved: {doubt}.")
    BUILD.mkdir(exist_ok=True)
    facts = {row_id: {"proved": row_id in proved, "tests": sorted(row.outcomes)} for row_id, row in rows.items()}
    target = BUILD / "rows.json"
    target.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if doubts else 0


if __name__ == "__main__":
    sys.exit(main())
