"""Taking over a bank's statement: kept whole or not at all, then each line acts by the normal path (E.6, 9.9)."""

import hashlib
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from preau.domain.accounts.models import User
from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import Report, StatementLine, gateway_named
from preau.domain.payments.models import BankStatement, PaymentAttempt, ReviewCase, StatementEntry
from preau.domain.payments.queries.reconciliation import is_money, subject_of
from preau.domain.payments.services.cases import open_case, open_case_about
from preau.domain.payments.services.settlement import apply_report
from preau.domain.payments.states import Origin, Verdict
from preau.domain.regies.models import GatewayContract
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.files.services import forget, store
from preau.foundation.money import format_cents
from preau.foundation.text import quoted

logger = logging.getLogger(__name__)

LARGEST = 10_000_000
LONGEST_DAYS = 92
_WHOLE_FILE = 0
_SAID = {
    StatementEntry.Kind.PAYMENT: (Verdict.PAID, "Payé selon le relevé"),
    StatementEntry.Kind.REFUND: (Verdict.REFUNDED, "Remboursé selon le relevé"),
    StatementEntry.Kind.UNPAID: (Verdict.UNDONE, "Impayé selon le relevé"),
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line, the contract that it belongs to and the attempt that it names."""

    line: StatementLine
    contract: GatewayContract
    attempt: PaymentAttempt | None
    day: date


def import_statement(
    *,
    gateway: str,
    content: bytes,
    name: str,
    by: Actor,
    among: Collection[GatewayContract],
    covering: Iterable[GatewayContract] = (),
    first_day: date | None = None,
    last_day: date | None = None,
    user: User | None = None,
) -> BankStatement:
    """Keep a bank's file and what it lists, for contracts `among`; `treat` makes its lines act.

    It covers the contracts of its lines, or those of `covering` when it has none; its days, of the town, are those of
    its lines unless they are given.

    Raises:
        StatementRefusedError: nothing was kept; every fault is told, by line.
    """
    zone = the_town().zone
    known = [one for one in among if one.gateway == gateway]
    digest = _new_digest(gateway, content, zone)
    placed = _placed(gateway_named(gateway).read_statement(content), known, zone)
    contracts = _contracts(placed, covering, known)
    first, last = _days(placed, first_day, last_day, zone)
    statement = BankStatement(
        gateway=gateway,
        sha256=digest,
        lines=len(placed),
        first_day=first,
        last_day=last,
        imported_at=clock.now(),
        imported_by=user,
    )
    try:
        _keep(statement, contracts, placed, content=content, name=name, by=by)
    except IntegrityError:  # somebody else just imported it
        _new_digest(gateway, content, zone)
        raise
    return statement


def _refuse(*sentences: str) -> None:
    raise StatementRefusedError([(_WHOLE_FILE, sentence) for sentence in sentences])


def _new_digest(gateway: str, content: bytes, zone: ZoneInfo) -> str:
    """The file's SHA-256, unless it is too large, empty or already here."""
    if not content or len(content) > LARGEST:
        _refuse("Ce fichier est vide." if not content else "Ce fichier dépasse 10\u202fMo\u202f: découpez-le.")
    digest = hashlib.sha256(content).hexdigest()
    before = BankStatement.objects.filter(gateway=gateway, sha256=digest, lines__gt=0).first()
    if before is not None:
        at = before.imported_at.astimezone(zone)
        _refuse(f"Ce fichier a déjà été importé le {french.day(at.date())} à {french.hour(at)}.")
    return digest


def _placed(lines: Iterable[StatementLine], known: Collection[GatewayContract], zone: ZoneInfo) -> list[_Placed]:
    """Each line with its contract, its attempt and its day in the town; all or nothing."""
    lines, now = list(lines), clock.now()
    references = {line.reference for line in lines if line.reference}
    attempts = {one.reference: one for one in PaymentAttempt.objects.filter(reference__in=references)}
    placed, faults = [], []
    for line in lines:
        attempt = attempts.get(line.reference)
        contract = _contract_of(line, attempt, known)
        if contract is None:
            faults.append((line.number, f"aucun de vos contrats n’a le numéro {quoted(line.merchant)}"))
        elif line.occurred_at > now:
            faults.append((line.number, "cette opération est datée dans le futur"))
        else:
            placed.append(_Placed(line, contract, attempt, line.occurred_at.astimezone(zone).date()))
    if faults:
        raise StatementRefusedError(faults)
    return placed


def _contract_of(
    line: StatementLine, attempt: PaymentAttempt | None, known: Collection[GatewayContract]
) -> GatewayContract | None:
    """The contract of this number: that of the attempt, else the one still open, else the last opened."""
    same = [one for one in known if one.merchant == line.merchant]
    if attempt and attempt.contract_id in {one.id for one in same}:
        return next(one for one in same if one.id == attempt.contract_id)
    return max(same, key=lambda one: (one.closed_on is None, one.opened_on, one.id), default=None)


def _contracts(
    placed: list[_Placed], covering: Iterable[GatewayContract], known: Collection[GatewayContract]
) -> list[GatewayContract]:
    """The contracts of the lines and those named, which a file that lists something may not pass over; one at least."""
    listed = {one.contract.id: one.contract for one in placed}
    named = {one.id: one for one in covering}
    if listed and not named.keys() <= listed.keys():
        _refuse("Ce relevé ne liste aucune opération du contrat choisi\u202f: vérifiez le contrat ou le fichier.")
    if listed or named:
        return list({**listed, **named}.values())
    in_use = [one for one in known if one.closed_on is None]
    if len(in_use) != 1:
        _refuse("Ce relevé ne contient aucune opération\u202f: dites de quelle régie il est.")
    return in_use


def _days(placed: list[_Placed], first: date | None, last: date | None, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last day covered."""
    listed = [one.day for one in placed]
    first, last = first or min(listed, default=None), last or max(listed, default=None)
    if first is None or last is None:
        raise StatementRefusedError(
            [(_WHOLE_FILE, "Ce relevé ne contient aucune opération\u202f: dites de quel jour à quel jour il va.")]
        )
    if last < first or last > clock.today(zone) or (last - first).days >= LONGEST_DAYS:
        _refuse(f"Les jours du relevé doivent se suivre, sur {LONGEST_DAYS} jours au plus, jusqu’à aujourd’hui.")
    told = f"du {french.day(first)} au {french.day(last)}"
    outside = [
        (one.line.number, f"cette opération du {french.day(one.day)} est hors des jours annoncés, {told}")
        for one in placed
        if not first <= one.day <= last
    ]
    if outside:
        raise StatementRefusedError(outside)
    return first, last


def _keep(
    statement: BankStatement,
    contracts: list[GatewayContract],
    placed: Iterable[_Placed],
    *,
    content: bytes,
    name: str,
    by: Actor,
) -> None:
    """The file, the statement, its contracts and its lines: all, or nothing."""
    details = {"lines": statement.lines, "first_day": str(statement.first_day), "last_day": str(statement.last_day)}
    try:
        with transaction.atomic():
            statement.file = store(content=content, name=name, content_type="text/csv")
            statement.save(force_insert=True)
            statement.contracts.set(contracts)
            StatementEntry.objects.bulk_create([_entry(statement, one) for one in placed], ignore_conflicts=True)
            record(by=by, action="statement.imported", subject=statement.public_id, details=details)
    except BaseException:
        forget([statement.file] if statement.file_id else [])
        raise


def _entry(statement: BankStatement, one: _Placed) -> StatementEntry:
    line = one.line
    return StatementEntry(
        statement=statement,
        line=line.number,
        contract=one.contract,
        attempt=one.attempt,
        kind=line.kind.value,
        reference=line.reference,
        gateway_reference=line.gateway_reference,
        transaction_reference=line.transaction_reference,
        mode=line.mode,
        amount_cents=line.amount_cents,
        currency=line.currency,
        means=line.means,
        occurred_at=line.occurred_at,
        day=one.day,
    )


# What a line does


def treat(contract: GatewayContract, *, by: Actor) -> int:
    """Let the lines of a contract that have not acted yet act, outside any transaction; how many did.

    Safe to repeat: what a line already did is done once.
    """
    waiting = StatementEntry.objects.filter(contract=contract, handled_at__isnull=True)
    treated = 0
    for entry in waiting.select_related("attempt__contract", "contract__regie", "statement").order_by("id"):
        try:
            _act(entry, by=by)
        except Exception:  # one line in trouble must not keep the others waiting
            logger.exception("line %s of the statement %s failed", entry.line, entry.statement_id)
            continue
        StatementEntry.objects.filter(id=entry.id).update(handled_at=clock.now())
        treated += 1
    return treated


def _act(entry: StatementEntry, *, by: Actor) -> None:
    if entry.attempt is None:
        _tell_stranger(entry)
    elif _is_another_amount(entry, entry.attempt):
        here = format_cents(entry.attempt.amount_cents)
        told = f"relevé\u202f: {format_cents(entry.amount_cents)}, portail\u202f: {here}"
        with transaction.atomic():
            open_case(kind=ReviewCase.Kind.AMOUNT_GAP, attempt=entry.attempt, detail=told)
    else:
        report = _report(entry, entry.attempt)
        apply_report(attempt=entry.attempt, report=report, origin=Origin.STATEMENT, by=by)


def _tell_stranger(entry: StatementEntry) -> None:
    """An operation that the portal never opened; a trial, or one that failed in the end, is nobody's business here."""
    kinds = {
        StatementEntry.Kind.PAYMENT.value: ReviewCase.Kind.PAID_ELSEWHERE,
        StatementEntry.Kind.REFUND.value: ReviewCase.Kind.REFUND_AT_BANK,
    }
    if entry.kind not in kinds or not is_money(entry):
        return
    told = f"{format_cents(entry.amount_cents)} le {french.day(entry.day)}, référence {quoted(entry.reference)}"
    with transaction.atomic():
        open_case_about(
            kind=kinds[entry.kind],
            regie=entry.contract.regie,
            subject=subject_of(entry),
            detail=f"{told}, contrat {entry.contract.merchant}",
        )


def _is_another_amount(entry: StatementEntry, attempt: PaymentAttempt) -> bool:
    """Whether the bank lists, for a transaction captured here, another sum."""
    capture = getattr(attempt, "capture", None)
    return (
        capture is not None
        and entry.kind == StatementEntry.Kind.PAYMENT
        and is_money(entry)
        and (capture.contract_id, capture.transaction_reference) == (entry.contract_id, entry.transaction_reference)
        and capture.amount_cents != entry.amount_cents
    )


def _report(entry: StatementEntry, attempt: PaymentAttempt) -> Report:
    """What the line says; the bank's statement leaves out what it does not know, never what it contradicts."""
    verdict, label = _SAID[StatementEntry.Kind(entry.kind)]
    return Report(
        verdict=verdict,
        authentic=True,
        gateway_reference=entry.gateway_reference or attempt.gateway_reference or "",
        reference=entry.reference,
        merchant=entry.contract.merchant,
        mode=entry.mode or attempt.mode,
        amount_cents=entry.amount_cents,
        currency=entry.currency,
        transaction_reference=entry.transaction_reference,
        means=entry.means,
        label=label,
        occurred_at=entry.occurred_at,
        raw={"statement": entry.statement.public_id, "line": str(entry.line)},
    )
