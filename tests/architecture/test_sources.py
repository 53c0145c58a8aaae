"""What a reader may count on anywhere in the code."""

import ast
import re
from collections import Counter

import pytest

from tests.support.places import ROOT
from tests.support.sources import files, functions, imported, is_test, length, name, product

LONGEST_FILE = 350
LONGEST_FUNCTION = 40
LONGEST_VIEW = 15
#: Files and functions allowed to be longer, each with its reason: "path" or "path function".
LONGER: dict[str, str] = {}


def test_files_stay_short():
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in product()}
    assert {where: size for where, size in sizes.items() if size > LONGEST_FILE and where not in LONGER} == {}


def test_functions_stay_short():
    sizes = {
        f"{name(path)} {function.name}": length(function)
        for path in [*product(), *(path for path in files("tools", ".py"))]
        for function in functions(path)
    }
    assert {where: size for where, size in sizes.items() if size > LONGEST_FUNCTION and where not in LONGER} == {}


def _views():
    for path in product():
        if path.is_relative_to(ROOT / "src/preau/interfaces") and "views" in name(path):
            for function in functions(path):
                arguments = [argument.arg for argument in function.args.args]
                if "request" in arguments:
                    yield path, function


def test_views_translate_and_nothing_more():
    sizes = {f"{name(path)} {function.name}": length(function) for path, function in _views()}
    assert {where: size for where, size in sizes.items() if size > LONGEST_VIEW and where not in LONGER} == {}


WEB = ("django.http", "django.shortcuts", "django.urls", "django.template", "requests", "preau.ui")


def test_models_and_rules_know_no_web():
    knowing = {
        f"{name(path)}: {module}"
        for path in product()
        if path.is_relative_to(ROOT / "src/preau/domain")
        and (path.stem in {"models", "rules", "states"} or "models" in path.parent.parts)
        for module in imported(path)
        if module.startswith(WEB)
    }
    assert knowing == set()


OTHER_CLOCKS = re.compile(
    r"\b(datetime\.(now|utcnow|today)\(|date\.today\(|timezone\.(now|localtime|localdate)\(\)|time\.time\(\)|auto_now)"
)


def test_time_comes_from_the_one_clock():
    elsewhere = {
        f"{name(path)}:{number}"
        for path in product()
        if path != ROOT / "src/preau/foundation/clock.py" and path.is_relative_to(ROOT / "src/preau")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OTHER_CLOCKS.search(line)
    }
    assert elsewhere == set()


def test_money_is_never_a_float():
    floats = {
        f"{name(path)}:{number}"
        for path in product()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"_cents: float|float\([^)]*cents|FloatField\(", line)
    }
    assert floats == set()


GATEWAYS = sorted(path.name for path in (ROOT / "src/preau/plugins/gateways").iterdir() if (path / "apps.py").exists())


#: Named by another one: the DGFiP's web form is at the site of its web service.
NEIGHBOURS = {"payfip": "tipi", "eopayment": ""}


#: Ordinary words too: these name their gateway between quotes, or in a path, alone.
WORDS = {"counter"}


def _names(gateway: str) -> re.Pattern[str]:
    return re.compile(rf"""["'.]{gateway}["'.]""" if gateway in WORDS else gateway)


@pytest.mark.parametrize("gateway", [*GATEWAYS, "eopayment"])
def test_a_gateway_is_named_in_its_own_folder_only(gateway):
    """Settings list it, the demo town chooses it; nobody else may know which banks exist."""
    home = ROOT / "src/preau/plugins/gateways"
    allowed = [home / gateway, home / NEIGHBOURS.get(gateway, gateway), ROOT / "src/preau/config/settings.py"]
    quoting = {
        name(path)
        for path in files("src/preau", (".py", ".html", ".txt", ".js", ".css", ".typ"))
        if _names(gateway).search(path.read_text(encoding="utf-8").lower())
        and not is_test(path)
        and "demo" not in name(path)
        and not any(path.is_relative_to(place) for place in allowed)
    }
    assert quoting == set()


MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.:/-])/(w[o]rk|r[o]ot|t[m]p|h[o]me|U[s]ers)/")
PACKAGE_INDEX = re.compile(r"p[y]pi\.org|p[y]thonhosted|n[p]mjs|--index-[u]rl|--find-l[i]nks")


@pytest.mark.parametrize("pattern", [MACHINE_PATH, PACKAGE_INDEX], ids=["machine path", "package index"])
def test_no_file_names_a_machine_or_a_package_index(pattern):
    naming = set()
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        naming |= {f"{name(path)}:{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)}
    assert naming == set()


#: What the framework calls by its place or its base, never by its name.
CALLED_BY_DJANGO = {"AppConfig", "BaseCommand", "BaseBackend", "Migration"}


def _named_things():
    """Top-level functions and classes that no decorator hands to somebody else."""
    for path in product():
        if path == ROOT / "src/banksim/testing.py":
            continue  # the simulator's kit for tests
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
                bases = {ast.unparse(base) for base in getattr(node, "bases", [])}
                if not bases & CALLED_BY_DJANGO:
                    yield path, node.name


def test_nothing_waits_for_a_caller():
    """Whatever only tests use is dead code; templates, migrations and pyproject count as callers."""
    callers = [path for path in files("src", (".py", ".html", ".txt")) if not is_test(path)]
    texts = [path.read_text(encoding="utf-8") for path in [*callers, ROOT / "pyproject.toml"]]
    uses = Counter(word for text in texts for word in re.findall(r"\w+", text))
    assert sorted(f"{name(path)} {thing}" for path, thing in _named_things() if uses[thing] == 1) == []
