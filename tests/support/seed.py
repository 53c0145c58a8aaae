"""Fills an installation for the process tests: `python -m tests.support.seed BANKSIM_URL` prints what it made.

With `four` as well, each of four régies has its own bank.
"""

import json
import sys

import django


def main(banksim_url: str) -> None:
    django.setup()
    from preau.domain.regies.models import GatewayContract  # noqa: PLC0415  (after setup)
    from tests.support import factories as make  # noqa: PLC0415

    make.make_town()
    settings = {
        "service_url": f"{banksim_url}/tpa/services/securite",
        "page_url": f"{banksim_url}/tpa/paiementws.web",
    }
    school = make.make_regie(label="Restauration et périscolaire", position=1, contract=False)
    early = make.make_regie(label="Petite enfance", position=2, contract=False)
    for regie, numcli in ((school, "090901"), (early, "090902")):
        make.make_contract(regie, gateway="payfip", merchant=numcli, settings=settings)
    household = make.make_household(file_name="DELATTRE")
    user = make.user_of(household)
    invoices = [
        make.make_invoice(household, school, cents=5880, label="Cantine"),
        make.make_invoice(household, early, cents=2520, label="Halte-garderie"),
    ]
    said = {
        "login": user.email,
        "password": make.PASSWORD,
        "invoices": [invoice.public_id for invoice in invoices],
        "merchants": [c.merchant for c in GatewayContract.objects.order_by("id")],
    }
    sys.stdout.write(json.dumps(said))


def four(banksim_url: str) -> None:
    """One invoice in each of four régies, at four banks."""
    django.setup()
    from banksim.testing import BankSim  # noqa: PLC0415  (after setup)
    from tests.gateways.tellers import TELLERS  # noqa: PLC0415
    from tests.support import factories as make  # noqa: PLC0415

    make.make_town()
    household = make.make_household(file_name="DELATTRE")
    tellers = {teller.gateway: teller for teller in TELLERS}
    rows = (
        ("payfip", "Restauration et périscolaire", 5880),
        ("paybox", "Caisse des écoles", 3000),
        ("systempay", "Petite enfance", 560),
        ("payline", "École de musique", 2130),
    )
    for position, (gateway, label, cents) in enumerate(rows, start=1):
        regie = make.make_regie(label=label, position=position, contract=False)
        tellers[gateway].contract(BankSim(banksim_url), regie)
        make.make_invoice(household, regie, cents=cents, label=label)
    sys.stdout.write(json.dumps({"login": make.user_of(household).email, "password": make.PASSWORD}))


if __name__ == "__main__":
    (four if "four" in sys.argv[2:] else main)(sys.argv[1])
