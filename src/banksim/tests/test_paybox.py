"""Paybox: the rules of the form, the life of the page, the answers and their signature, the statement."""

import re

import pytest
import requests

from banksim.tests.paybox_wire import BILLING, CART, KEY, REFERENCE, RETOUR, SITE, Shop, is_genuine

pytestmark = pytest.mark.process

PRODUCTION = {**SITE, "site": "1234567", "rang": "01", "identifiant": "9", "production": True, "label": "COMMUNE"}


@pytest.fixture
def bank(sim):
    paybox = sim.bank("paybox")
    paybox.forget_accounts()
    paybox.declare(**SITE)
    paybox.declare(**PRODUCTION)
    return paybox


@pytest.fixture
def shop(merchant):
    return Shop(merchant)


@pytest.fixture
def opened(bank, shop):
    """Opens a page for the usual order, some fields changed."""
    return lambda **changed: bank.submit("/cgi/MYchoix_pagepaiement.cgi", shop.form(**changed))


def billing(**changed):
    """The address with some elements changed; an empty one is left out."""
    text = BILLING
    for name, value in changed.items():
        text = re.sub(rf"<{name}>.*</{name}>", f"<{name}>{value}</{name}>" if value else "", text)
    return text


LONG = "A" * 51


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"PBX_SITE": None}, "PBX_SITE"),
        ({"PBX_SITE": "199988"}, "PBX_SITE"),
        ({"PBX_SITE": "7654321"}, "PBX_SITE"),
        ({"PBX_RANG": "1"}, "PBX_RANG"),
        ({"PBX_RANG": "33"}, "PBX_SITE"),
        ({"PBX_IDENTIFIANT": None}, "PBX_IDENTIFIANT"),
        ({"PBX_IDENTIFIANT": "1234567890"}, "PBX_IDENTIFIANT"),
        ({"PBX_IDENTIFIANT": "3"}, "PBX_IDENTIFIANT"),
        ({"PBX_TOTAL": None}, "PBX_TOTAL"),
        ({"PBX_TOTAL": "42"}, "PBX_TOTAL"),
        ({"PBX_TOTAL": "42.50"}, "PBX_TOTAL"),
        ({"PBX_TOTAL": "000"}, "PBX_TOTAL"),
        ({"PBX_TOTAL": "-4250"}, "PBX_TOTAL"),
        ({"PBX_DEVISE": "840"}, "PBX_DEVISE"),
        ({"PBX_CMD": None}, "PBX_CMD"),
        ({"PBX_CMD": "C" * 251}, "PBX_CMD"),
        ({"PBX_PORTEUR": None}, "PBX_PORTEUR"),
        ({"PBX_PORTEUR": "parent"}, "PBX_PORTEUR"),
        ({"PBX_PORTEUR": "a@b.c"}, "PBX_PORTEUR"),
        ({"PBX_PORTEUR": "p@" + "e" * 119}, "PBX_PORTEUR"),
        ({"PBX_RETOUR": None}, "PBX_RETOUR"),
        ({"PBX_RETOUR": "montant:M;reference:R"}, "PBX_RETOUR"),
        ({"PBX_RETOUR": "signature:K;montant:M"}, "PBX_RETOUR"),
        ({"PBX_RETOUR": "montant:X;signature:K"}, "PBX_RETOUR"),
        ({"PBX_RETOUR": "montant:M;montant:R;signature:K"}, "PBX_RETOUR"),
        ({"PBX_HASH": "MD5"}, "PBX_HASH"),
        ({"PBX_TIME": None}, "PBX_TIME"),
        ({"PBX_TIME": "01/09/2025"}, "PBX_TIME"),
        ({"PBX_TIME": "2025-09-01T08:30:00"}, "PBX_TIME"),
        ({"PBX_EFFECTUE": "javascript:alert(1)"}, "PBX_EFFECTUE"),
        ({"PBX_ANNULE": "/retour"}, "PBX_ANNULE"),
        ({"PBX_REPONDRE_A": "127.0.0.1/ipn"}, "PBX_REPONDRE_A"),
        ({"PBX_RUF1": "PUT"}, "PBX_RUF1"),
        ({"PBX_DISPLAY": "0"}, "PBX_DISPLAY"),
        ({"PBX_ARCHIVAGE": "A" * 13}, "PBX_ARCHIVAGE"),
        ({"PBX_ERRORCODETEST": "12345"}, "PBX_ERRORCODETEST"),
        ({"PBX_SHOPPINGCART": "<shoppingcart>"}, "PBX_SHOPPINGCART"),
        ({"PBX_SHOPPINGCART": CART.replace("shoppingcart", "panier")}, "PBX_SHOPPINGCART"),
        ({"PBX_SHOPPINGCART": CART.replace(">1<", ">0<")}, "PBX_SHOPPINGCART"),
        ({"PBX_SHOPPINGCART": CART.replace(">1<", ">100<")}, "PBX_SHOPPINGCART"),
        ({"PBX_BILLING": billing(FirstName="Zoé")}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(City="Paris & Lyon")}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(City="Saint-Denis")}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(FirstName="A" * 23)}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(LastName="")}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(Address1=LONG)}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(ZipCode="A" * 17)}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(City=LONG)}, "PBX_BILLING"),
        ({"PBX_BILLING": billing(CountryCode="FR")}, "PBX_BILLING"),
        ({"PBX_BILLING": BILLING.replace("</Address>", "<MobilePhone>612</MobilePhone></Address>")}, "PBX_BILLING"),
    ],
)
def test_a_field_out_of_its_rule_is_refused_by_its_name(sim, bank, opened, changed, field):
    with pytest.raises(RuntimeError, match=f"400 {field} "):
        opened(**changed)
    assert bank.payments() == []
    assert sim.journal()[0]["verdict"].startswith("refusé : ")


