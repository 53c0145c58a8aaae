"""Reading the mails that the demo did not send."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from preau.interfaces.mailbox.letters import Letter, letter_named, letters


@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/mails.html", {"letters": letters()})


@require_GET
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "mailbox/mail.html", {"letter": _letter(name)})


@require_GET
def attachment(_request: HttpRequest, name: str, rank: int) -> HttpResponse:
    pieces = _letter(name).pieces
    if rank >= len(pieces):
        raise Http404("no such piece")
    piece = pieces[rank]
    response = HttpResponse(piece.content, content_type=piece.content_type)
    response["Content-Disposition"] = f'inline; filename="{piece.name}"'
    return response


def _letter(name: str) -> Letter:
    letter = letter_named(name)
    if letter is None:
        raise Http404("no such letter")
    return letter
