"""The list of accepted operations that each bank gives: `GET /sim/<gateway>/releve`, CSV, UTF-8, « ; »."""

import csv
import io
from collections.abc import Collection
from datetime import date

from django.http import HttpRequest, HttpResponse

from banksim import clock, gateways


def releve(request: HttpRequest, gateway: str) -> HttpResponse:
    """`?merchant=&from=YYYY-MM-DD&to=YYYY-MM-DD`, both days included, days of Paris; each may be left out.

    To try a reconciliation, `&without=<ref>` leaves a line out and `&plus=<ref>` adds it one cent; both repeat.
    """
    bank = gateways.named(gateway)
    if bank is None:
        return HttpResponse("passerelle inconnue", status=404, content_type="text/plain; charset=utf-8")
    asked = request.GET
    try:
        first = date.fromisoformat(asked.get("from") or "0001-01-01")
        last = date.fromisoformat(asked.get("to") or "9999-12-31")
    except ValueError:
        return HttpResponse("dates attendues : AAAA-MM-JJ", status=400, content_type="text/plain; charset=utf-8")
    rows = [
        row
        for row in sorted(bank.rows(asked.get("merchant", "")), key=lambda row: row.at)
        if first <= row.at.astimezone(clock.PARIS).date() <= last and row.reference not in asked.getlist("without")
    ]
    return HttpResponse(_csv(bank, rows, asked.getlist("plus")), content_type="text/csv; charset=utf-8")


def _csv(bank: gateways.Gateway, rows: list[gateways.Row], plus: Collection[str]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, bank.columns, delimiter=";")
    writer.writeheader()
    for row in rows:
        cents = row.amount_cents + (row.reference in plus)
        writer.writerow({**row.cells, "montant": bank.write_amount(cents)})
    return written.getvalue()
