"""The web service on the wire: field rules with their codes, shapes of replies and faults."""

import pytest
import requests
from lxml import etree

from banksim.tests.wire import NS, envelope

pytestmark = pytest.mark.process

LONG_URL = "http://127.0.0.1/" + "a" * 233  # 250 characters


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"saisie": None}, "S1"),
        ({"saisie": "M"}, "S1"),
        ({"numcli": None}, "T1"),
        ({"numcli": "12345"}, "T1"),
        ({"numcli": "12345A"}, "T1"),
        ({"numcli": "999999"}, "T2"),
        ({"numcli": "111111"}, "T4"),
        ({"montant": None}, "M1"),
        ({"montant": "42.50"}, "M1"),
        ({"montant": "-100"}, "M1"),
        ({"montant": "42,50"}, "M1"),
        ({"montant": "000000004250"}, "M1"),
        ({"montant": "0"}, "M3"),
        ({"montant": "99"}, "M3"),
        ({"montant": "10000001"}, "M5"),
        ({"numcli": "222222", "montant": "50001"}, "M5"),
        ({"mel": None}, "A1"),
        ({"mel": ""}, "A1"),
        ({"mel": "parent.example.org"}, "A2"),
        ({"mel": "a@b.c"}, "A2"),
        ({"mel": "p@" + "e" * 79}, "A2"),
        ({"urlnotif": None}, "N1"),
        ({"urlnotif": "127.0.0.1/notif"}, "N1"),
        ({"urlnotif": LONG_URL}, "N1"),
        ({"urlredirect": None}, "D1"),
        ({"urlredirect": "javascript:alert(1)"}, "D1"),
        ({"urlredirect": LONG_URL}, "D1"),
        ({"refdet": None}, "R3"),
        ({"refdet": "F2025"}, "R3"),
        ({"refdet": "F2025-000123"}, "R3"),
        ({"refdet": "F" * 31}, "R3"),
        ({"refdet": "FACTURÉ2025"}, "R3"),
        ({"exer": "25"}, "999"),
        ({"objet": "Cantine été"}, "999"),
        ({"objet": "C" * 101}, "999"),
    ],
)
def test_a_field_out_of_its_rule_is_refused_with_its_code(sim, service, changed, code):
    refused = service.create(**changed)
    assert (refused.status, refused.code) == (500, code)
    assert sim.payments() == []
    assert sim.journal()[0]["verdict"].startswith(f"{code} : ")


@pytest.mark.parametrize(
    "changed",
    [
        {"montant": "100"},
        {"montant": "10000000"},
        {"numcli": "222222", "montant": "50000"},
        {"mel": "p@e.fr"},
        {"mel": "p@" + "e" * 78},
        {"refdet": "F20250"},
        {"refdet": "F" * 30},
        {"saisie": "X"},
        {"saisie": "W"},
        {"objet": "C" * 100},
        {"urlnotif": LONG_URL[:-1]},
    ],
)
def test_the_edge_of_each_rule_is_accepted(sim, service, changed):
    idop = service.open(**changed)
    assert len(idop) == 36
    assert sim.payment(idop)["state"] == "créée"


def test_a_functional_fault_has_the_shape_of_the_recordings(service):
    refused = service.create(montant="99")
    assert refused.status == 500
    assert refused.content_type == "text/xml;charset=utf-8"
    fault = refused.body[0]
    assert fault.tag == "{http://schemas.xmlsoap.org/soap/envelope/}Fault"
    assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
    assert fault.findtext("faultcode") == "S:Server"
    assert fault.findtext("faultstring") == "fr.gouv.finances.cp.tpa.webservice.exceptions.FonctionnelleErreur"
    (error,) = fault.find("detail")
    assert error.tag == f"{{{NS}}}FonctionnelleErreur"
    assert [child.tag for child in error] == ["code", "descriptif", "libelle", "message", "severite"]
    assert (error.findtext("code"), error.findtext("severite")) == ("M3", "2")


