"""Text that comes from people and from other software: cleaned on the way in, harmless on the way out."""

import re
import unicodedata

_DROPPED = {"Cc", "Cf", "Cs"}
_SPELT_OUT = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "º": "°", "№": "n°"})
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_FORMULA_MARKS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NEGATIVE_AMOUNT = re.compile(r"-[0-9]+(?:[.,][0-9]{1,2})?")
_SAFE_FORMULA = re.compile(r"'+(?=[=+\-@＝＋－＠])")
_QUOTED_LENGTH = 60


def clean(text: str) -> str:
    """One trimmed line in NFC: hard spaces and line breaks become spaces, control and bidi characters go.

    The apostrophe that `csv_safe` puts before a formula mark goes too, so that our exports read back.
    """
    if not text:
        return ""
    if not text.isprintable():
        text = "".join(map(_plain, text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    return _SAFE_FORMULA.sub("", text, count=1) if text.startswith("'") else text


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in _DROPPED else character


def fold(text: str) -> str:
    """Key to compare what people typed: no case, accent, ligature, punctuation; one space between words."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT))
        text = "".join(character for character in text if not unicodedata.combining(character))
    return _NOT_ALPHANUMERIC.sub(" ", text.casefold()).strip()


def ascii_only(text: str, longest: int) -> str:
    """Letters without accents, digits and single spaces, cut: what old protocols take of a name or an address."""
    apart = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT))
    letters = "".join(character for character in apart if not unicodedata.combining(character))
    bare = _NOT_ALPHANUMERIC.sub(" ", letters).encode("ascii", "ignore").decode()
    return " ".join(bare.split())[:longest].rstrip()


def opens_formula(text: str) -> bool:
    """Whether a spreadsheet would run this cell instead of showing it (F2)."""
    return text.lstrip().startswith(_FORMULA_MARKS)


def csv_safe(cell: str) -> str:
    """The same text, harmless for spreadsheets: to be used on every text of every CSV export (F2).

    A cell that would open a formula gets an apostrophe first; a plain negative amount stays a number;
    tabs and line breaks at the start go. `clean` reads back what this writes.
    """
    if opens_formula(cell) and not _NEGATIVE_AMOUNT.fullmatch(cell):
        return f"'{cell.lstrip()}"
    return cell.lstrip() if cell.startswith(("\t", "\r", "\n")) else cell


def quoted(text: str) -> str:
    """A value as a French sentence quotes it, in one clean line of at most 60 characters."""
    shown = clean(text[: _QUOTED_LENGTH * 2])
    if len(shown) > _QUOTED_LENGTH or len(text) > _QUOTED_LENGTH * 2:
        shown = f"{shown[:_QUOTED_LENGTH]}…"
    return f"«\u202f{shown}\u202f»"
