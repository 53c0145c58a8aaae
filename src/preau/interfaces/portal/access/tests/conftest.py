"""A town, a family whose mother logs in, and what a visitor of the access pages does again and again."""

import re

import pytest
from django.test import Client

from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import PASSWORD, make_household, make_town, user_of

NEW_PASSWORD = "mouette cabane violon"


@pytest.fixture
def town(db, frozen_clock):
    return make_town(terms_version="2026-09", terms_text="Article 1. Soyez poli.", remember_days=30)


@pytest.fixture
def household(town):
    return make_household(file_name="BERGER38")


@pytest.fixture
def user(household):
    return user_of(household)


def sign_in(client: Client, user, password: str = PASSWORD, **more):
    """Post the login form as a browser does."""
    return client.post("/connexion/", {"identifier": user.access_code, "password": password, **more})


@pytest.fixture
def entered(client, user):
    """A browser where the mother came in by the form."""
    assert sign_in(client, user).status_code == 302
    return client


def text_of(response) -> str:
    """What a reader sees of a page: no tags, every run of spaces of any kind as a plain one."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body.replace("<wbr>", "")).split())


def mailed_path(kind: str) -> str:
    """The path of the link in the last mail of this kind."""
    text = OutgoingMail.objects.filter(kind=kind).order_by("-pk")[0].text
    return re.search(r"http://testserver(/\S+)", text)[1]
