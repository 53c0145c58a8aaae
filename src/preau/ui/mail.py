"""The HTML twin of a mail, made from its plain text when it leaves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from django.template.loader import render_to_string

from preau.domain.town.queries import logo_of, the_town
from preau.foundation.mail.services import Dress

_LINK: Final = re.compile(r"https?://\S+")
_BULLETS: Final = ("– ", "- ")


@dataclass(frozen=True, slots=True)
class _Part:
    kind: Literal["link", "list", "text"]
    lines: tuple[str, ...]


def dress(*, subject: str, text: str) -> Dress:
    """A whole HTML page dressed as the town; its logo travels with it, nothing is fetched from elsewhere (L09).

    `text` is paragraphs separated by an empty line. A paragraph that is one bare link becomes a button with its
    address in clear below, one whose lines start with a dash becomes a list; other links can be clicked where they are.
    """
    parts = list(_parts(text))
    preview = next((part.lines[0] for part in parts[1:] if part.kind == "text"), subject)
    town = the_town()
    logo = logo_of(town)
    html = render_to_string(
        "ui/mails/letter.html",
        {"town": town, "has_logo": bool(logo), "subject": subject, "parts": parts, "preview": preview},
    )
    return Dress(html, {"logo": logo} if logo else {})


def _parts(text: str) -> Iterator[_Part]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = tuple(line.strip() for line in paragraph.splitlines())
        if len(lines) == 1 and _LINK.fullmatch(lines[0]):
            yield _Part("link", lines)
        elif all(line.startswith(_BULLETS) for line in lines):
            yield _Part("list", tuple(line[2:] for line in lines))
        else:
            yield _Part("text", lines)
