"""Processes killed without warning between any two steps of a payment, then started again (K1–K11).

Whatever the step: the family can pay, the bank's money is booked once, and every invariant holds.
"""

import pytest
import requests

pytestmark = pytest.mark.process

ENGINES = ["sqlite", "postgresql"]
SIX_MINUTES = "360"


def _needs_server(engine: str) -> None:
    import os  # noqa: PLC0415  (only this test cares)

    if engine == "postgresql" and not os.environ.get("PREAU_TEST_DATABASE_URL"):
        pytest.skip("needs a PostgreSQL server (PREAU_TEST_DATABASE_URL)")


def _captured(portal) -> list[tuple]:
    return portal.rows("SELECT amount_cents FROM payments_capture ORDER BY id")


def _all_holds(portal, **env: str) -> None:
    done = portal.run("selfcheck", check=False, **env)
    assert done.returncode == 0, done.stdout


def _pay_to_the_end(portal, parent, banksim) -> None:
    """The parent insists until the bank has the money of the first invoice."""
    idop = parent.leave(parent.pay())
    banksim.decide(idop, "P")


@pytest.mark.parametrize("point", ["attempt-committed", "gateway-answered", "attempt-sent"])
def test_the_web_dies_on_the_way_to_the_bank(installation, as_parent, banksim, point):
    portal, made = installation("sqlite")
    web = portal.serve(PREAU_KILL_AT=point)
    parent = as_parent(portal, made)
    parent.choose(made["invoices"][0])
    with pytest.raises(requests.ConnectionError):
        parent.leave(parent.pay())
    web.kill()

    portal.serve(PREAU_CLOCK_OFFSET=SIX_MINUTES)
    portal.run("worker", "--once", PREAU_CLOCK_OFFSET=SIX_MINUTES)
    _pay_to_the_end(portal, parent, banksim)
    portal.run("worker", "--once", PREAU_CLOCK_OFFSET=SIX_MINUTES)

    assert _captured(portal) == [(5880,)]
    paid = [one for one in banksim.payments() if one["result"] == "P"]
    assert len(paid) == 1
    _all_holds(portal, PREAU_CLOCK_OFFSET=SIX_MINUTES)


@pytest.mark.parametrize("point", ["notification-received", "notification-stored"])
def test_the_web_dies_while_the_bank_notifies(installation, as_parent, banksim, point):
    portal, made = installation("sqlite")
    web = portal.serve()
    parent = as_parent(portal, made)
    parent.choose(made["invoices"][0])
    idop = parent.leave(parent.pay())
    web.kill()
    web = portal.serve(PREAU_KILL_AT=point)
    decided = banksim.decide(idop, "P")
    assert all(one["status"] != 200 for one in decided["deliveries"])
    web.kill()

    stored = portal.rows("SELECT count(*) FROM payments_gatewaymessage")
    assert stored == [(1 if point == "notification-stored" else 0,)]
    portal.serve(PREAU_CLOCK_OFFSET=SIX_MINUTES)
    if point == "notification-stored":
        assert [one["status"] for one in banksim.notify(idop)] == [200]
    portal.run("worker", "--once", PREAU_CLOCK_OFFSET=SIX_MINUTES)

    assert _captured(portal) == [(5880,)]
    _all_holds(portal, PREAU_CLOCK_OFFSET=SIX_MINUTES)


@pytest.mark.parametrize(
    ("engine", "point"),
    [
        *(("sqlite", p) for p in ("message-stored", "evidence-stored", "mail-before-send", "mail-after-send")),
        *(
            (e, p)
            for e in ENGINES
            for p in ("capture-state", "capture-allocated", "capture-booked", "capture-receipted")
        ),
    ],
)
def test_the_worker_dies_while_it_settles(installation, as_parent, banksim, engine, point):
    _needs_server(engine)
    portal, made = installation(engine)
    portal.serve()
    parent = as_parent(portal, made)
    parent.choose(made["invoices"][0])
    banksim.decide(parent.leave(parent.pay()), "P")

    assert portal.run("worker", "--once", check=False, PREAU_KILL_AT=point).returncode == -9
    if point.startswith("capture"):
        assert _captured(portal) == []

    later = {"PREAU_CLOCK_OFFSET": SIX_MINUTES}
    portal.run("worker", "--once", **later)
    portal.run("worker", "--once", **later)

    assert _captured(portal) == [(5880,)]
    assert portal.rows("SELECT count(*) FROM payments_receipt") == [(1,)]
    letters = [path.name.split("-", 1)[1] for path in (portal.folder / "mailbox").glob("*.eml")]
    assert len(letters) == (2 if point == "mail-after-send" else 1)
    assert len(set(letters)) == 1
    _all_holds(portal, **later)
