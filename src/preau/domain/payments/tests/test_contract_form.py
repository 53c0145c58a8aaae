"""Setting up a contract: one form per gateway, keys sealed and never shown, no imitated bank in production (11.1)."""

from datetime import date, timedelta

import pytest

from preau.domain.payments.contract_form import form_for
from preau.domain.payments.contract_settings import Setting
from preau.domain.payments.queries.contracts import merchant_of
from preau.domain.regies.models import Channel, ContractSecret, GatewayContract
from preau.domain.regies.services import seal_secrets_again, set_secret
from preau.foundation import clock, french
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.sealing import SealBrokenError, seal
from tests.support.factories import make_contract, make_regie, make_town, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

SIMULATED = ["http://127.0.0.1:9000/ws", "https://127.0.0.1/ws", "https://localhost/ws", "http://banque.example/ws"]
KEY, NEXT_KEY = "k" * 20, "n" * 20


@pytest.fixture(autouse=True)
def demanding_bank(bank, monkeypatch):
    """The fake bank asks for an address and a key."""
    settings = (
        Setting("service_url", "Adresse du service", kind="address", required=False),
        Setting("key", "Clé", kind="secret", pattern=".{20}", wrong="La clé a vingt signes."),
    )
    monkeypatch.setattr(type(bank), "settings", settings)
    monkeypatch.setattr(
        type(bank), "number", Setting("merchant", "Numéro", pattern="[0-9]{6}", wrong="Le numéro a six chiffres.")
    )


def typed(**values) -> dict[str, str]:
    usual = {
        "regie": make_regie(contract=False).pk,
        "merchant": "090909",
        "mode": "production",
        "opened_on": "2026-10-08",
        "setting_service_url": "",
        "setting_key": KEY,
        "overlap": "7",
    }
    return {**usual, **values}


@pytest.fixture
def it_person(client):
    make_town()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def test_a_contract_is_of_its_gateways_channel(bank, monkeypatch):
    regie = make_contract(make_regie(contract=False), channel=Channel.ONLINE).regie
    monkeypatch.setattr(type(bank), "channel", Channel.DESK)
    form = form_for("fake")(typed(regie=regie.pk))
    assert form.is_valid(), form.errors
    assert form.save().channel == Channel.DESK


def test_a_second_open_contract_on_a_channel_is_told_beside_the_regie():
    open_ = make_contract(make_regie(contract=False), merchant="090909", settings={})
    regie = open_.regie
    form = form_for("fake")(typed(regie=regie.pk))
    assert form.errors == {
        "regie": ["Cette régie a déjà un contrat en ligne\u202f: donnez-lui d’abord une date de fin."]
    }
    assert form_for("fake")(typed(regie=regie.pk, closed_on="2026-10-09")).is_valid()
    assert form_for("fake")(typed(regie=regie.pk), instance=open_).is_valid()


@pytest.mark.parametrize("address", SIMULATED)
def test_a_simulator_is_refused_when_it_is_typed_and_not_at_the_next_start(settings, address):
    """Until then every click on the imitated page was a payment; then the portal no longer started."""
    settings.PREAU_ENV = "production"
    form = form_for("fake")(typed(setting_service_url=address))
    assert form.errors == {"__all__": [f"« service_url » désigne un simulateur ({address})."]}


@pytest.mark.parametrize(
    ("where", "address"), [("demo", SIMULATED[0]), ("production", "https://paiement.banque.example/ws")]
)
def test_the_demo_has_its_simulator_and_production_the_real_addresses(settings, where, address):
    settings.PREAU_ENV = where
    assert form_for("fake")(typed(setting_service_url=address)).is_valid()


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"merchant": "9"}, {"merchant": ["Le numéro a six chiffres."]}),
        ({"setting_key": "court"}, {"setting_key": ["La clé a vingt signes."]}),
        ({"setting_key": ""}, {"setting_key": ["Ce champ est obligatoire."]}),
        (
            {"setting_service_url": "ftp://x"},
            {"setting_service_url": ["« Adresse du service » doit être une adresse complète."]},
        ),
    ],
)
def test_each_wrong_value_is_told_beside_its_field(changed, errors):
    assert form_for("fake")(typed(**changed)).errors == errors


