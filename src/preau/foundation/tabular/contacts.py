"""Ways to reach people, as spreadsheets keep them. What cannot be read is left empty, with a remark."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from preau.foundation.tabular.columns import Noted
from preau.foundation.text import clean, quoted

_EMAIL_LENGTH = 254
_PHONE_LENGTH = 30
_POSTAL_CODE_LENGTH = 12
_validate_email = EmailValidator()

_BETWEEN_EMAILS = re.compile(r"[;,/|<>()\s]+")
_BETWEEN_PHONES = re.compile(r"[;,/\n\r]| ou | et ")
_PHONE_PUNCTUATION = re.compile(r"[ .()/_'’-]+")
#: Mainland France and the overseas départements, whose numbers have ten digits at home.
_HOME_FROM_ABROAD = re.compile(r"(?:\+|00)(?:33|262|590|594|596)0?([1-9][0-9]{8})")
_HOME = re.compile(r"0([1-9][0-9]{8})")
_HOME_WITHOUT_ZERO = re.compile(r"([1-9][0-9]{8})")
_ABROAD = re.compile(r"(?:\+|00)[1-9][0-9]{5,14}")
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_POSTAL_CODE_WITHOUT_ZERO = re.compile(r"[0-9]{4}")
_POSTAL_CODE_ABROAD = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]*")


def is_email(text: str) -> bool:
    """Whether this is one address that a mail can be sent to, of at most 254 characters."""
    try:
        _validate_email(text)
    except ValidationError:
        return False
    return len(text) <= _EMAIL_LENGTH


def parse_email(text: str) -> Noted:
    """The first address of a cell, in lower case."""
    for part in _BETWEEN_EMAILS.split(text):
        address = clean(part).lower()
        if is_email(address):
            alone = address == clean(text).lower()
            return Noted(address, "" if alone else f"{quoted(address)} seule gardée, sur {quoted(text)}")
    return Noted("", f"{quoted(text)} n’est pas une adresse e-mail\u202f; case laissée vide")


def parse_phone(text: str) -> Noted:
    """The first number of a cell: French ones as `06 39 98 01 01`, foreign ones as they are written."""
    whole = clean(text)
    found = _one_phone(whole)
    if found.value:
        mark = whole[0]
        return Noted(found.value, f"{quoted(mark)} en tête retiré") if mark in "=-@" else found
    for part in _BETWEEN_PHONES.split(text):
        found = _one_phone(clean(part))
        if found.value:
            return Noted(found.value, f"{quoted(found.value)} seul gardé, sur {quoted(text)}")
    return Noted("", f"{quoted(text)} n’est pas un numéro de téléphone\u202f; case laissée vide")


def _one_phone(text: str) -> Noted:
    digits = _PHONE_PUNCTUATION.sub("", text.lstrip("=@"))
    if found := _HOME_FROM_ABROAD.fullmatch(digits) or _HOME.fullmatch(digits):
        return Noted(_in_pairs(found[1]), "")
    if found := _HOME_WITHOUT_ZERO.fullmatch(digits):
        number = _in_pairs(found[1])
        return Noted(number, f"{quoted(text)} lu {quoted(number)}\u202f: le tableur a perdu le zéro")
    if _ABROAD.fullmatch(digits):
        kept = text if len(text) <= _PHONE_LENGTH else digits
        return Noted(kept, f"{quoted(kept)}\u202f: numéro étranger, gardé tel quel")
    return Noted("", "")


def _in_pairs(nine_digits: str) -> str:
    number = f"0{nine_digits}"
    return " ".join(number[at : at + 2] for at in range(0, len(number), 2))


def parse_postal_code(text: str, *, abroad: bool = False) -> Noted:
    """Five digits; four get back the zero that a spreadsheet drops, unless the address is known to be abroad."""
    shown = clean(text)
    code = shown.replace(" ", "")
    if abroad and _POSTAL_CODE_ABROAD.fullmatch(shown) and len(shown) <= _POSTAL_CODE_LENGTH:
        return Noted(shown, "")
    if _POSTAL_CODE.fullmatch(code):
        return Noted(code, "")
    if _POSTAL_CODE_WITHOUT_ZERO.fullmatch(code):
        return Noted(f"0{code}", f"{quoted(shown)} lu {quoted('0' + code)}\u202f: le tableur a perdu le zéro")
    if _POSTAL_CODE_ABROAD.fullmatch(shown) and len(shown) <= _POSTAL_CODE_LENGTH:
        return Noted(shown, f"{quoted(shown)}\u202f: code postal étranger, gardé tel quel")
    return Noted("", f"{quoted(shown)} n’est pas un code postal\u202f; case laissée vide")
