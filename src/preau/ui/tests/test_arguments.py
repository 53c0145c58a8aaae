from typing import Literal

import pytest
from django.utils.translation import gettext_lazy

from preau.ui.arguments import ComponentError, checked


@checked
def component(
    *, text: str, size: Literal["s", "m"] = "m", level: Literal[2, 3] = 2, wide: bool = False, cents: int = 0
):
    return f"{text} {size} {level} {wide} {cents}"


def test_declared_arguments_go_through():
    assert component(text="Payer", size="s", level=3, wide=True, cents=-1) == "Payer s 3 True -1"


def test_a_lazy_text_is_a_text():
    assert component(text=gettext_lazy("Payer")) == "Payer m 2 False 0"


def test_an_optional_text_may_be_empty():
    @checked
    def labelled(*, label: str = ""):
        return f"[{label}]"

    assert labelled(label="") == "[]"


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"text": ""}, "text=''"),
        ({"text": 3}, "text=3"),
        ({"text": "a", "size": "xl"}, "size='xl'"),
        ({"text": "a", "size": ""}, "size=''"),
        ({"text": "a", "level": True}, "level=True"),
        ({"text": "a", "level": "2"}, "level='2'"),
        ({"text": "a", "wide": 1}, "wide=1"),
        ({"text": "a", "cents": True}, "cents=True"),
        ({"text": "a", "cents": "5880"}, "cents='5880'"),
    ],
)
def test_a_wrong_value_is_refused_by_name(wrong, argument):
    with pytest.raises(ComponentError) as refusal:
        component(**wrong)
    assert str(refusal.value).startswith(f"component({argument})")
