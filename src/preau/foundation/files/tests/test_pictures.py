"""Whatever is sent as a picture becomes a plain PNG or a French refusal (F4)."""

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from preau.foundation.files.pictures import MAX_BYTES, PictureRefusedError, as_png

UNREADABLE = "Cette image n’a pas pu être lue. Envoyez un fichier PNG, JPEG ou WebP."
TOO_LARGE = "Cette image est trop grande\u202f: 5\u202fMo et 25 millions de points au plus."


def picture(kind: str, *, size=(80, 40), mode="RGB", **options) -> bytes:
    output = io.BytesIO()
    Image.new(mode, size, "green").save(output, kind, **options)
    return output.getvalue()


def shape(content: bytes) -> tuple:
    with Image.open(io.BytesIO(content)) as drawn:
        return drawn.format, drawn.size, drawn.mode


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_kinds_become_a_png(kind):
    assert shape(as_png(picture(kind), longest_side=640)) == ("PNG", (80, 40), "RGBA")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16"])
def test_any_depth_of_colour_is_drawn(mode):
    output = io.BytesIO()
    Image.new(mode, (10, 10)).save(output, "PNG")
    assert shape(as_png(output.getvalue(), longest_side=640)) == ("PNG", (10, 10), "RGBA")


def test_a_large_one_is_reduced_and_keeps_its_proportions():
    assert shape(as_png(picture("JPEG", size=(4000, 1000)), longest_side=640)) == ("PNG", (640, 160), "RGBA")


def test_what_hides_in_the_file_does_not_survive():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    sent = picture("PNG", pnginfo=notes) + b"<script>alert(2)</script>"
    assert b"script" in sent
    assert b"script" not in as_png(sent, longest_side=640)


def flood(width: int, height: int) -> bytes:
    """A PNG of a few bytes that announces a great many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "content", [flood(6000, 6000), flood(12000, 12000), flood(30000, 30000), b"\0" * (MAX_BYTES + 1)]
)
def test_too_much_is_refused_before_it_is_drawn(content):
    with pytest.raises(PictureRefusedError) as refusal:
        as_png(content, longest_side=640)
    assert str(refusal.value) == TOO_LARGE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a\xff\x00",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        picture("PNG")[:60],
        picture("JPEG")[:200],
        flood(10, 10),
        flood(30000, 30000)[:40],
        picture("GIF"),
        picture("BMP"),
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(PictureRefusedError) as refusal:
        as_png(content, longest_side=640)
    assert str(refusal.value) == UNREADABLE


@given(st.integers(0, 300), st.binary(max_size=40))
def test_a_damaged_picture_is_a_png_or_a_refusal(place, noise):
    whole = picture("PNG")
    damaged = whole[:place] + noise + whole[place + len(noise) :]
    with suppress(PictureRefusedError):
        assert shape(as_png(damaged, longest_side=640))[0] == "PNG"
