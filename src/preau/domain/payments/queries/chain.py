"""Whether receipts still are the chains that were written, and what of them is shown or handed out (P07)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from preau.domain.payments import chain
from preau.domain.payments.models import Receipt, ReceiptAnchor, ReceiptLink
from preau.domain.regies.models import Regie
from preau.foundation import ids

#: Changes with what is hashed, never otherwise: verifiers kept for years refuse a format that they do not know.
FORMAT = "preau-recus-1"
#: The stand-alone verifier, handed out as it is.
VERIFIER = Path(__file__).resolve().parents[1] / "documents" / "verifier_recus.py"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a chain says of one receipt; `anchor` is that of its month, none while the month is not over."""

    is_whole: bool
    anchor: ReceiptAnchor | None


def proof_of(receipt: Receipt) -> Proof:
    """The receipt and every link from the one before it to its anchor, or to the one after it, checked again."""
    anchors = ReceiptAnchor.objects.filter(regie=receipt.regie, year=receipt.year)
    anchor = anchors.filter(first_number__lte=receipt.number, last_number__gte=receipt.number).first()
    last = anchor.last_number if anchor else receipt.number + 1
    links = list(_links(receipt.regie, receipt.year).filter(receipt__number__range=(receipt.number - 1, last)))
    before = links.pop(0) if receipt.number > 1 and links else None
    is_whole = (
        bool(links)
        and [link.receipt_id for link in links[:1]] == [receipt.id]
        and not _sheet_fault(receipt)
        and not any(_link_faults(links, receipt.regie, before.digest if before else _genesis(receipt)))
        and (anchor is None or links[-1].digest == anchor.head)
    )
    return Proof(is_whole, anchor)


def broken_chains() -> Iterator[str]:
    """Sentences naming each receipt that was altered, and each place where a chain does not hold (I12)."""
    receipts = Receipt.objects.select_related("regie", "capture", "link").order_by("regie_id", "year", "number")
    for _, series in groupby(receipts.iterator(chunk_size=500), key=lambda one: (one.regie_id, one.year)):
        yield from _broken_chain(series)


def _broken_chain(receipts: Iterator[Receipt]) -> Iterator[str]:
    previous = ""
    for receipt in receipts:
        fault = _sheet_fault(receipt)
        if not fault:
            fault = next(_link_faults([receipt.link], receipt.regie, previous or _genesis(receipt)), "")
        if fault:
            yield f"régie {receipt.regie.code}, reçu {receipt} : {fault}"
        previous = receipt.link.digest if hasattr(receipt, "link") else previous


def broken_anchors() -> Iterator[str]:
    """Sentences naming each month whose receipts no longer lead to what was published, nor make its total."""
    receipts = Receipt.objects.filter(
        regie=OuterRef("regie"),
        year=OuterRef("year"),
        number__gte=OuterRef("first_number"),
        number__lte=OuterRef("last_number"),
    )
    anchors = ReceiptAnchor.objects.select_related("regie").annotate(
        standing=Subquery(receipts.filter(number=OuterRef("last_number")).values("link__digest")),
        summed=Subquery(receipts.values("regie").annotate(s=Sum("capture__amount_cents")).values("s")),
    )
    for anchor in anchors:
        if (anchor.standing, anchor.summed) != (anchor.head, anchor.total_cents):
            yield f"régie {anchor.regie.code}, {anchor.month:%m/%Y} : les reçus ne mènent plus à l’empreinte"


def anchors() -> QuerySet[ReceiptAnchor]:
    """What is published, the newest month first, then régies in the order of the town."""
    return ReceiptAnchor.objects.select_related("regie")


def export(regie: Regie, *, year: int, with_content: bool) -> dict[str, Any]:
    """A chain as JSON values, for the stand-alone verifier; without the contents it holds no name and no amount."""
    links = ReceiptLink.objects.filter(receipt__regie=regie, receipt__year=year).select_related("receipt")
    return {
        "format": FORMAT,
        "regie": regie.public_id,
        "year": year,
        "receipts": [
            {
                "number": link.receipt.number,
                "issued_at": chain.written(link.receipt.issued_at),
                "previous": link.previous,
                "content": link.content,
                "digest": link.digest,
            }
            | ({"sheet": link.receipt.sheet} if with_content else {})
            for link in links.order_by("receipt__number")
        ],
    }


def _genesis(receipt: Receipt) -> str:
    return chain.genesis(regie_key=receipt.regie.public_id, year=receipt.year)


def _links(regie: Regie, year: int) -> QuerySet[ReceiptLink]:
    links = ReceiptLink.objects.filter(receipt__regie=regie, receipt__year=year)
    return links.select_related("receipt").defer("receipt__sheet").order_by("receipt__number")


def _sheet_fault(receipt: Receipt) -> str:
    """Why a receipt is not the one that was frozen; empty when it is."""
    if not hasattr(receipt, "link"):
        return "maillon absent"
    if receipt.link.content != chain.content_digest(receipt.sheet):
        return "contenu modifié"
    said = (receipt.sheet["receipt_number"], receipt.sheet["total_cents"], receipt.sheet["verification_code"])
    if said != (str(receipt), receipt.capture.amount_cents, ids.grouped(receipt.code)):
        return "numéro, montant ou code modifié"
    return ""


def _link_faults(links: Iterable[ReceiptLink], regie: Regie, previous: str) -> Iterator[str]:
    """What is wrong with each of these links, which should follow each other after `previous`."""
    for link in links:
        digest = chain.link_digest(
            previous=link.previous,
            regie_key=regie.public_id,
            year=link.receipt.year,
            number=link.receipt.number,
            issued_at=link.receipt.issued_at,
            content=link.content,
        )
        if link.digest != digest:
            yield "maillon modifié"
        elif link.previous != previous:
            yield "ne suit pas le maillon précédent"
        previous = link.digest
