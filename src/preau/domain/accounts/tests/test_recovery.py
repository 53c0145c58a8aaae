"""Forgotten code or password: one page, one mail, one link of an hour (L13, S05, C07, V17, W5, W6)."""

import pytest

from preau.domain.accounts import queries, services
from preau.domain.accounts.errors import CredentialsRefusedError, LinkRefusedError, PasswordRefusedError
from preau.domain.accounts.models import LinkPurpose, MailedLink
from preau.domain.accounts.tests.conftest import NETWORK, PASSWORD, enter, link_for, mailed_token, mails
from preau.foundation import ids
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.models import OutgoingMail

CHOSEN = "tambour cerise igloo"


def _ask(email: str, *, network: str = NETWORK) -> None:
    services.request_identifiers(email=email, link_for=link_for, network=network)


def _reset(token: str, password: str = CHOSEN):
    return services.reset_password(token=token, new_password=password, network=NETWORK)


@pytest.mark.row("L13", "S05", "V17")
def test_the_mail_gives_the_access_code_and_a_link_never_the_password(parent):
    _ask("Julie.Delattre@Exemple.fr")
    mail = OutgoingMail.objects.get()
    token = mailed_token("identifiers")
    assert (mail.recipient, mail.subject) == (parent.email, "Vos identifiants du portail famille")
    assert mail.text == (
        "Bonjour Julie Delattre,\n\n"
        "Vous avez demandé vos identifiants.\n\n"
        f"Votre code d’accès\u202f: {ids.grouped(parent.access_code)}\n"
        "Votre nom d’utilisateur\u202f: julie.d\n\n"
        "Pour choisir un nouveau mot de passe, ouvrez ce lien. Ce lien sert une seule fois, pendant une heure.\n\n"
        f"http://testserver/lien/{token}/\n\n"
        "Si vous n’avez rien demandé, ne faites rien\u202f: votre mot de passe ne change pas."
    )
    assert PASSWORD not in mail.text


def test_the_mail_of_someone_without_user_name_has_no_line_for_it(newcomer):
    newcomer.email = "karim@exemple.fr"
    newcomer.save()
    _ask("karim@exemple.fr")
    assert "nom d’utilisateur" not in OutgoingMail.objects.get().text


def test_links_are_built_from_the_settings_alone(parent, settings):
    settings.PREAU_PUBLIC_URL = "https://familles.saint-eloi.fr"
    _ask(parent.email)
    assert "\nhttps://familles.saint-eloi.fr/lien/" in OutgoingMail.objects.get().text


@pytest.mark.parametrize("email", ["personne@exemple.fr", "pas une adresse", ""])
def test_an_unknown_address_gets_no_mail_and_leaves_no_link(parent, email):
    _ask(email)
    assert (mails(), MailedLink.objects.count()) == ([], 0)


def test_a_suspended_account_gets_no_mail(parent):
    services.suspend_account(user=parent, by=SYSTEM)
    _ask(parent.email)
    assert mails() == []


def test_a_link_opens_once(parent):
    _ask(parent.email)
    token = mailed_token("identifiers")
    assert queries.live_link(token=token, purpose=LinkPurpose.RESET_PASSWORD).user == parent
    assert _reset(token).user == parent
    assert enter("julie.d", CHOSEN).user == parent
    with pytest.raises(CredentialsRefusedError):
        enter("julie.d")
    with pytest.raises(LinkRefusedError) as refusal:
        _reset(token)
    assert str(refusal.value) == "Ce lien a déjà servi ou date de plus d’une heure. Demandez-en un autre."
    assert queries.live_link(token=token, purpose=LinkPurpose.RESET_PASSWORD) is None


def test_a_link_lives_one_hour(parent, frozen_clock):
    _ask(parent.email)
    token = mailed_token("identifiers")
    frozen_clock.advance(minutes=59, seconds=59)
    assert queries.live_link(token=token, purpose=LinkPurpose.RESET_PASSWORD) is not None
    frozen_clock.advance(seconds=1)
    with pytest.raises(LinkRefusedError):
        _reset(token)


def test_a_changed_password_kills_the_links_made_before(parent):
    _ask(parent.email)
    token = mailed_token("identifiers")
    services.change_password(user=parent, current=PASSWORD, new_password=CHOSEN, keep_session_key=None, by=SYSTEM)
    with pytest.raises(LinkRefusedError):
        _reset(token)


def test_using_one_link_kills_the_others(parent):
    _ask(parent.email)
    first = mailed_token("identifiers")
    _ask(parent.email)
    _reset(mailed_token("identifiers"))
    with pytest.raises(LinkRefusedError):
        _reset(first)


def test_a_link_dies_with_its_account(parent):
    _ask(parent.email)
    services.suspend_account(user=parent, by=SYSTEM)
    with pytest.raises(LinkRefusedError):
        _reset(mailed_token("identifiers"))


def test_a_link_sent_to_an_abandoned_address_dies(parent):
    _ask(parent.email)
    reset = mailed_token("identifiers")
    services.request_email_change(
        user=parent, new_email="julie@exemple.org", password=PASSWORD, link_for=link_for, by=SYSTEM
    )
    services.confirm_email_change(user=parent, token=mailed_token("confirm_email"), by=SYSTEM)
    with pytest.raises(LinkRefusedError):
        _reset(reset)


def test_a_link_for_one_purpose_does_not_serve_another(parent):
    _ask(parent.email)
    with pytest.raises(LinkRefusedError):
        services.confirm_email_change(user=parent, token=mailed_token("identifiers"), by=SYSTEM)
    services.request_email_change(
        user=parent, new_email="julie@exemple.org", password=PASSWORD, link_for=link_for, by=SYSTEM
    )
    with pytest.raises(LinkRefusedError):
        _reset(mailed_token("confirm_email"))


@pytest.mark.parametrize("token", ["", "x", "x" * 5000])
def test_an_invented_link_is_refused(parent, token):
    with pytest.raises(LinkRefusedError):
        _reset(token)


def test_a_refused_password_leaves_the_link_alive(parent):
    _ask(parent.email)
    token = mailed_token("identifiers")
    with pytest.raises(PasswordRefusedError):
        _reset(token, "julie delattre")
    assert _reset(token).user == parent


def test_a_reset_tells_the_owner_and_closes_every_session(parent):
    services.record_session(user=parent, session_key="old", network=NETWORK, agent="", remembered=True)
    _ask(parent.email)
    _reset(mailed_token("identifiers"))
    assert mails()[1:] == [("password_changed", parent.email, "Votre mot de passe a changé")]
    assert parent.user_sessions.count() == 0


def test_a_newcomer_whose_address_is_known_enters_by_mail_and_the_paper_code_dies(newcomer, code):
    newcomer.email = "karim@exemple.fr"
    newcomer.save()
    _ask("karim@exemple.fr")
    assert _reset(mailed_token("identifiers")).user == newcomer
    assert queries.live_activation_codes(queries.claim(newcomer.access_code)) == []


def test_past_three_requests_mails_stop_in_silence_and_resume(parent, frozen_clock):
    for _ in range(6):
        _ask(parent.email)
    assert len(mails()) == 3
    frozen_clock.advance(minutes=10)
    _ask(parent.email)
    assert len(mails()) == 4


def test_a_network_that_asks_for_many_addresses_is_dropped_in_silence(parent):
    for number in range(21):
        _ask(f"inconnu{number}@exemple.fr")
    _ask(parent.email)
    assert mails() == []
    _ask(parent.email, network="198.51.100.9")
    assert len(mails()) == 1
