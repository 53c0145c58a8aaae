"""Text as our fonts can print it.

A PDF/UA or PDF/A file may not hold a letter that its fonts cannot draw, and typst refuses to build one: whatever a
person or another program typed must therefore become drawable before it reaches a template.
"""

import re
import unicodedata

#: What stands for a character that our fonts do not have (emoji, Arabic, Chinese…).
UNKNOWN = "□"

#: Every character that the fonts of `fonts/` draw; a test prints them all.
DRAWN = (
    "\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u02c6\u02c7\u02c9\u02da\u02dc\u02dd\u0300-\u036f"
    "\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03e1\u03f0-\u052f\u1e00-\u1eff"
    "\u2009\u200b\u2010-\u2015\u2018-\u201a\u201c-\u201e\u2020\u2022\u2026\u202f\u2039\u203a\u2044\u20ac\u20b9\u2113"
    "\u2116\u2122\u2192\u2212\u2215\u25a1"
)
_NOT_DRAWN = re.compile(f"[^{DRAWN}]")
_MAY_BREAK = "\u200b"
#: Words longer than any real one. References, addresses of pages and of mailboxes are none of them: what is inserted
#: to cut a word is copied with it.
_ENDLESS_WORD = re.compile(r"[^\s\d./@:?&=#%+-]{22,}|[^\s/@]{45,}|[./@:?&=#%+-]{12,}")
_CLUSTER = re.compile("\\S[\u0300-\u036f]*")
_PILED_ACCENTS = re.compile("([\u0300-\u036f]{2})[\u0300-\u036f]+")


def printable(text: str) -> str:
    """One line that our fonts can draw: bidi and control characters go, others become `□`, accents stop piling up.

    A zero-width space stays: `fitted` uses it as a place where a line may end.
    """
    text = _NOT_DRAWN.sub(_substitute, unicodedata.normalize("NFC", text))
    return _PILED_ACCENTS.sub(r"\1", text)


def _substitute(found: re.Match[str]) -> str:
    character = found[0]
    if character.isspace():
        return " "
    return "" if unicodedata.category(character)[0] in "CM" else UNKNOWN


def fitted(text: str, length: int) -> str:
    """At most `length` printable characters, the last an ellipsis if need be; an endless word may break anywhere."""
    text = printable(text).replace(_MAY_BREAK, "")
    if len(text) > length:
        text = f"{text[: length - 1].rstrip()}…"
    return _ENDLESS_WORD.sub(lambda word: _MAY_BREAK.join(_CLUSTER.findall(word[0])), text)
