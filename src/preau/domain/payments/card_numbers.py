"""Finding a card number in a text, so that none is ever kept (I30). Pure."""

import re

#: 13 to 19 digits together, or by four, or as 4-6-5; never a part of a longer word or reference.
_CARD = re.compile(
    r"(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w-])",
)
#: First digits of the schemes and their lengths; a bank's dates (`20261008133500`) begin like none (ISO/IEC 7812).
_ISSUED = re.compile(
    r"4\d{12}(\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0568]\d{12,17}|(5[06-9]|6\d)\d{11,17}"
)


def holds_card_number(text: str) -> bool:
    """Whether a text holds 13 to 19 digits that a card's issuer could have given and that pass the Luhn check."""
    numbers = ("".join(c for c in found[0] if c.isdigit()) for found in _CARD.finditer(text))
    return any(_ISSUED.fullmatch(number) and _luhn([int(c) for c in number]) for number in numbers)


def _luhn(digits: list[int]) -> bool:
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]  # noqa: PLR2004
    return sum(doubled) % 10 == 0
