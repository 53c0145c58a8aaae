"""Tables that agents open in a spreadsheet: French headings, UTF-8 with its mark, no cell that runs (F2)."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from preau.foundation.text import csv_safe

_MARK = "\ufeff"


def csv_answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> HttpResponse:
    """A file of this name, to be kept; semicolons between cells, as French spreadsheets expect."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([csv_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    answer = HttpResponse(_MARK + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer
