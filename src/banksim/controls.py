"""How the merchant is told: what a person or a test may change about notifications and browser returns."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol, get_args

from banksim import store

When = Literal["at_once", "before_return", "after_return", "never"]
ReturnMode = Literal["normal", "none", "post", "duplicated", "altered"]
Method = Literal["", "POST", "GET"]

RETURNS: Mapping[str, str] = {
    "normal": "normal",
    "none": "aucun (onglet fermé)",
    "post": "par POST",
    "duplicated": "deux fois",
    "altered": "falsifié (autre opération, faux résultat)",
}
NOTIFICATIONS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "normal": ("normale", {}),
    "before_return": ("avant le retour du navigateur", {"when": "before_return"}),
    "after_return": ("2 s après le retour du navigateur", {"when": "after_return", "delay_seconds": 2}),
    "delayed": ("10 s plus tard", {"delay_seconds": 10}),
    "never": ("jamais", {"when": "never"}),
    "twice": ("deux fois", {"copies": 2}),
    "five_parallel": ("cinq en même temps", {"copies": 5, "parallel": True}),
    "after_31_minutes": ("après 31 minutes (horloge avancée)", {"shift_seconds": 31 * 60}),
    "unknown_idop": ("opération inconnue", {"identifier": "unknown"}),
    "get": ("par GET", {"method": "GET"}),
    "post": ("par POST", {"method": "POST"}),
    "upper_case": ("nom idOp au lieu de idop", {"parameter": "idOp"}),
    "forged": ("falsifiée (signature ou résultat)", {"lie": "forged"}),
    "unsigned": ("sans signature", {"lie": "unsigned"}),
    "altered": ("montant changé après la signature", {"lie": "altered"}),
    "resigned": ("un centime de plus, bien signée", {"lie": "resigned"}),
    "other_reference": ("autre référence, bien signée", {"lie": "other_reference"}),
    "other_merchant": ("autre commerçant, bien signée", {"lie": "other_merchant"}),
    "other_mode": ("autre mode (test ou production)", {"lie": "other_mode"}),
    "other_currency": ("autre devise, bien signée", {"lie": "other_currency"}),
    "replay": ("ancien message renvoyé tel quel", {"lie": "replay"}),
    "double_encoded": ("signature encodée deux fois", {"lie": "double_encoded"}),
    "back_office": ("renvoyée par un agent depuis la banque", {"lie": "back_office"}),
}
#: How a message may be false or odd. Each gateway says which it knows: where nothing is signed, `unsigned` is none.
LIES = frozenset(str(fields["lie"]) for _, fields in NOTIFICATIONS.values() if "lie" in fields)
#: What happens when the payer validates, for every gateway.
SCENARIOS: Mapping[str, str] = {
    "pay": "Payer",
    "pay_3ds": "Payer avec 3-D Secure",
    "refuse": "Refuser",
    "abandon": "Abandonner",
    "expire": "Laisser expirer",
    "wait": "En attente de la banque",
    "abandon_then_pay": "Abandonner puis payer",
}
#: A batch larger than this would only exhaust this machine.
_MOST_COPIES = 200


class ControlRefusedError(Exception):
    """A control that does not exist or a value it cannot take; the message is in French."""


@dataclass(frozen=True, kw_only=True)
class Notify:
    """One way to notify.

    `shift_seconds` moves the simulated clock before sending; `delay_seconds` really waits.
    An empty `method` is the protocol's own. `identifier="unknown"` names an operation nobody opened.
    `extra` fields are added to the message. `lie` is one of `LIES`; the earliest message replayed is that
    of the payment `of`, its own when empty.
    """

    when: When = "at_once"
    delay_seconds: float = 0
    shift_seconds: float = 0
    copies: int = 1
    parallel: bool = False
    method: Method = ""
    parameter: str = "idop"
    identifier: Literal["own", "unknown"] = "own"
    extra: Mapping[str, str] = field(default_factory=dict)
    lie: str = ""
    of: str = ""

    def __post_init__(self) -> None:
        if self.when not in get_args(When) or self.method not in get_args(Method):
            raise ControlRefusedError("notification : « when » ou « method » inconnu")
        if self.identifier not in {"own", "unknown"} or not 1 <= self.copies <= _MOST_COPIES:
            raise ControlRefusedError(f"notification : « identifier » inconnu ou « copies » hors de 1 à {_MOST_COPIES}")
        if self.lie and self.lie not in LIES:
            raise ControlRefusedError(f"notification : « lie » inconnu : {self.lie}")


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What holds for payments that have no control of their own."""

    notify: Notify = field(default_factory=Notify)
    return_mode: ReturnMode = "normal"
    scenario: str = "pay"
    short_exer: bool = True


