import random
import string
import threading

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.accounts import passwords, strength
from preau.domain.accounts.errors import PasswordRefusedError, TooBusyError
from preau.domain.accounts.models import User
from preau.domain.town.models import Town

TOO_SHORT = "Il faut au moins 12 caractères. Le vôtre en a 11."
TOO_EASY = (
    "Ce mot de passe se devine trop vite. Allongez-le, par exemple avec trois ou quatre mots sans rapport entre eux."
)
FROM_CONTEXT = "N’y mettez ni votre nom, ni votre e-mail, ni votre code d’accès, ni le nom de la ville."


def _refusals(password: str, user: User | None = None) -> list[str]:
    try:
        passwords.accept_new_password(password, user=user or User(display_name="Inès Petit"))
    except PasswordRefusedError as refusal:
        return refusal.sentences
    return []


def test_bits_are_those_of_reliability_a5():
    assert round(strength.entropy_bits("xkvuqgwthzoj")) == 56
    assert strength.entropy_bits("840395271628394") < 50 < strength.entropy_bits("8403952716283947")


@pytest.mark.parametrize(
    "password",
    ["xkvuqgwthzoj", "8403952716283947", "mouette cabane violon", "pirouette-1871", "Ça roule, l’été"],
)
def test_twelve_characters_that_resist_guessing_are_accepted(db, password):
    assert _refusals(password) == []


def test_eleven_characters_are_refused(db):
    assert _refusals("xkvuqgwthzo") == [TOO_SHORT]


def test_a_password_longer_than_128_is_refused_at_no_cost(db):
    sentence = "Il ne faut pas plus de 128 caractères. Le vôtre en a 100000."
    assert sentence in _refusals("a" * 100_000)


@pytest.mark.parametrize(
    "password",
    [
        "840395271628394",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcdefghijklmnopqrst",
        "azertyuiopqsdfghjklm",
        "1234567890123456",
        "xk7uxk7uxk7uxk7u",
        "motdepasse2026",
        "Bonjour-Bonjour",
        "Marseille2026!",
        "princesse licorne",
    ],
)
def test_long_but_easy_passwords_are_refused(db, password):
    assert TOO_EASY in _refusals(password)


@pytest.mark.parametrize(
    "password",
    [
        "julie cabane violon",
        "violonDELÂTTRE1871",
        "soixante violons jdltr",
        "7qfk3mxr violon cabane",
        "violon Saint-Éloi cabane",
        "portail violon cabane",
    ],
)
def test_words_known_to_neighbours_are_refused(db, password):
    Town.objects.create(name="Saint-Éloi-sur-Lys")
    user = User(display_name="Julie Delattre", email="jdltr@exemple.fr", username="jude", access_code="7QFK3MXR")
    assert _refusals(password, user) == [FROM_CONTEXT]


def test_a_leaked_password_is_refused_in_french(db):
    assert "Ce mot de passe est trop courant." in _refusals("1qazxsw23edc")


@given(st.text(min_size=1, max_size=40))
def test_bits_never_exceed_those_of_drawn_characters(password):
    assert 0 <= strength.entropy_bits(password) <= len(strength.folded_text(password)) * 7.4


@given(st.integers(0, 2**32), st.sampled_from([(string.ascii_lowercase, 14), (string.digits, 22)]))
def test_drawn_passwords_with_two_or_more_spare_characters_pass(seed, kind):
    alphabet, length = kind
    drawn = "".join(random.Random(seed).choices(alphabet, k=length))  # noqa: S311  (repeatable)
    assert strength.entropy_bits(drawn) >= 50


def test_the_product_hashes_with_argon2id_at_the_stated_cost(settings):
    settings.PASSWORD_HASHERS = ["preau.domain.accounts.passwords.BoundedArgon2Hasher"]
    encoded = make_password("mouette cabane violon")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(encoded) <= 128
    assert check_password("mouette cabane violon", encoded)
    assert not check_password("mouette cabane violons", encoded)


def test_one_accent_typed_on_two_keyboards_is_the_same_letter(settings):
    settings.PASSWORD_HASHERS = ["preau.domain.accounts.passwords.BoundedArgon2Hasher"]
    assert check_password("l’e\u0301te\u0301 au pre\u0301au", make_password("l’été au préau"))


def test_no_more_hashes_at_once_than_slots(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["preau.domain.accounts.passwords.BoundedArgon2Hasher"]
    monkeypatch.setattr(passwords, "SLOT_WAIT_SECONDS", 0.01)
    encoded = make_password("mouette cabane violon")
    taken, release = threading.Barrier(settings.PREAU_HASHING_SLOTS + 1), threading.Event()

    def hold() -> None:
        with passwords.hashing_slot():
            taken.wait()
            release.wait()

    holders = [threading.Thread(target=hold) for _ in range(settings.PREAU_HASHING_SLOTS)]
    for holder in holders:
        holder.start()
    taken.wait()
    try:
        with pytest.raises(TooBusyError, match="Réessayez dans une minute"):
            make_password("mouette cabane violon")
        with pytest.raises(TooBusyError):
            check_password("mouette cabane violon", encoded)
    finally:
        release.set()
        for holder in holders:
            holder.join()
    assert check_password("mouette cabane violon", encoded)


def test_a_slot_is_given_back_after_an_error():
    for _ in range(settings.PREAU_HASHING_SLOTS + 1):
        with pytest.raises(ValueError, match="boom"), passwords.hashing_slot():
            raise ValueError("boom")
