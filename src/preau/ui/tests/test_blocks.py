import pytest

from preau.ui.arguments import ComponentError


def use(name):
    return f'<svg class="icon" aria-hidden="true"><use href="#i-{name}"/></svg>'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        (
            '{% notice title="Bon à savoir" %}<p>a</p>{% endnotice %}',
            f'<div class="notice">{use("info")}<div><h3>Bon à savoir</h3><p>a</p></div></div>',
        ),
        (
            '{% notice level="late" icon="x" heading=2 title=title alert=True %}{{ text }}{% endnotice %}',
            f'<div class="notice notice--late" role="alert">{use("x")}<div><h2>&lt;Non&gt;</h2>&lt;b&gt;</div></div>',
        ),
        (
            '{% card title="Cantine" icon="canteen" colour=2 %}<p>a</p>{% endcard %}',
            f'<article class="card block block--2"><h3>{use("canteen")}Cantine</h3><p>a</p></article>',
        ),
        ("{% card flush=True %}a{% endcard %}", '<article class="card card--flush">a</article>'),
        (
            '{% row title="À payer" note="Par carte" id="a-payer" %}<p>a</p>{% endrow %}',
            (
                '<section class="row"><div class="row__margin"><h2 id="a-payer">À payer</h2><p>Par carte</p></div>'
                '<div class="row__main"><p>a</p></div></section>'
            ),
        ),
        (
            "{% facts items=items narrow=True %}",
            '<dl class="facts narrowed"><div><dt>Payé par</dt><dd>&lt;Nom&gt;</dd></div></dl>',
        ),
    ],
)
def test_blocks_hold_their_content(render, source, html):
    assert render(source, text="<b>", title="<Non>", items=[("Payé par", "<Nom>")]) == html


def test_nothing_to_show_is_said_in_words(render):
    html = render('{% empty title="Aucune régie avec des factures à payer." %}<p>Suite</p>{% endempty %}')
    assert html.endswith("<h3>Aucune régie avec des factures à payer.</h3><p>Suite</p></div>")


@pytest.mark.parametrize(
    "source",
    [
        '{% notice level="danger" %}a{% endnotice %}',
        "{% notice heading=1 %}a{% endnotice %}",
        "{% empty title=absent %}a{% endempty %}",
        '{% card colour="2" %}a{% endcard %}',
        "{% facts items=absent_number %}",
    ],
)
def test_a_wrong_value_fails_the_page(render, source):
    with pytest.raises(ComponentError):
        render(source, absent_number=3)