@pytest.mark.parametrize(
    "changed",
    [
        {"PBX_TOTAL": "001"},
        {"PBX_RANG": "032"},
        {"PBX_CMD": "C" * 250},
        {"PBX_CMD": "F2025/12 a!b"},
        {"PBX_PORTEUR": "p@e.fr"},
        {"PBX_HASH": "SHA256"},
        {"PBX_RETOUR": "m:M;signature:K"},
        {"PBX_SHOPPINGCART": CART.replace(">1<", ">99<")},
        {"PBX_BILLING": billing(FirstName="A" * 22, City="A" * 50)},
        {
            "PBX_BILLING": BILLING.replace(
                "</Address>",
                "<CountryCodeMobilePhone>+33</CountryCodeMobilePhone><MobilePhone>0612345678</MobilePhone></Address>",
            )
        },
    ],
)
def test_the_edge_of_each_rule_is_accepted(bank, opened, changed):
    payment = opened(**changed)
    assert (payment["state"], payment["merchant"]) == ("page ouverte", "1999888-32")
    assert bank.payment(payment["key"])["id"] == payment["id"]


@pytest.mark.parametrize(
    "broken",
    [
        lambda form: [(name, "1" if name == "PBX_TOTAL" else value) for name, value in form],
        lambda form: [form[1], form[0], *form[2:]],
        lambda form: [*form, ("PBX_AUTOSEULE", "N")],
        lambda form: form[:-1],
        lambda form: [*form[:-1], ("PBX_HMAC", form[-1][1].lower())],
        lambda form: [*form, ("PBX_CMD", "AUTRE")],
    ],
    ids=["altered", "other order", "added", "unsigned", "lower case", "twice"],
)
def test_a_form_that_is_not_the_one_signed_is_refused(bank, shop, broken):
    with pytest.raises(RuntimeError, match="400 PBX_"):
        bank.submit("/php/", broken(shop.form()))
    assert bank.payments() == []


def test_a_form_signed_with_another_key_is_refused_and_the_journal_says_why(sim, bank, merchant):
    with pytest.raises(RuntimeError, match=r"400 PBX_HMAC PBX_HMAC faux, attendu [0-9A-F]{128}"):
        bank.submit("/php/", Shop(merchant, key="AB" * 64).form())
    (entry,) = sim.journal(REFERENCE)
    assert entry["verdict"].startswith("refusé : PBX_HMAC faux, attendu ")
    assert entry["signed"].startswith("PBX_SITE=1999888&PBX_RANG=32&PBX_IDENTIFIANT=2&PBX_TOTAL=4250&")
    page = requests.get(f"{sim.base_url}/sim/journal", timeout=10).text
    assert "Texte signé" in page
    assert "PBX_SITE=1999888&amp;PBX_RANG=32" in page


