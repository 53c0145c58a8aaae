"""A parent with a stubborn HTTP client: logs in, fills the basket, pays, comes back after a crash."""

import re
from dataclasses import dataclass

import requests

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(form_key|shown_cents|checkout|email)" value="([^"]*)"')
_FOLLOW = re.compile(r'href="(/paiement/[A-Za-z0-9_-]{22}/)"')


@dataclass
class Parent:
    """One browser session without a browser; addresses are paths of the portal."""

    url: str
    login: str
    password: str

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=60)

    def post(self, path: str, page: str, **fields) -> requests.Response:
        """Post a form found on `page` (its HTML)."""
        found = _CSRF.search(page)
        assert found, page[:2000]
        return self.session.post(
            self.url + path,
            data={"csrfmiddlewaretoken": found[1], **fields},
            timeout=60,
            allow_redirects=False,
        )

    def sign_in(self) -> None:
        page = self.get("/connexion/").text
        answer = self.post("/connexion/", page, identifier=self.login, password=self.password)
        assert answer.status_code == 302, answer.text

    def choose(self, *invoice_ids: str) -> None:
        page = self.get("/panier/").text
        answer = self.post("/panier/ajouter/", page, facture=list(invoice_ids))
        assert answer.status_code == 302, answer.text

    def pay(self) -> str:
        """The path of the payment: the one under way if there is one, else a new one."""
        page = self.get("/panier/").text
        under_way = _FOLLOW.search(page)
        if under_way:
            return under_way[1]
        return self.click(page)

    def click(self, page: str) -> str:
        """Press « Procéder au paiement » on a page of the basket, shown a moment or a crash ago; where it leads."""
        fields = dict(_HIDDEN.findall(page))
        answer = self.post("/panier/payer/", page, **{"email": self.login, **fields})
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def leave(self, path: str) -> str:
        """Go to the bank; the operation's identifier."""
        page = self.get(path).text
        answer = self.post(f"{path}partir/", page)
        assert answer.status_code == 303, (answer.status_code, answer.headers.get("Location"))
        return answer.headers["Location"].split("idop=")[1]
