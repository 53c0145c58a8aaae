import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.accounts import identifiers
from preau.foundation import ids


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7QFK3MXR", ("access_code", "7QFK3MXR")),
        (" 7qfk-3mxr ", ("access_code", "7QFK3MXR")),
        ("7QFK 3OIl", ("access_code", "7QFK3011")),
        ("Julie.Delattre@Exemple.FR", ("email", "julie.delattre@exemple.fr")),
        ("4ever@exemple.fr", ("email", "4ever@exemple.fr")),
        ("Julie.D", ("username", "julie.d")),
        ("", ("username", "")),
    ],
)
def test_what_is_typed_tells_its_field_by_its_shape(typed, read):
    assert identifiers.read(typed) == read


def test_an_access_code_reads_back_as_itself_when_printed_in_groups():
    code = identifiers.new_access_code()
    assert len(code) == identifiers.ACCESS_CODE_LENGTH
    assert identifiers.read(ids.grouped(code)) == ("access_code", code)


@pytest.mark.parametrize("name", ["julie", "julie.d", "j-d_2"])
def test_a_user_name_begins_with_a_letter(name):
    assert identifiers.is_username(name)


@pytest.mark.parametrize("name", ["7qfk3mxr", "ju", "julie@exemple.fr", "été", "julie d", "j" * 65])
def test_a_user_name_that_could_be_another_identifier_is_refused(name):
    assert not identifiers.is_username(name)


@given(st.from_regex(identifiers._USERNAME, fullmatch=True))
def test_every_accepted_user_name_reads_as_a_user_name(name):
    assert identifiers.read(name) == ("username", name)
