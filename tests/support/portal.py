"""The real programs, as an operator runs them: started, killed without warning, started again."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from tests.support.kept_database import kept_file, kept_template
from tests.support.places import missing
from tools.postgres import VARIABLE, free_port

_PREAU = Path(sys.executable).with_name("preau")
_START_SECONDS = 90


class Program:
    """One process group started by a test; `kill()` is a power cut, `stop()` is what a supervisor does."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(command, env=env, stdout=output, stderr=output, start_new_session=True)
        self.log = log

    def tell(self, number: int) -> None:
        """Send a signal to the whole group, as a terminal does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def is_gone(self) -> bool:
        """True once no process of the group is left."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self) -> None:
        self.tell(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, as systemd does, and insist after ten seconds."""
        self.tell(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.tell(signal.SIGKILL)

    def wait_until_dead(self, seconds: float = 90) -> int:
        """The exit code of a program that should die by itself (`preau worker` at a kill point: −9)."""
        return self.process.wait(timeout=seconds)

    def wait_until_answers(self, url: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(url, timeout=20).close()  # noqa: S310
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        pytest.fail(f"{url} did not answer; its log:\n{self.log.read_text(errors='replace')[-4000:]}")


class Portal:
    """One installation of Préau: its folder, its database, its programs."""

    def __init__(self, folder: Path, database_url: str, **env: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._extra = env
        self._programs: list[Program] = []

    @property
    def database(self) -> str:
        """The SQLite file, or the name of the PostgreSQL database."""
        if self.database_url.startswith("sqlite"):
            return self.database_url.removeprefix("sqlite:///")
        return self.database_url.rsplit("/", 1)[1]

    def env(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))}
        ours = {
            "PREAU_ENV": "test",
            "PREAU_SECRET_KEY": "k" * 64,
            "PREAU_DATA_DIR": str(self.folder),
            "PREAU_DATABASE_URL": self.database_url,
            "PREAU_PUBLIC_URL": self.url,
        }
        return {**kept, **ours, **self._extra, **more}

    def run(self, *arguments: str, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
        """Run one `preau` command to its end; its output is text."""
        done = subprocess.run(
            [_PREAU, *arguments],
            env=self.env(**env),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if check and done.returncode != 0:
            pytest.fail(f"preau {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def start_program(self, *arguments: str, **env: str) -> Program:
        """Start a `preau` command that stays, and return at once."""
        program = Program([str(_PREAU), *arguments], self.env(**env), self.folder / f"{arguments[0]}.log")
        self._programs.append(program)
        return program

    def serve(self, *options: str, worker: bool = False, **env: str) -> Program:
        """Start the web processes, alone unless asked otherwise (see `work`), and wait until they answer.

        A kill point (PREAU_KILL_AT) ends the process that reaches it; the server would start another one, as
        in production, so end the story with `kill()` and serve again.
        """
        program = self.start_program(
            "serve", f"--port={self.port}", "--quiet", *options, *(() if worker else ("--no-worker",)), **env
        )
        program.wait_until_answers(self.url)
        return program

    def work(self, **env: str) -> Program:
        """Start the worker."""
        return self.start_program("worker", **env)

    def rows(self, sql: str) -> list[tuple]:
        """What the database says, read from outside the programs."""
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database, timeout=20)) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql).fetchall()

    def stop_all(self) -> None:
        for program in self._programs:
            program.kill()


def _on_server(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


class _Installations:
    """Copies what was migrated for the tests, or migrates once: a migration takes seconds, a copy does not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, str] = {}
        self._databases: list[str] = []
        self._portals: list[Portal] = []
        self._server = os.environ.get(VARIABLE, "")

    def _new_database(self, template: str = "") -> str:
        name = f"preau_{uuid.uuid4().hex}"
        _on_server(self._server, f"CREATE DATABASE {name} {f'TEMPLATE {template}' if template else ''}")
        self._databases.append(name)
        return name

    def _address(self, name: str) -> str:
        return f"{self._server.rsplit('/', 1)[0]}/{name}"

    def _migrated(self, engine: str) -> str:
        """The SQLite file or the PostgreSQL database to copy."""
        if engine not in self._templates and (kept := self._kept(engine)):
            self._templates[engine] = kept
        if engine not in self._templates:
            folder = self._folder / f"template-{engine}"
            folder.mkdir()
            where = self._new_database() if engine == "postgresql" else str(folder / "preau.sqlite3")
            url = self._address(where) if engine == "postgresql" else f"sqlite:///{where}"
            Portal(folder, url).run("migrate", "--verbosity=0")
            self._templates[engine] = where
        return self._templates[engine]

    def _kept(self, engine: str) -> str:
        """What the tests of this code migrated already; "" for nothing yet."""
        if engine == "sqlite":
            return str(kept_file()) if kept_file().exists() else ""
        with psycopg.connect(self._server) as server:
            found = server.execute("SELECT datname FROM pg_database WHERE datname = %s", [kept_template()]).fetchone()
        return found[0] if found else ""

    def create(self, engine: str, like: Portal | None = None, **env: str) -> Portal:
        if engine == "postgresql" and not self._server:
            missing(f"needs PostgreSQL ({VARIABLE})")
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir()
        template = like.database if like else self._migrated(engine)
        if engine == "postgresql":
            url = self._address(self._new_database(template))
        else:
            shutil.copy(template, folder / "preau.sqlite3")
            url = f"sqlite:///{folder / 'preau.sqlite3'}"
        portal = Portal(folder, url, **env)
        self._portals.append(portal)
        return portal

    def stop_programs(self) -> None:
        for portal in self._portals:
            portal.stop_all()

    def drop(self) -> None:
        for name in self._databases:
            _on_server(self._server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _installations(tmp_path_factory):
    installations = _Installations(tmp_path_factory.mktemp("installations"))
    yield installations
    installations.drop()


@pytest.fixture
def new_portal(_installations):
    """Makes migrated, empty installations: `new_portal("sqlite")`, `new_portal(PREAU_FAULTS="1")`.

    With `like`, the rows of another one, no program of which may run. Without an engine, it is PostgreSQL when the
    run has a server, else SQLite. Nothing is started yet: see `Portal.serve`, `Portal.work` and `Portal.run`. All
    programs are killed when the test ends.
    """
    usual = "postgresql" if os.environ.get(VARIABLE) else "sqlite"

    def create(engine: str = usual, like: Portal | None = None, **env: str) -> Portal:
        return _installations.create(engine, like, **env)

    yield create
    _installations.stop_programs()
