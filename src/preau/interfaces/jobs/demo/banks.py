"""The demo town's four banks and its desks: contracts of each kind, and the accounts that the imitation must know."""

import secrets
import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import requests

from preau.domain.payments.queries.contracts import merchant_of
from preau.domain.regies.models import Channel, GatewayContract, Regie
from preau.domain.regies.services import set_secret
from preau.foundation.audit.actors import SYSTEM

TOWN = "Saint-Éloi-sur-Lys"
#: Régie, gateway, merchant's number there.
_CONTRACTS = (
    ("RESTAURATION", "payfip", "090901"),
    ("LOISIRS", "paybox", "5981204"),
    ("PETITE-ENFANCE", "systempay", "59812990"),
    ("MUSIQUE", "payline", "5981206"),
)
_DESK = "counter"
_PAYLINE_MERCHANT = "59299000000006"
_RANK, _IDENTIFIER = "01", "598120400"
_START_SECONDS = 30


def sign_contracts(regies: Mapping[str, Regie], *, today: date) -> None:
    """A contract in test mode for each régie, with keys of its own."""
    keys = {
        "paybox": ("hmac_key", secrets.token_hex(64)),
        "systempay": ("key", secrets.token_hex(8)),
        "payline": ("access_key", secrets.token_hex(10)),
    }
    for code, gateway, number in _CONTRACTS:
        contract = GatewayContract.objects.create(
            regie=regies[code], gateway=gateway, merchant=number, mode=GatewayContract.Mode.TEST, opened_on=today
        )
        if gateway in keys:
            name, value = keys[gateway]
            set_secret(contract=contract, name=name, value=value, overlap=timedelta(0), by=SYSTEM)


def open_desks(*, today: date) -> None:
    """A desk for each régie there is; again changes nothing."""
    without = Regie.objects.exclude(contracts__channel=Channel.DESK)
    GatewayContract.objects.bulk_create(
        GatewayContract(
            regie=regie,
            gateway=_DESK,
            channel=Channel.DESK,
            merchant="Service Familles",
            mode=GatewayContract.Mode.TEST,
            opened_on=today,
        )
        for regie in without
    )


def point_contracts(*, banksim_url: str, public_key: str = "") -> None:
    """Send the payers of every contract to the imitated banks, wherever they listen this time."""
    settings: dict[str, dict[str, str]] = {
        "payfip": {
            "service_url": f"{banksim_url}/tpa/services/securite",
            "page_url": f"{banksim_url}/tpa/paiementws.web",
        },
        "paybox": {
            "rang": _RANK,
            "identifiant": _IDENTIFIER,
            "page_url": f"{banksim_url}/cgi/MYchoix_pagepaiement.cgi",
            "public_key": public_key,
        },
        "systempay": {"service_url": f"{banksim_url}/vads-payment/"},
        "payline": {
            "merchant_id": _PAYLINE_MERCHANT,
            "endpoint": f"{banksim_url}/V4/services/WebPaymentAPI",
            "page_origin": banksim_url,
        },
    }
    for gateway, values in settings.items():
        GatewayContract.objects.filter(gateway=gateway).update(settings=values)


def accounts() -> dict[str, list[dict[str, Any]]]:
    """What the imitated banks must know of our contracts, keys included, by bank."""
    found: dict[str, list[dict[str, Any]]] = {gateway: [] for _, gateway, _ in _CONTRACTS}
    contracts = GatewayContract.objects.filter(channel=Channel.ONLINE, closed_on__isnull=True)
    for contract in contracts.select_related("regie"):
        found[contract.gateway].append(_account(contract))
    return found


def _account(contract: GatewayContract) -> dict[str, Any]:
    number, label = contract.merchant, contract.regie.label
    keys = {name: values[0] for name, values in merchant_of(contract).secrets.items()}
    match contract.gateway:
        case "paybox":
            key = keys["hmac_key"]
            return {"site": number, "rang": _RANK, "identifiant": _IDENTIFIER, "key": key, "label": label}
        case "systempay":
            return {"site_id": number, "key_test": keys["key"], "label": f"{TOWN} – {label}", "phone": "03 53 01 12 41"}
        case "payline":
            merchant = {"merchant_id": _PAYLINE_MERCHANT, "access_key": keys["access_key"]}
            return {**merchant, "contract": number, "label": label}
        case _:
            return {"numcli": number, "label_1": TOWN, "label_2": "SGC de la Lys", "label_3": label}


def public_key_of(banksim_url: str) -> str:
    """The public half of the key that the imitated Paybox drew at its first start, once it answers.

    Raises:
        requests.RequestException: it does not answer.
    """
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return requests.get(f"{banksim_url}/sim/paybox/cle-publique.pem", timeout=5).text
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
