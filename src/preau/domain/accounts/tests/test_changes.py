"""Change of password (S15, V28) and of e-mail."""

import pytest

from preau.domain.accounts import services
from preau.domain.accounts.errors import (
    CredentialsRefusedError,
    EmailRefusedError,
    LinkRefusedError,
    PasswordRefusedError,
    TooManyTriesError,
    WrongPasswordError,
)
from preau.domain.accounts.models import User, UserSession
from preau.domain.accounts.tests.conftest import NETWORK, PASSWORD, enter, link_for, mailed_token, mails
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail

CHOSEN = "tambour cerise igloo"


def _change(user: User, *, current: str = PASSWORD, new: str = CHOSEN, keep: str | None = None) -> None:
    services.change_password(user=user, current=current, new_password=new, keep_session_key=keep, by=SYSTEM)


def _ask(user: User, email: str, password: str = PASSWORD) -> None:
    services.request_email_change(user=user, new_email=email, password=password, link_for=link_for, by=SYSTEM)


@pytest.mark.row("S15", "V28")
def test_a_change_of_password_is_told_by_mail_and_closes_the_other_sessions(parent, frozen_clock):
    for key in ("here", "there"):
        services.record_session(user=parent, session_key=key, network=NETWORK, agent="", remembered=False)
    _change(parent, keep="here")
    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["here"]
    assert enter("julie.d", CHOSEN).user == parent
    with pytest.raises(CredentialsRefusedError):
        enter("julie.d")
    parent.refresh_from_db()
    assert parent.password_changed_at == frozen_clock.now()
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == (parent.email, "Votre mot de passe a changé")
    assert mail.text == (
        "Bonjour Julie Delattre,\n\n"
        "Le mot de passe de votre compte vient de changer. Vos autres appareils ont été déconnectés.\n\n"
        "Si ce n’est pas vous, demandez tout de suite un nouveau mot de passe sur la page "
        "«\u202fMot de passe ou code oublié\u202f» et prévenez la mairie."
    )


@pytest.mark.row("S11")
def test_a_forced_change_is_over_once_another_password_is_chosen(parent):
    services.require_new_password(user=parent, by=SYSTEM)
    with pytest.raises(PasswordRefusedError, match="C’est déjà votre mot de passe"):
        _change(parent, new=PASSWORD)
    assert enter("julie.d").must_change_password is True
    _change(parent)
    assert enter("julie.d", CHOSEN).must_change_password is False


def test_the_current_password_is_asked(parent):
    with pytest.raises(WrongPasswordError):
        _change(parent, current="faux")
    assert enter("julie.d").user == parent
    assert mails() == []


def test_guessing_the_current_password_from_an_open_session_is_slowed(parent):
    for _ in range(5):
        with pytest.raises(WrongPasswordError):
            _change(parent, current="faux")
    with pytest.raises(TooManyTriesError):
        _change(parent)


def test_a_new_password_that_breaks_the_rule_changes_nothing(parent):
    with pytest.raises(PasswordRefusedError) as refusal:
        _change(parent, new="julie-z")
    assert refusal.value.sentences == [
        "Il faut au moins 12 caractères. Le vôtre en a 7.",
        "N’y mettez ni votre nom, ni votre e-mail, ni votre code d’accès, ni le nom de la ville.",
    ]
    assert enter("julie.d").user == parent


def test_someone_without_email_changes_their_password_without_notice(parent):
    User.objects.update(email=None)
    parent.refresh_from_db()
    _change(parent)
    assert mails() == []


def test_a_new_address_serves_once_its_reader_confirms(parent):
    _ask(parent, "Julie@Exemple.org")
    assert mails() == [
        ("confirm_email", "julie@exemple.org", "Confirmez votre adresse e-mail"),
        ("email_change_asked", "julie.delattre@exemple.fr", "Changement d’adresse e-mail demandé"),
    ]
    with pytest.raises(CredentialsRefusedError):
        enter("julie@exemple.org")
    token = mailed_token("confirm_email")
    services.confirm_email_change(user=parent, token=token, by=SYSTEM)
    assert enter("julie@exemple.org").user == parent
    with pytest.raises(CredentialsRefusedError):
        enter("julie.delattre@exemple.fr")
    assert mails()[2:] == [("email_changed", "julie.delattre@exemple.fr", "Votre adresse e-mail a changé")]
    with pytest.raises(LinkRefusedError):
        services.confirm_email_change(user=parent, token=token, by=SYSTEM)


def test_a_first_address_has_no_old_one_to_warn(parent):
    User.objects.update(email=None)
    parent.refresh_from_db()
    _ask(parent, "julie@exemple.org")
    services.confirm_email_change(user=parent, token=mailed_token("confirm_email"), by=SYSTEM)
    assert [kind for kind, *_ in mails()] == ["confirm_email"]


def test_an_address_already_used_is_told_to_its_owner_alone(parent, newcomer):
    User.objects.filter(pk=newcomer.pk).update(email="karim@exemple.fr")
    _ask(parent, "karim@exemple.fr")
    assert mails() == [
        ("confirm_email", "karim@exemple.fr", "Cette adresse sert déjà"),
        ("email_change_asked", parent.email, "Changement d’adresse e-mail demandé"),
    ]
    text = OutgoingMail.objects.get(recipient="karim@exemple.fr").text
    assert text.startswith("Bonjour Karim Benali,")
    assert "/lien/" not in text
    assert "Julie" not in text


def test_an_address_taken_before_its_link_is_opened_is_refused(parent, newcomer):
    _ask(parent, "commun@exemple.fr")
    User.objects.filter(pk=newcomer.pk).update(email="commun@exemple.fr")
    with pytest.raises(LinkRefusedError):
        services.confirm_email_change(user=parent, token=mailed_token("confirm_email"), by=SYSTEM)
    parent.refresh_from_db()
    assert parent.email == "julie.delattre@exemple.fr"


def test_the_link_of_an_account_does_not_serve_another(parent, newcomer):
    _ask(parent, "coquille@exemple.fr")
    with pytest.raises(LinkRefusedError):
        services.confirm_email_change(user=newcomer, token=mailed_token("confirm_email"), by=SYSTEM)
    assert list(User.objects.filter(email="coquille@exemple.fr")) == []


def test_a_new_password_stops_a_change_of_address_asked_by_a_thief(parent):
    _ask(parent, "voleur@exemple.org")
    token = mailed_token("confirm_email")
    _change(parent)
    with pytest.raises(LinkRefusedError):
        services.confirm_email_change(user=parent, token=token, by=SYSTEM)


@pytest.mark.parametrize("typed", ["", "julie", "julie@", "a@b@c.fr", "julie@exemple.fr\nBcc: x@y.fr"])
def test_what_is_no_address_is_refused(parent, typed):
    with pytest.raises(EmailRefusedError, match="Cette adresse e-mail n’est pas complète"):
        _ask(parent, typed)
    assert mails() == []


def test_a_change_of_address_asks_for_the_password(parent):
    with pytest.raises(WrongPasswordError):
        _ask(parent, "julie@exemple.org", "faux")
    assert mails() == []


def test_changes_are_in_the_audit_trail_without_their_content(parent):
    _ask(parent, "julie@exemple.org")
    services.confirm_email_change(user=parent, token=mailed_token("confirm_email"), by=SYSTEM)
    _change(parent)
    lines = AuditEvent.objects.order_by("sequence").values_list("actor_kind", "action", "details")
    assert list(lines) == [
        ("system", "account_opened", {}),
        ("system", "email_change_asked", {}),
        ("system", "email_changed", {}),
        ("system", "password_changed", {}),
    ]
