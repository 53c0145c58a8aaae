import pytest
from django.template import TemplateSyntaxError

from preau.ui import icons
from preau.ui.arguments import ComponentError


def use(name, css="icon"):
    return f'<svg class="{css}" aria-hidden="true"><use href="#i-{name}"/></svg>'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ('{% icon name="lock" %}', use("lock")),
        ('{% icon name="lock" size="l" %}', use("lock", "icon icon--l")),
        (
            '{% icon name="lock" label="Verrouillée" %}',
            '<svg class="icon" role="img" aria-label="Verrouillée"><use href="#i-lock"/></svg>',
        ),
        ('{% button text="Retour" %}', '<button type="submit" class="button">Retour</button>'),
        (
            '{% button text="Payer" variant="primary" icon="card" wide=True name="suite" value="payer" form="f" %}',
            (
                '<button type="submit" class="button button--primary button--wide" name="suite" value="payer" form="f">'
                f"{use('card')}Payer</button>"
            ),
        ),
        (
            '{% button text="Retirer" small=True icon="x" detail=detail kind="button" %}',
            (
                f'<button type="button" class="button button--s">{use("x", "icon icon--s")}Retirer'
                '<span class="sr"> Octobre &lt;2026&gt;</span></button>'
            ),
        ),
        (
            '{% button text="Payer" variant="primary" disabled_reason="Aucune facture choisie" %}',
            '<button type="button" class="button button--primary" aria-disabled="true">Aucune facture choisie</button>',
        ),
        (
            '{% button text="Copier" kind="button" copies="code" %}',
            '<button type="button" class="button" data-copy="code" hidden>Copier</button>',
        ),
        (
            '{% button text="Ouvrir" kind="button" opens="d" %}{% button text="Fermer" kind="button" closes="d" %}',
            (
                '<button type="button" class="button" data-open="d">Ouvrir</button>'
                '<button type="button" class="button" data-close="d">Fermer</button>'
            ),
        ),
        (
            '{% link_button text=text url=url variant="quiet" %}',
            '<a class="button button--quiet" href="/factures/?a=1&amp;b=2">Voir &amp; payer</a>',
        ),
        (
            '{% link_button text="Payer" url="/" disabled_reason="Fermé" %}',
            '<a class="button" role="link" aria-disabled="true">Fermé</a>',
        ),
        (
            '{% link_arrow text="Lire la suite" url="/a" detail="de l’actualité" %}',
            (
                f'<a class="link-arrow" href="/a">Lire la suite<span class="sr"> de l’actualité</span>'
                f"{use('right', 'icon icon--s')}</a>"
            ),
        ),
        ('{% badge state="due" %}', f'<span class="badge badge--due">{use("invoice")}À payer</span>'),
        ('{% badge state="late" %}', f'<span class="badge badge--late">{use("alert")}En retard</span>'),
        ('{% badge state="pending" %}', f'<span class="badge badge--pending">{use("clock")}Paiement en cours</span>'),
        (
            '{% badge state="settled" text="À jour" %}',
            f'<span class="badge badge--settled">{use("check")}À jour</span>',
        ),
        (
            '{% badge state="treasury" %}',
            f'<span class="badge badge--treasury">{use("treasury")}Transmise à la Trésorerie</span>',
        ),
        ('{% badge state="credit" %}', f'<span class="badge badge--credit">{use("plus")}Avoir</span>'),
        ("{% amount cents=5880 %}", '<span class="amount">58,80\u202f€</span>'),
        ("{% amount cents=-123450 %}", '<span class="amount">−1\u202f234,50\u202f€</span>'),
        (
            '{% amount cents=360 credit=True size="l" %}',
            '<span class="amount amount--l amount--credit">+3,60\u202f€</span>',
        ),
        ("{% amount cents=0 credit=True %}", '<span class="amount amount--credit">0,00\u202f€</span>'),
        (
            '{% who number=5 name="Zélie" %}',
            (
                '<span class="who"><svg class="sticker sticker--1" viewBox="0 0 16 16" aria-hidden="true">'
                '<use href="#g-1"/></svg>Zélie</span>'
            ),
        ),
        ('{% sr text="de la facture" %}', '<span class="sr">de la facture</span>'),
    ],
)
def test_small_components(render, source, html):
    assert render(source, detail="Octobre <2026>", text="Voir & payer", url="/factures/?a=1&b=2") == html


@pytest.mark.parametrize(
    "source",
    [
        '{% icon name="inconnue" %}',
        "{% icon name=absent %}",
        '{% button text="Payer" variant="secondary" %}',
        "{% button text=absent %}",
        '{% badge state="paid" %}',
        "{% amount cents=absent %}",
        "{% amount cents=58.8 %}",
        "{% sticker number=0 %}",
        '{% link_button text="Payer" url=absent %}',
    ],
)
def test_a_wrong_value_fails_the_page(render, source):
    with pytest.raises(ComponentError):
        render(source)


@pytest.mark.parametrize(
    "source", ['{% button text="Payer" color="red" %}', '{% button "Payer" %}', "{% icon %}", "{% amount 5880 %}"]
)
def test_an_undeclared_argument_fails_the_template(render, source):
    with pytest.raises(TemplateSyntaxError):
        render(source)


def test_the_sprite_holds_what_is_used_and_no_more(render):
    html = render('{% sprite %}{% icon name="lock" %}{% icon name="lock" %}{% sticker number=2 %}{% endsprite %}')
    assert html.startswith(f"<svg hidden>{icons.symbols()['i-lock']}{icons.symbols()['g-2']}</svg>")
    assert html.count("<symbol") == 2


def test_a_page_without_drawings_has_no_sprite(render):
    assert render("{% sprite %}<p>Rien</p>{% endsprite %}") == "<p>Rien</p>"
