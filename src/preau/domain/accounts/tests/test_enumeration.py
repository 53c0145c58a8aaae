"""Nobody learns who has an account: same words, same queries, same number of hashes, same mails (W1)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preau.domain.accounts import queries, services
from preau.domain.accounts.errors import AccountError
from preau.domain.accounts.models import User
from preau.domain.accounts.tests.conftest import PASSWORD, enter, link_for
from preau.domain.accounts.tests.hashers import CountingHasher
from preau.foundation.audit.actors import SYSTEM

STRANGERS = ["inconnu", "inconnu@exemple.fr", "2ZZZZZZZ", ""]


@pytest.fixture
def counted_hashes(settings):
    settings.PASSWORD_HASHERS = ["preau.domain.accounts.tests.hashers.CountingHasher"]
    CountingHasher.computed.clear()
    return CountingHasher.computed


def _shape(sql: str) -> str:
    """A query without its values: which rows it touches and how, whoever is named."""
    shape = re.sub(r"'(?:[^']|'')*'|\b\d+\b|\bNULL\b|%s", "?", sql)
    shape = re.sub(r"(savepoint|SAVEPOINT) \S+", "savepoint", shape)
    return re.sub(r'"accounts_user"\."(access_code|username|email)" = \?', "identifier = ?", shape)


def _trace(call) -> tuple[list[str], str]:
    """The shapes of the queries and the words of the refusal, if any."""
    with CaptureQueriesContext(connection) as captured:
        try:
            call()
        except AccountError as refusal:
            words = str(refusal)
        else:
            words = ""
    return [_shape(query["sql"]) for query in captured.captured_queries], words


@pytest.mark.parametrize("identifier", STRANGERS)
def test_a_wrong_password_and_an_unknown_account_cost_the_same(counted_hashes, parent, identifier):
    counted_hashes.clear()
    wrong = _trace(lambda: enter("julie.d", "faux mot de passe", network="192.0.2.1"))
    assert counted_hashes == ["hash"]
    unknown = _trace(lambda: enter(identifier, "faux mot de passe", network="192.0.2.2"))
    assert counted_hashes == ["hash", "hash"]
    assert unknown == wrong


def test_accounts_without_password_and_suspended_ones_cost_the_same_too(counted_hashes, parent, newcomer):
    wrong = _trace(lambda: enter("julie.d", "faux mot de passe", network="192.0.2.1"))
    counted_hashes.clear()
    empty = _trace(lambda: enter(newcomer.access_code, "faux mot de passe", network="192.0.2.2"))
    assert (empty, counted_hashes) == (wrong, ["hash"])
    services.suspend_account(user=parent, by=SYSTEM)
    counted_hashes.clear()
    suspended = _trace(lambda: enter("julie.d", PASSWORD, network="192.0.2.3"))
    assert (suspended, counted_hashes) == (wrong, ["hash"])


@pytest.mark.parametrize("identifier", STRANGERS)
def test_a_blocked_account_hashes_nothing_known_or_not(counted_hashes, parent, identifier):
    for number in range(5):
        for name in ("julie.d", identifier):
            _trace(lambda name=name, number=number: enter(name, "faux", network=f"192.0.2.{number}"))
    counted_hashes.clear()
    known = _trace(lambda: enter("julie.d", PASSWORD, network="198.51.100.1"))
    assert known[1].startswith("Trop d’essais.")
    assert _trace(lambda: enter(identifier, PASSWORD, network="198.51.100.2")) == known
    assert counted_hashes == []


@pytest.mark.parametrize("email", ["inconnu@exemple.fr", "", "pas une adresse"])
def test_asking_for_forgotten_identifiers_costs_the_same_for_an_unknown_address(parent, email):
    def ask(address: str, network: str):
        services.request_identifiers(email=address, link_for=link_for, network=network)

    ask("premier@exemple.fr", "192.0.2.1")  # the audit trail writes its first line otherwise than the next
    known, words = _trace(lambda: ask(parent.email, "192.0.2.2"))
    unknown, same_words = _trace(lambda: ask(email, "192.0.2.3"))
    assert words == same_words == ""
    assert _without_end(unknown) == _without_end(known)
    assert any("accounts_mailedlink" in query for query in known)
    assert any("mail_outgoingmail" in query for query in known)


def _without_end(shapes: list[str]) -> list[str]:
    """Undoing takes one word more than keeping (ROLLBACK TO, then RELEASE)."""
    return [shape for shape in shapes if not shape.startswith(("RELEASE", "ROLLBACK"))]


@pytest.mark.parametrize("identifier", STRANGERS)
def test_a_wrong_code_costs_the_same_for_an_unknown_account(newcomer, code, identifier):
    def try_code(name: str, network: str):
        services.check_activation_code(claim=queries.claim(name), code="AAAAA-AAAAA-AAAAA", network=network)

    known = _trace(lambda: try_code(newcomer.access_code, "192.0.2.1"))
    assert known[1].startswith("Ces informations ne vont pas ensemble")
    assert _trace(lambda: try_code(identifier, "192.0.2.2")) == known


def test_a_new_address_costs_the_same_when_it_already_serves(parent, newcomer):
    def ask(address: str):
        services.request_email_change(user=parent, new_email=address, password=PASSWORD, link_for=link_for, by=SYSTEM)

    User.objects.filter(pk=newcomer.pk).update(email="karim@exemple.fr")
    free = _trace(lambda: ask("libre@exemple.fr"))
    assert _trace(lambda: ask("karim@exemple.fr")) == free
