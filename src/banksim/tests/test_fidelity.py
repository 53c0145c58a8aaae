"""The payment library's own PayFiP class, unmodified but for its address, believes the simulator."""

import decimal
from importlib import import_module

import pytest

# Named, not imported: no module of this program may depend on the library it is tested with.
eopayment = import_module("eopayment")
payfip_ws = import_module("eopayment.payfip_ws")

pytestmark = pytest.mark.process


@pytest.fixture
def library(sim, merchant):
    payment = payfip_ws.Payment(
        {
            "numcli": "090909",
            "saisie": "T",
            "automatic_return_url": merchant.address("/notif"),
            "normal_return_url": merchant.address("/retour"),
        }
    )
    payment.payfip = payfip_ws.PayFiP(wsdl_url=f"{sim.service_url}?wsdl")
    return payment


def _request(library, **changed):
    asked = {
        "email": "parent@example.org",
        "refdet": "F2025000123A1",
        "exer": "2025",
        "subject": "Cantine été n°3",
        **changed,
    }
    return library.request(decimal.Decimal("42.50"), **asked)


def test_a_request_is_received_as_the_worked_example_says(sim, library):
    idop, kind, url = _request(library)
    assert (kind, url) == (eopayment.URL, f"https://www.payfip.gouv.fr/tpa/paiementws.web?idop={idop}")
    received = sim.payment(idop)
    assert {name: received[name] for name in ("exer", "mel", "montant", "numcli", "objet", "refdet", "saisie")} == {
        "exer": "2025",
        "mel": "parent@example.org",
        "montant": 4250,
        "numcli": "090909",
        "objet": "Cantine ete n3",
        "refdet": "F2025000123A1",
        "saisie": "T",
    }


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("P", eopayment.PAID),
        ("V", eopayment.PAID),
        ("R", eopayment.DENIED),
        ("Z", eopayment.DENIED),
        ("none", eopayment.WAITING),
    ],
)
def test_a_notification_leads_to_the_result(sim, merchant, library, outcome, result):
    idop, _, _ = _request(library)
    sim.decide(idop, outcome, **{"return": "normal"})
    heard = merchant.heard[-1]
    response = library.response("&".join(f"{name}={value}" for name, value in heard.fields.items()))
    assert (response.result, response.order_id, response.signed, response.test) == (
        result,
        idop,
        True,
        outcome != "none",
    )


@pytest.mark.parametrize(("seconds", "result"), [(0, eopayment.WAITING), (-180, eopayment.CANCELLED)])
def test_an_abandonment_is_waiting_then_cancelled(sim, library, seconds, result):
    idop, _, _ = _request(library)
    sim.shift_clock(seconds)
    sim.decide(idop, "A", notify="never")
    assert library.response(f"idop={idop}").result == result


def test_a_paid_answer_carries_every_field(sim, library):
    idop, _, _ = _request(library)
    sim.decide(idop, "P", notify="never")
    response = library.response(f"idop={idop}")
    assert {**response.bank_data, "dattrans": "", "heurtrans": "", "numauto": ""} == {
        "dattrans": "",
        "exer": "20",
        "heurtrans": "",
        "idOp": idop,
        "mel": "parent@example.org",
        "montant": "4250",
        "numauto": "",
        "numcli": "090909",
        "objet": "Cantine ete n3",
        "refdet": "F2025000123A1",
        "resultrans": "P",
        "saisie": "T",
    }
    assert response.transaction_id == f"F2025000123A1 {idop} {response.bank_data['numauto']}"


def test_an_altered_notification_changes_nothing(sim, merchant, library):
    idop, _, _ = _request(library)
    sim.notify(idop, "forged")
    heard = merchant.heard[-1]
    assert heard.fields["resultrans"] == "P"
    response = library.response("&".join(f"{name}={value}" for name, value in heard.fields.items()))
    assert response.result == eopayment.WAITING


def test_a_purged_or_unknown_operation_is_expired(sim, library):
    idop, _, _ = _request(library)
    sim.pass_night()
    assert library.response(f"idop={idop}").result == eopayment.EXPIRED
    assert library.response("idop=00000000-0000-4000-8000-000000000000").result == eopayment.EXPIRED


@pytest.mark.parametrize(("changed", "code"), [({"refdet": "F2025-0001"}, "R3"), ({"exer": "25"}, "unknown")])
def test_a_refusal_comes_with_its_code(library, changed, code):
    with pytest.raises(payfip_ws.PayFiPError) as refused:
        _request(library, **changed)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [("technical_999", "unknown"), ("http_status", "SOAP error"), ("close", "HTTP error"), ("malformed", "SOAP error")],
)
def test_a_fault_is_an_error_not_a_refusal(sim, library, kind, code):
    idop, _, _ = _request(library)
    sim.decide(idop, "P", notify="never")
    sim.set_fault("recupererDetailPaiementSecurise", kind)
    with pytest.raises(payfip_ws.PayFiPError) as silence:
        library.response(f"idop={idop}")
    assert silence.value.code == code


def test_the_client_is_known_to_the_library(library):
    client = library.payfip.get_info_client("090909")
    assert (client.libelleN1, client.libelleN3) == ("Commune d’Arbreuil", "CANTINE-GARDERIE")


def test_the_librarys_own_description_of_the_service_fits(sim, service):
    """The description shipped with the library, at our address: the same calls, the same replies."""
    client = payfip_ws.PayFiP().client
    (binding,) = client.wsdl.bindings
    ours = client.create_service(binding, sim.service_url)
    idop = service.open()
    sim.decide(idop, "P", notify="never")
    question = client.get_type(
        "{http://securite.service.tpa.cp.finances.gouv.fr/reponse}RecupererDetailPaiementSecuriseRequest"
    )
    assert ours.recupererDetailPaiementSecurise(question(idOp=idop)).resultrans == "P"