@pytest.mark.parametrize(
    "wrong", [{"site": "199"}, {"rang": "1"}, {"identifiant": "x"}, {"key": "xyz"}, {"key": ""}, {"couleur": "bleu"}]
)
def test_an_account_badly_described_is_refused(bank, wrong):
    with pytest.raises(RuntimeError, match="400 compte mal décrit"):
        bank.declare(**{**SITE, **wrong})


def test_a_page_lives_fifteen_minutes_or_what_pbx_display_says(sim, opened):
    usual, short = opened(), opened(PBX_CMD="COURTE", PBX_DISPLAY="60")
    statuses = []
    for seconds in (50, 20, 14 * 60):
        sim.shift_clock(seconds)
        statuses.append([sim.request("GET", payment["page"]).status_code for payment in (usual, short)])
    assert statuses == [[200, 200], [200, 400], [400, 400]]


def test_the_server_says_it_is_up_or_fails(sim, bank):
    assert "OK" in sim.request("GET", "/load.html").text
    sim.set_fault("paybox.load", "http_status", times=1)
    assert sim.request("GET", "/load.html").status_code == 502
    assert sim.request("GET", "/load.html").status_code == 200


def test_the_payment_page_may_be_down(sim, opened):
    sim.set_fault("paybox.page", "http_status", times=1)
    page = opened()["page"]
    assert [sim.request("GET", page).status_code for _ in range(2)] == [502, 200]


def test_an_accepted_payment_is_told_by_get_and_signed(sim, bank, merchant, opened):
    opened()
    sim.set_clock("2025-09-01T10:30:00+02:00")
    decided = bank.decide(REFERENCE, "00000")
    (heard,) = merchant.heard
    given = decided["given"]
    assert (heard.method, heard.path) == ("GET", "/ipn")
    assert re.fullmatch("10:30:0[0-9]", heard.fields["heure_transaction"])
    assert list(heard.fields.items())[:-2] == [
        ("montant", "4250"),
        ("reference", REFERENCE),
        ("code_autorisation", "XXXXXX"),
        ("erreur", "00000"),
        ("numero_appel", given["numero_appel"]),
        ("numero_transaction", given["numero_transaction"]),
        ("date_transaction", "20250901"),
    ]
    assert list(heard.fields)[-2:] == ["heure_transaction", "signature"]
    assert is_genuine(heard.raw, bank.public_key())
    emitted = sim.journal(REFERENCE)[0]
    assert emitted["signed"] == heard.raw.rpartition("&signature=")[0]
    assert emitted["sent"] == heard.raw


def test_a_notification_is_posted_when_pbx_ruf1_says_so(bank, merchant, opened):
    opened(PBX_RUF1="POST")
    bank.decide(REFERENCE, "00000")
    (heard,) = merchant.heard
    assert heard.method == "POST"
    assert is_genuine(heard.raw, bank.public_key())


@pytest.mark.parametrize("outcome", ["00105", "00021", "00151", "00033", "001A1", "00001", "00030"])
def test_a_refusal_has_no_authorisation(bank, merchant, opened, outcome):
    opened()
    bank.decide(REFERENCE, outcome)
    (heard,) = merchant.heard
    assert heard.fields["erreur"] == outcome
    assert "code_autorisation" not in heard.fields
    assert ("numero_transaction" in heard.fields) == (outcome not in {"00001", "00030"})
    assert is_genuine(heard.raw, bank.public_key())


def test_a_pending_payment_keeps_its_numbers_once_decided(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "99999")
    bank.decide(REFERENCE, "00000")
    first, second = (heard.fields for heard in merchant.heard)
    assert (first["erreur"], second["erreur"]) == ("99999", "00000")
    assert first["numero_appel"] == second["numero_appel"]
    assert bank.statement("1999888").count(REFERENCE) == 1


