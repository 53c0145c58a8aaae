"""The operations of the web services: what each does, and the reply it gives."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from banksim import clock, operations
from banksim.operations import Movement, Operation
from banksim.payline import codes
from banksim.payline.errors import RefusedError
from banksim.payline.fields import check_order, check_refund, check_reset, check_version
from banksim.payline.gateway import CANCELLATION, GATEWAY, REFUND_ACTION, new_token
from banksim.payline.soap import Call, Reply

_NO_TRANSACTION: Reply = {"id": "", "date": ""}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The merchant whose key was right; `base` is this program's address, for the payment page."""

    merchant_id: str
    contracts: Collection[str]
    base: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A reply, the token it is about ("" for none), and the verdict of the journal."""

    reply: Reply
    token: str = ""
    verdict: str = "accepté"


def run(call: Call, caller: Caller) -> Answer:
    """The answer to a call, refusals included."""
    run_one = {
        "doWebPayment": _web_payment,
        "getWebPaymentDetails": _details,
        "doReset": _reset,
        "doRefund": _refund,
    }[call.operation]
    try:
        return run_one(call, caller)
    except RefusedError as error:
        return Answer(reply=_refusal(call.operation, error), verdict=f"{error.code} : {error.why}")


def technical(operation: str, code: str) -> Answer:
    """A technical error: nothing was done, ask again later."""
    return Answer(reply=_refusal(operation, RefusedError(code, "panne demandée")), verdict=f"{code} : panne demandée")


def _result(code: str, detail: str = "") -> Reply:
    told = codes.message(code)
    long = f"{told.long} : {detail}" if detail else told.long
    return {"code": code, "shortMessage": told.short, "longMessage": long}


def _refusal(operation: str, error: RefusedError) -> Reply:
    refused = {"result": _result(error.code, error.field)}
    match operation:
        case "doWebPayment":
            return {**refused, "token": None, "redirectURL": None}
        case "getWebPaymentDetails":
            return {**refused, **_empty_details()}
        case _:
            return {**refused, "transaction": _NO_TRANSACTION}


def _web_payment(call: Call, caller: Caller) -> Answer:
    order = check_order(call, caller.contracts)
    operation = GATEWAY.open(
        key=new_token(),
        merchant=f"{caller.merchant_id}-{order.contract}",
        reference=order.ref,
        cents=order.amount,
        asked=asdict(order),
    )
    page = f"{caller.base}/webpayment/?token={operation.key}"
    return Answer(
        reply={"result": _result(codes.PAID), "token": operation.key, "redirectURL": page}, token=operation.key
    )


def _details(call: Call, caller: Caller) -> Answer:
    check_version(call)
    token = call.text("token")
    operation = operations.by_key(GATEWAY.name, token)
    if operation is None or not operation.merchant.startswith(f"{caller.merchant_id}-"):
        raise RefusedError(codes.UNKNOWN_TOKEN, f"le jeton « {token} » n’est pas à ce commerçant")
    code = GATEWAY.code(operation, clock.now())
    if operation.outcome is not None:
        GATEWAY.mark_read(operation)
    return Answer(
        reply={"result": _result(code), **_told(operation)},
        token=token,
        verdict=f"accepté : {code} {codes.message(code).short}",
    )


def _told(operation: Operation) -> Reply:
    """What is known of the payment, in the order of the schema."""
    asked, given = operation.asked, operation.given
    contract = str(asked["contract"])
    amount = str(operation.amount_cents)
    transaction = _NO_TRANSACTION
    if given.get("transaction"):
        secured = "Y" if operation.scenario == "pay_3ds" else "N"
        transaction = {**_transaction(given["transaction"], operation.outcome_at), "threeDSecure": secured}
    pairs = [{"key": key, "value": value} for key, value in asked["private_data"].items()]
    return {
        "transaction": transaction,
        "payment": {
            "amount": amount,
            "currency": asked["currency"],
            "action": asked["action"],
            "mode": asked["mode"],
            "contractNumber": contract,
        },
        "authorization": _authorization(operation),
        "privateDataList": {"privateData": pairs},
        "card": {"type": "CB"} if given.get("transaction") else {},
        "order": {
            "ref": operation.reference,
            "amount": amount,
            "currency": asked["currency"],
            "date": asked["order_date"],
        },
        "numberOfAttempt": "1" if given.get("transaction") else "0",
        "contractNumber": contract,
        **dict.fromkeys(_LAST),
    }


def _authorization(operation: Operation) -> Reply:
    number = operation.given.get("authorization", "")
    if not number:
        return {"number": "", "date": "", "authorizedAmount": None, "authorizedCurrency": None}
    return {
        "number": number,
        "date": _stamp(operation.outcome_at),
        "authorizedAmount": str(operation.amount_cents),
        "authorizedCurrency": str(operation.asked["currency"]),
    }


#: The end of the reply, which this simulator never fills.
_LAST = ("bankAccountData", "subMerchant", "buyer", "linkedTransactionId")


def _empty_details() -> Reply:
    return {
        "transaction": _NO_TRANSACTION,
        "payment": {"amount": None, "currency": "", "action": "", "mode": ""},
        "authorization": {"number": "", "date": "", "authorizedAmount": None, "authorizedCurrency": None},
        "card": {},
        "order": {"ref": "", "amount": "", "currency": "", "date": ""},
        **dict.fromkeys(_LAST),
    }


def _reset(call: Call, caller: Caller) -> Answer:
    paid = _paid(call, caller)
    cents = check_reset(call, GATEWAY.left(paid))
    if GATEWAY.is_remitted(paid):
        raise RefusedError(codes.WRONG_TRANSACTION, "déjà remise en banque : il faut un remboursement")
    return _given_back(paid, cents, CANCELLATION)


def _refund(call: Call, caller: Caller) -> Answer:
    cents = check_refund(call, caller.contracts)
    paid = _paid(call, caller)
    if not GATEWAY.is_remitted(paid):
        raise RefusedError(codes.WRONG_TRANSACTION, "pas encore remise en banque : il faut une annulation")
    return _given_back(paid, cents, REFUND_ACTION)


def _paid(call: Call, caller: Caller) -> Movement:
    check_version(call)
    transaction = call.text("transactionID")
    paid = GATEWAY.debit(transaction, caller.merchant_id)
    if paid is None:
        raise RefusedError(codes.WRONG_TRANSACTION_ID, f"la transaction « {transaction} » n’est pas à ce commerçant")
    return paid


def _given_back(paid: Movement, cents: int, action: str) -> Answer:
    if cents > GATEWAY.left(paid):
        raise RefusedError(codes.WRONG_AMOUNT, f"{cents} centimes, il en reste {GATEWAY.left(paid)}")
    given = GATEWAY.give_back(paid, cents, action)
    reply = {"result": _result(codes.PAID), "transaction": _transaction(given["transaction"], clock.now())}
    return Answer(reply=reply, token=paid.operation.key)


def _transaction(identifier: str, at: datetime | None) -> Reply:
    return {"id": identifier, "date": _stamp(at), "isDuplicated": "0", "isPossibleFraud": "0"}


def _stamp(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(clock.PARIS):%d/%m/%Y %H:%M:%S}"
