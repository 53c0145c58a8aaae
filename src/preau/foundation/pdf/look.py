"""How the town dresses its documents."""

from base64 import b64encode
from dataclasses import dataclass

from preau.foundation.pdf.printable import fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Motto, territory, two `#rrggbb` colours (never under text) and a logo: the bytes of an SVG, PNG or JPEG.

    A logo of another kind is left out: no document waits for a picture.
    """

    motto: str = ""
    territory: str = ""
    colour: str = "#1e4a86"
    second_colour: str = "#a8452c"
    logo: bytes = b""

    def to_data(self, *, town_name: str) -> dict[str, str]:
        """What `letterhead` and `document-page` of the typst package read; a bitmap logo is wrapped in an SVG."""
        return {
            "town_name": fitted(town_name, 60),
            "motto": fitted(self.motto, 80),
            "territory": fitted(self.territory, 80),
            "colour": self.colour,
            "second_colour": self.second_colour,
            "logo": _as_svg(self.logo),
        }


def _as_svg(logo: bytes) -> str:
    kind = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg"}
    for magic, name in kind.items():
        if logo.startswith(magic):
            picture = b64encode(logo).decode()
            return (
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
                f'<image width="100" height="100" href="data:image/{name};base64,{picture}"/></svg>'
            )
    return logo.decode("utf-8", "replace") if b"<svg" in logo else ""