def test_in_production_the_authorisation_is_a_number(bank, merchant, opened):
    opened(PBX_SITE="1234567", PBX_RANG="01", PBX_IDENTIFIANT="9")
    bank.decide(REFERENCE, "00000")
    assert re.fullmatch("[0-9]{6}", merchant.heard[0].fields["code_autorisation"])


@pytest.mark.parametrize(
    ("outcome", "path"),
    [("00000", "/effectue"), ("00105", "/refuse"), ("00001", "/annule"), ("99999", "/attente"), ("00030", "/refuse")],
)
def test_the_browser_comes_back_to_one_of_four_addresses(bank, merchant, opened, outcome, path):
    opened()
    bank.decide(REFERENCE, outcome, notify="never", **{"return": "normal"})
    (heard,) = merchant.heard
    assert (heard.path, heard.fields["erreur"]) == (path, outcome)
    assert is_genuine(heard.raw, bank.public_key())


def test_the_merchants_own_parameters_are_signed_on_return_and_not_in_the_notification(bank, merchant, opened):
    own = {
        name: merchant.address(f"{path}?essai=1%2F2&x=")
        for name, path in (("PBX_EFFECTUE", "/effectue"), ("PBX_REPONDRE_A", "/ipn"))
    }
    opened(**own)
    bank.decide(REFERENCE, "00000", **{"return": "normal"})
    (notified,), (returned,) = ([heard.raw for heard in merchant.heard_at(path)] for path in ("/ipn", "/effectue"))
    assert notified.startswith("essai=1%2F2&x=&montant=4250&")
    assert returned.startswith("essai=1%2F2&x=&montant=4250&")
    assert not is_genuine(notified, bank.public_key())
    assert is_genuine(notified.removeprefix("essai=1%2F2&x=&"), bank.public_key())
    assert is_genuine(returned, bank.public_key())


def test_a_signature_may_be_encoded_twice(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "00000", notify="double_encoded")
    bank.declare(**{**SITE, "double_encoded": True})
    bank.notify(REFERENCE)
    for heard in merchant.heard:
        assert "%25" in heard.raw.rpartition("&signature=")[2]
        assert not is_genuine(heard.raw, bank.public_key())
        assert is_genuine(heard.raw, bank.public_key(), times=2)


@pytest.mark.parametrize(
    ("lie", "genuine", "changed"),
    [
        ("forged", False, set()),
        ("altered", False, {"montant"}),
        ("resigned", True, {"montant"}),
        ("other_reference", True, {"reference"}),
        ("other_mode", True, {"code_autorisation"}),
    ],
)
def test_a_notification_may_lie(bank, merchant, opened, lie, genuine, changed):
    opened()
    bank.decide(REFERENCE, "00000")
    bank.notify(REFERENCE, lie)
    true, false = merchant.heard
    fields = set(true.fields) - {"signature"}
    assert {name for name in fields if true.fields[name] != false.fields[name]} == changed
    assert is_genuine(false.raw, bank.public_key()) is genuine


def test_a_notification_may_come_without_its_signature(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "00000", notify="unsigned")
    assert "signature" not in merchant.heard[0].fields


def test_a_refusal_may_be_rewritten_as_a_payment_but_not_signed(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "00105", notify="altered", **{"return": "altered"})
    assert {(heard.path, heard.fields["erreur"]) for heard in merchant.heard} == {
        ("/ipn", "00000"),
        ("/refuse", "00000"),
    }
    assert [is_genuine(heard.raw, bank.public_key()) for heard in merchant.heard] == [False, False]


def test_a_forger_may_speak_before_the_payer_but_the_bank_does_not(bank, merchant, opened):
    opened()
    bank.notify(REFERENCE, "forged")
    assert merchant.heard[0].fields["erreur"] == "00000"
    assert not is_genuine(merchant.heard[0].raw, bank.public_key())
    for notify in ("normal", "resigned"):
        with pytest.raises(RuntimeError, match="400 rien à notifier"):
            bank.notify(REFERENCE, notify)


