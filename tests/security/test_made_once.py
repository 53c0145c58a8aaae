"""The town of these walks is made once: what one of them does to it, no other sees."""

import pytest
from django.urls import reverse

from preau.domain.payments.models import PaymentAttempt
from tests.support.factories import make_invoice


@pytest.mark.parametrize("visit", ["first", "second"])
def test_each_test_finds_the_town_as_it_was_made(world, bank, visit):
    mine = world.mine
    assert (mine.household.file_name, mine.household.invoices.count()) == ("BERGER38", 3)
    assert sorted(PaymentAttempt.objects.values_list("state", flat=True)) == ["captured", "prepared"]
    assert [one.reference for one in bank.operations.values()] == [
        PaymentAttempt.objects.get(state="captured").gateway_reference
    ]
    assert mine.get("/accueil/").status_code == 200

    make_invoice(mine.household, mine.regie)
    mine.client.post(reverse("portal:payment_cancel", args=[world.ids["portal:payment"]]))
    assert PaymentAttempt.objects.filter(state="abandoned").count() == 1
    mine.household.file_name = "AUTRE"
    mine.household.save()
    bank.operations.clear()
    mine.client.post("/deconnexion/")
    assert mine.get("/accueil/").status_code == 302
