"""How the town dresses its documents."""

import struct
from base64 import b64encode
from dataclasses import dataclass

from preau.foundation.pdf.printable import fitted

_PNG = b"\x89PNG\r\n\x1a\n"
#: Width and height, after the signature and the head of the first chunk.
_PNG_SIZE = struct.Struct(">16xII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Motto, territory, two `#rrggbb` colours (never under text) and a logo: the bytes of a PNG.

    Anything else in its place is left out: no document waits for a picture.
    """

    motto: str = ""
    territory: str = ""
    colour: str = "#1e4a86"
    second_colour: str = "#a8452c"
    logo: bytes = b""

    def to_data(self, *, town_name: str) -> dict[str, str]:
        """What `letterhead` and `document-page` of the typst package read; the logo is wrapped in an SVG."""
        return {
            "town_name": fitted(town_name, 60),
            "motto": fitted(self.motto, 80),
            "territory": fitted(self.territory, 80),
            "colour": self.colour,
            "second_colour": self.second_colour,
            "logo": _as_svg(self.logo),
        }


def _as_svg(logo: bytes) -> str:
    """Drawn in its proportions; what is wider than four times its height gets room above and below."""
    if not logo.startswith(_PNG) or len(logo) < _PNG_SIZE.size:
        return ""
    width, height = _PNG_SIZE.unpack_from(logo)
    box = max(height, width // 4)
    picture = b64encode(logo).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {box}">'
        f'<image width="{width}" height="{box}" href="data:image/png;base64,{picture}"/></svg>'
    )
