"""The two messages that we send, in the order of the schema (8.3)."""

from preau.domain.payments.gateway import Order
from preau.foundation import clock
from preau.foundation.instants import PARIS
from preau.foundation.text import clean
from preau.plugins.gateways.payline.wire import Tree

_EURO, _AUTHORISE_AND_CAPTURE, _AT_ONCE = "978", "101", "CPT"
#: Name of our reference among the operation's private data.
PRIVATE_KEY = "attempt"
_BUYER = (
    *("title", "lastName", "firstName", "email", "shippingAdress", "billingAddress", "accountCreateDate"),
    *("accountAverageAmount", "accountOrderCount", "walletId", "walletDisplayed", "walletSecured", "walletCardInd"),
    *("ip", "mobilePhone", "customerId", "legalStatus", "legalDocumentType", "legalDocument", "birthDate"),
    *("fingerprintID", "deviceFingerprint", "isBot", "isIncognito", "isBehindProxy", "isFromTor", "isEmulator"),
    *("isRooted", "hasTimezoneMismatch", "loyaltyMemberType", "buyerExtended", "merchantAuthentication"),
)
_AFTER_BUYER = (
    *("owner", "securityMode", "recurring", "customPaymentTemplateURL", "contractNumberWalletList", "merchantName"),
    *("subMerchant", "miscData", "asynchronousRetryTimeout", "threeDSInfo", "merchantScore", "skipSmartDisplay"),
)


def web_payment(order: Order, *, version: str) -> Tree:
    """`doWebPayment`: the operation to open."""
    amount = str(order.amount_cents)
    now = clock.now().astimezone(PARIS)
    buyer = {
        **dict.fromkeys(_BUYER),
        "lastName": clean(order.payer.last_name)[:50],
        "firstName": clean(order.payer.first_name)[:50],
        "email": order.email,
    }
    return {
        "version": version,
        "payment": {
            "amount": amount,
            "currency": _EURO,
            "action": _AUTHORISE_AND_CAPTURE,
            "mode": _AT_ONCE,
            "contractNumber": order.merchant.number,
        },
        "returnURL": order.return_url,
        "cancelURL": order.return_url,
        "order": {
            "ref": order.reference,
            "amount": amount,
            "currency": _EURO,
            "date": now.strftime("%d/%m/%Y %H:%M"),
        },
        "notificationURL": order.notification_url,
        "selectedContractList": {"selectedContract": order.merchant.number},
        "secondSelectedContractList": None,
        "privateDataList": {"privateData": {"key": PRIVATE_KEY, "value": order.reference}},
        "languageCode": "FR",
        "customPaymentPageCode": None,
        "buyer": buyer,
        **dict.fromkeys(_AFTER_BUYER),
        "securityMode": "SSL",
    }


def web_payment_details(token: str, *, version: str) -> Tree:
    """`getWebPaymentDetails`: the only source of truth about an operation."""
    return {"version": version, "token": token}
