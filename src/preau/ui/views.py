"""The living gallery of components, for those who build pages; never mounted in production."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from preau.ui import samples


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state; `?theme=light` or `?theme=dark` forces a theme, `?page=` moves in the list."""
    theme = request.GET.get("theme")
    number = request.GET.get("page", "2")
    context = {
        **samples.page(int(number) if number.isdecimal() else 2),
        **samples.components(),
        "theme": theme if theme in {"light", "dark"} else "",
    }
    return render(request, "ui/gallery.html", context)
