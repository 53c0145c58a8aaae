"""A client of the simulator for tests: starts it on a free port, orders outcomes and faults, reads its journal.

Needs only the standard library and requests; nothing of the simulator itself is loaded in the test's process.
"""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import requests

_STOP_SECONDS = 10
_CALL_SECONDS = 90


class BankSim:
    """The simulator at `base_url`, started by `start()` or by somebody else."""

    def __init__(self, base_url: str, process: subprocess.Popen[str] | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._process = process
        self._session = requests.Session()
        self._session.trust_env = False

    @classmethod
    def start(cls, data_dir: Path, *, port: int = 0) -> Self:
        """Start one with its own files; port 0 takes a free one. It answers when this returns.

        Raises:
            RuntimeError: it did not start; its errors are in `data_dir/banksim.log`.
        """
        data_dir.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "banksim", "serve", "--port", str(port), "--data", str(data_dir)]
        with (data_dir / "banksim.log").open("a") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603  (our own program)
        announced = process.stdout.readline() if process.stdout else ""
        if "http://" not in announced:
            process.kill()
            process.communicate()
            raise RuntimeError(f"banksim did not start, see {data_dir / 'banksim.log'}")
        return cls(announced[announced.index("http://") :].strip(), process)

    def stop(self) -> int:
        """Ask it to stop; its exit status."""
        self._session.close()
        if self._process is None:
            return 0
        self._process.terminate()
        self._process.communicate(timeout=_STOP_SECONDS)
        return self._process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def service_url(self) -> str:
        """Where the web service answers; `?wsdl` is appended for its description."""
        return f"{self.base_url}/tpa/services/securite"

    @property
    def page_url(self) -> str:
        """Where a payer is sent, with `?idop=`."""
        return f"{self.base_url}/tpa/paiementws.web"

    def bank(self, name: str) -> "Bank":
        """A bank that has accounts: `paybox`, `systempay`, `payline`, `tipi`."""
        return Bank(self, name)

    def add_client(self, numcli: str, label_1: str = "Commune d’essai", **others: Any) -> None:
        """Declare a creditor: `label_2`, `label_3`, `secured`, `ceiling_cents`."""
        self._post("clients", {"numcli": numcli, "label_1": label_1, **others})

    def payments(self, *, refdet: str = "") -> list[dict[str, Any]]:
        """Operations, the newest first."""
        found: list[dict[str, Any]] = self._get("payments", {"refdet": refdet})["payments"]
        return found

    def payment(self, idop: str) -> dict[str, Any]:
        """One operation."""
        return self._get(f"payments/{idop}")

    def decide(self, idop: str, outcome: str, **controls: Any) -> dict[str, Any]:
        """P, V, R, Z, A or none; `notify=`, `wait=` and `**{"return": …}` as in the README.

        The answer has the operation and `deliveries`: each call made, with the status it was answered.
        """
        return self._post(f"payments/{idop}/outcome", {"outcome": outcome, **controls})

    def notify(self, idop: str, notify: Any = "normal") -> list[dict[str, Any]]:
        """Notify now; each delivery with the status it was answered."""
        made: list[dict[str, Any]] = self._post("notifications", {"idop": idop, "notify": notify})["deliveries"]
        return made

    def send(self, address: str, fields: Mapping[str, str], **others: Any) -> list[dict[str, Any]]:
        """Send anything to a loopback address: `method`, `copies`, `parallel`."""
        message = {"address": address, "fields": dict(fields), **others}
        made: list[dict[str, Any]] = self._post("notifications", message)["deliveries"]
        return made

    def set_controls(self, idop: str, **controls: Any) -> dict[str, Any]:
        """`notify`, `return` and `scenario` of one operation."""
        return self._post(f"payments/{idop}/controls", controls)

    def set_defaults(self, **defaults: Any) -> dict[str, Any]:
        """`notify`, `return`, `scenario`, `short_exer` of the operations that have none of their own."""
        return self._post("defaults", defaults)

    def set_fault(self, operation: str, kind: str, **how: Any) -> None:
        """Break an operation: `times`, `seconds`, `status`."""
        self._post("faults", {"operation": operation, "kind": kind, **how})

    def clear_faults(self) -> None:
        """Mend everything."""
        self.call("DELETE", "faults")

    def shift_clock(self, seconds: float) -> None:
        """Move the simulated clock from where it is."""
        self._post("clock", {"add_seconds": seconds})

    def set_clock(self, now: str) -> None:
        """Make it this instant (ISO 8601 with its zone)."""
        self._post("clock", {"now": now})

    def pass_night(self) -> int:
        """Purge operations without a result; how many."""
        purged: int = self._post("night", {})["purged"]
        return purged

    def wait_notifications(self, seconds: float = 10) -> bool:
        """Wait until no call is under way; False if some still is."""
        idle: bool = self._post("wait", {"seconds": seconds})["idle"]
        return idle

    def journal(self, reference: str = "") -> list[dict[str, Any]]:
        """What was received and emitted, the newest first."""
        entries: list[dict[str, Any]] = self._get("journal", {"reference": reference})["entries"]
        return entries

    def reset(self) -> None:
        """Forget operations, journal, faults, defaults and clock; clients stay declared."""
        self._post("reset", {})

    def statement(
        self,
        gateway: str,
        merchant: str,
        first: str = "",
        last: str = "",
        *,
        without: Sequence[str] = (),
        plus: Sequence[str] = (),
    ) -> str:
        """The accepted operations of a merchant as CSV, from `first` to `last` (AAAA-MM-JJ, days of Paris).

        To try a reconciliation: `without` leaves these references out, `plus` adds them one cent.
        """
        asked = {"merchant": merchant, "from": first, "to": last, "without": list(without), "plus": list(plus)}
        answer = self.request("GET", f"/sim/{gateway}/releve", params=asked)
        if answer.status_code != requests.codes.ok:
            raise RuntimeError(f"banksim: {answer.status_code} {answer.text}")
        return answer.content.decode()

    def request(self, method: str, path: str, **how: Any) -> requests.Response:
        """Any call to the simulator, redirections not followed."""
        how = {"timeout": _CALL_SECONDS, "allow_redirects": False, **how}
        return self._session.request(method, f"{self.base_url}{path}", **how)

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self.call("GET", path, params=query)

    def _post(self, path: str, message: Mapping[str, Any]) -> dict[str, Any]:
        return self.call("POST", path, json=message)

    def call(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        """A call to the control interface, below `/sim/api/`.

        Raises:
            RuntimeError: refused; the message has its status and its reason.
        """
        answer = self.request(method, f"/sim/api/{path}", **how)
        content: dict[str, Any] = answer.json()
        if answer.status_code != requests.codes.ok:
            raise RuntimeError(f"banksim: {answer.status_code} {content.get('error')}")
        return content


class Bank:
    """One bank of the simulator. A payment is named by its key: see the README for what it is in each."""

    def __init__(self, simulator: BankSim, name: str) -> None:
        self._simulator, self._name = simulator, name

    def declare(self, **account: Any) -> None:
        """Declare a merchant with its keys, or change it."""
        self._post("accounts", account)

    def forget_accounts(self) -> None:
        """Nobody is a merchant any more."""
        self._simulator.call("DELETE", f"{self._name}/accounts")

    def submit(self, path: str, fields: Mapping[str, str] | Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Post the merchant's form at `path` (or at a whole address of the simulator), as the payer's browser does.

        The answer is the operation that its page shows.

        Raises:
            RuntimeError: refused; the message has the code of the error page and why.
        """
        answer = self._simulator.request("POST", path.removeprefix(self._simulator.base_url), data=fields)
        if answer.status_code != requests.codes.see_other:
            told = re.search(r'data-code="([^"]*)".*Pour qui essaie[^:]*:(.*?)</p>', answer.text, re.DOTALL)
            why = " ".join(unescape(" ".join(told.groups())).split()) if told else answer.text
            raise RuntimeError(f"banksim: {answer.status_code} {why}")
        page = answer.headers["Location"]
        return next(payment for payment in self.payments() if payment["page"] == page)

    def payments(self, *, reference: str = "") -> list[dict[str, Any]]:
        """Operations, the newest first."""
        query = {"reference": reference}
        found: list[dict[str, Any]] = self._simulator.call("GET", f"{self._name}/payments", params=query)["payments"]
        return found

    def payment(self, key: str) -> dict[str, Any]:
        """The newest operation of this key."""
        return self._simulator.call("GET", f"{self._name}/payments/{quote(key, safe='')}")

    def decide(self, key: str, outcome: str, **controls: Any) -> dict[str, Any]:
        """A native code or `none`; `code=`, `notify=`, `wait=` and `**{"return": …}` as in the README.

        The answer has the operation and `deliveries`: each call made, with the status it was answered.
        """
        return self._post(f"payments/{quote(key, safe='')}/outcome", {"outcome": outcome, **controls})

    def notify(self, key: str, notify: Any = "normal") -> list[dict[str, Any]]:
        """Notify now; each delivery with the status it was answered."""
        return self._sent({"key": key, "notify": notify})

    def send(self, address: str, content: str, **others: Any) -> list[dict[str, Any]]:
        """Send a text already encoded, to the letter, to a loopback address: `method`, `copies`, `parallel`."""
        return self._sent({"address": address, "content": content, **others})

    def set_controls(self, key: str, **controls: Any) -> dict[str, Any]:
        """`notify`, `return` and `scenario` of one operation."""
        return self._post(f"payments/{quote(key, safe='')}/controls", controls)

    def statement(self, merchant: str, first: str = "", last: str = "", **faults: Sequence[str]) -> str:
        """Its accepted operations as CSV: see `BankSim.statement`."""
        return self._simulator.statement(self._name, merchant, first, last, **faults)

    def public_key(self) -> str:
        """The PEM of the key that signs its messages, where there is one."""
        return self._simulator.request("GET", f"/sim/{self._name}/cle-publique.pem").text

    def _sent(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = self._post("notifications", message)["deliveries"]
        return made

    def _post(self, path: str, message: Mapping[str, Any]) -> dict[str, Any]:
        return self._simulator.call("POST", f"{self._name}/{path}", json=message)
