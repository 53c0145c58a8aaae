"""A payer's browser without JavaScript, on the pages of the banks."""

import requests
from lxml import html

CARD = {"number": "4970 1000 0000 0000", "month": "12", "year": "2030", "code": "123"}
SECURE = "123456"


class Payer:
    """Keeps the page it is on; follows redirections of the bank, not those to the merchant."""

    def __init__(self, sim, payment) -> None:
        self.show(requests.get(f"{sim.base_url}{payment['page']}", timeout=10))

    def show(self, answer) -> None:
        self.answer, self.page = answer, html.fromstring(answer.text)
        self.page.make_links_absolute(answer.url)

    def text(self, identifier) -> str:
        return " ".join(self.page.get_element_by_id(identifier).text_content().split())

    def has(self, identifier) -> bool:
        return self.page.get_element_by_id(identifier, None) is not None

    def press(self, identifier, **fields) -> None:
        """Press a button of a form: what is filled in already is sent with it."""
        self.show(self._pressed(identifier, fields))

    def leave_by_post(self):
        """Press « Retour » where it is a form: the merchant answers."""
        return self._pressed("retour", {})

    def _pressed(self, identifier, fields):
        button = self.page.get_element_by_id(identifier)
        form = next(button.iterancestors("form"))
        sent = {**dict(form.form_values()), **fields}
        if button.get("name"):
            sent[button.get("name")] = button.get("value")
        return requests.post(form.action or self.answer.url, data=sent, timeout=30)

    def go_back(self):
        """Follow « Retour » to the merchant."""
        return requests.get(self.page.get_element_by_id("retour").get("href"), timeout=10)

    @property
    def result(self):
        return self.page.get_element_by_id("resultat").get("data-result")