def read_notify(asked: Any) -> Notify:
    """A preset's name, or a mapping of fields with possibly a `preset` to start from.

    Raises:
        ControlRefusedError: unknown preset, field or value.
    """
    wanted = {"preset": asked} if isinstance(asked, str) else dict(asked)
    preset = wanted.pop("preset", "normal")
    if preset not in NOTIFICATIONS:
        raise ControlRefusedError(f"notification inconnue : {preset}")
    try:
        return Notify(**{**NOTIFICATIONS[preset][1], **wanted})
    except TypeError as error:
        raise ControlRefusedError(f"notification mal décrite : {error}") from error


def presets(lies: Collection[str], *, names_idop: bool = False) -> dict[str, str]:
    """The presets a gateway can follow, with their label: `lies` are those it knows, two are for who names an idOp."""
    own = {name: how for name, (_, how) in NOTIFICATIONS.items() if how.get("lie", "") in {"", *lies}}
    return {
        name: NOTIFICATIONS[name][0]
        for name, how in own.items()
        if names_idop or not {"identifier", "parameter"} & set(how)
    }


def preset_of(notify: Notify) -> str | None:
    """The preset that is exactly this way to notify, if any."""
    return next((name for name in NOTIFICATIONS if read_notify(name) == notify), None)


def read_return(asked: Any) -> ReturnMode:
    """One of `RETURNS`.

    Raises:
        ControlRefusedError: not one of them.
    """
    for mode in get_args(ReturnMode):
        if mode == asked:
            return mode  # type: ignore[no-any-return]  # a member of the literal
    raise ControlRefusedError(f"retour inconnu : {asked}")


class Controlled(Protocol):
    """A payment that may have controls of its own; None leaves it to the defaults."""

    @property
    def notify(self) -> Any: ...
    @property
    def return_mode(self) -> str | None: ...


def notify_of(payment: Controlled) -> Notify:
    """Its own way to notify, else the default one."""
    return defaults().notify if payment.notify is None else read_notify(payment.notify)


def return_of(payment: Controlled) -> ReturnMode:
    """Its own way to come back, else the default one."""
    return defaults().return_mode if payment.return_mode is None else read_return(payment.return_mode)


def defaults() -> Defaults:
    """The defaults in force."""
    kept = store.control("defaults", None)
    if kept is None:
        return Defaults()
    return Defaults(**{**kept, "notify": Notify(**kept["notify"])})


def set_defaults(asked: Mapping[str, Any]) -> Defaults:
    """Change some defaults: `notify`, `return`, `scenario`, `short_exer`; the others stay.

    Raises:
        ControlRefusedError: unknown name or value.
    """
    readers = {"notify": ("notify", read_notify), "return": ("return_mode", read_return)}
    changed: dict[str, Any] = {}
    for name, value in asked.items():
        if name in readers:
            target, reader = readers[name]
            changed[target] = reader(value)
        elif (name == "scenario" and value in SCENARIOS) or (name == "short_exer" and isinstance(value, bool)):
            changed[name] = value
        else:
            raise ControlRefusedError(f"réglage inconnu ou valeur impossible : {name}")
    wanted = replace(defaults(), **changed)
    store.set_control("defaults", asdict(wanted))
    return wanted
