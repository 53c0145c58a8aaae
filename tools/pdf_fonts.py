"""Cuts the fonts of the PDF documents out of the upstream variable fonts (run by hand, the result is committed).

    python -m pip install --target build/fonts fonttools brotli fontpkg-noto-sans
    PYTHONPATH=build/fonts python tools/pdf_fonts.py LATIN.woff2 LATIN_EXT.woff2 NOTO.ttf OUT_FOLDER

LATIN and LATIN_EXT are the two halves of Atkinson Hyperlegible Next, as the web pages use them. Two static weights
are cut. What changes, hence the new family names (the licence, OFL 1.1, allows it):

* « Preau Text »: the plain zero is the default, the slashed one answers to the OpenType feature `zero`; a narrow
  no-break space (U+202F, wanted before `:` and `€`), an arrow and a white square (it stands for what no font of ours
  can draw) are added; combining accents go, since it cannot place them on every letter.
* « Preau Fallback »: the letters and accents of Noto Sans that the first lacks (Vietnamese, Greek, Cyrillic).
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fontTools.varLib.instancer import instantiateVariableFont

Pair = tuple[float, float]
#: Points, each with whether it lies on the curve.
Contour = list[tuple[Pair, int]]

WEIGHTS = {"Regular": 400, "Bold": 700}
NARROW_SPACE, ARROW, SQUARE = 0x202F, 0x2192, 0x25A1
ACCENTS = range(0x300, 0x370)
FALLBACK = [*range(0xA0, 0x250), *ACCENTS, *range(0x370, 0x530), *range(0x1E00, 0x1F00), *range(0x2010, 0x2016), 0x2116]


def cut(path: str, **axes: int) -> TTFont:
    font = instantiateVariableFont(TTFont(path), axes)
    font.flavor = None
    return font


def rename(font: TTFont, family: str, style: str) -> None:
    weight = WEIGHTS[style]
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = 0x20 if style == "Bold" else 0x40
    font["head"].macStyle = int(style == "Bold")
    names = {
        1: family,
        2: style,
        3: f"{family} {style}",
        4: f"{family} {style}",
        6: f"{family}-{style}".replace(" ", ""),
    }
    font["name"].names = [record for record in font["name"].names if record.nameID in {0, 5, 13, 14}]
    for key, text in names.items():
        font["name"].setName(text, key, 3, 1, 0x409)


def contours(font: TTFont, name: str) -> Iterator[Contour]:
    glyf = font["glyf"]
    points, ends, flags = glyf[name].getCoordinates(glyf)
    start = 0
    for end in ends:
        yield [((x, y), on) for (x, y), on in zip(points[start : end + 1], flags[start : end + 1], strict=True)]
        start = end + 1


def crossing(a: Pair, b: Pair, c: Pair, d: Pair) -> Pair:
    """Where the line a→b meets the line c→d."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, b, c, d
    det = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / det
    return ax + t * (bx - ax), ay + t * (by - ay)


def open_at_slash(contour: Contour) -> Contour:
    """A half counter of the slashed zero as the run of points from one end of the slash to the other."""
    n = len(contour)
    ends = max(
        (i for i in range(n) if contour[i][1] and contour[(i + 1) % n][1]),
        key=lambda i: sum((p - q) ** 2 for p, q in zip(contour[i][0], contour[(i + 1) % n][0], strict=True)),
    )
    return [contour[(ends + 1 + k) % n] for k in range(n)]


def draw(pen: TTGlyphPen, contour: Contour) -> None:
    start = next(i for i, (_, on) in enumerate(contour) if on)
    contour = contour[start:] + contour[:start]
    pen.moveTo(contour[0][0])
    offs = []
    for point, on in [*contour[1:], contour[0]]:
        if not on:
            offs.append(point)
        else:
            pen.qCurveTo(*offs, point) if offs else pen.lineTo(point)
            offs = []
    pen.closePath()


def plain_zero(font: TTFont, name: str) -> Glyph:
    """The zero without its slash: the two half counters joined along the tangents they had."""
    outer, *halves = contours(font, name)
    low, high = (open_at_slash(half) for half in halves)
    bridges = [
        (crossing(one[-2][0], one[-1][0], other[1][0], other[0][0]), 0) for one, other in ((low, high), (high, low))
    ]
    return drawn(font, [outer, [*low, bridges[0], *high, bridges[1]]])


def drawn(font: TTFont, outlines: Iterable[Contour]) -> Glyph:
    pen = TTGlyphPen(None)
    for contour in outlines:
        draw(pen, contour)
    glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    return glyph