def test_a_detail_has_the_fields_sent_in_alphabetical_order(sim, service):
    idop = service.open(objet="Cantine octobre", exer="2025")
    sim.set_clock("2025-07-14T23:05:30+02:00")
    sim.decide(idop, "P", notify="never")
    reply = service.detail(idop).fields
    numauto = reply.pop("numauto")
    assert len(numauto) == 16
    assert list(reply.items()) == [
        ("dattrans", "14072025"),
        ("exer", "20"),
        ("heurtrans", "2305"),
        ("idOp", idop),
        ("mel", "parent@example.org"),
        ("montant", "4250"),
        ("numcli", "090909"),
        ("objet", "Cantine octobre"),
        ("refdet", "F2025000123A1"),
        ("resultrans", "P"),
        ("saisie", "T"),
    ]


def test_a_reply_keeps_the_whole_year_when_asked_and_omits_what_was_not_sent(sim, service):
    sim.set_defaults(short_exer=False)
    idop = service.open()
    sim.decide(idop, "R", notify="never")
    reply = service.detail(idop).fields
    assert reply["exer"] == "2025"
    assert "objet" not in reply
    assert "numauto" not in reply


@pytest.mark.parametrize(("saisie", "outcome", "length"), [("T", "P", 16), ("W", "P", 6), ("W", "V", 16)])
def test_the_authorisation_number_is_long_in_test_and_for_debits(sim, service, saisie, outcome, length):
    idop = service.open(saisie=saisie)
    sim.decide(idop, outcome, notify="never")
    assert len(service.detail(idop).fields["numauto"]) == length


def test_a_client_is_known_by_its_three_labels(service):
    assert service.client("090909").fields == {
        "libelleN1": "Commune d’Arbreuil",
        "libelleN2": "SGC de Lantagne",
        "libelleN3": "CANTINE-GARDERIE",
        "numcli": "090909",
    }
    assert [service.client(numcli).code for numcli in ("9", "999999", "111111")] == ["T1", "T2", "T4"]


@pytest.mark.parametrize(
    "message",
    [
        "pas du XML",
        "<html></html>",
        envelope('<o:autre xmlns:o="urn:x"/>'),
        envelope(f'<o:rembourser xmlns:o="{NS}"/>'),
        envelope(""),
        '<!DOCTYPE e [<!ENTITY a "a">]>' + envelope("&a;"),
    ],
)
def test_what_is_not_a_call_of_the_service_is_refused_by_the_soap_layer(sim, service, message):
    refused = service.post(message)
    assert (refused.status, refused.body[0].findtext("faultcode")) == (500, "S:Client")
    assert sim.journal()[0]["verdict"].startswith("refusé : ")


def test_another_content_type_is_refused(service):
    refused = service.post(envelope(""), content_type="application/soap+xml")
    assert (refused.status, refused.body[0].findtext("faultcode")) == (500, "S:Client")


def test_qualified_fields_are_not_seen(sim, service):
    question = "<o:arg0><numCli>090909</numCli></o:arg0>"
    refused = service.post(envelope(f'<o:recupererDetailClient xmlns:o="{NS}">{question}</o:recupererDetailClient>'))
    assert refused.code == "T1"
    assert "sans espace de noms" in sim.journal()[0]["verdict"]


def test_the_description_names_its_own_address_and_its_schemas(sim):
    description = requests.get(f"{sim.service_url}?wsdl", timeout=10)
    root = etree.fromstring(description.content)
    assert root.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address").get("location") == sim.service_url
    first = root.find(".//{http://www.w3.org/2001/XMLSchema}import").get("schemaLocation")
    assert first == f"{sim.service_url}?xsd=1"
    others = etree.fromstring(requests.get(first, timeout=10).content)
    assert [link.get("schemaLocation") for link in others.findall("{http://www.w3.org/2001/XMLSchema}import")] == [
        f"{sim.service_url}?xsd=2",
        f"{sim.service_url}?xsd=3",
    ]
    assert requests.get(f"{sim.service_url}?xsd=4", timeout=10).status_code == 404
