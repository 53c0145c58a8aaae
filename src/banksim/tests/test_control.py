"""The control interface and the pages for people."""

import pytest
import requests

pytestmark = pytest.mark.process


def test_clients_are_declared_and_changed(sim, service):
    sim.add_client("333333", "Commune A")
    sim.add_client("333333", "Commune B", label_3="CRÈCHE")
    assert service.client("333333").fields == {
        "libelleN1": "Commune B",
        "libelleN2": None,
        "libelleN3": "CRÈCHE",
        "numcli": "333333",
    }
    with pytest.raises(RuntimeError, match="client mal décrit"):
        sim.add_client("333333", "Commune", couleur="bleu")


def test_the_clock_is_set_moved_and_put_back(sim):
    clock = f"{sim.base_url}/sim/api/clock"
    sim.set_clock("2030-01-01T00:00:00+01:00")
    sim.shift_clock(3600)
    assert requests.get(clock, timeout=10).json()["now"].startswith("2030-01-01T00:00")
    assert requests.post(clock, json={"offset_seconds": 0}, timeout=10).json()["offset_seconds"] == 0
    assert requests.post(clock, json={"now": "demain"}, timeout=10).status_code == 400


def test_reset_forgets_everything_but_the_clients(sim, service):
    service.open()
    sim.set_defaults(notify="never", scenario="refuse")
    sim.set_fault("*", "close")
    sim.shift_clock(60)
    sim.reset()
    assert sim.payments() == []
    assert sim.journal() == []
    api = f"{sim.base_url}/sim/api"
    assert requests.get(f"{api}/faults", timeout=10).json()["faults"] == {}
    assert requests.get(f"{api}/clock", timeout=10).json()["offset_seconds"] == 0
    defaults = requests.get(f"{api}/defaults", timeout=10).json()
    assert (defaults["notify"]["when"], defaults["return"], defaults["scenario"]) == ("at_once", "normal", "pay")
    assert service.client("090909").status == 200


@pytest.mark.parametrize(
    "asked", [{"scenario": "voler"}, {"short_exer": "oui"}, {"couleur": "bleu"}, {"notify": "parfois"}, {"return": "x"}]
)
def test_a_default_that_does_not_exist_is_refused(sim, asked):
    assert requests.post(f"{sim.base_url}/sim/api/defaults", json=asked, timeout=10).status_code == 400


def test_payments_are_found_by_reference(sim, service):
    first, second = service.open(refdet="PREMIERE01"), service.open(refdet="SECONDE01")
    assert [payment["idop"] for payment in sim.payments()] == [second, first]
    assert [payment["idop"] for payment in sim.payments(refdet="PREMIERE01")] == [first]
    with pytest.raises(RuntimeError, match="404 opération inconnue"):
        sim.payment("rien")


def test_another_sites_page_cannot_give_orders(sim):
    api = f"{sim.base_url}/sim/api/reset"
    assert requests.post(api, data={"a": "b"}, timeout=10).status_code == 415
    assert requests.get(api, timeout=10).status_code == 405
    assert requests.post(api, data="[", headers={"Content-Type": "application/json"}, timeout=10).status_code == 400
    assert requests.get(f"{sim.base_url}/", headers={"Host": "mechant.example"}, timeout=10).status_code == 400
    form = f"{sim.base_url}/sim/reglages"
    elsewhere = {"Origin": "http://mechant.example"}
    posted = requests.post(form, data={"faire": "clock", "minutes": "9"}, headers=elsewhere, timeout=10)
    assert posted.status_code == 403


def test_the_home_page_shows_operations_and_changes_settings(sim, service):
    service.open(refdet="VISIBLE001")
    home = requests.get(f"{sim.base_url}/", timeout=10).text
    assert "VISIBLE001" in home
    assert "42,50" in home
    own = {"Origin": sim.base_url}
    form = f"{sim.base_url}/sim/reglages"
    for fields in (
        {"faire": "defaults", "notify": "never", "return": "post", "scenario": "refuse"},
        {"faire": "fault", "operation": "*", "kind": "html_200"},
        {"faire": "clock", "minutes": "31"},
    ):
        assert requests.post(form, data=fields, headers=own, timeout=10).status_code == 200
    assert service.client("090909").raw.startswith(b"<!doctype html>")
    requests.post(form, data={"faire": "mend"}, headers=own, timeout=10)
    requests.post(form, data={"faire": "present"}, headers=own, timeout=10)
    assert service.client("090909").status == 200
    assert sim.set_defaults()["notify"]["when"] == "never"
    assert sim.set_defaults()["return"] == "post"


def test_the_journal_tells_each_call_with_its_verdict(sim, service, merchant):
    idop = service.open()
    service.create(montant="99")
    sim.decide(idop, "P")
    told = [(entry["direction"], entry["operation"], entry["status"]) for entry in reversed(sim.journal())]
    assert told == [
        ("received", "creerPaiementSecurise", 200),
        ("received", "creerPaiementSecurise", 500),
        ("received", "résultat", None),
        ("emitted", "notification", 200),
    ]
    page = requests.get(f"{sim.base_url}/sim/journal", timeout=10).text
    assert "M3 : montant de 99 centimes, minimum 100" in page
    assert "F2025000123A1" in page
    assert "M3 :" not in requests.get(f"{sim.base_url}/sim/journal", params={"reference": idop}, timeout=10).text
