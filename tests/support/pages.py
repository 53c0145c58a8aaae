"""Reading a page as its visitor does: words without markup, every kind of space read as one."""

from html.parser import HTMLParser

from django.http import HttpResponse

_SILENT = {"script", "style", "title", "symbol"}
#: These hold words in a row: leaving them out would glue the words around them.
_INLINE = {"a", "b", "i", "span", "code", "time", "sup", "output", "small", "strong", "abbr", "label", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag, attrs) -> None:
        self._silent += tag in _SILENT
        if tag not in _INLINE:
            self.parts.append(" ")

    def handle_endtag(self, tag) -> None:
        self._silent -= tag in _SILENT
        if tag not in _INLINE:
            self.parts.append(" ")

    def handle_data(self, data) -> None:
        if not self._silent:
            self.parts.append(data)


def words(response: HttpResponse, *, status: int = 200) -> str:
    """The words of a page that was answered with this status."""
    assert response.status_code == status, f"{response.status_code} for {response.request['PATH_INFO']}"
    reader = _Reader()
    reader.feed(response.content.decode())
    return " ".join("".join(reader.parts).split())


def main_words(response: HttpResponse, *, status: int = 200) -> str:
    """The same, without header, menu and footer."""
    content = response.content.decode()
    start, end = content.index("<main"), content.index("</main>")
    reader = _Reader()
    reader.feed(content[start:end])
    assert response.status_code == status, f"{response.status_code} for {response.request['PATH_INFO']}"
    return " ".join("".join(reader.parts).split())
