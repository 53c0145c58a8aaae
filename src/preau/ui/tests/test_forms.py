import pytest
from django import forms

from preau.ui.arguments import ComponentError

ALERT = '<svg class="icon icon--s" aria-hidden="true"><use href="#i-alert"/></svg>'
MARK = '<span class="field__mark"><span aria-hidden="true">*</span><span class="sr">(obligatoire)</span></span>'


class Login(forms.Form):
    identifier = forms.CharField(label="Mon identifiant", help_text="Par exemple\u202f: DELAT-4127")
    password = forms.CharField(label="Mon mot de passe", widget=forms.PasswordInput)
    remember = forms.BooleanField(label="Se rappeler de moi", help_text="30 jours", required=False)
    by = forms.ChoiceField(
        label="Recevoir", choices=[("mail", "Par e-mail"), ("post", "Par courrier")], widget=forms.RadioSelect
    )
    school = forms.ChoiceField(label="École", choices=[("1", "Jules-Verne")], required=False)

    def clean(self):
        if self.cleaned_data.get("identifier") == "ferme":
            raise forms.ValidationError("Ce dossier est fermé.")


def filled(**changes):
    return Login({"identifier": "a", "password": "b", "by": "post", **changes})


def test_a_field_ties_its_hint_to_its_input(render):
    assert render('{% field bound=form.identifier autocomplete="username" %}', form=Login()) == (
        f'<div class="field"><label for="id_identifier">Mon identifiant{MARK}</label>'
        '<p class="field__hint" id="id_identifier-aide">Par exemple\u202f: DELAT-4127</p>'
        '<input type="text" name="identifier" class="input" aria-describedby="id_identifier-aide"'
        ' autocomplete="username" required id="id_identifier"></div>'
    )


def test_the_first_field_in_fault_takes_the_focus_and_names_its_error(render):
    assert render("{% field bound=form.identifier %}", form=filled(identifier="")) == (
        f'<div class="field"><label for="id_identifier">Mon identifiant{MARK}</label>'
        '<p class="field__hint" id="id_identifier-aide">Par exemple\u202f: DELAT-4127</p>'
        f'<p class="field__error" id="id_identifier-erreur">{ALERT}<span>Ce champ est obligatoire.</span></p>'
        '<input type="text" name="identifier" class="input" aria-describedby="id_identifier-aide id_identifier-erreur"'
        ' autofocus required aria-invalid="true" id="id_identifier"></div>'
    )


def test_the_second_field_in_fault_leaves_the_focus_to_the_first(render):
    form = filled(identifier="", password="")
    assert "autofocus" not in render("{% field bound=form.password %}", form=form)
    assert "autofocus" in render("{% field bound=form.password %}", form=filled(password=""))


def test_a_password_can_be_shown_where_the_script_runs(render):
    html = render("{% field bound=form.password show_password=True %}", form=Login())
    assert html.endswith(
        '<div class="input-group"><input type="password" name="password" class="input" required id="id_password">'
        '<button type="button" class="button button--quiet button--s" data-show="id_password" aria-pressed="false"'
        ' hidden>Afficher<span class="sr"> le mot de passe</span></button></div></div>'
    )


def test_a_single_box_is_a_clickable_line(render):
    assert render("{% field bound=form.remember %}", form=Login()) == (
        '<div class="field"><label class="choice">'
        '<input type="checkbox" name="remember" class="tick" aria-describedby="id_remember-aide" id="id_remember">'
        '<span>Se rappeler de moi<small id="id_remember-aide">30 jours</small></span></label></div>'
    )


def test_a_set_of_choices_is_named_by_its_legend(render):
    assert render('{% field bound=form.by hint="Au choix" %}', form=filled()) == (
        '<fieldset class="field" id="id_by" aria-describedby="id_by-aide">'
        f'<legend class="field__label">Recevoir{MARK}</legend><p class="field__hint" id="id_by-aide">Au choix</p>'
        '<label class="choice"><input class="tick" type="radio" name="by" value="mail" id="id_by_0" required>'
        "<span>Par e-mail</span></label>"
        '<label class="choice"><input class="tick" type="radio" name="by" value="post" id="id_by_1" checked required>'
        "<span>Par courrier</span></label></fieldset>"
    )


def test_a_select_is_an_input_like_the_others(render):
    html = render('{% field bound=form.school width="short" %}', form=Login())
    assert html == (
        '<div class="field"><label for="id_school">École</label>'
        '<select name="school" class="input input--short" id="id_school">'
        '<option value="1">Jules-Verne</option></select></div>'
    )


def test_the_summary_leads_to_each_fault(render):
    html = render("{% form_errors form=form %}", form=filled(identifier="", password=""))
    assert "<h2>2 informations sont à revoir</h2>" in html
    assert '<li><a href="#id_identifier">Mon identifiant</a>\u202f: Ce champ est obligatoire.</li>' in html
    assert '<li><a href="#id_password">Mon mot de passe</a>\u202f: Ce champ est obligatoire.</li>' in html


def test_the_summary_says_what_concerns_no_field(render):
    html = render('{% form_errors form=form title="Connexion refusée" %}', form=filled(identifier="ferme"))
    assert html.endswith("<h2>Connexion refusée</h2><p>Ce dossier est fermé.</p></div></div>")


def test_there_is_no_summary_when_all_is_well(render):
    assert render("{% form_errors form=form %}", form=filled()) == ""


def test_the_star_is_explained(render):
    assert render("{% required_note %}") == '<p class="small soft">* champs obligatoires</p>'


def test_a_choice_outside_a_form(render):
    source = '{% choice name="f" value="1" text="Octobre" hint="Reste 58" kind="radio" checked=True disabled=True %}'
    assert render(source) == (
        '<label class="choice"><input class="tick" type="radio" name="f" value="1" checked disabled>'
        "<span>Octobre<small>Reste 58</small></span></label>"
    )


@pytest.mark.parametrize(
    "source",
    ["{% field bound=form.absent %}", '{% field bound=form.school width="tiny" %}', "{% form_errors form=absent %}"],
)
def test_a_wrong_value_fails_the_page(render, source):
    with pytest.raises(ComponentError):
        render(source, form=Login())