@pytest.mark.parametrize("notify", ["other_merchant", "other_currency", "back_office", {"lie": "inconnu"}])
def test_a_lie_without_meaning_here_is_refused(bank, opened, notify):
    opened()
    with pytest.raises(RuntimeError, match="400 notification"):
        bank.set_controls(REFERENCE, notify=notify)


def test_an_old_message_is_replayed_to_the_letter(bank, merchant, opened):
    opened()
    bank.decide(REFERENCE, "00105")
    bank.decide(REFERENCE, "00000")
    bank.notify(REFERENCE, "replay")
    opened(PBX_CMD="AUTRE")
    bank.notify("AUTRE", {"preset": "replay", "of": REFERENCE})
    first, second, third, fourth = (heard.raw for heard in merchant.heard)
    assert first == third == fourth != second
    with pytest.raises(RuntimeError, match="400 aucun message à renvoyer"):
        bank.notify("AUTRE", "replay")


@pytest.mark.parametrize(
    ("notify", "times"), [("never", 0), ("twice", 2), ("five_parallel", 5), ({"preset": "twice", "copies": 7}, 7)]
)
def test_a_notification_comes_as_many_times_as_asked(bank, merchant, opened, notify, times):
    opened()
    decided = bank.decide(REFERENCE, "00000", notify=notify)
    assert len({heard.raw for heard in merchant.heard}) == min(times, 1)
    assert [delivery["status"] for delivery in decided["deliveries"]] == [200] * times


@pytest.mark.parametrize("notify", ["before_return", {"when": "after_return"}])
def test_the_order_of_notification_and_return_is_chosen(bank, merchant, opened, notify):
    opened()
    bank.decide(REFERENCE, "00000", notify=notify, **{"return": "normal"})
    expected = ["/ipn", "/effectue"] if notify == "before_return" else ["/effectue", "/ipn"]
    assert [heard.path for heard in merchant.heard] == expected


@pytest.mark.parametrize(
    ("mode", "heard"), [("none", []), ("post", ["POST"]), ("duplicated", ["GET", "GET"]), ("normal", ["GET"])]
)
def test_a_return_without_browser_follows_its_control(bank, merchant, opened, mode, heard):
    opened()
    bank.decide(REFERENCE, "00000", notify="never", **{"return": mode})
    assert [(call.path, call.method) for call in merchant.heard] == [("/effectue", method) for method in heard]


def test_a_raw_message_goes_anywhere_on_this_machine_to_the_letter(bank, merchant):
    bank.send(merchant.address("/ipn"), "b=%7E&a=+1", method="GET")
    bank.send(merchant.address("/ipn"), "b=%7E&a=+1")
    assert [(heard.method, heard.raw) for heard in merchant.heard] == [("GET", "b=%7E&a=+1"), ("POST", "b=%7E&a=+1")]
    with pytest.raises(RuntimeError, match="n’appelle que ce poste"):
        bank.send("http://192.0.2.1/ipn", "a=1")


def test_a_form_without_notification_address_is_told_to_nobody(bank, merchant, opened):
    opened(PBX_REPONDRE_A=None)
    assert bank.decide(REFERENCE, "00000")["deliveries"] == []
    assert merchant.heard == []


