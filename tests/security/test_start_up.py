"""What the program refuses to start with (W21)."""

import pytest

from preau.config.checks import production_is_real

STRONG = "s" * 64


def refusals(settings, **values) -> list[str]:
    for name, value in values.items():
        setattr(settings, name, value)
    return [str(problem.id) for problem in production_is_real(None)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"SECRET_KEY": STRONG, "PREAU_PUBLIC_URL": "https://familles.example", "PREAU_FAULTS": False}, []),
        ({"SECRET_KEY": STRONG, "PREAU_PUBLIC_URL": "https://familles.example", "PREAU_FAULTS": True}, ["preau.E001"]),
        ({"SECRET_KEY": STRONG, "PREAU_PUBLIC_URL": "http://familles.example", "PREAU_FAULTS": False}, ["preau.E002"]),
        (
            {"SECRET_KEY": "s" * 49, "PREAU_PUBLIC_URL": "https://familles.example", "PREAU_FAULTS": False},
            ["preau.E003"],
        ),
    ],
)
@pytest.mark.row("C43")
def test_production_has_none_of_the_comforts_of_a_test(settings, values, found):
    assert refusals(settings, PREAU_ENV="production", **values) == found


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("http://127.0.0.1:8000", []),
        ("http://localhost:8000", []),
        ("http://[::1]:8000", []),
        ("https://familles.example", ["preau.E004"]),
        ("http://192.168.1.20:8000", ["preau.E004"]),
        ("http://127.0.0.1.example", ["preau.E004"]),
    ],
)
def test_a_demonstration_shows_its_mails_to_this_machine_alone(settings, address, found):
    assert refusals(settings, PREAU_ENV="demo", PREAU_PUBLIC_URL=address) == found
