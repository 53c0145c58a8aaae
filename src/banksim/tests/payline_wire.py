"""A second writing of Payline's messages, from the guide, so that tests do not believe the simulator's own."""

import re
from base64 import b64encode
from dataclasses import dataclass
from xml.sax.saxutils import escape

import requests
from lxml import etree

IMPL = "http://impl.ws.payline.experian.com"
OBJ = "http://obj.ws.payline.experian.com"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
#: Elements of doWebPaymentRequest: those without a value here are nil.
ORDER = (
    *("version", "payment", "returnURL", "cancelURL", "order", "notificationURL", "selectedContractList"),
    *("secondSelectedContractList", "privateDataList", "languageCode", "customPaymentPageCode", "owner"),
    *("securityMode", "recurring", "customPaymentTemplateURL", "contractNumberWalletList", "merchantName"),
    *("subMerchant", "miscData", "asynchronousRetryTimeout", "threeDSInfo", "merchantScore", "skipSmartDisplay"),
)


def nil(name: str, prefix: str = "i") -> str:
    return f'<{prefix}:{name} xsi:nil="true"/>'


def element(name: str, text: str, prefix: str = "o") -> str:
    return f"<{prefix}:{name}>{escape(text)}</{prefix}:{name}>"


def elements(**texts: str) -> str:
    return "".join(element(name, text) for name, text in texts.items() if text is not None)


def envelope(operation: str, content: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<e:Envelope xmlns:e="{SOAP}" xmlns:i="{IMPL}" xmlns:o="{OBJ}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<e:Body><i:{operation}Request>{content}</i:{operation}Request></e:Body></e:Envelope>"
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def reply(self):
        return etree.fromstring(self.raw).find(f"{{{SOAP}}}Body")[0]

    def text(self, path: str) -> str | None:
        """The text at `result/code`, None when empty; namespaces are put to the first level and to the inner ones."""
        first, *inner = path.split("/")
        qualified = "/".join([f"{{{IMPL}}}{first}", *(f"{{{OBJ}}}{name}" for name in inner)])
        return self.reply.findtext(qualified) or None

    @property
    def result(self) -> tuple[str | None, str | None]:
        return self.text("result/code"), self.text("result/shortMessage")

    @property
    def code(self) -> str | None:
        return self.text("result/code")

    @property
    def token(self) -> str | None:
        return self.text("token")

    @property
    def fault(self) -> str:
        return self.reply.findtext("faultstring")


def basic(merchant_id: str, access_key: str) -> str:
    return "Basic " + b64encode(f"{merchant_id}:{access_key}".encode()).decode()


class Service:
    """The merchant's program. `changed` paths of an order: `payment/amount="100"`; None leaves an element out."""

    def __init__(self, base: str, *, address, merchant_id: str, access_key: str, contract: str) -> None:
        self.base = base
        self.authorization = basic(merchant_id, access_key)
        self.order = {
            "version": "26",
            "payment": {
                "amount": "4250",
                "currency": "978",
                "action": "101",
                "mode": "CPT",
                "contractNumber": contract,
            },
            "returnURL": address("/retour"),
            "cancelURL": address("/annulation"),
            "order": {
                "ref": "F2025000123A1",
                "amount": "4250",
                "currency": "978",
                "date": "20/11/2026 10:30",
            },
            "notificationURL": address("/notif"),
            "privateDataList": [{"key": "attempt", "value": "0190-a1"}],
            "languageCode": "FR",
            "securityMode": "SSL",
        }

    def create(self, **changed) -> Answer:
        return self.post("doWebPayment", self.web_payment(**changed))

    def open(self, **changed) -> str:
        """The token of an accepted order."""
        answer = self.create(**changed)
        assert answer.code == "00000", answer.raw
        return answer.token

    def details(self, token: str, version: str = "26") -> Answer:
        content = element("version", version, "i") + element("token", token, "i")
        return self.post("getWebPaymentDetails", envelope("getWebPaymentDetails", content))

    def refund(self, transaction: str, cents: int = 4250, **changed) -> Answer:
        payment = elements(**{**self.order["payment"], "amount": str(cents), "action": "421", **changed})
        content = (
            element("version", "26", "i")
            + element("transactionID", transaction, "i")
            + f"<i:payment>{payment}</i:payment>"
            + "".join(nil(name) for name in ("comment", "privateDataList", "sequenceNumber", "media"))
        )
        return self.post("doRefund", envelope("doRefund", content), api="DirectPaymentAPI")

    def reset(self, transaction: str, cents: int | None = None) -> Answer:
        amount = nil("amount") + nil("currency")
        if cents is not None:
            amount = element("amount", str(cents), "i") + element("currency", "978", "i")
        content = (
            element("version", "26", "i")
            + element("transactionID", transaction, "i")
            + nil("comment")
            + nil("media")
            + amount
            + nil("sequenceNumber")
        )
        return self.post("doReset", envelope("doReset", content), api="DirectPaymentAPI")

    def web_payment(self, *, buyer: str = "", **changed) -> str:
        """The message itself; `buyer` is an element written out, put at its place."""
        order = {**self.order, **{name: value for name, value in changed.items() if "__" not in name}}
        for path, value in changed.items():
            if "__" in path:
                outer, inner = path.split("__")
                order[outer] = {**order[outer], inner: value}
        written = [self._written(name, order.get(name)) for name in ORDER]
        written.insert(ORDER.index("customPaymentPageCode") + 1, buyer)
        return envelope("doWebPayment", "".join(written))

    def _written(self, name: str, value) -> str:
        if value is None:
            return nil(name)
        if isinstance(value, str):
            return element(name, value, "i")
        if isinstance(value, list):
            pairs = "".join(f"<o:privateData>{elements(**pair)}</o:privateData>" for pair in value)
            return f"<i:{name}>{pairs}</i:{name}>"
        return f"<i:{name}>{elements(**value)}</i:{name}>"

    def post(self, operation: str, message: str, *, api: str = "WebPaymentAPI", **headers: str) -> Answer:
        sent = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": operation,
            "Authorization": self.authorization,
            **headers,
        }
        got = requests.post(
            f"{self.base}/V4/services/{api}",
            data=message.encode(),
            headers={name: value for name, value in sent.items() if value},
            timeout=10,
            allow_redirects=False,
        )
        return Answer(got.status_code, dict(got.headers), got.content)


def without(message: str, name: str) -> str:
    """The message without the first element of this name."""
    return re.sub(rf"<i:{name}( [^>]*/>|>.*?</i:{name}>)", "", message, count=1)