def test_the_statement_lists_what_was_debited_and_refunded(sim, bank, opened):
    for reference, instant, cents, outcomes in (
        ("PREMIERE", "2026-11-20T10:30:00+01:00", "4250", ["00000"]),
        ("REFUSEE", "2026-11-20T11:00:00+01:00", "100", ["00105", "00001"]),
        ("VEILLE", "2026-11-19T23:59:59+01:00", "001", ["00000"]),
        ("DOUBLE", "2026-11-20T23:00:00Z", "123456", ["00000", "00000", "CREDIT"]),
    ):
        sim.set_clock(instant)
        opened(PBX_CMD=reference, PBX_TOTAL=cents)
        for outcome in outcomes:
            bank.decide(reference, outcome, notify="never")
    assert bank.statement("1999888").splitlines()[0] == (
        "date;heure;site;rang;reference;numero_appel;numero_transaction;montant;devise;operation;erreur"
    )
    given = bank.payment("PREMIERE")["given"]
    (line,) = bank.statement("1999888-32", "2026-11-20", "2026-11-20").splitlines()[1:]
    assert re.sub(";10:30:[0-9]{2};", ";10:30;", line) == (
        f"20/11/2026;10:30;1999888;32;PREMIERE;{given['numero_appel']};{given['numero_transaction']};"
        "42,50;EUR;DEBIT;00000"
    )
    told = [line.split(";") for line in bank.statement("1999888").splitlines()[1:]]
    assert [(line[0], line[4], line[7], line[9]) for line in told] == [
        ("19/11/2026", "VEILLE", "0,01", "DEBIT"),
        ("20/11/2026", "PREMIERE", "42,50", "DEBIT"),
        ("21/11/2026", "DOUBLE", "1234,56", "DEBIT"),
        ("21/11/2026", "DOUBLE", "1234,56", "DEBIT"),
        ("21/11/2026", "DOUBLE", "1234,56", "CREDIT"),
    ]
    assert len({line[6] for line in told}) == 5
    assert bank.statement("1234567").splitlines()[1:] == []


def test_a_refund_needs_a_debit_and_is_told_to_nobody(bank, merchant, opened):
    opened()
    with pytest.raises(RuntimeError, match="400 rien à rembourser"):
        bank.decide(REFERENCE, "CREDIT")
    bank.decide(REFERENCE, "00000", notify="never")
    assert bank.decide(REFERENCE, "CREDIT")["state"] == "remboursée"
    assert merchant.heard == []


def test_a_statement_may_be_false(bank, opened):
    for reference in ("A1", "B2", "C3"):
        opened(PBX_CMD=reference)
        bank.decide(reference, "00000", notify="never")
    told = bank.statement("1999888", without=["A1"], plus=["C3"])
    assert [line.split(";")[4:8:3] for line in told.splitlines()[1:]] == [["B2", "42,50"], ["C3", "42,51"]]


@pytest.mark.parametrize("asked", [{"from": "20/11/2026"}, {"to": "demain"}])
def test_a_statement_wants_real_dates(sim, asked):
    assert sim.request("GET", "/sim/paybox/releve", params=asked).status_code == 400
    assert sim.request("GET", "/sim/inconnue/releve").status_code == 404


def test_an_outcome_that_does_not_exist_or_an_unknown_payment_is_refused(bank, opened):
    with pytest.raises(RuntimeError, match="404 opération inconnue"):
        bank.decide(REFERENCE, "00000")
    opened()
    with pytest.raises(RuntimeError, match="400 outcome attendu : 00000"):
        bank.decide(REFERENCE, "P")
    assert bank.decide(REFERENCE, "none")["state"] == "page ouverte"


def test_two_forms_of_one_reference_are_two_operations_and_the_key_names_the_newest(bank, opened):
    first, second = opened(), opened(PBX_TOTAL="100")
    assert first["id"] != second["id"]
    assert bank.payment(REFERENCE)["amount_cents"] == 100
    assert [payment["id"] for payment in bank.payments(reference=REFERENCE)] == [second["id"], first["id"]]


def test_a_reset_forgets_operations_and_keeps_accounts(sim, bank, opened):
    opened()
    bank.decide(REFERENCE, "00000", notify="never")
    sim.reset()
    assert bank.payments() == []
    assert bank.statement("1999888").splitlines()[1:] == []
    opened()


def test_a_bank_that_does_not_exist_is_said_so(sim):
    with pytest.raises(RuntimeError, match="404 banque inconnue : payfip"):
        sim.bank("payfip").payments()


def test_retour_names_are_the_merchants_own(bank, merchant, opened):
    opened(PBX_RETOUR="Mt:M;Ref:R;Sec:F;Carte:C;Sig:K")
    bank.decide(REFERENCE, "00000")
    assert list(merchant.heard[0].fields) == ["Mt", "Ref", "Sec", "Carte", "Sig"]
    assert RETOUR.endswith("signature:K")
    assert len(KEY) == 128
