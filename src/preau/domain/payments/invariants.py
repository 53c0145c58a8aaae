"""What payments must always say (I4–I9, I12, I13, I21–I25, I28, I30)."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from preau.domain.ledger.models import AccountKind, LedgerEntry, LedgerTransaction
from preau.domain.payments import rules
from preau.domain.payments.card_numbers import holds_card_number
from preau.domain.payments.models import (
    Allocation,
    AttemptEvent,
    AttemptLine,
    Capture,
    CaseDecision,
    Evidence,
    FamilyCredit,
    GatewayMessage,
    PaymentAttempt,
    Receipt,
    ReviewCase,
)
from preau.domain.payments.queries.cases import suspended_by_attempt
from preau.domain.payments.services.freezing import frozen_values
from preau.domain.payments.states import HELD_STATES, OPEN_STATES, TRANSITIONS, AttemptState, Verdict
from preau.domain.regies.models import GatewayContract, NumberSequence
from preau.foundation import clock
from preau.foundation.audit.models import AuditEvent
from preau.foundation.invariants import invariant
from preau.foundation.mail.models import OutgoingMail

_MESSAGE_PATIENCE = timedelta(minutes=5)
_QUESTION_PATIENCE = timedelta(minutes=10)


@invariant("I4", "Un paiement capturé va tout entier aux factures et à l’avoir de la famille")
def captures_are_fully_used() -> Iterable[str]:
    allocated = {
        r["capture_id"]: r["s"] for r in Allocation.objects.values("capture_id").annotate(s=Sum("amount_cents"))
    }
    for capture in Capture.objects.select_related("credit"):
        surplus = capture.credit.amount_cents if hasattr(capture, "credit") else 0
        used = allocated.get(capture.id, 0) + surplus
        if used != capture.amount_cents:
            yield f"paiement {capture.gateway_reference} : {capture.amount_cents} reçus, {used} utilisés"


@invariant("I5", "Un paiement capturé est écrit une fois, et une seule, au grand livre et dans les tentatives")
def captures_are_booked_once() -> Iterable[str]:
    booked = set(LedgerTransaction.objects.filter(source_kind="capture").values_list("source_key", flat=True))
    captured = set(Capture.objects.values_list("attempt__public_id", flat=True))
    yield from (f"tentative {key} capturée sans écriture" for key in sorted(captured - booked))
    yield from (f"écriture de la tentative {key} sans capture" for key in sorted(booked - captured))
    states = set(PaymentAttempt.objects.filter(state=AttemptState.CAPTURED).values_list("public_id", flat=True))
    yield from (f"tentative {key} : état et capture se contredisent" for key in sorted(states ^ captured))


@invariant("I6", "Un paiement capturé repose sur une preuve vérifiée, égale à ce qui était demandé")
def captures_rest_on_evidence() -> Iterable[str]:
    for capture in Capture.objects.select_related("evidence", "attempt"):
        said, asked = capture.evidence, capture.attempt
        good = (
            said.authentic
            and said.verdict == Verdict.PAID
            and said.attempt_id == asked.id
            and said.amount_cents == asked.amount_cents == capture.amount_cents
            and (said.currency, said.merchant, said.mode) == (asked.currency, asked.merchant, asked.mode)
            and (said.reference, said.gateway_reference) == (asked.reference, asked.gateway_reference)
        )
        if not good:
            yield f"tentative {asked.reference} : la preuve ne dit pas ce qui a été capturé"


@invariant("I7", "Ce qu’une tentative demande n’a pas changé depuis le clic")
def attempts_keep_what_they_ask() -> Iterable[str]:
    for attempt in PaymentAttempt.objects.prefetch_related("lines__invoice").iterator(chunk_size=500):
        lines = [(line.invoice.public_id, line.amount_cents) for line in attempt.lines.all()]
        if rules.frozen_digest(frozen_values(attempt), lines) != attempt.digest:
            yield f"tentative {attempt.reference} modifiée"
        if sum(cents for _, cents in lines) != attempt.amount_cents:
            yield f"tentative {attempt.reference} : les lignes ne font pas le montant"


@invariant("I9", "En production, aucun paiement d’essai n’entre dans les comptes")
def no_test_money_in_production() -> Iterable[str]:
    if settings.PREAU_ENV != "production":
        return []
    tests = Capture.objects.filter(attempt__mode=GatewayContract.Mode.TEST)
    return (f"paiement {capture.gateway_reference} en mode test" for capture in tests)


@invariant("I12", "Les reçus d’une régie et d’une année se suivent de 1 à n, sans trou")
def receipt_numbers_have_no_gap() -> Iterable[str]:
    series = Receipt.objects.values("regie_id", "year").annotate(count=Count("id"), last=Max("number"))
    last_given = {
        (s.regie_id, s.year): s.last_number for s in NumberSequence.objects.filter(kind="receipt", last_number__gt=0)
    }
    seen = set()
    for row in series:
        key = (row["regie_id"], row["year"])
        seen.add(key)
        if not row["count"] == row["last"] == last_given.get(key):
            counter = last_given.get(key)
            yield f"régie {key[0]}, {key[1]} : {row['count']} reçus, dernier {row['last']}, compteur {counter}"
    yield from (f"régie {regie}, {year} : compteur sans reçu" for regie, year in sorted(set(last_given) - seen))


@invariant(
    "I13", "Une tentative, ses lignes, ses factures et son contrat sont d’une seule régie et d’une seule famille"
)
def attempts_stay_in_one_regie() -> Iterable[str]:
    lines = AttemptLine.objects.exclude(
        regie=F("attempt__regie"),
        invoice__regie=F("attempt__regie"),
        attempt__contract__regie=F("attempt__regie"),
        invoice__household=F("attempt__household"),
    )
    return (f"tentative {line.attempt.reference}" for line in lines.select_related("attempt"))


@invariant(
    "I13", "Une capture, ses imputations, son reçu et son surplus sont de la régie et de la famille de sa tentative"
)
def captures_stay_in_one_regie() -> Iterable[str]:
    regie, household = F("capture__attempt__regie"), F("capture__attempt__household")
    checks: tuple[tuple[str, QuerySet[Any], dict[str, F]], ...] = (
        ("capture", Capture.objects.all(), {"regie": F("attempt__regie"), "contract": F("attempt__contract")}),
        (
            "imputation",
            Allocation.objects.all(),
            {"regie": regie, "invoice__regie": regie, "invoice__household": household},
        ),
        ("reçu", Receipt.objects.all(), {"regie": regie}),
        ("surplus", FamilyCredit.objects.exclude(capture=None), {"regie": regie, "household": household}),
        (
            "avoir décidé",
            FamilyCredit.objects.exclude(decision=None),
            {"regie": F("decision__case__regie"), "household": F("decision__case__attempt__household")},
        ),
    )
    for what, rows, same in checks:
        yield from (f"{what} {pk}" for pk in rows.exclude(**same).values_list("id", flat=True))


@invariant("I21", "L’histoire d’une tentative suit le tableau des états et finit par son état")
def histories_follow_the_table() -> Iterable[str]:
    history: dict[int, list[AttemptEvent]] = {}
    for event in AttemptEvent.objects.order_by("attempt_id", "sequence"):
        history.setdefault(event.attempt_id, []).append(event)
    for attempt in PaymentAttempt.objects.only("id", "reference", "state"):
        problem = _history_problem(history.get(attempt.id, []), attempt.state)
        if problem:
            yield f"tentative {attempt.reference} : {problem}"


def _history_problem(events: list[AttemptEvent], state: str) -> str:
    if not events or events[0].to_state != AttemptState.PREPARED:
        return "histoire sans commencement"
    if [event.sequence for event in events] != list(range(1, len(events) + 1)):
        return "histoire trouée"
    for before, event in pairwise(events):
        move = (AttemptState(event.from_state), AttemptState(event.to_state))
        if event.from_state != before.to_state or TRANSITIONS.get(move) != event.name:
            return f"passage interdit {event.from_state} → {event.to_state}"
    return "" if events[-1].to_state == state else f"état {state}, dernier événement {events[-1].to_state}"


@invariant("I22", "Aucune tentative ouverte n’a manqué sa question, ni ne reste ouverte sept jours")
def no_attempt_is_forgotten() -> Iterable[str]:
    now = clock.now()
    missed = Q(next_check_at__lt=now - _QUESTION_PATIENCE)
    old = Q(state__in=OPEN_STATES - HELD_STATES, created_at__lt=now - rules.FINAL_SILENCE - timedelta(days=1))
    attempts = PaymentAttempt.objects.filter(missed | old)
    return (f"tentative {attempt.reference} ({attempt.state}) oubliée" for attempt in attempts)


@invariant("I23", "Une facture a une seule tentative active")
def one_active_attempt_per_invoice() -> Iterable[str]:
    held = AttemptLine.objects.filter(is_open=True).values("invoice__number").annotate(n=Count("id")).filter(n__gt=1)
    return (f"facture {row['invoice__number']} : {row['n']} tentatives actives" for row in held)


@invariant("I24", "Tout message reçu est traité dans les cinq minutes")
def no_message_is_forgotten() -> Iterable[str]:
    late = GatewayMessage.objects.filter(processed_at__isnull=True, next_try_at__lt=clock.now() - _MESSAGE_PATIENCE)
    return (f"message {message.public_id} de {message.gateway} non traité" for message in late)


@invariant("I25", "Chaque paiement capturé a son reçu et, si la famille a une adresse, le courriel qui le porte")
def captures_have_receipt_and_mail() -> Iterable[str]:
    receipts = dict(Receipt.objects.values_list("capture_id", "code"))
    mails = set(OutgoingMail.objects.filter(kind="receipt").values_list("subject_key", flat=True))
    for capture in Capture.objects.select_related("attempt__checkout"):
        code = receipts.get(capture.id)
        if code is None:
            yield f"paiement {capture.gateway_reference} sans reçu"
        elif code not in mails and capture.attempt.checkout.receipt_email:
            yield f"paiement {capture.gateway_reference} sans courriel de reçu"


@invariant("I4", "Le compte d’encaissement de chaque contrat est la somme de ce qui a été capturé ou mis en attente")
def clearing_equals_captures() -> Iterable[str]:
    captured = {r["contract_id"]: r["s"] for r in Capture.objects.values("contract_id").annotate(s=Sum("amount_cents"))}
    rows = (
        LedgerEntry.objects.filter(account__kind="clearing", transaction__source_kind="capture")
        .values("account__contract_id")
        .annotate(s=Sum("amount_cents"))
    )
    booked = {row["account__contract_id"]: row["s"] for row in rows}
    for contract_id in sorted(captured.keys() | booked.keys()):
        if captured.get(contract_id, 0) != booked.get(contract_id, 0):
            yield f"contrat {contract_id} : capturé {captured.get(contract_id, 0)}, écrit {booked.get(contract_id, 0)}"


@invariant("I4", "Une somme en attente repose sur une preuve vérifiée de son montant")
def suspense_rests_on_evidence() -> Iterable[str]:
    entries = _suspense_entries().exclude(transaction__source_kind="case_decision")
    paid = Evidence.objects.filter(verdict=Verdict.PAID, authentic=True)
    proved = {str(e.id): (e.amount_cents, e.attempt.regie_id) for e in paid.select_related("attempt")}
    for entry in entries:
        source = entry.transaction
        if proved.get(source.source_key) != (-entry.amount_cents, source.regie_id):
            yield f"écriture {source.source_kind} {source.source_key} : {-entry.amount_cents} centimes sans preuve"


@invariant("I4", "Une somme sort des sommes à identifier par une décision confirmée, du même montant")
def suspense_is_emptied_by_decisions() -> Iterable[str]:
    decided = {
        key: (cents, regie)
        for key, cents, regie in CaseDecision.objects.filter(confirmed_at__isnull=False, amount_cents__gt=0)
        .values_list("public_id", "amount_cents", "case__regie_id")
    }  # fmt: skip
    left = _suspense_entries().filter(transaction__source_kind="case_decision")
    booked = {e.transaction.source_key: (e.amount_cents, e.transaction.regie_id) for e in left}
    for key in sorted(decided.keys() | booked.keys()):
        if decided.get(key) != booked.get(key):
            yield f"décision {key} : décidé {decided.get(key)}, écrit {booked.get(key)}"
    touched = set(CaseDecision.objects.filter(amount_cents__gt=0).values_list("case__attempt", flat=True))
    overdrawn = {pk: -cents for pk, cents in suspended_by_attempt(touched).items() if cents < 0}
    yield from (f"tentative {pk} : {cents} centimes sortis de trop" for pk, cents in overdrawn.items())


def _suspense_entries() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(account__kind=AccountKind.SUSPENSE).select_related("transaction")


@invariant("I28", "Un dossier clos l’a été par deux personnes, et le journal le dit")
def cases_are_closed_by_two_people() -> Iterable[str]:
    confirmed = CaseDecision.objects.filter(confirmed_at__isnull=False)
    two = confirmed.exclude(confirmed_by=F("proposed_by"))
    closed = ReviewCase.objects.filter(closed_at__isnull=False)
    yield from (f"dossier {one.public_id} clos sans décision" for one in closed.exclude(decisions__in=two))
    told = set(AuditEvent.objects.filter(action="case.confirmed").values_list("subject", flat=True))
    for one in confirmed.select_related("case"):
        if one.case.closed_at is None:
            yield f"dossier {one.case.public_id} décidé, toujours ouvert"
        if one.public_id not in told:
            yield f"décision {one.public_id} absente du journal"


@invariant("I30", "Aucun numéro de carte n’est gardé, ni dans les messages, ni dans les preuves, ni dans les courriels")
def no_card_number_is_kept() -> Iterable[str]:
    for message in GatewayMessage.objects.iterator(chunk_size=500):
        text = f"{message.query} {bytes(message.body).decode('latin-1')}"
        if holds_card_number(text):
            yield f"message {message.public_id}"
    for evidence in Evidence.objects.only("id", "label", "raw").iterator(chunk_size=500):
        if any(holds_card_number(text) for text in (evidence.label, *map(str, evidence.raw.values()))):
            yield f"preuve {evidence.id}"
    for mail in OutgoingMail.objects.only("public_id", "subject", "text").iterator(chunk_size=500):
        if holds_card_number(f"{mail.subject} {mail.text}"):
            yield f"courriel {mail.public_id}"
