"""Fills an installation for the process tests: `python -m tests.support.seed BANKSIM_URL` prints what it made."""

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


if __name__ == "__main__":
    main(sys.argv[1])
