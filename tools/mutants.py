"""`make mutants`: bugs put in on purpose, each of which the suite must catch (reliability F.4).

    python -m tools.mutants paybox      only those whose name holds this word

`tools/mutants.toml` lists them: what is wrong, the texts to replace, the tests that must fall. Each is made in a copy
of its own, thrown away, so the clone is never touched. A test that falls must pass again on a copy without any bug:
one that falls for another reason proves nothing. A text that is not found exactly once is stale, and an error like a
bug that nobody sees. The table goes to the screen, the facts to `build/mutants.json`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tools import postgres

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "tools" / "mutants.toml"
_TARGET = ROOT / "build" / "mutants.json"
#: What a run of tests needs of the clone.
_COPIED = ("src", "tests", "tools", "docs", "conftest.py", "pyproject.toml")
_LONGEST_SECONDS = 300
#: pytest's exit codes for "all passed" and "some failed"; any other says that the tests did not run.
_VERDICTS = {0: "missed", 1: "caught"}
_FALLEN = re.compile(r"^(?:FAILED|ERROR) (?P<test>\S+::\w+(?:\[.*?\](?= - |$))?)", re.MULTILINE)


class UnusableError(Exception):
    """Other sources than the copy's were tested."""


@dataclass(frozen=True)
class Patch:
    """One text of one file, to be replaced by another."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """A bug: what is wrong in words, how it is made, and the tests that must see it."""

    name: str
    bug: str
    patches: tuple[Patch, ...]
    tests: tuple[str, ...]
    on_postgresql: bool = False


@dataclass(frozen=True)
class Outcome:
    """`verdict`: caught, missed, stale (a text is not there once), or broken (the tests say nothing of the bug)."""

    mutant: Mutant
    verdict: str
    by: str = ""
    seconds: float = 0

    def line(self) -> str:
        """One line of the table on screen."""
        return f"{self.verdict.upper():7} {self.mutant.name:34} {self.seconds:5.1f} s  {self.by or self.mutant.bug}"

    def facts(self) -> dict[str, str | float]:
        """One entry of `build/mutants.json`."""
        about = {"name": self.mutant.name, "bug": self.mutant.bug}
        return {**about, "verdict": self.verdict, "by": self.by, "seconds": self.seconds}


def read_catalogue(path: Path = CATALOGUE) -> list[Mutant]:
    """The mutants of a catalogue, in its order."""
    return [
        Mutant(
            name=one["name"],
            bug=one["bug"],
            patches=tuple(Patch(**patch) for patch in one["patch"]),
            tests=tuple(one["tests"]),
            on_postgresql=one.get("on_postgresql", False),
        )
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    ]


def stale_patches(mutant: Mutant, root: Path) -> list[str]:
    """Sentences naming the texts that are not found exactly once."""
    found = []
    for patch in mutant.patches:
        file = root / patch.file
        times = file.read_text(encoding="utf-8").count(patch.old) if file.is_file() else 0
        if times != 1:
            found.append(f"{patch.file} holds {times} times: {patch.old.strip().splitlines()[0]}")
    return found


def _apply(mutant: Mutant, copy: Path) -> None:
    """Put the bug into a copy; compiled files of what changes are removed, whatever their dates."""
    for patch in mutant.patches:
        file = copy / patch.file
        file.write_text(file.read_text(encoding="utf-8").replace(patch.old, patch.new), encoding="utf-8")
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            compiled.unlink()


def _python(copy: Path, *command: str, **own: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a copy, its sources first on the path; nothing of the person's own settings comes in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**kept, "PYTHONPATH": str(copy / "src"), **own},
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )


class Bench:
    """Where mutants are tried: a clean copy of the clone, and a server for those that need it."""

    def __init__(self, folder: Path, server: str, *, root: Path) -> None:
        self._folder, self._server = folder, server
        self._clean = folder / "clean"
        self._clean.mkdir()
        for name in _COPIED:
            if (root / name).is_dir():
                shutil.copytree(root / name, self._clean / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (root / name).exists():
                shutil.copy2(root / name, self._clean / name)
        _python(self._clean, "-m", "compileall", "-q", "src")
        tested = _python(self._clean, "-c", "import preau; print(preau.__file__)").stdout.strip()
        if not Path(tested).is_relative_to(self._clean):
            raise UnusableError(f"the tests of a copy would read {tested}")

    def attempt(self, mutant: Mutant) -> Outcome:
        """Make the bug and run its tests, up to the first that falls."""
        began = time.monotonic()
        if stale := stale_patches(mutant, self._clean):
            return Outcome(mutant, "stale", "; ".join(stale))
        copy = self._folder / mutant.name
        shutil.copytree(self._clean, copy)
        _apply(mutant, copy)
        try:
            run = self._pytest(copy, mutant.tests, on_postgresql=mutant.on_postgresql)
            verdict, fallen = _VERDICTS.get(run.returncode, "broken"), _FALLEN.search(run.stdout)
        except subprocess.TimeoutExpired:
            verdict, fallen = "broken", None
        shutil.rmtree(copy, ignore_errors=True)
        by = fallen["test"] if fallen and verdict == "caught" else ""
        return Outcome(mutant, verdict, by, round(time.monotonic() - began, 1))

    def confirm(self, outcomes: list[Outcome]) -> list[Outcome]:
        """The same, but those whose test falls without the bug too, which are broken."""
        wrong = set[str]()
        for side in (False, True):
            tests = {one.by for one in outcomes if one.verdict == "caught" and one.mutant.on_postgresql == side}
            if tests:
                run = self._pytest(self._clean, sorted(tests), "--maxfail=0", on_postgresql=side)
                fallen = {found["test"] for found in _FALLEN.finditer(run.stdout)}
                wrong |= fallen if run.returncode in _VERDICTS else tests
        return [replace(one, verdict="broken") if one.by in wrong else one for one in outcomes]

    def _pytest(
        self, copy: Path, tests: Iterable[str], *options: str, on_postgresql: bool
    ) -> subprocess.CompletedProcess[str]:
        """Run tests in the order of their files, so that the first to fall is always the same."""
        # A database of its own on the server: several runs go at once.
        path = f"/mutant_{re.sub('[^a-z0-9]', '_', copy.name)}"
        own = {postgres.VARIABLE: urlunsplit(urlsplit(self._server)._replace(path=path))} if on_postgresql else {}
        command = ["-m", "pytest", "-q", "--tb=no", "-x", "-p", "no:randomly", *options, *tests]
        return _python(copy, *command, **own)


@contextmanager
def bench(mutants: list[Mutant], *, root: Path = ROOT) -> Iterator[Bench]:
    """A bench for these mutants, with a server when one of them needs it.

    Raises:
        UnusableError: the tests of a copy do not read that copy.
        PostgresMissing: no server.
    """
    needs_server = any(mutant.on_postgresql for mutant in mutants)
    with (
        tempfile.TemporaryDirectory(prefix="preau-mutants-") as folder,
        postgres.server() if needs_server else nullcontext("") as server,
    ):
        yield Bench(Path(folder), server, root=root)


def try_out(mutants: list[Mutant], *, root: Path = ROOT) -> list[Outcome]:
    """What becomes of each, tried as many at once as there are processors, told on the screen as they come.

    Raises:
        UnusableError, PostgresMissing: see `bench`.
    """
    outcomes = []
    with bench(mutants, root=root) as ready:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for outcome in pool.map(ready.attempt, mutants):
                print(outcome.line(), flush=True)
                outcomes.append(outcome)
        return ready.confirm(outcomes)


def report(outcomes: list[Outcome], *, target: Path = _TARGET) -> int:
    """Write what became of them and say which are not caught; the exit code, zero when all are."""
    uncaught = [outcome for outcome in outcomes if outcome.verdict != "caught"]
    target.parent.mkdir(exist_ok=True)
    facts = [outcome.facts() for outcome in outcomes]
    target.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{len(outcomes) - len(uncaught)} bugs caught out of {len(outcomes)}, written to {target.name}.")
    for outcome in uncaught:
        print(outcome.line())
    return 1 if uncaught or not outcomes else 0


def main() -> int:
    """Try the mutants whose names hold the words of the command line."""
    words = sys.argv[1:]
    chosen = [one for one in read_catalogue() if all(word in one.name for word in words)]
    if not chosen:
        print(f"No bug of the catalogue is named so: {' '.join(words)}", file=sys.stderr)
        return 2
    return report(try_out(chosen))


if __name__ == "__main__":
    sys.exit(main())
