"""The town's two colours: readable whatever the town chooses, or refused with the nearest that is.

Contrast is that of WCAG 2.2 (relative luminance, 1.4.3: at least 4.5 for text). Lightness is that of Oklab,
where a change of lightness keeps the colour's name.
"""

import re
from typing import Final

WHITE: Final = "#ffffff"
INK: Final = "#1d2647"
MINIMUM: Final = 4.5
_HEX: Final = re.compile(r"#[0-9a-f]{6}")
_STEPS: Final = 1000
_LINEAR_BELOW: Final = 0.04045  # where sRGB stops being linear (IEC 61966-2-1)

Rgb = tuple[float, float, float]


class UnreadableColourError(ValueError):
    """Neither white nor ink can be read on this colour; `proposal` is the nearest colour that can carry text."""

    def __init__(self, colour: str, proposal: str) -> None:
        super().__init__(f"Aucun texte n’est lisible sur {colour}. Couleur la plus proche : {proposal}.")
        self.proposal = proposal


def _channels(colour: str) -> Rgb:
    if not _HEX.fullmatch(colour):
        raise ValueError(f"« {colour} » n’est pas une couleur ; exemple : #1e4a86")
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_BELOW else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    return 12.92 * channel if channel <= _LINEAR_BELOW / 12.92 else 1.055 * channel ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours written `#rrggbb`, from 1 to 21.

    Raises:
        ValueError: not a colour.
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def on_colour(colour: str) -> str:
    """The colour of text to write on `colour`: white or ink, whichever is read best.

    Raises:
        UnreadableColourError: neither reaches 4.5; it carries a proposal.
    """
    best = max((WHITE, INK), key=lambda text: contrast(text, colour))
    if contrast(best, colour) < MINIMUM:
        raise UnreadableColourError(colour, nearest_readable(colour))
    return best


def _oklab(colour: str) -> Rgb:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(lab: Rgb) -> str:
    """The displayable colour nearest to an Oklab colour (channels out of range are clipped)."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _encoded(min(1.0, max(0.0, channel)))):02x}" for channel in linear)


def nearest_readable(colour: str) -> str:
    """`colour` itself when text can be read on it, else the same hue at the nearest lightness where it can."""
    lightness, a, b = _oklab(colour)
    for step in range(_STEPS + 1):
        for direction in (-1, 1):
            candidate = colour if step == 0 else _hex((lightness + direction * step / _STEPS, a, b))
            if max(contrast(WHITE, candidate), contrast(INK, candidate)) >= MINIMUM:
                return candidate
    raise AssertionError("unreachable: black and white carry text")


def town_css(primary: str, secondary: str) -> str:
    """The four lines of /ville.css.

    Raises:
        UnreadableColourError: one of the two colours carries no readable text.
    """
    return (
        ":root {\n"
        f"  --town-1: {primary}; --on-town-1: {on_colour(primary)};\n"
        f"  --town-2: {secondary}; --on-town-2: {on_colour(secondary)};\n"
        "}\n"
    )
