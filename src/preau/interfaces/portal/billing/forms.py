"""What a click on one of these pages sends."""

from django import forms


class CreditForm(forms.Form):
    """Ties the click to the page it was made on, and to the sum that the page showed."""

    form_key = forms.CharField(max_length=64)
    shown_cents = forms.IntegerField(min_value=1)