def add_glyph(font: TTFont, name: str, glyph: Glyph, width: int, code: int | None = None) -> None:
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = glyph
    font["hmtx"][name] = (width, getattr(glyph, "xMin", 0))
    if code:
        for table in font["cmap"].tables:
            table.cmap[code] = name


def swap_zeros(font: TTFont) -> None:
    mapping = {}
    for name in ("zero.tf", "zero"):  # the first is composed of the second
        slashed = drawn(font, contours(font, name))
        add_glyph(font, f"{name}.slash", slashed, font["hmtx"][name][0])
        font["glyf"][name] = plain_zero(font, name)
        mapping[name] = f"{name}.slash"
    gsub = font["GSUB"].table
    single = otTables.SingleSubst()
    single.mapping = mapping
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag, lookup.SubTable, lookup.SubTableCount = 1, 0, [single], 1
    gsub.LookupList.Lookup.append(lookup)
    feature = otTables.FeatureRecord()
    feature.FeatureTag, feature.Feature = "zero", otTables.Feature()
    feature.Feature.FeatureParams = None
    feature.Feature.LookupListIndex = [len(gsub.LookupList.Lookup) - 1]
    gsub.FeatureList.FeatureRecord.append(feature)
    index = len(gsub.FeatureList.FeatureRecord) - 1
    for record in gsub.ScriptList.ScriptRecord:
        for system in [record.Script.DefaultLangSys, *(r.LangSys for r in record.Script.LangSysRecord)]:
            system.FeatureIndex.append(index)


def arrow(font: TTFont, style: str) -> Glyph:
    thick = 95 if style == "Bold" else 66
    middle, right, head = 290, 720, 190
    pen = TTGlyphPen(None)
    half = thick / 2
    slant = thick * 0.75
    inner, outer = right - head - half, right - head + slant / 2 - half
    below, above = middle - head - half + slant / 2, middle - head - slant / 2 - half
    points = [(60, middle - half), (right - 1.6 * half, middle - half), (inner, below), (outer, above)]
    points += [(right + half, middle), *((x, 2 * middle - y) for x, y in reversed(points))]
    pen.moveTo(points[0])
    for point in reversed(points[1:]):
        pen.lineTo(point)
    pen.closePath()
    glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    return glyph


def square(font: TTFont) -> Glyph:
    outline = [((60, 0), 1), ((60, 580), 1), ((640, 580), 1), ((640, 0), 1)]
    inside = [((110, 50), 1), ((590, 50), 1), ((590, 530), 1), ((110, 530), 1)]
    return drawn(font, [outline, inside])  # type: ignore[list-item]  # points are whole here


def text_font(latin: str, latin_ext: str, style: str, out: Path) -> set[int]:
    with tempfile.TemporaryDirectory() as folder:
        halves = []
        for index, path in enumerate((latin, latin_ext)):
            halves.append(f"{folder}/{index}.ttf")
            cut(path, wght=WEIGHTS[style]).save(halves[-1])
        font = Merger().merge(halves)
        font.save(f"{folder}/merged.ttf")
        font = TTFont(f"{folder}/merged.ttf")
    swap_zeros(font)
    space = font["hmtx"][font.getBestCmap()[0x20]][0]
    add_glyph(font, "uni202F", TTGlyphPen(None).glyph(), round(space * 0.62), NARROW_SPACE)
    add_glyph(font, "arrowright", arrow(font, style), 800, ARROW)
    add_glyph(font, "whitesquare", square(font), 700, SQUARE)
    for table in font["cmap"].tables:
        table.cmap = {code: name for code, name in table.cmap.items() if code not in ACCENTS}
    rename(font, "Preau Text", style)
    font.save(out / f"PreauText-{style}.ttf")
    return set(font.getBestCmap())


def fallback_font(noto: str, known: set[int], style: str, out: Path) -> None:
    font = cut(noto, wght=WEIGHTS[style], wdth=100)
    options = subset.Options(layout_features=["kern", "mark", "mkmk", "ccmp", "locl"], name_IDs=[0, 5, 13, 14])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for code in FALLBACK if code not in known])
    cutter.subset(font)
    rename(font, "Preau Fallback", style)
    font.save(out / f"PreauFallback-{style}.ttf")


def main(latin: str, latin_ext: str, noto: str, out: str) -> None:
    for style in WEIGHTS:
        known = text_font(latin, latin_ext, style, Path(out))
        fallback_font(noto, known, style, Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
