"""How many bits guessing a password costs: the CNIL's measure (délibération 2022-100), pure computation."""

import math
import unicodedata
from functools import lru_cache
from pathlib import Path

from django.contrib.auth.password_validation import CommonPasswordValidator

#: Symbols a guesser must try for each kind of character used.
_LOWER, _UPPER, _DIGITS, _ASCII_SIGNS, _OTHERS = 26, 26, 10, 33, 64
_LONGEST_WORD = 20
_SHORTEST_WORD = 4
#: Rows of French and English keyboards, digits, alphabet, both ways: a walk along them is no surprise.
_ROWS = (
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "012345678901234567890",
)
_WALKS = (*_ROWS, *(row[::-1] for row in _ROWS))
#: What French people choose and Django's list lacks, one word a line, without accents.
_FRENCH_WORDS = Path(__file__).with_name("common_french_words.txt")


def entropy_bits(password: str) -> float:
    """Bits of the cheapest way to spell it: drawn characters, known words and walks (`1234`, `aaaa`, `azer`).

    12 lower-case letters drawn at random give 56; digits alone need 16 for 50.
    """
    folded = folded_text(password)
    per_character = math.log2(_alphabet(password))
    words = common_words()
    per_word = math.log2(len(words))
    cheapest = [0.0]
    for end in range(1, len(folded) + 1):
        drawn = cheapest[end - 1] + (0.0 if _continues_a_walk(folded, end) else per_character)
        starts = range(max(0, end - _LONGEST_WORD), end - _SHORTEST_WORD + 1)
        known = (cheapest[start] + per_word for start in starts if folded[start:end] in words)
        cheapest.append(min(drawn, *known, math.inf))
    return min(cheapest[-1], _bits_of_repetition(folded, per_character))


def folded_text(text: str) -> str:
    """Lower case without accents: `Léa` → `lea`."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Django's 20,000 leaked passwords and our French words."""
    return frozenset(CommonPasswordValidator().passwords).union(_FRENCH_WORDS.read_text(encoding="utf-8").split())


def _alphabet(password: str) -> int:
    sizes = 0
    sizes += _LOWER * any("a" <= c <= "z" for c in password)
    sizes += _UPPER * any("A" <= c <= "Z" for c in password)
    sizes += _DIGITS * any("0" <= c <= "9" for c in password)
    sizes += _ASCII_SIGNS * any(c.isascii() and not c.isalnum() for c in password)
    sizes += _OTHERS * any(not c.isascii() for c in password)
    return max(2, sizes)


def _continues_a_walk(text: str, end: int) -> bool:
    """Whether the last characters before `end` repeat one another or walk along a row: the fourth is no news.

    Three in a row happen by chance in drawn digits, four hardly do.
    """
    last = text[max(0, end - _SHORTEST_WORD) : end]
    if len(last) < _SHORTEST_WORD:
        return False
    return len(set(last)) == 1 or any(last in walk for walk in _WALKS)


def _bits_of_repetition(text: str, per_character: float) -> float:
    """`abcabcabcabc` costs its unit only; infinite when nothing repeats."""
    for size in range(1, len(text) // 2 + 1):
        if (text[:size] * (len(text) // size + 1))[: len(text)] == text:
            return size * per_character
    return math.inf
