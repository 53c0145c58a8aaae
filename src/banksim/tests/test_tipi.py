"""The web form of the DGFiP: parameters, pages, unsigned result, daily return file."""

import decimal
from importlib import import_module
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from lxml import html

from banksim.tests.test_pages import CARD, SECURE, Payer

# Named, not imported: no module of this program may depend on the library it is tested with.
eopayment = import_module("eopayment")
tipi_class = import_module("eopayment.tipi").Payment

pytestmark = pytest.mark.process

REFDET = "F2025000123A1"


@pytest.fixture
def tipi(sim):
    bank = sim.bank("tipi")
    bank.declare(numcli="090909", label_1="Commune d’Arbreuil", label_2="SGC de Lantagne", label_3="CANTINE-GARDERIE")
    bank.declare(numcli="222222", label_1="Plafond bas", ceiling_cents=50_000)
    bank.declare(numcli="111111", label_1="Sans formulaire", secured=False)
    return bank


@pytest.fixture
def asked(merchant):
    return {
        "numcli": "090909",
        "exer": "2025",
        "refdet": REFDET,
        "montant": "4250",
        "mel": "parent@example.org",
        "urlcl": merchant.address("/urlcl"),
        "saisie": "T",
    }


def _address(sim, asked, **changed):
    fields = {name: value for name, value in {**asked, **changed}.items() if value is not None}
    return f"{sim.base_url}/tpa/paiement.web?{urlencode(fields)}"


def _open(sim, asked, **changed):
    return requests.get(_address(sim, asked, **changed), timeout=10)


class Debtor(Payer):
    """A payer whose window opens on the address with the parameters."""

    def __init__(self, sim, asked, *, changed=None, **scenario):
        self._sim, self._scenario = sim, scenario
        self.show(_open(sim, asked, **(changed or {})))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"numcli": None}, "T1"),
        ({"numcli": "9090"}, "T1"),
        ({"numcli": "999999"}, "T2"),
        ({"numcli": "111111"}, "T4"),
        ({"saisie": None}, "S1"),
        ({"saisie": "W"}, "S1"),
        ({"refdet": None}, "R3"),
        ({"refdet": "F2025"}, "R3"),
        ({"refdet": "F2025-000123"}, "R3"),
        ({"refdet": "F" * 31}, "R3"),
        ({"montant": None}, "M1"),
        ({"montant": "42,50"}, "M1"),
        ({"montant": "099"}, "M3"),
        ({"montant": "1000000"}, "M5"),
        ({"numcli": "222222", "montant": "50001"}, "M5"),
        ({"mel": None}, "A1"),
        ({"mel": "a@b.c"}, "A2"),
        ({"mel": "parent.example.org"}, "A2"),
        ({"urlcl": "127.0.0.1/urlcl"}, "N1"),
        ({"urlcl": "http://127.0.0.1/" + "a" * 233}, "N1"),
        ({"exer": "25"}, "999"),
        ({"objet": "Cantine été"}, "999"),
    ],
)
def test_a_parameter_out_of_its_rule_is_refused_with_its_code(sim, tipi, asked, changed, code):
    refused = _open(sim, asked, **changed)
    page = html.fromstring(refused.text)
    assert (refused.status_code, page.get_element_by_id("refus").get("data-code")) == (400, code)
    assert tipi.payments() == []
    assert sim.journal()[0]["verdict"].startswith(f"{code} : ")


@pytest.mark.parametrize(
    "changed",
    [
        {"montant": "100"},
        {"montant": "999999"},
        {"refdet": "F20250"},
        {"refdet": "F" * 30},
        {"saisie": "X"},
        {"saisie": "A"},
        {"saisie": "M"},
        {"objet": "Cantine octobre"},
        {"exer": None},
        {"urlcl": None},
    ],
)
def test_the_edge_of_each_rule_is_accepted(sim, tipi, asked, changed):
    opened = _open(sim, asked, **changed)
    assert (opened.status_code, 'id="payer-carte"' in opened.text) == (200, True)
    (payment,) = tipi.payments()
    assert (payment["key"], payment["state"]) == ({**asked, **changed}["refdet"], "page ouverte")


