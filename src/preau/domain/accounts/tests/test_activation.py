"""First entry with a one-time code (A04, W4)."""

from datetime import timedelta

import pytest

from preau.domain.accounts import queries, services
from preau.domain.accounts.errors import (
    ActivationRefusedError,
    CredentialsRefusedError,
    EmailRefusedError,
    PasswordRefusedError,
    TooManyTriesError,
)
from preau.domain.accounts.models import ActivationCode, User
from preau.domain.accounts.tests.conftest import NETWORK, enter, link_for, mailed_token, mails
from preau.foundation import ids
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent

CHOSEN = "tambour cerise igloo"


def _activate(claim: queries.Claim, code: str, *, password: str = CHOSEN, email: str = "", network: str = NETWORK):
    return services.activate(
        claim=claim, code=code, new_password=password, email=email, link_for=link_for, network=network
    )


def _fail(claim: queries.Claim, times: int, *, network: str = NETWORK) -> None:
    for _ in range(times):
        with pytest.raises(ActivationRefusedError):
            _activate(claim, "AAAAA-AAAAA-AAAAA", network=network)


def test_a_code_is_three_groups_of_five_and_is_kept_nowhere_in_clear(code):
    assert [len(group) for group in code.split("-")] == [5, 5, 5]
    assert set(code) <= set(ids.BASE32) | {"-"}
    kept = str(list(ActivationCode.objects.values())) + str(list(AuditEvent.objects.values()))
    assert ids.ungrouped(code) not in kept
    assert code not in kept


def test_a_newcomer_chooses_a_password_and_then_enters_with_it(newcomer, code):
    outcome = _activate(queries.claim(newcomer.access_code), code)
    assert outcome.user == newcomer
    assert enter(newcomer.access_code, CHOSEN, device_token=outcome.device_token).user == newcomer
    newcomer.refresh_from_db()
    assert (newcomer.is_activated, newcomer.must_change_password) == (True, False)
    assert mails() == []


