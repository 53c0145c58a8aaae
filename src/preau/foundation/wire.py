"""What travels between us and banks, read without trust."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

#: More fields than any bank sends: a longer message is no message.
_MOST_FIELDS = 200


def single_fields(text: str) -> Mapping[str, str] | None:
    """The fields of a query string or a form body, blanks kept; None when a name comes twice or too many come (N7)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def is_plain_email(email: str, lengths: range) -> bool:
    """Whether an address is what banks take: ASCII, one `@`, of one of these lengths."""
    return len(email) in lengths and email.count("@") == 1 and email.isascii()