@pytest.mark.row("C42")
def test_the_pages_show_what_was_sent(sim, tipi, asked):
    payer = Debtor(sim, asked, changed={"objet": "Cantine octobre"})
    shown = {name: payer.text(name) for name in ("reference", "mel", "montant")}
    assert shown == {"reference": REFDET, "mel": "parent@example.org", "montant": "42,50 €"}
    assert "Cantine octobre" in payer.answer.text
    assert not payer.has("retour-choisi")
    payer.choose("payer-carte")
    assert (payer.text("collectivite"), payer.text("montant")) == ("Commune d’Arbreuil", "42,50 EUR")
    assert payer.text("comptable") == "SGC de Lantagne – CANTINE-GARDERIE"


@pytest.mark.parametrize(
    ("means", "scenario", "presses", "result"),
    [
        ("payer-carte", "pay", ["valider"], "P"),
        ("payer-carte", "refuse", ["valider"], "R"),
        ("payer-carte", "abandon", ["valider"], "A"),
        ("payer-carte", "pay", ["abandonner"], "A"),
        ("payer-carte", "expire", ["valider"], ""),
        ("payer-carte", "abandon_then_pay", ["valider", "reprendre", "valider"], "P"),
        ("payer-prelevement", "pay", ["valider"], "V"),
        ("payer-prelevement", "refuse", ["valider"], "Z"),
        ("payer-prelevement", "abandon", ["valider"], "A"),
        ("payer-prelevement", "expire", ["valider"], ""),
        ("payer-prelevement", "pay", ["abandonner"], "A"),
        ("annuler", "pay", [], "A"),
    ],
)
def test_each_path_leads_to_its_result(sim, tipi, asked, merchant, means, scenario, presses, result):
    payer = Debtor(sim, asked, scenario=scenario)
    payer.choose(means)
    for button in presses:
        payer.press(button)
    sim.wait_notifications()
    assert payer.result == result
    assert payer.has("reprendre") == (result == "A")
    assert [call.fields["resultrans"] for call in merchant.heard][-1:] == ([result] if result else [])


@pytest.mark.parametrize(("codes", "result"), [([SECURE], "P"), (["1", "2", "3"], "R")])
def test_strong_authentication_allows_three_tries(sim, tipi, asked, codes, result):
    payer = Debtor(sim, asked, scenario="pay_3ds")
    payer.choose("payer-carte")
    payer.press("valider", **CARD)
    for code in codes:
        payer.press("valider", code=code)
    assert payer.result == result


def test_nobody_comes_back_the_window_is_closed(sim, tipi, asked, merchant):
    payer = Debtor(sim, asked)
    payer.choose("payer-carte")
    payer.press("valider", **CARD)
    assert payer.text("sans-retour") == "Vous pouvez fermer cette fenêtre et revenir sur le site de la mairie."
    assert not payer.has("retour")
    assert "Refresh" not in payer.answer.headers
    back = payer.answer.url.replace("/ticket", "/retour")
    assert requests.get(back, timeout=10).status_code == 404
    sim.wait_notifications()
    assert [heard.path for heard in merchant.heard] == ["/urlcl"]


def test_a_window_left_open_too_long_cannot_pay(sim, tipi, asked):
    payer = Debtor(sim, asked)
    sim.shift_clock(16 * 60)
    payer.choose("payer-carte")
    assert payer.page.get_element_by_id("refus").get("data-code") == "session"
    assert tipi.payment(REFDET)["state"] == "périmée"


def test_the_result_is_a_post_with_the_fields_sent(sim, tipi, asked, merchant):
    _open(sim, asked, montant="04250", objet="Cantine octobre")
    sim.set_clock("2026-11-20T09:05:00+01:00")
    number = tipi.decide(REFDET, "P")["given"]["numauto"]
    (heard,) = merchant.heard
    assert (heard.method, heard.path, heard.content_type) == ("POST", "/urlcl", "application/x-www-form-urlencoded")
    assert heard.fields == {
        "numcli": "090909",
        "exer": "2025",
        "refdet": REFDET,
        "objet": "Cantine octobre",
        "montant": "04250",
        "mel": "parent@example.org",
        "saisie": "T",
        "resultrans": "P",
        "dattrans": "20112026",
        "heurtrans": "0905",
        "numauto": number,
    }
    assert sim.journal(REFDET)[0]["signed"] == ""


