"""Handing a family one of its documents."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from preau.foundation.files.models import StoredFile
from preau.foundation.files.services import read


def document(stored: StoredFile) -> HttpResponse:
    """The bytes of a stored file, shown in the browser under its label; the caller has checked whose it is.

    Raises:
        FileDamagedError: the bytes are missing or altered.
    """
    response = HttpResponse(read(stored), content_type=stored.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=stored.name) or "inline"
    return response
