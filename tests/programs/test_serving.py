"""The web server as an operator meets it: starts, ends when told, comes back after a power cut."""

import signal
import urllib.request
from http import HTTPStatus

import pytest

pytestmark = pytest.mark.process


def _is_well(portal) -> bool:
    with urllib.request.urlopen(f"{portal.url}/sante/", timeout=20) as answer:  # noqa: S310
        return answer.status == HTTPStatus.OK


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_power_cut_leaves_a_server_that_starts_again(new_portal, engine):
    portal = new_portal(engine)
    portal.serve().kill()
    portal.serve()
    assert _is_well(portal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["supervisor", "Ctrl-C"])
def test_the_server_and_its_worker_end_when_told(new_portal, number):
    portal = new_portal("sqlite")
    program = portal.serve("--workers=2", worker=True)
    assert _is_well(portal)
    program.tell(number)
    assert program.wait_until_dead() == 0
    assert program.is_gone()


def test_a_port_already_taken_is_refused(new_portal):
    first, second = new_portal("sqlite"), new_portal("sqlite")
    first.serve()
    done = second.run("serve", f"--port={first.port}", "--no-worker", check=False)
    assert done.returncode == 1
    assert f"Le port {first.port} est déjà pris" in done.stderr
