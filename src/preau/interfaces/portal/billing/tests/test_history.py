"""Past invoices by month, archives for ever."""

import re
from datetime import date

import pytest

from preau.domain.billing.rules import months_before
from preau.domain.billing.services import record_receipt_elsewhere
from preau.foundation.files.services import store
from tests.support.factories import make_invoice, make_regie, make_town
from tests.support.pages import main_words

TODAY = date(2026, 10, 8)


@pytest.mark.row("A25")
def test_a_line_tells_date_number_pdf_with_its_size_and_what_is_left(family):
    pdf = store(content=b"x" * 288_000, name="f.pdf", content_type="application/pdf")
    invoice = make_invoice(
        family.household, make_regie(), cents=1230, number="ENF 18012213", issued_on=date(2026, 10, 1), pdf=pdf
    )
    response = family.get("history")
    page = main_words(response)
    assert "01/10/2026 – Facture ENF 18012213 (PDF, 288 ko)" in page
    assert "À payer : 12,30 €" in page
    assert f'href="/factures/{invoice.public_id}/pdf/"' in response.content.decode()


@pytest.mark.row("A25", "L16", "V03")
def test_a_paid_invoice_stays_with_its_pdf(family):
    pdf = store(content=b"x" * 1000, name="f.pdf", content_type="application/pdf")
    invoice = make_invoice(family.household, make_regie(), cents=1230, pdf=pdf)
    family.pay(invoice)
    for name in ("history", "archives"):
        page = main_words(family.get(name))
        assert "(PDF, 1 ko)" in page
        assert "Payée le 8 octobre 12,30 €" in page


@pytest.mark.row("A24")
def test_invoices_are_grouped_by_month_most_recent_first(family):
    regie = make_regie()
    for number, day in enumerate([date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]):
        make_invoice(family.household, regie, issued_on=day, number=f"FACTURE-{number}")
    html = family.get("history").content.decode()
    assert re.findall(r"<h2>([^<]+)</h2>", html)[:3] == ["Février 2026", "Janvier 2026", "Décembre 2025"]
    january = html[html.index("Janvier 2026") : html.index("Décembre 2025")]
    # Random identifiers stand in the page too: a short number could be found in one of them.
    assert list(dict.fromkeys(re.findall(r"FACTURE-\d", january))) == ["FACTURE-2", "FACTURE-1"]


@pytest.mark.row("A23")
@pytest.mark.parametrize(("months", "oldest"), [(24, date(2024, 10, 8)), (12, date(2025, 10, 8))])
def test_the_list_covers_the_towns_months_to_the_day(family, months, oldest):
    make_town(history_months=months)
    regie = make_regie()
    make_invoice(family.household, regie, issued_on=oldest, number="INSIDE")
    make_invoice(family.household, regie, issued_on=date.fromordinal(oldest.toordinal() - 1), number="OUTSIDE")
    page = main_words(family.get("history"))
    assert f"vos factures de moins de {months} mois" in page
    assert "INSIDE" in page
    assert "OUTSIDE" not in page


def test_months_before_keeps_to_the_end_of_shorter_months():
    assert months_before(date(2028, 2, 29), 24) == date(2026, 2, 28)
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)


@pytest.mark.row("V09", "V03")
def test_archives_hold_what_is_settled_by_date_for_ever(family):
    regie = make_regie()
    for number, day in enumerate([date(2019, 1, 5), date(2026, 9, 1), date(2022, 6, 1)]):
        invoice = make_invoice(family.household, regie, issued_on=day, number=f"A{number}", cents=1000)
        record_receipt_elsewhere(invoice=invoice, amount_cents=1000, means="", received_on=TODAY)
    make_invoice(family.household, regie, number="STILL-DUE")
    page = main_words(family.get("archives"))
    assert page.index("A1") < page.index("A2") < page.index("A0")
    assert "STILL-DUE" not in page
    assert "3 factures" in page


@pytest.mark.row("V10")
def test_a_debt_passed_to_the_treasury_is_in_the_archive_with_how_to_pay(family):
    invoice = make_invoice(family.household, make_regie(), cents=3180, sent_to_treasury_on=TODAY)
    page = main_words(family.get("archives"))
    assert "Transmise à la Trésorerie 31,80 €" in page
    assert "ne se règlent plus ici, mais auprès d’elle, avec l’« avis des sommes à payer »" in page
    assert "ne se règle plus ici, mais à la Trésorerie" in main_words(family.get("invoice", invoice.public_id))


@pytest.mark.row("L22", "L23")
def test_both_lists_can_be_limited_to_a_regie(family):
    canteen, nursery = make_regie(label="Cantine"), make_regie(label="Crèche")
    for regie, number in ((canteen, "CANTEEN-1"), (nursery, "NURSERY-1")):
        invoice = make_invoice(family.household, regie, number=number, cents=1000)
        record_receipt_elsewhere(invoice=invoice, amount_cents=1000, means="", received_on=TODAY)
    for name in ("history", "archives"):
        everything, one = main_words(family.get(name)), main_words(family.get(name, regie=nursery.public_id))
        assert "CANTEEN-1" in everything
        assert "NURSERY-1" in everything
        assert "CANTEEN-1" not in one
        assert "NURSERY-1" in one
        assert family.get(name, regie="nowhere").status_code == 404


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("history", "Aucune facture sur cette période."), ("archives", "Aucune facture archivée.")],
)
def test_nothing_yet(family, name, sentence):
    assert sentence in main_words(family.get(name))


@pytest.mark.parametrize("name", ["history", "archives"])
@pytest.mark.parametrize("count", [1, 40])
def test_queries_do_not_grow_with_invoices(family, name, count):
    regie = make_regie()
    for _ in range(count):
        invoice = make_invoice(family.household, regie, cents=1000)
        record_receipt_elsewhere(invoice=invoice, amount_cents=1000, means="", received_on=TODAY)
    assert family.queries(name) == 9


def test_forty_invoices_take_two_pages_and_keep_the_chosen_regie(family):
    regie = make_regie()
    other = make_regie()
    make_invoice(family.household, other)
    for number in range(40):
        make_invoice(family.household, regie, number=f"K{number:02d}")
    first = family.get("history", regie=regie.public_id)
    second = family.get("history", regie=regie.public_id, page="2")
    assert "Page 1 sur 2, 40 factures" in main_words(first)
    assert f"?regie={regie.public_id}&amp;page=2" in first.content.decode()
    seen = re.findall(r"K\d\d", main_words(first)) + re.findall(r"K\d\d", main_words(second))
    assert sorted(set(seen)) == [f"K{number:02d}" for number in range(40)]
    assert main_words(family.get("history", page="nonsense"))
