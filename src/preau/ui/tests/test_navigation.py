import pytest
from django.core.paginator import Paginator

from preau.ui.arguments import ComponentError
from preau.ui.items import NavItem, Step


def test_the_breadcrumb_ends_on_this_page(render):
    trail = [("Accueil", "/"), ("Facturation", "/factures/"), ("Payer", "")]
    assert render("{% crumbs items=trail %}", trail=trail) == (
        '<nav class="crumbs" aria-label="Fil d’Ariane"><ol><li><a href="/">Accueil</a></li>'
        '<li><a href="/factures/">Facturation</a></li><li><span aria-current="page">Payer</span></li></ol></nav>'
    )


def test_the_side_menu_marks_the_current_entry(render):
    menu = [NavItem(label="Payer", url="/p", current=True, count=0), NavItem(label="Historique", url="/h", icon="list")]
    assert render('{% side_nav items=menu label="Facturation" %}', menu=menu) == (
        '<nav aria-label="Facturation"><ul class="side-nav">'
        '<li><a href="/p" aria-current="page">Payer <span class="count">0</span></a></li>'
        '<li><a href="/h"><svg class="icon icon--s" aria-hidden="true"><use href="#i-list"/></svg>Historique</a></li>'
        "</ul></nav>"
    )


def pages(number, size=31):
    return Paginator(range(size), 8).get_page(number)


def test_pages_keep_the_other_choices_of_the_address(render):
    html = render('{% pager page=page one="facture" many="factures" %}', path="/?regie=2&page=2", page=pages(2))
    assert "Page 2 sur 4, 31 factures" in html
    assert 'href="?regie=2&amp;page=1" rel="prev"' in html
    assert 'href="?regie=2&amp;page=3" rel="next"' in html


def test_a_single_page_is_a_count(render):
    html = render('{% pager page=page one="service" many="services" %}', page=pages(1, size=1))
    assert html == '<nav class="pager" aria-label="Pages"><span>1 service</span></nav>'


def test_steps_say_what_is_done_and_what_is_current(render):
    stages = [Step(label="Restauration", amount_cents=5880), Step(label="Petite enfance"), Step(label="Reçus")]
    assert render("{% steps items=stages current=2 %}", stages=stages) == (
        '<ol class="steps" aria-label="Étapes">'
        '<li class="is-done">Restauration<br><span class="amount">58,80\u202f€</span></li>'
        '<li aria-current="step">Petite enfance</li><li>Reçus</li></ol>'
    )


@pytest.mark.parametrize("current", [0, 3])
def test_a_step_outside_the_journey_is_refused(render, current):
    with pytest.raises(ComponentError, match="attendu de 1 à 2"):
        render("{% steps items=stages current=current %}", stages=[Step(label="a"), Step(label="b")], current=current)