@pytest.mark.parametrize("spelled", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_a_code_is_read_as_hands_type_it(newcomer, code, spelled):
    assert _activate(queries.claim(newcomer.access_code), spelled(code)).user == newcomer


def test_a_code_may_be_checked_before_it_is_used(newcomer, code):
    claim = queries.claim(newcomer.access_code)
    services.check_activation_code(claim=claim, code=code, network=NETWORK)
    assert _activate(claim, code).user == newcomer


def test_a_code_serves_once(newcomer, code):
    claim = queries.claim(newcomer.access_code)
    _activate(claim, code)
    with pytest.raises(ActivationRefusedError):
        _activate(claim, code, password="autre chapeau orange")
    assert enter(newcomer.access_code, CHOSEN).user == newcomer


def test_a_code_expires(frozen_clock, newcomer):
    short = services.issue_activation_code(user=newcomer, valid_for=timedelta(hours=1), by=SYSTEM)
    frozen_clock.advance(minutes=60)
    with pytest.raises(ActivationRefusedError) as refusal:
        _activate(queries.claim(newcomer.access_code), short)
    assert str(refusal.value) == (
        "Ces informations ne vont pas ensemble, ou le code n’est plus valable. "
        "Vérifiez-les, ou demandez un nouveau code à la mairie."
    )


def test_a_new_code_kills_the_one_before(newcomer, code):
    claim = queries.claim(newcomer.access_code)
    second = services.issue_activation_code(user=newcomer, valid_for=timedelta(days=90), by=SYSTEM)
    with pytest.raises(ActivationRefusedError):
        _activate(claim, code)
    assert _activate(claim, second).user == newcomer


def test_the_code_of_one_account_opens_no_other(newcomer, code, parent):
    with pytest.raises(ActivationRefusedError):
        _activate(queries.claim(parent.access_code), code)


def test_five_wrong_tries_kill_the_code_for_good(newcomer, code, frozen_clock):
    claim = queries.claim(newcomer.access_code)
    _fail(claim, 5)
    assert ActivationCode.objects.get().failures == 5
    frozen_clock.advance(days=1)
    with pytest.raises(ActivationRefusedError):
        _activate(claim, code)


def test_four_wrong_tries_do_not(newcomer, code):
    claim = queries.claim(newcomer.access_code)
    _fail(claim, 4)
    assert _activate(claim, code).user == newcomer


@pytest.mark.row("A04")
def test_five_wrong_tries_block_known_and_unknown_claims_for_a_quarter_of_an_hour(newcomer, code, frozen_clock):
    for claim in (queries.Claim("dossier:101 benali", newcomer), queries.Claim("dossier:999 personne", None)):
        _fail(claim, 5)
        with pytest.raises(TooManyTriesError) as refusal:
            _activate(claim, code)
        assert str(refusal.value) == "Trop d’essais. Réessayez dans 15\u00a0minutes."
        frozen_clock.advance(minutes=15)
        _fail(claim, 1)


def test_a_new_code_given_by_the_town_opens_the_block(newcomer, code):
    claim = queries.claim(newcomer.access_code)
    _fail(claim, 5)
    second = services.issue_activation_code(user=newcomer, valid_for=timedelta(days=90), by=SYSTEM)
    assert _activate(claim, second).user == newcomer


def test_a_network_that_tries_many_accounts_waits(newcomer, code):
    for number in range(31):
        _fail(queries.claim(f"2ZZZZZ{number:02d}"), 1)
    with pytest.raises(TooManyTriesError):
        _activate(queries.claim(newcomer.access_code), code)


def test_a_refused_password_leaves_the_code_alive(newcomer, code):
    claim = queries.claim(newcomer.access_code)
    with pytest.raises(PasswordRefusedError, match="au moins 12 caractères"):
        _activate(claim, code, password="court")
    with pytest.raises(PasswordRefusedError, match="ni votre nom"):
        _activate(claim, code, password="karim cabane violon")
    assert _activate(claim, code).user == newcomer


def test_a_wrong_code_is_refused_before_the_password_tells_whose_account_it_is(newcomer, code):
    with pytest.raises(ActivationRefusedError):
        _activate(queries.claim(newcomer.access_code), "AAAAA-AAAAA-AAAAA", password="karim cabane violon")


def test_a_suspended_account_cannot_be_activated(newcomer, code):
    User.objects.update(is_active=False)
    with pytest.raises(ActivationRefusedError):
        _activate(queries.claim(newcomer.access_code), code)


def test_an_email_given_on_the_way_must_be_confirmed_first(newcomer, code):
    _activate(queries.claim(newcomer.access_code), code, email="Karim@Exemple.fr")
    newcomer.refresh_from_db()
    assert newcomer.email is None
    assert mails() == [("confirm_email", "karim@exemple.fr", "Confirmez votre adresse e-mail")]
    services.confirm_email_change(user=newcomer, token=mailed_token("confirm_email"), by=SYSTEM)
    assert enter("karim@exemple.fr", CHOSEN).user == newcomer


def test_the_email_already_known_needs_no_confirmation(newcomer, code):
    User.objects.filter(pk=newcomer.pk).update(email="karim@exemple.fr")
    _activate(queries.claim(newcomer.access_code), code, email="karim@exemple.fr")
    assert mails() == []


def test_what_is_no_address_is_refused_before_anything_else(newcomer, code):
    with pytest.raises(EmailRefusedError):
        _activate(queries.claim(newcomer.access_code), code, email="karim")
    assert _activate(queries.claim(newcomer.access_code), code).user == newcomer


def test_a_code_given_in_person_replaces_a_forgotten_password(parent):
    code = services.issue_activation_code(user=parent, valid_for=timedelta(days=1), by=SYSTEM)
    services.record_session(user=parent, session_key="old", network=NETWORK, agent="", remembered=True)
    _activate(queries.claim(parent.access_code), code)
    with pytest.raises(CredentialsRefusedError):
        enter("julie.d")
    assert enter("julie.d", CHOSEN).user == parent
    assert parent.user_sessions.count() == 0
    assert mails() == [("password_changed", parent.email, "Votre mot de passe a changé")]


def test_a_thousand_codes_cost_the_queries_of_one(parent, newcomer, django_assert_num_queries):
    services.issue_activation_codes(users=[parent], valid_for=timedelta(days=90), by=SYSTEM)
    with django_assert_num_queries(11):
        services.issue_activation_codes(users=[parent], valid_for=timedelta(days=90), by=SYSTEM)
    with django_assert_num_queries(11):
        codes = services.issue_activation_codes(users=[parent, newcomer], valid_for=timedelta(days=90), by=SYSTEM)
    assert _activate(queries.claim(newcomer.access_code), codes[newcomer.pk]).user == newcomer


def test_what_was_done_is_in_the_audit_trail(newcomer, code):
    _activate(queries.claim(newcomer.access_code), code)
    lines = AuditEvent.objects.order_by("sequence").values_list("actor_kind", "action", "subject", "network")
    subject = f"user:{newcomer.public_id}"
    assert list(lines) == [
        ("system", "account_opened", subject, ""),
        ("system", "activation_codes_issued", subject, ""),
        ("family", "account_activated", subject, NETWORK),
    ]
