"""Pictures that a person hands over, brought to one safe shape before they are kept."""

import io

from PIL import Image, UnidentifiedImageError

MAX_BYTES = 5_000_000
_KINDS = ("PNG", "JPEG", "WEBP")
_MAX_PIXELS = 25_000_000
_TOO_LARGE = "Cette image est trop grande\u202f: 5\u202fMo et 25 millions de points au plus."
_UNREADABLE = "Cette image n’a pas pu être lue. Envoyez un fichier PNG, JPEG ou WebP."


class PictureRefusedError(ValueError):
    """The message is a French sentence to show beside the field."""


def as_png(content: bytes, *, longest_side: int) -> bytes:
    """The picture drawn again as a PNG of at most `longest_side` pixels: nothing hidden in the file survives (F4).

    Raises:
        PictureRefusedError: neither PNG, JPEG nor WebP, damaged, or larger than MAX_BYTES or 25 million pixels.
    """
    if len(content) > MAX_BYTES:
        raise PictureRefusedError(_TOO_LARGE)
    try:
        drawn = _drawn(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as flood:
        raise PictureRefusedError(_TOO_LARGE) from flood
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as unreadable:
        raise PictureRefusedError(_UNREADABLE) from unreadable
    drawn.thumbnail((longest_side, longest_side))
    bare = Image.new("RGBA", drawn.size)
    bare.paste(drawn)
    output = io.BytesIO()
    bare.save(output, "PNG", optimize=True)
    return output.getvalue()


def _drawn(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=_KINDS) as picture:
        if picture.width * picture.height > _MAX_PIXELS:
            raise Image.DecompressionBombError
        return picture.convert("RGBA")
