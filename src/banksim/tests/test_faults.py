"""Faults: each seen by a real client, then gone."""

import pytest
import requests
from lxml import etree

pytestmark = pytest.mark.process

DETAIL = "recupererDetailPaiementSecurise"


@pytest.fixture
def paid(sim, service):
    idop = service.open()
    sim.decide(idop, "P", notify="never")
    return idop


@pytest.mark.parametrize("kind", ["close", "answer_lost"])
def test_the_connection_closes_without_an_answer(sim, service, paid, kind):
    sim.set_fault(DETAIL, kind, times=1)
    with pytest.raises(requests.ConnectionError):
        service.detail(paid)
    assert service.detail(paid).fields["resultrans"] == "P"


def test_the_connection_is_cut_in_the_middle_of_the_answer(sim, service, paid):
    sim.set_fault(DETAIL, "cut")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        service.detail(paid)


def test_a_lost_answer_leaves_an_operation_nobody_knows(sim, service):
    sim.set_fault("creerPaiementSecurise", "answer_lost", times=1)
    with pytest.raises(requests.ConnectionError):
        service.create(refdet="PERDUE0001")
    assert [payment["refdet"] for payment in sim.payments()] == ["PERDUE0001"]


def test_a_closed_connection_creates_nothing(sim, service):
    sim.set_fault("creerPaiementSecurise", "close", times=1)
    with pytest.raises(requests.ConnectionError):
        service.create()
    assert sim.payments() == []


@pytest.mark.parametrize(("how", "status"), [({}, 502), ({"status": 503}, 503), ({"status": 429}, 429)])
def test_an_http_error_is_a_page(sim, service, paid, how, status):
    sim.set_fault(DETAIL, "http_status", **how)
    answer = service.detail(paid)
    assert (answer.status, answer.content_type) == (status, "text/html; charset=utf-8")


def test_a_page_may_come_with_status_200(sim, service, paid):
    sim.set_fault(DETAIL, "html_200")
    answer = service.detail(paid)
    assert (answer.status, answer.content_type) == (200, "text/html; charset=utf-8")
    assert answer.raw.startswith(b"<!doctype html>")


def test_the_service_may_redirect(sim, service, paid):
    sim.set_fault(DETAIL, "redirect")
    assert service.detail(paid).status == 302


def test_an_answer_may_come_after_the_client_has_given_up(sim, service, paid):
    sim.set_fault(DETAIL, "timeout", seconds=1)
    with pytest.raises(requests.ReadTimeout):
        requests.post(service.url, data=_question(paid), headers=_XML, timeout=0.2)


def test_an_answer_may_drip_without_ever_ending(sim, service, paid):
    sim.set_fault(DETAIL, "slow_loris", seconds=0.1)
    with requests.post(service.url, data=_question(paid), headers=_XML, timeout=5, stream=True) as answer:
        assert next(answer.iter_content(1)) == b"<"
        assert int(answer.headers["Content-Length"]) > 500


def test_an_answer_may_be_malformed_or_badly_announced(sim, service, paid):
    sim.set_fault(DETAIL, "malformed", times=1)
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(service.detail(paid).raw)
    sim.set_fault(DETAIL, "wrong_content_type", times=1)
    assert service.detail(paid).content_type == "image/png"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("technical_999", "TechDysfonctionnementErreur"), ("unavailable", "TechIndisponibiliteErreur")],
)
def test_a_technical_fault_has_its_own_class(sim, service, paid, kind, name):
    sim.set_fault(DETAIL, kind)
    answer = service.detail(paid)
    assert (answer.status, answer.code) == (500, "999")
    assert answer.body[0].findtext("faultstring").endswith(f".{name}")


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("other_idop", "idOp"),
        ("altered_amount", "montant"),
        ("other_numcli", "numcli"),
        ("other_saisie", "saisie"),
        ("other_refdet", "refdet"),
        ("paid_twice", "numauto"),
    ],
)
def test_an_answer_may_lie_about_one_field(sim, service, paid, kind, field):
    honest = service.detail(paid).fields
    sim.set_fault(DETAIL, kind, times=1)
    lying = service.detail(paid).fields
    assert {name for name in honest if honest[name] != lying[name]} == {field}
    assert service.detail(paid).fields == honest
    if kind == "altered_amount":
        assert lying["montant"] == "4251"


def test_an_answer_may_declare_an_entity_or_another_namespace(sim, service, paid):
    sim.set_fault(DETAIL, "external_entity", times=1)
    assert b"<!DOCTYPE" in service.detail(paid).raw
    sim.set_fault(DETAIL, "wrong_namespace", times=1)
    assert service.detail(paid).body[0].tag == f"{{http://example.org/autre}}{DETAIL}Response"


def test_a_fault_on_everything_yields_to_one_of_an_operation(sim, service, paid):
    sim.set_fault("*", "technical_999")
    sim.set_fault(DETAIL, "html_200")
    assert service.detail(paid).status == 200
    assert service.client("090909").code == "999"
    sim.clear_faults()
    assert service.client("090909").status == 200


def test_a_fault_hits_as_many_calls_as_asked(sim, service, paid):
    sim.set_fault(DETAIL, "technical_999", times=2)
    assert [service.detail(paid).status for _ in range(3)] == [500, 500, 200]


def test_the_payment_page_may_be_down(sim, service):
    sim.set_fault("page", "http_status", times=1)
    idop = service.open()
    statuses = [requests.get(sim.page_url, params={"idop": idop}, timeout=10).status_code for _ in range(2)]
    assert statuses == [502, 200]


@pytest.mark.parametrize(
    "asked",
    [
        {"operation": "rembourser", "kind": "close"},
        {"kind": "fondue"},
        {"kind": "http_status", "status": 200},
        {"kind": "close", "force": 9},
        {},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(sim, asked):
    answer = requests.post(f"{sim.base_url}/sim/api/faults", json=asked, timeout=10)
    assert answer.status_code == 400
    assert requests.get(f"{sim.base_url}/sim/api/faults", timeout=10).json()["faults"] == {}


_XML = {"Content-Type": "text/xml"}


def _question(idop):
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<o:{DETAIL} xmlns:o="http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/'
        f'contrat_paiement_securise/PaiementSecuriseService"><arg0><idOp>{idop}</idOp></arg0></o:{DETAIL}>'
        "</e:Body></e:Envelope>"
    )
