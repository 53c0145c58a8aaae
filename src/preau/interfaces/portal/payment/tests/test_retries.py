"""The network drops after the click, and the parent tries again, ten times (U13)."""

from preau.domain.payments.models import PaymentAttempt
from tests.support.factories import make_invoice


def test_ten_tries_of_one_page_are_one_payment_and_one_answer(payer):
    form = payer.choose(make_invoice(payer.household, payer.regie, cents=2400))
    answers = {payer.click(form).headers["Location"] for _ in range(10)}
    assert (len(answers), PaymentAttempt.objects.count()) == (1, 1)
