"""Answers compared to the byte, once what may differ from one visit to the next is taken out."""

import re

from django.http import HttpResponse

#: A token against forged forms, and what a page says of the time left, change at each visit.
_FLEETING = [
    (re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"'), "TOKEN"),
    (re.compile(r'data-session-ends-in="\d+"'), "END"),
]
_HEADERS = ("Content-Type", "Content-Disposition", "Location", "Cache-Control", "Allow", "Content-Security-Policy")


def fingerprint(answer: HttpResponse, key: str) -> tuple:
    """Status, headers and body of an answer, with the identifier that was asked for taken out."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("latin-1")
    for pattern, word in _FLEETING:
        text = pattern.sub(word, text)
    headers = {name: _sorted_policy(answer[name]) for name in _HEADERS if answer.has_header(name)}
    return answer.status_code, _without(str(headers), key), _without(text, key), sorted(answer.cookies)


def _sorted_policy(value: str) -> str:
    return "; ".join(sorted(value.split("; ")))


def _without(text: str, key: str) -> str:
    return text.replace(key, "KEY")
