import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from preau.ui.colours import INK, MINIMUM, WHITE, UnreadableColourError, contrast, nearest_readable, on_colour, town_css

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def readable(colour):
    return max(contrast(WHITE, colour), contrast(INK, colour)) >= MINIMUM


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == 21
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#ffffff", "#1e4a86") == contrast("#1e4a86", "#ffffff")


def test_the_text_colour_is_the_one_read_best():
    assert on_colour("#1e4a86") == WHITE
    assert on_colour("#d99a1f") == INK


@given(colours)
@example("#808080")
def test_any_colour_is_readable_or_refused_with_a_readable_proposal(colour):
    if readable(colour):
        assert contrast(on_colour(colour), colour) >= MINIMUM
    else:
        with pytest.raises(UnreadableColourError) as refusal:
            on_colour(colour)
        assert readable(refusal.value.proposal)


@given(colours)
def test_the_proposal_is_the_colour_itself_when_it_can_be_read(colour):
    assert (nearest_readable(colour) == colour) == readable(colour)


@pytest.mark.parametrize(("colour", "proposal"), [("#808080", "#767676"), ("#e0503c", "#d34431")])
def test_the_proposal_keeps_the_hue_at_the_nearest_lightness(colour, proposal):
    assert nearest_readable(colour) == proposal


@pytest.mark.parametrize("text", ["", "red", "#FFF", "#12345g", "1e4a86", "#1E4A86"])
def test_what_is_not_a_colour_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(f"«\u202f{text}\u202f» n’est pas une couleur")):
        on_colour(text)


def test_the_town_gives_four_lines():
    assert town_css("#0d6647", "#d99a1f") == (
        ":root {\n  --town-1: #0d6647; --on-town-1: #ffffff;\n  --town-2: #d99a1f; --on-town-2: #1d2647;\n}\n"
    )


def test_an_unreadable_town_colour_is_refused():
    with pytest.raises(UnreadableColourError) as refusal:
        town_css("#0d6647", "#808080")
    assert refusal.value.proposal == "#767676"
