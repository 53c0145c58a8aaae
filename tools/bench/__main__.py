"""`make bench`: the figures of the product, on the screen and in `build/bench.json`.

PostgreSQL, the reference town, two web processes; every speed is a ratio to a base of the same run.

    python -m tools.bench opening       only some parts, named in `PARTS`
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import django
from django.core.management import call_command

from tools import postgres
from tools.bench import servers
from tools.bench.figures import Figure

#: No bank is spoken to: the basket only names the one that would be paid.
_GATEWAY = "payfip"
#: In the order in which they are measured; the opening day comes last, it leaves thousands of mails behind it.
PARTS = ("imports", "pages", "notices", "opening")
_TARGET = servers.ROOT / "build" / "bench.json"


def _measure(url: str, folder: Path, parts: Collection[str]) -> Iterator[list[Figure]]:
    """Figures, part after part: the opening day alone takes half an hour."""
    os.environ.update(servers.environment(database_url=url, data_dir=folder, port=postgres.free_port()))
    os.environ["DJANGO_SETTINGS_MODULE"] = "preau.config.settings"
    django.setup()
    # These need the models, hence a Django that is set up.
    from tests.support import factories  # noqa: PLC0415
    from tools.bench import imports, locks, notices, opening_figures, pages, payments, planning, town  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    factories.make_town()
    for code in town.REGIES:
        factories.make_contract(factories.make_regie(code=code, contract=False), gateway=_GATEWAY)
    if "imports" in parts:
        yield imports.measure(folder)
    if "pages" in parts:
        yield [*pages.measure_queries(), *planning.measure_queries(), *planning.measure_savings()]
        with servers.portal(database_url=url, data_dir=folder) as portal, servers.bare(database_url=url) as bare:
            yield pages.measure_speed(portal_port=portal, bare_port=bare)
            yield planning.measure_speed(portal_port=portal, bare_port=bare)
    if "notices" in parts:
        regie = payments.open_regie("BQ")
        with servers.portal(database_url=url, data_dir=folder, worker=True) as portal:
            yield notices.measure(portal, regie)
        yield locks.measure(regie)
    if "opening" in parts:
        with (
            servers.portal(database_url=url, data_dir=folder, worker=True) as portal,
            servers.without_door(database_url=url, data_dir=folder) as free,
        ):
            yield opening_figures.measure(portal, free)


def main() -> int:
    """Measure, print, write."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="preau-bench-") as folder, postgres.server() as url:
        for part in _measure(url, Path(folder), sys.argv[1:] or PARTS):
            print("\n".join(figure.line() for figure in part), flush=True)
            figures += part
    conditions = {
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "database": "PostgreSQL, durability off",
        "web processes": servers.WORKERS,
    }
    _TARGET.parent.mkdir(exist_ok=True)
    facts = {"conditions": conditions, "figures": [figure.as_json() for figure in figures]}
    _TARGET.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\nWritten to {_TARGET.relative_to(servers.ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
