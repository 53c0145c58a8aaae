"""First entry of an adult, and what is told to those who are not one (A04, W1, W4)."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password

from preau.domain.accounts import services as accounts
from preau.domain.accounts.errors import (
    ActivationRefusedError,
    LinkRefusedError,
    PasswordRefusedError,
    TooManyTriesError,
)
from preau.domain.accounts.models import ActivationCode, MailedLink, User
from preau.domain.families import services
from preau.domain.families.models import Guardian
from preau.domain.families.services import FileClaim
from preau.domain.families.tests.conftest import NETWORK, PASSWORD, TERMS, link_for, newcomer
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail

pytestmark = pytest.mark.usefixtures("town")

WRONG = "AAAAA-AAAAA-AAAAA"


def claim(code: str, *, file_number="101", file_name="Roux") -> FileClaim:
    return FileClaim(file_number=file_number, file_name=file_name, code=code)


def check(told: FileClaim) -> list[str]:
    return [guardian.first_name for guardian in services.check_household_claim(claim=told, network=NETWORK)]


def open_as(guardian: Guardian, code: str, **values):
    return services.claim_household(
        claim=claim(code), guardian_id=guardian.public_id, newcomer=newcomer(**values), link_for=link_for
    )


def ask_link(email="lina@exemple.fr", **values) -> None:
    told = {"file_number": "101", "file_name": "roux", **values}
    services.request_entry_link(**told, email=email, link_for=link_for, network=NETWORK)


def mailed_token() -> str:
    text = OutgoingMail.objects.filter(kind="entry_link").order_by("-pk")[0].text
    return text.split("/lien/")[1].split("/")[0]


def choose_password(user: User) -> None:
    user.password = make_password(PASSWORD)
    user.save()


def test_the_right_claim_offers_the_adults_without_login(code):
    assert check(claim(code)) == ["Lina", "Marc"]


@pytest.mark.parametrize(("file_number", "file_name"), [(" 101 ", "ROUX"), ("101", "roux.")])
def test_a_claim_is_read_as_it_is_copied(code, file_number, file_name):
    assert check(claim(code.lower().replace("-", " "), file_number=file_number, file_name=file_name))


@pytest.mark.parametrize(
    "wrong",
    [{"file_number": "102"}, {"file_name": "Petit"}, {"code": WRONG}],
    ids=["number", "name", "code"],
)
def test_a_wrong_claim_is_refused_without_saying_why(code, wrong):
    with pytest.raises(ActivationRefusedError) as refusal:
        check(claim(**{"code": code, **wrong}))
    assert str(refusal.value).startswith("Ces informations ne vont pas ensemble")


@pytest.mark.parametrize("file_number", ["101", "999"], ids=["known", "unknown"])
def test_five_wrong_tries_block_for_a_time(code, file_number, frozen_clock):
    for _ in range(5):
        with pytest.raises(ActivationRefusedError):
            check(claim(WRONG, file_number=file_number))
    with pytest.raises(TooManyTriesError) as refusal:
        check(claim(code, file_number=file_number))
    assert refusal.value.wait == timedelta(minutes=15)


def test_five_wrong_tries_kill_the_code(code, couple, frozen_clock):
    for _ in range(5):
        with pytest.raises(ActivationRefusedError):
            check(claim(WRONG))
    frozen_clock.advance(hours=5)
    with pytest.raises(ActivationRefusedError):
        check(claim(code))
    fresh = services.invite_guardian(guardian=couple[0], valid_for=timedelta(days=60), by=SYSTEM).code
    assert check(claim(fresh)) == ["Lina", "Marc"]


def test_claiming_opens_the_account_of_the_adult_chosen(code, couple):
    outcome = open_as(couple[0], code)
    lina = Guardian.objects.get(first_name="Lina")
    assert (outcome.user, lina.user.is_activated) == (lina.user, True)
    assert (lina.user.accepted_terms_version, lina.user.accepted_terms_at is None) == (TERMS, False)


def test_claiming_as_the_other_adult_opens_and_links_their_account(code, couple):
    outcome = open_as(couple[1], code, email="marc@exemple.fr")
    marc = Guardian.objects.get(first_name="Marc")
    assert (outcome.user, marc.user.display_name, marc.user.is_activated) == (marc.user, "Marc Petit", True)
    assert OutgoingMail.objects.get(recipient="marc@exemple.fr").kind == "confirm_email"


def test_a_code_opens_one_account_only(code, couple):
    open_as(couple[1], code)
    with pytest.raises(ActivationRefusedError):
        open_as(couple[0], code)
    assert ActivationCode.objects.get(user=Guardian.objects.get(first_name="Lina").user).used_at is not None


def test_a_refused_password_leaves_the_code_alive(code, couple):
    with pytest.raises(PasswordRefusedError):
        open_as(couple[1], code, password="court")
    assert open_as(couple[1], code).user.is_activated


def test_somebody_who_has_a_login_is_not_offered(code, couple):
    choose_password(accounts.open_account(display_name="Marc Petit", by=SYSTEM))
    Guardian.objects.filter(first_name="Marc").update(user=User.objects.get(display_name="Marc Petit"))
    assert check(claim(code)) == ["Lina"]
    with pytest.raises(ActivationRefusedError):
        open_as(couple[1], code)


def test_a_suspended_adult_is_not_offered(code, couple):
    marc = services.invite_guardian(guardian=couple[1], valid_for=timedelta(days=60), by=SYSTEM).user
    accounts.suspend_account(user=marc, by=SYSTEM)
    assert check(claim(code)) == ["Lina"]


def test_an_adult_of_another_family_is_refused(code):
    with pytest.raises(ActivationRefusedError):
        services.claim_household(claim=claim(code), guardian_id="someone-else", newcomer=newcomer(), link_for=link_for)


def test_the_code_of_somebody_who_has_a_login_opens_nobody_else(code, couple):
    """The town proved in person who Lina is, and gave her a code: it is hers alone."""
    choose_password(Guardian.objects.get(first_name="Lina").user)
    assert check(claim(code)) == ["Lina"]


def test_the_access_code_and_its_activation_code_open_the_account(code, couple):
    user = Guardian.objects.get(first_name="Lina").user
    outcome = services.enter_with_code(
        access_code=user.access_code.lower(), code=code, newcomer=newcomer(), link_for=link_for
    )
    assert (outcome.user, outcome.user.accepted_terms_version) == (user, TERMS)


def test_a_link_by_mail_opens_the_account(couple):
    ask_link()
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == ("lina@exemple.fr", "Ouvrez votre compte du portail famille")
    outcome = services.enter_with_link(token=mailed_token(), newcomer=newcomer())
    lina = Guardian.objects.get(first_name="Lina")
    assert (outcome.user, lina.user.email, lina.user.accepted_terms_version) == (lina.user, "lina@exemple.fr", TERMS)


def test_a_link_serves_once(couple):
    ask_link()
    services.enter_with_link(token=mailed_token(), newcomer=newcomer())
    with pytest.raises(LinkRefusedError):
        services.enter_with_link(token=mailed_token(), newcomer=newcomer())


def test_two_adults_of_one_address_get_one_link_each(couple):
    Guardian.objects.update(email="commun@exemple.fr")
    ask_link(email="COMMUN@exemple.fr")
    assert sorted(text.split(",")[0] for text in OutgoingMail.objects.values_list("text", flat=True)) == [
        "Bonjour Lina Roux",
        "Bonjour Marc Petit",
    ]


def test_somebody_who_has_a_login_gets_their_identifiers(code, couple):
    choose_password(Guardian.objects.get(first_name="Lina").user)
    ask_link()
    assert OutgoingMail.objects.get().subject == "Vos identifiants du portail famille"


@pytest.mark.parametrize(
    "wrong", [{"email": "autre@exemple.fr"}, {"file_number": "102"}, {"file_name": "Petit"}, {"email": ""}]
)
def test_a_claim_that_names_nobody_writes_nothing(couple, wrong):
    ask_link(**wrong)
    assert (OutgoingMail.objects.count(), MailedLink.objects.count(), User.objects.count()) == (0, 0, 0)
    assert AuditEvent.objects.count() == 0


def test_a_suspended_adult_gets_no_link(code, couple):
    accounts.suspend_account(user=Guardian.objects.get(first_name="Lina").user, by=SYSTEM)
    ask_link()
    assert OutgoingMail.objects.count() == 0


def test_asking_for_links_again_and_again_is_dropped_in_silence(couple):
    for _ in range(6):
        ask_link()
    assert OutgoingMail.objects.count() == 3


@pytest.mark.parametrize(("email", "queries"), [("lina@exemple.fr", 21), ("autre@exemple.fr", 22)])
def test_a_known_and_an_unknown_claim_do_the_same_work(code, couple, email, queries, django_assert_num_queries):
    """The unknown one undoes it: one statement more."""
    with django_assert_num_queries(queries):
        ask_link(email=email)
