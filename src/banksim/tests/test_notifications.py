"""How the merchant is told: each control heard by a real listener."""

import pytest
import requests

pytestmark = pytest.mark.process

FORM = "application/x-www-form-urlencoded"


def test_a_notification_is_a_post_that_carries_the_operation_and_nothing_else(sim, service, merchant):
    idop = service.open()
    decided = sim.decide(idop, "P")
    assert [(heard.method, heard.path, heard.fields, heard.content_type) for heard in merchant.heard] == [
        ("POST", "/notif", {"idop": idop}, FORM)
    ]
    assert [delivery["status"] for delivery in decided["deliveries"]] == [200]


@pytest.mark.parametrize("outcome", ["P", "V", "R", "Z", "A"])
def test_every_result_is_notified(sim, service, merchant, outcome):
    idop = service.open()
    sim.decide(idop, outcome)
    assert len(merchant.heard_at("/notif")) == 1
    assert service.detail(idop).fields["resultrans"] == outcome


def test_nothing_decided_is_not_notified(sim, service, merchant):
    idop = service.open()
    sim.decide(idop, "none")
    assert merchant.heard == []
    assert service.detail(idop).code == "P5"


@pytest.mark.parametrize(
    ("notify", "heard_times"),
    [
        ("never", 0),
        ("twice", 2),
        ("five_parallel", 5),
        ({"preset": "five_parallel", "copies": 30}, 30),
        ({"delay_seconds": 0.05}, 1),
    ],
)
def test_a_notification_comes_as_many_times_as_asked(sim, service, merchant, notify, heard_times):
    idop = service.open()
    decided = sim.decide(idop, "P", notify=notify)
    assert [heard.fields for heard in merchant.heard] == [{"idop": idop}] * heard_times
    assert [delivery["status"] for delivery in decided["deliveries"]] == [200] * heard_times


def test_a_notification_may_come_by_get_or_in_upper_case_or_forged(sim, service, merchant):
    idop = service.open()
    for notify in ("get", "upper_case", "forged"):
        sim.notify(idop, notify)
    assert [(heard.method, heard.fields) for heard in merchant.heard] == [
        ("GET", {"idop": idop}),
        ("POST", {"idOp": idop}),
        ("POST", {"idop": idop, "resultrans": "P", "montant": "100"}),
    ]


def test_a_notification_may_name_an_operation_nobody_opened(sim, service, merchant):
    idop = service.open()
    sim.decide(idop, "P", notify="unknown_idop")
    (heard,) = merchant.heard
    assert heard.fields["idop"] != idop
    assert service.detail(heard.fields["idop"]).code == "P1"


def test_a_notification_after_31_minutes_moves_the_clock(sim, service, merchant):
    idop = service.open()
    sim.set_clock("2026-03-02T10:00:00+01:00")
    sim.decide(idop, "P", notify="after_31_minutes")
    assert len(merchant.heard) == 1
    assert service.detail(idop).fields["heurtrans"] == "1000"
    assert sim.journal()[0]["at"].startswith("2026-03-02T09:31")


@pytest.mark.parametrize("notify", ["before_return", {"when": "after_return"}])
def test_the_order_of_notification_and_return_is_chosen(sim, service, merchant, notify):
    idop = service.open()
    sim.decide(idop, "P", notify=notify, **{"return": "normal"})
    expected = ["/notif", "/retour"] if notify == "before_return" else ["/retour", "/notif"]
    assert [heard.path for heard in merchant.heard] == expected


@pytest.mark.parametrize(
    ("mode", "heard"),
    [
        ("none", []),
        ("normal", [("GET", True)]),
        ("post", [("POST", True)]),
        ("duplicated", [("GET", True), ("GET", True)]),
        ("altered", [("GET", False)]),
    ],
)
def test_a_return_without_browser_follows_its_control(sim, service, merchant, mode, heard):
    idop = service.open()
    sim.decide(idop, "P", notify="never", **{"return": mode})
    assert [(call.method, call.fields["idop"] == idop) for call in merchant.heard_at("/retour")] == heard


def test_defaults_hold_for_operations_without_controls_of_their_own(sim, service, merchant):
    sim.set_defaults(notify="never")
    sim.decide(service.open(), "P")
    assert merchant.heard == []
    own = service.open()
    sim.set_controls(own, notify="twice")
    sim.decide(own, "P")
    assert len(merchant.heard) == 2


def test_anything_may_be_sent_to_a_loopback_address(sim, merchant):
    sent = sim.send(merchant.address("/notif"), {"idop": "x", "montant": "1"}, method="GET", copies=3, parallel=True)
    assert [delivery["status"] for delivery in sent] == [200, 200, 200]
    assert [heard.fields for heard in merchant.heard] == [{"idop": "x", "montant": "1"}] * 3


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1/", "http://exemple.test/", "ftp://127.0.0.1/", "http://[::ffff:0:1]/"]
)
def test_no_other_machine_is_ever_called(sim, service, address):
    with pytest.raises(RuntimeError, match="n’appelle que ce poste"):
        sim.send(address, {"idop": "x"})
    if address.startswith("http"):
        idop = service.open(urlnotif=address)
        (delivery,) = sim.decide(idop, "P")["deliveries"]
        assert delivery == {
            "status": None,
            "verdict": "refusé : le simulateur n’appelle que ce poste (127.0.0.1, ::1)",
        }


def test_a_redirection_of_the_merchant_is_not_followed(sim, service, merchant):
    merchant.status = 302
    (delivery,) = sim.decide(service.open(), "P")["deliveries"]
    assert delivery["status"] == 302
    assert len(merchant.heard) == 1


def test_a_silent_merchant_is_written_in_the_journal(sim, service, merchant):
    idop = service.open(urlnotif="http://127.0.0.1:1/notif")
    sim.decide(idop, "P")
    emitted = [entry for entry in sim.journal(idop) if entry["direction"] == "emitted"]
    assert [(entry["status"], entry["verdict"]) for entry in emitted] == [(None, "sans réponse : ConnectionError")]


@pytest.mark.parametrize(
    "asked",
    [
        {"notify": "parfois"},
        {"notify": {"copies": 0}},
        {"notify": {"copies": 201}},
        {"notify": {"quand": "demain"}},
        {"notify": {"when": "demain"}},
        {"return": "jamais"},
        {"outcome": "X"},
        {"montant": 1},
    ],
)
def test_a_control_that_does_not_exist_is_refused(sim, service, asked):
    idop = service.open()
    answer = requests.post(
        f"{sim.base_url}/sim/api/payments/{idop}/outcome", json={"outcome": "P", **asked}, timeout=10
    )
    assert answer.status_code == 400
    assert service.detail(idop).code == "P5"