@pytest.mark.parametrize(
    ("saisie", "outcome", "length"),
    [("T", "P", 16), ("A", "P", 6), ("M", "P", 6), ("A", "V", 16), ("A", "R", 0), ("A", "Z", 0), ("A", "A", 0)],
)
def test_the_authorisation_number_is_that_of_the_web_service(sim, tipi, asked, merchant, saisie, outcome, length):
    _open(sim, asked, saisie=saisie)
    tipi.decide(REFDET, outcome)
    assert len(merchant.heard[0].fields.get("numauto", "")) == length


@pytest.mark.parametrize(
    ("notify", "heard_times"),
    [
        ("never", 0),
        ("twice", 2),
        ("five_parallel", 5),
        ({"delay_seconds": 0.05}, 1),
        ({"when": "after_return"}, 1),
        ("after_31_minutes", 1),
    ],
)
def test_a_result_comes_as_many_times_as_asked(sim, tipi, asked, merchant, notify, heard_times):
    _open(sim, asked)
    decided = tipi.decide(REFDET, "V", notify=notify, **{"return": "normal"})
    assert [heard.fields["resultrans"] for heard in merchant.heard] == ["V"] * heard_times
    assert [delivery["status"] for delivery in decided["deliveries"]] == [200] * heard_times


def test_without_an_address_nobody_is_told(sim, tipi, asked, merchant):
    _open(sim, asked, urlcl=None)
    tipi.decide(REFDET, "P")
    assert merchant.heard == []
    assert sim.journal(REFDET)[-1]["verdict"] == "accepté, mais sans urlcl la mairie ne saura rien"


@pytest.mark.parametrize(
    ("lie", "field", "value"),
    [("altered", "montant", "4251"), ("other_merchant", "numcli", "090910"), ("other_mode", "saisie", "A")],
)
def test_a_result_may_lie_about_one_field(sim, tipi, asked, merchant, lie, field, value):
    _open(sim, asked)
    tipi.decide(REFDET, "P")
    tipi.notify(REFDET, lie)
    honest, lying = (heard.fields for heard in merchant.heard)
    assert lying == {**honest, field: value}


def test_anybody_may_claim_that_a_debt_is_paid(sim, tipi, asked, merchant):
    _open(sim, asked)
    tipi.decide(REFDET, "R")
    tipi.notify(REFDET, "forged")
    refused, forged = (heard.fields for heard in merchant.heard)
    assert (refused["resultrans"], forged["resultrans"], forged["refdet"]) == ("R", "P", REFDET)
    assert len(forged["numauto"]) == 16
    assert tipi.statement("090909").splitlines()[1:] == []


def test_a_paid_result_may_be_that_of_another_debt(sim, tipi, asked, merchant):
    _open(sim, asked, refdet="AUTREDETTE01")
    _open(sim, asked)
    tipi.notify(REFDET, {"lie": "other_reference", "of": "AUTREDETTE01"})
    tipi.notify(REFDET, "other_reference")
    named, invented = (heard.fields for heard in merchant.heard)
    assert (named["refdet"], named["resultrans"]) == ("AUTREDETTE01", "P")
    assert invented["refdet"] not in {REFDET, "AUTREDETTE01"}


def test_an_old_result_may_be_sent_again_after_another(sim, tipi, asked, merchant):
    _open(sim, asked)
    tipi.decide(REFDET, "R")
    tipi.decide(REFDET, "P")
    tipi.notify(REFDET, "replay")
    assert [heard.fields["resultrans"] for heard in merchant.heard] == ["R", "P", "R"]
    assert merchant.heard[2].fields == merchant.heard[0].fields


def test_there_is_nothing_to_tell_before_a_result(sim, tipi, asked):
    _open(sim, asked)
    with pytest.raises(RuntimeError, match="400 rien à notifier"):
        tipi.notify(REFDET)
    with pytest.raises(RuntimeError, match="400 notification sans objet"):
        tipi.notify(REFDET, "unsigned")


