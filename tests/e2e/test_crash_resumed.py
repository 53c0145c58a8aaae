"""Processes killed on the way to the bank and back, and the parent who insists at once, in the same page (K1–K10, N2).

tests/e2e/test_crash.py comes back after six minutes; here nobody waits.
"""

import threading
import time

import pytest
import requests

from tests.support.parent import Parent

pytestmark = pytest.mark.process

HALF_A_MINUTE, THIRTY_MINUTES = "30", "1900"


def _captured(portal) -> list[tuple]:
    return portal.rows("SELECT amount_cents FROM payments_capture ORDER BY id")


def _states(portal) -> list[str]:
    return [state for (state,) in portal.rows("SELECT state FROM payments_paymentattempt ORDER BY id")]


def _all_holds(portal, **env: str) -> None:
    done = portal.run("selfcheck", check=False, **env)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def basket(installation, as_parent):
    """A parent who has chosen an invoice of 58,80 €: `basket(PREAU_KILL_AT=…)` → portal, web program, parent."""

    def make(engine: str = "sqlite", **env: str):
        portal, made = installation(engine)
        web = portal.serve(**env)
        parent = as_parent(portal, made)
        parent.choose(made["invoices"][0])
        return portal, web, parent

    return make


def _dies(web, step) -> None:
    with pytest.raises(requests.ConnectionError):
        step()
    web.kill()


@pytest.mark.parametrize(("point", "left"), [("attempt-written", []), ("attempt-committed", ["prepared"])])
def test_the_same_form_sent_again_at_once_is_one_payment(basket, banksim, point, left):
    """K1: nothing existed; K2: the attempt is resumed. Either way the parent just sends the page again."""
    portal, web, parent = basket(PREAU_KILL_AT=point)
    page = parent.get("/panier/").text
    _dies(web, lambda: parent.click(page))
    assert _states(portal) == left

    portal.serve()
    idop = parent.leave(parent.click(page))
    banksim.decide(idop, "P")
    portal.run("worker", "--once")
    assert (_states(portal), _captured(portal), len(banksim.payments())) == (["captured"], [(5880,)], 1)
    _all_holds(portal)


def test_a_call_cut_on_the_wire_lets_the_parent_try_again_half_a_minute_later(basket, banksim):
    """K3: the bank may have opened an operation; nobody was ever sent to it."""
    portal, web, parent = basket()
    banksim.set_fault("creerPaiementSecurise", "timeout", seconds=3, times=1)
    path = parent.pay()
    leaving = threading.Thread(target=_ignoring_the_end, args=(parent, path))
    leaving.start()
    _wait_for(banksim.payments)
    web.kill()
    leaving.join()
    assert _states(portal) == ["prepared"]
    (lost,) = banksim.payments()

    portal.serve(PREAU_CLOCK_OFFSET=HALF_A_MINUTE)
    path = parent.pay()
    idop = parent.leave(path)
    assert idop != lost["idop"]
    assert _states(portal) == ["sent"]
    banksim.decide(idop, "P")
    # The bank tells of the lost one too, at the address it was given: kept, answered, no crash, no money booked.
    assert [one["status"] for one in banksim.decide(lost["idop"], "A")["deliveries"]] == [200]
    portal.run("worker", "--once", PREAU_CLOCK_OFFSET=HALF_A_MINUTE)
    assert _captured(portal) == [(5880,)]
    verdicts = portal.rows("SELECT verdict, count(*) FROM payments_gatewaymessage GROUP BY verdict ORDER BY verdict")
    assert verdicts == [("authentic", 1), ("not_authentic", 1)]
    _all_holds(portal, PREAU_CLOCK_OFFSET=HALF_A_MINUTE)


def _ignoring_the_end(parent: Parent, path: str) -> None:
    with pytest.raises(requests.ConnectionError):
        parent.leave(path)


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_redirect_that_never_came_is_offered_again_and_opens_nothing_else(basket, banksim):
    """K5: the attempt was sent; « Rouvrir » leads to the same operation, and no other one is opened for the invoice."""
    portal, web, parent = basket(PREAU_KILL_AT="attempt-sent")
    _dies(web, lambda: parent.leave(parent.pay()))
    assert _states(portal) == ["sent"]

    portal.serve()
    path = parent.pay()
    assert "Rouvrir la page de paiement" in parent.get(path).text
    (only,) = banksim.payments()
    assert [parent.leave(path), parent.leave(path)] == [only["idop"]] * 2
    assert len(banksim.payments()) == 1
    banksim.decide(only["idop"], "P")
    portal.run("worker", "--once")
    assert _captured(portal) == [(5880,)]
    _all_holds(portal)


@pytest.mark.parametrize("point", ["message-stored", "evidence-stored", "capture-receipted"])
def test_the_web_dies_while_the_browser_comes_back(basket, banksim, point):
    """K7, K8, K10: the return page settles too, and no notice ever comes."""
    portal, web, parent = basket(PREAU_KILL_AT=point)
    idop = parent.leave(parent.pay())
    banksim.decide(idop, "P", notify="never")
    ((token,),) = portal.rows("SELECT return_token FROM payments_paymentattempt")
    _dies(web, lambda: parent.get(f"/paiement/retour/{token}/?idop={idop}"))
    assert _captured(portal) == []

    later = {"PREAU_CLOCK_OFFSET": HALF_A_MINUTE}
    portal.serve(**later)
    assert "58,80" in parent.get(f"/paiement/retour/{token}/?idop={idop}").text
    portal.run("worker", "--once", **later)
    assert _captured(portal) == [(5880,)]
    assert portal.rows("SELECT count(*) FROM payments_receipt") == [(1,)]
    assert len(list((portal.folder / "mailbox").glob("*.eml"))) == 1
    _all_holds(portal, **later)


def test_a_payment_known_to_nobody_when_all_programs_died_is_found_by_the_worker(basket, banksim):
    """K6, N1, U8: web and worker are down when the bank notifies; the session is over when the parent comes back."""
    portal, web, parent = basket()
    idop = parent.leave(parent.pay())
    web.kill()
    assert all(one["status"] is None for one in banksim.decide(idop, "P")["deliveries"])

    later = {"PREAU_CLOCK_OFFSET": THIRTY_MINUTES}
    portal.run("worker", "--once", **later)
    assert _captured(portal) == [(5880,)]
    portal.serve(**later)
    assert "/connexion/" in parent.get("/accueil/").url
    parent.sign_in()
    assert "Votre panier est vide" in parent.get("/panier/").text
    _all_holds(portal, **later)


@pytest.mark.row("P02")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_hundred_notices_at_once_are_answered_and_are_one_payment(basket, banksim, engine):
    """N2 over the wire: a hundred answers 200, one capture, one receipt, one mail."""
    portal, _, parent = basket(engine)
    idop = parent.leave(parent.pay())
    burst = {"preset": "five_parallel", "copies": 100}
    deliveries = banksim.decide(idop, "P", notify=burst)["deliveries"]
    assert [one["status"] for one in deliveries] == [200] * 100
    assert portal.rows("SELECT count(*) FROM payments_gatewaymessage") == [(100,)]
    workers = [portal.start_program("worker", "--once") for _ in range(2)]
    assert [worker.wait_until_dead(60) for worker in workers] == [0, 0]
    assert _captured(portal) == [(5880,)]
    assert portal.rows("SELECT count(*) FROM payments_receipt") == [(1,)]
    assert portal.rows("SELECT verdict, count(*) FROM payments_gatewaymessage GROUP BY verdict") == [("authentic", 100)]
    assert len(list((portal.folder / "mailbox").glob("*.eml"))) == 1
    _all_holds(portal)