def test_the_gateway_is_chosen_first(it_person):
    page = it_person.get("/bureau/reglages/regies/gatewaycontract/add/").content.decode()
    assert "Quelle banque" in page
    assert '<a href="?gateway=fake">Banque d’essai</a>' in page


def test_a_contract_is_set_up_and_its_key_is_sealed(it_person):
    answer = it_person.post("/bureau/reglages/regies/gatewaycontract/add/?gateway=fake", typed(mode="test"))
    assert answer.status_code == 302
    contract = GatewayContract.objects.get(merchant="090909")
    assert (contract.gateway, contract.settings) == ("fake", {})
    assert KEY not in ContractSecret.objects.get().sealed
    assert merchant_of(contract).secrets == {"key": (KEY,)}
    assert KEY not in repr(merchant_of(contract))


def test_a_key_is_never_shown_again_and_leaving_it_empty_keeps_it(it_person):
    it_person.post("/bureau/reglages/regies/gatewaycontract/add/?gateway=fake", typed(mode="test"))
    contract = GatewayContract.objects.get(merchant="090909")
    address = f"/bureau/reglages/regies/gatewaycontract/{contract.pk}/change/"
    page = it_person.get(address).content.decode()
    assert KEY not in page
    assert ContractSecret.objects.get().sealed not in page
    assert f"Clé : depuis le {french.day(date(2026, 10, 8))}" in page
    sent = typed(regie=contract.regie_id, mode="activation", setting_key="")
    assert it_person.post(address, sent).status_code == 302
    contract.refresh_from_db()
    assert (contract.mode, merchant_of(contract).secrets) == ("activation", {"key": (KEY,)})


def test_two_keys_are_good_while_the_bank_changes_one(it_person, frozen_clock):
    """G10: what comes signed with either is believed for a week, what we send is signed with the new one."""
    it_person.post("/bureau/reglages/regies/gatewaycontract/add/?gateway=fake", typed(mode="test"))
    contract = GatewayContract.objects.get(merchant="090909")
    frozen_clock.advance(minutes=1)
    set_secret(contract=contract, name="key", value=NEXT_KEY, overlap=timedelta(days=7), by=SYSTEM)
    assert (merchant_of(contract).secrets, merchant_of(contract).secret("key")) == ({"key": (NEXT_KEY, KEY)}, NEXT_KEY)
    frozen_clock.advance(days=7, seconds=-1)
    assert merchant_of(contract).secrets == {"key": (NEXT_KEY, KEY)}
    frozen_clock.advance(seconds=1)
    assert merchant_of(contract).secrets == {"key": (NEXT_KEY,)}


def test_a_contract_is_tried_without_paying(it_person):
    contract = make_contract(make_regie(contract=False))
    answer = it_person.post(f"/bureau/reglages/regies/gatewaycontract/{contract.pk}/verifier/", follow=True)
    assert "La banque d’essai répond." in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_who_sets_up_contracts_tries_them(client, it_person, method):
    contract = make_contract(make_regie(contract=False))
    if method == "post":
        client.force_login(make_user(is_staff=True))
    answer = getattr(client, method)(f"/bureau/reglages/regies/gatewaycontract/{contract.pk}/verifier/")
    assert answer.status_code == 403


def test_the_installations_key_changes_and_the_secrets_stay(settings):
    make_town()
    contract = make_contract(make_regie(contract=False))
    set_secret(contract=contract, name="key", value=KEY, overlap=timedelta(0), by=SYSTEM)
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [old]
    assert merchant_of(contract).secrets == {"key": (KEY,)}
    assert seal_secrets_again(by=SYSTEM) == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert merchant_of(contract).secrets == {"key": (KEY,)}


def test_a_secret_of_a_lost_key_is_told_not_guessed(settings):
    make_town()
    contract = make_contract(make_regie(contract=False))
    ContractSecret.objects.create(contract=contract, name="key", sealed=seal(KEY), usable_from=clock.now())
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(SealBrokenError, match="n’a plus"):
        merchant_of(contract)
