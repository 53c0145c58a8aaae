"""What every answer tells the browser: no script of others, no frame, no guess, nothing kept (W16, W20)."""

import os
import subprocess
import sys

import pytest
from django.http import HttpResponse
from django.test import Client

from preau.domain.regies.models import GatewayContract
from tests.security.urlmap import PORTAL
from tests.support.places import ROOT

#: Look of the town: the same for everybody, so a browser may keep it.
KEPT = {"portal:town_css", "portal:groups_css", "portal:town_logo"}


def check(answer: HttpResponse) -> None:
    policy = answer["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    assert "unsafe" not in policy
    assert directives["default-src"] == directives["frame-ancestors"] == directives["base-uri"] == ["'none'"]
    assert directives["style-src"] == directives["img-src"] == directives["connect-src"] == ["'self'"]
    assert [source for source in directives["script-src"] if not source.startswith("'nonce-")] == ["'self'"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] in {"same-origin", "strict-origin"}
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("who", ["family", "nobody"])
def test_every_answer_protects_itself(world, who):
    browser = world.mine.client if who == "family" else Client()
    for address in PORTAL:
        for answer in (browser.get(world.path(address)), browser.post(world.path(address))):
            check(answer)
            assert address.name in KEPT or answer.get("Cache-Control") == "no-store", address.name


@pytest.mark.parametrize("name", ["reset", "claim_link", "email_confirm"])
def test_an_address_that_is_a_secret_is_told_to_nobody(world, name):
    """W6: not even to another page of this site."""
    address = next(a for a in PORTAL if a.name == f"portal:{name}")
    assert world.mine.get(world.path(address))["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize("path", ["/rien/", "/factures/inconnue/", "/panier/payer/", "/notifications/payfip/x/"])
def test_refusals_protect_themselves_too(world, path):
    check(world.mine.get(path))
    assert world.mine.get(path)["Cache-Control"] == "no-store"


def test_a_breakdown_protects_itself_and_says_nothing_of_us(world):
    GatewayContract.objects.update(gateway="disparue")  # no plug-in bears this name: the basket cannot be drawn
    browser = Client(raise_request_exception=False)
    browser.cookies = world.mine.client.cookies
    answer = browser.get("/panier/")
    assert answer.status_code == 500
    check(answer)
    for detail in ("disparue", "Traceback", "KeyError", "preau.domain", "Django"):
        assert detail not in answer.content.decode()


@pytest.mark.parametrize("name", ["portal:invoice_pdf", "portal:receipt_pdf"])
def test_documents_are_handed_as_what_they_are(world, name):
    address = next(a for a in PORTAL if a.name == name)
    answer = world.mine.get(world.path(address))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline; filename=")
    check(answer)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(world):
    visitor = Client()
    visitor.post("/connexion/", {"identifier": world.mine.user.email, "password": "faux"})
    world.mine.get("/panier/")
    for cookie in (*world.mine.client.cookies.values(), *visitor.cookies.values()):
        assert cookie["httponly"] is True, cookie.key
        assert cookie["samesite"] in {"Lax", "Strict"}, cookie.key


_PROBE = """
import django
django.setup()
from django.test import Client
from preau.domain.town.models import Town
plain = Client().get("/sante/")
print(plain.status_code, plain["Location"])
safe = Client().get("/sante/", secure=True)
print(safe.status_code, safe["Strict-Transport-Security"])
from django.conf import settings
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.DEBUG)
"""


@pytest.mark.row("C43")
@pytest.mark.process
def test_in_production_everything_is_https(tmp_path):
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))},
        "DJANGO_SETTINGS_MODULE": "preau.config.settings",
        "PREAU_ENV": "production",
        "PREAU_SECRET_KEY": "s" * 64,
        "PREAU_DATA_DIR": str(tmp_path),
        "PREAU_PUBLIC_URL": "https://testserver",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PROBE], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "301 https://testserver/sante/",
        f"200 max-age={365 * 24 * 3600}",
        "True True False",
    ]