def test_the_return_file_lists_what_was_paid_by_day(sim, tipi, asked):
    header = "numcli;exer;refdet;montant;dattrans;heurtrans;numauto;resultrans;saisie"
    sim.set_clock("2026-11-20T10:30:00+01:00")
    for refdet, outcome in (("DETTE001", "P"), ("DETTE002", "R"), ("DETTE003", "V"), ("DETTE004", "A")):
        _open(sim, asked, refdet=refdet)
        tipi.decide(refdet, outcome, notify="never")
    numbers = {payment["reference"]: payment["given"].get("numauto") for payment in tipi.payments()}
    sim.set_clock("2026-11-21T00:10:00+01:00")
    _open(sim, asked, refdet="DETTE005", exer=None)
    tipi.decide("DETTE005", "P", notify="never")
    assert tipi.statement("090909", "2026-11-20", "2026-11-20").splitlines() == [
        header,
        f"090909;2025;DETTE001;4250;20112026;1030;{numbers['DETTE001']};P;T",
        f"090909;2025;DETTE003;4250;20112026;1030;{numbers['DETTE003']};V;T",
    ]
    late = tipi.statement("090909", "2026-11-21").splitlines()[1]
    assert late.startswith("090909;;DETTE005;4250;21112026;0010;")
    assert tipi.statement("222222").splitlines() == [header]


def test_the_same_debt_paid_in_two_windows_is_debited_twice(sim, tipi, asked):
    for _ in range(2):
        _open(sim, asked)
        tipi.decide(REFDET, "P", notify="never")
    assert len(tipi.statement("090909").splitlines()) == 3


def test_the_page_may_be_down(sim, tipi, asked):
    sim.set_fault("tipi.page", "http_status", times=1)
    assert [_open(sim, asked).status_code for _ in range(2)] == [502, 200]


# The payment library's own class, unmodified but for its address, believes the simulator.


@pytest.fixture
def library(sim, merchant):
    """Gives the reference and opens the page, on the simulator's address instead of the real one."""
    payment = tipi_class({"numcli": "090909", "saisie": "T", "automatic_return_url": merchant.address("/urlcl")})

    def ask(**changed):
        asked = {"email": "parent@example.org", "refdet": REFDET, "exer": "2025", "objet": "Cantine", **changed}
        reference, kind, url = payment.request(decimal.Decimal("42.50"), **asked)
        assert (kind, url.split("?")[0]) == (eopayment.URL, "https://www.payfip.gouv.fr/tpa/paiement.web")
        assert requests.get(f"{sim.base_url}/tpa/paiement.web?{urlsplit(url).query}", timeout=10).status_code == 200
        return reference

    payment.ask = ask
    return payment


def _answer(heard):
    return "&".join(f"{name}={value}" for name, value in heard.fields.items())


def test_a_request_of_the_library_is_understood(tipi, library, merchant):
    assert library.ask() == REFDET
    assert tipi.payment(REFDET)["asked"] == {
        "numcli": "090909",
        "exer": "2025",
        "refdet": REFDET,
        "objet": "Cantine",
        "montant": "4250",
        "mel": "parent@example.org",
        "urlcl": merchant.address("/urlcl"),
        "saisie": "T",
    }


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("P", eopayment.PAID),
        ("R", eopayment.DENIED),
        ("A", eopayment.CANCELLED),
        # The library is older than the debits of the form.
        ("V", eopayment.ERROR),
        ("Z", eopayment.ERROR),
    ],
)
def test_a_result_is_read_by_the_library(tipi, library, merchant, outcome, result):
    library.ask()
    tipi.decide(REFDET, outcome)
    response = library.response(_answer(merchant.heard[0]))
    assert (response.result, response.order_id, response.signed, response.test) == (result, REFDET, True, True)
    assert response.bank_data == dict(parse_qsl(_answer(merchant.heard[0])))


@pytest.mark.parametrize("lie", ["forged", "altered", "other_merchant", "other_mode", "other_reference"])
def test_the_library_accepts_a_false_result_as_signed(tipi, library, merchant, lie):
    """Nothing authenticates this protocol (2.6): the portal must check, the library cannot."""
    library.ask()
    tipi.decide(REFDET, "P", notify="never")
    tipi.notify(REFDET, lie)
    response = library.response(_answer(merchant.heard[0]))
    assert (response.result, response.signed) == (eopayment.PAID, True)
