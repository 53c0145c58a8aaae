"""`preau selfcheck`: a violation of each statement is planted past every defence, and named."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Reverse
from django.utils.module_loading import autodiscover_modules

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note
from preau.domain.ledger.models import AccountKind, LedgerAccount, LedgerEntry
from preau.domain.ledger.services import Posting, book
from preau.domain.payments.gateway import Message
from preau.domain.payments.models import (
    Allocation,
    AttemptEvent,
    AttemptLine,
    Capture,
    CaseDecision,
    CreditUse,
    Evidence,
    FamilyCredit,
    GatewayMessage,
    PaymentAttempt,
    Receipt,
    ReceiptAnchor,
    ReceiptLink,
    Reconciliation,
    Refund,
    Reversal,
    ReviewCase,
)
from preau.domain.payments.services.anchors import anchor_months
from preau.domain.payments.services.cases import open_case
from preau.domain.payments.services.inbox import receive
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.domain.payments.tests.conftest import Scene, at_noon, scene  # noqa: F401  (the same story, told here)
from preau.domain.payments.tests.statements import constat_of, line_of, take
from preau.domain.pricing.rules import Line
from preau.domain.pricing.tests.tariffs import make_tariff, make_unit, make_version
from preau.domain.regies.models import NumberSequence
from preau.foundation import clock
from preau.foundation.audit.models import AuditEvent
from preau.foundation.invariants import declared
from preau.foundation.mail.models import OutgoingMail
from tests.support.booking_violations import BOOKING_PLANTS, OTHER_PLANTS, booked
from tests.support.database import on_postgresql
from tests.support.factories import NOON, make_household, make_invoice, make_regie, make_user
from tests.support.fake_gateway import BANK
from tests.support.planting import past_defences
from tests.support.refusals import again

pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"


@dataclass
class Story:
    """A family that paid too much once, is paying now, and has an « avoir »."""

    scene: Scene
    paid: Capture
    open: PaymentAttempt
    owed: Invoice
    settings: Any


@pytest.fixture
def story(scene, bank, settings) -> Story:  # noqa: F811
    first = scene.send()
    with clock.frozen(NOON + timedelta(minutes=31)):
        second = scene.send()
        for attempt in (first, second):
            bank.pay(attempt.gateway_reference)
            ask(attempt, origin=Origin.SWEEP, timeout=1)
    owed = make_invoice(scene.household, scene.regie, cents=5000)
    note = CreditNote(
        regie=scene.regie,
        household=scene.household,
        number="AV-1",
        label="Repas non servi",
        issued_on=NOON.date(),
        total_cents=400,
    )
    record_credit_note(note=note)
    attempt = scene.send(owed)
    _notify(attempt, b"op=1")
    return Story(scene, second.capture, attempt, owed, settings)


def _notify(attempt: PaymentAttempt, body: bytes) -> GatewayMessage:
    return receive(
        gateway="fake",
        origin=Origin.NOTIFICATION,
        return_token=attempt.return_token,
        method="POST",
        message=Message(query="", body=body, content_type=""),
        source_address="192.0.2.7",
    )


def selfcheck() -> tuple[int, str]:
    """Exit code and output of the command."""
    out = StringIO()
    try:
        call_command("selfcheck", stdout=out, no_color=True)
    except SystemExit as stop:
        return int(stop.code), out.getvalue()
    return 0, out.getvalue()


def retouch(model, *barriers: str, **values) -> Callable[[Story], None]:
    """Change rows that nobody may change."""

    def plant(story: Story) -> None:
        with past_defences(model, *barriers):
            model.objects.update(**values)

    return plant


def _an_entry_too_many(story: Story) -> None:
    with past_defences(LedgerEntry):
        again(LedgerEntry.objects.all()[0]).save(force_insert=True)


def _an_entry_elsewhere(story: Story) -> None:
    elsewhere = LedgerAccount.objects.create(regie=make_regie(), kind=AccountKind.PRODUCT)
    with past_defences(LedgerEntry):
        LedgerEntry.objects.filter(account__kind=AccountKind.PRODUCT).update(account=elsewhere)


def _suspense(story: Story, *, source_kind: str, cents: int) -> None:
    book(
        regie=story.scene.regie,
        source_kind=source_kind,
        source_key="0",
        label="Somme à identifier",
        booked_on=NOON.date(),
        postings=[
            Posting(AccountKind.CLEARING, cents, contract=story.open.contract),
            Posting(AccountKind.SUSPENSE, -cents),
        ],
    )


def _a_case_closed_by_nobody(story: Story) -> None:
    open_case(kind=ReviewCase.Kind.LONG_SILENCE, attempt=story.open, detail="sept jours")
    ReviewCase.objects.update(closed_at=NOON)


def _a_number_without_invoice(story: Story) -> None:
    NumberSequence.objects.create(regie=story.scene.regie, kind="invoice", year=2026, last_number=1)


def _another_familys_invoice(story: Story) -> None:
    stranger = make_household(with_login=False)
    with past_defences(Invoice):
        Invoice.objects.filter(id=story.owed.id).update(household=stranger)


def _a_credit_given_to_others(story: Story) -> None:
    stranger = make_household(with_login=False)
    with past_defences(FamilyCredit):
        FamilyCredit.objects.update(household=stranger)


def _book_for_family(story: Story, kind: AccountKind, cents: int) -> None:
    book(
        regie=story.scene.regie,
        source_kind="strange",
        source_key="0",
        label="Écriture étrange",
        booked_on=NOON.date(),
        postings=[Posting(kind, cents, household=story.scene.household), Posting(AccountKind.PRODUCT, -cents)],
    )


def _more_used_than_there_was(story: Story) -> None:
    _book_for_family(story, AccountKind.FAMILY_CREDIT, 1_000_000)


def _a_sum_to_recover_from_nowhere(story: Story) -> None:
    _book_for_family(story, AccountKind.TO_RECOVER, 100)


def _reversal(story: Story, **values) -> Reversal:
    proposed_by, confirmed_by = make_user(), make_user()
    return Reversal.objects.create(
        **{
            "capture": story.paid,
            "regie": story.scene.regie,
            "kind": "chargeback",
            "amount_cents": story.paid.amount_cents + 1,
            "reason": "relevé de la banque",
            "notice": "Avis 1",
            "noticed_on": NOON.date(),
            "proposed_by": proposed_by,
            "proposed_at": NOON,
            "confirmed_by": confirmed_by,
            "confirmed_at": NOON,
            **values,
        }
    )


def _a_reversal_of_nothing(story: Story) -> None:
    _reversal(story)


def _an_allocation_taken_back_twice(story: Story) -> None:
    allocation = Allocation.objects.get()
    for _ in range(2):
        taken = _reversal(story, amount_cents=allocation.amount_cents)
        taken.parts.create(source="allocation", allocation=allocation, amount_cents=allocation.amount_cents)


def _a_decision_given_back_twice(story: Story) -> None:
    open_case(kind=ReviewCase.Kind.LONG_SILENCE, attempt=story.open, detail="sept jours")
    first, second = make_user(), make_user()
    decision = CaseDecision.objects.create(
        case=ReviewCase.objects.latest("id"),
        outcome="refund",
        reason="relevé de la banque",
        amount_cents=100,
        proposed_by=first,
        proposed_at=NOON,
        confirmed_by=second,
        confirmed_at=NOON,
    )
    Refund.objects.create(
        household=story.scene.household,
        regie=story.scene.regie,
        decision=decision,
        amount_cents=101,
        means="transfer",
        reference="V-1",
        reason="relevé de la banque",
        proposed_by=first,
        proposed_at=NOON,
        confirmed_by=second,
        confirmed_at=NOON,
    )


def _a_number_without_credit_note(story: Story) -> None:
    NumberSequence.objects.create(regie=story.scene.regie, kind="credit_note", year=2026, last_number=1)


def _credit_used_for_others(story: Story) -> None:
    CreditUse.objects.create(
        form_key="autre",
        household=make_household(with_login=False),
        regie=story.scene.regie,
        invoice=story.owed,
        amount_cents=100,
        used_by=make_user(),
        used_at=NOON,
    )


def _two_active_attempts(story: Story) -> None:
    with past_defences(AttemptLine, "an_invoice_has_one_active_attempt"):
        AttemptLine.objects.exclude(attempt=story.open).update(is_open=True)


def _a_lost_receipt_mail(story: Story) -> None:
    OutgoingMail.objects.filter(kind="receipt").delete()


def _a_card_number(story: Story) -> None:
    _notify(story.open, f"pan={CARD}".encode())


def _another_anchor(story: Story) -> None:
    with clock.frozen(NOON + timedelta(days=30)):
        assert anchor_months() == 1
    with past_defences(ReceiptAnchor):
        ReceiptAnchor.objects.update(head="0" * 64)


def _another_constat(story: Story) -> None:
    with clock.frozen(NOON + timedelta(hours=1)):
        constat_of(story.scene.regie.contracts.get(), NOON.date(), asks=False)
    with past_defences(Reconciliation):
        Reconciliation.objects.update(other_cents=F("other_cents") + 1)


def _a_forgotten_line(story: Story) -> None:
    with clock.frozen(NOON - timedelta(hours=25)):
        take(BANK, line_of(story.open, reference="AILLEURS", occurred_at=clock.now()))


def _a_sleeping_trigger(story: Story) -> None:
    where = " ON payments_capture" if on_postgresql() else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER payments_capture_no_update{where}")


def _production(story: Story) -> None:
    story.settings.PREAU_ENV = "production"


_EARLIER = NOON - timedelta(minutes=16)

#: Statement → what makes it false.


def _a_tariff_of_another_regie(story: Story) -> None:
    make_tariff(make_regie(), make_unit(story.scene.regie))


def _a_tariff_that_forgets_families(story: Story) -> None:
    make_version(make_tariff(story.scene.regie), Line(price_cents=100, quotient_to_cents=50_000))


PLANTS: dict[str, Callable[[Story], None]] = {
    "Chaque écriture du grand livre a deux lignes au moins et s’équilibre": _an_entry_too_many,
    "Dans chaque régie, la somme de toutes les écritures est nulle": _an_entry_too_many,
    "La créance d’une famille est ce qui reste dû sur ses factures": retouch(
        Invoice, "invoice_is_dated_settled_iff_nothing_is_left", received_cents=1
    ),
    "L’avoir d’une famille est ce qui lui a été porté, moins ce qu’elle a utilisé, repris et rendu": retouch(
        FamilyCredit, amount_cents=F("amount_cents") + 1
    ),
    "Une famille n’a jamais moins que rien à son avoir": _more_used_than_there_was,
    "Ce qui est à recouvrer d’une famille est ce qui lui avait été rendu et que la banque a repris": (
        _a_sum_to_recover_from_nowhere
    ),
    "Ce qui est annulé sur une facture est la somme de ses avoirs": retouch(
        Invoice, "invoice_is_dated_settled_iff_nothing_is_left", received_cents=0, credited_cents=1
    ),
    "Une facture ne reçoit jamais plus que son montant et n’est soldée que si rien ne reste": retouch(
        Invoice, "invoice_is_dated_settled_iff_nothing_is_left", settled_on=NOON.date()
    ),
    "Une recharge payée est à l’avoir de la famille, une seule fois et en entier": retouch(Invoice, source="top_up"),
    "Ce qu’une facture a reçu est la somme de ce qui lui est imputé, moins ce qui a été repris": retouch(
        Invoice, "invoice_is_dated_settled_iff_nothing_is_left", received_cents=1
    ),
    "Un paiement capturé va tout entier aux factures et à l’avoir de la famille": retouch(
        Allocation, amount_cents=F("amount_cents") - 1
    ),
    "Un rejet confirmé reprend tout son montant, et aucun autre ne reprend rien": _a_reversal_of_nothing,
    "Rien n’est repris au-delà de ce qui avait été imputé ou utilisé": _an_allocation_taken_back_twice,
    "D’un paiement, la banque ne reprend et la régie ne rend jamais plus que son montant": _a_reversal_of_nothing,
    "D’une somme à rendre, on ne rend jamais plus que ce qui a été décidé": _a_decision_given_back_twice,
    "Un remboursement, un rejet, un avoir utilisé ont une écriture, et une seule, du même montant": (
        _a_reversal_of_nothing
    ),
    "Les avoirs émis ici, d’une régie et d’une année, se suivent de 1 à n": _a_number_without_credit_note,
    "Ce qui suit un paiement reste dans sa régie et dans sa famille": _credit_used_for_others,
    "Un rejet, un remboursement, un avoir demandé l’ont été par deux personnes, et le journal le dit": (
        _a_reversal_of_nothing
    ),
    "Le compte d’encaissement de chaque contrat est la somme de ce qui a été capturé ou mis en attente": retouch(
        LedgerEntry, "ledger_entry_is_never_zero", amount_cents=0
    ),
    "Une somme en attente repose sur une preuve vérifiée de son montant": partial(
        _suspense, source_kind="suspense", cents=100
    ),
    "Une somme sort des sommes à identifier par une décision confirmée, du même montant": partial(
        _suspense, source_kind="case_decision", cents=-100
    ),
    "Un dossier clos l’a été par deux personnes, et le journal le dit": _a_case_closed_by_nobody,
    "Un paiement capturé est écrit une fois, et une seule, au grand livre et dans les tentatives": retouch(
        PaymentAttempt, state="captured", ended_at=NOON
    ),
    "Un paiement capturé repose sur une preuve vérifiée, égale à ce qui était demandé": retouch(
        Evidence, amount_cents=1
    ),
    "Ce qu’une tentative demande n’a pas changé depuis le clic": retouch(
        PaymentAttempt, amount_cents=F("amount_cents") + 1
    ),
    "En production, aucun paiement d’essai n’entre dans les comptes": _production,
    "Aucune ligne du grand livre n’est nulle": retouch(LedgerEntry, "ledger_entry_is_never_zero", amount_cents=0),
    "Une facture émise garde son contenu, et ses lignes font son montant": retouch(Invoice, label="Autre chose"),
    "Les compteurs de numéros ne sont jamais en retard sur les factures émises ici": _a_number_without_invoice,
    "Les reçus d’une régie et d’une année se suivent de 1 à n, sans trou": retouch(Receipt, number=F("number") + 7),
    "Les reçus d’une régie et d’une année forment une chaîne sans trou ni retouche": retouch(
        ReceiptLink, digest=Reverse("digest")
    ),
    "Les reçus de chaque mois mènent à l’empreinte qui a été publiée": _another_anchor,
    "Une écriture ne touche que des comptes de sa régie": _an_entry_elsewhere,
    "Une tentative, ses lignes, ses factures et son contrat sont d’une seule régie et d’une seule famille": (
        _another_familys_invoice
    ),
    "Une capture, ses imputations, son reçu et son surplus sont de la régie et de la famille de sa tentative": (
        _a_credit_given_to_others
    ),
    "L’histoire d’une tentative suit le tableau des états et finit par son état": retouch(AttemptEvent, name="magic"),
    "Aucune tentative ouverte n’a manqué sa question, ni ne reste ouverte sept jours": retouch(
        PaymentAttempt, next_check_at=_EARLIER
    ),
    "Une facture a une seule tentative active": _two_active_attempts,
    "Tout message reçu est traité dans les cinq minutes": retouch(GatewayMessage, next_try_at=_EARLIER),
    "Chaque paiement capturé a son reçu et, si la famille a une adresse, le courriel qui le porte": (
        _a_lost_receipt_mail
    ),
    "Aucun courriel n’attend plus de 15 minutes sans être signalé": retouch(OutgoingMail, next_attempt_at=_EARLIER),
    "Le journal d’audit est une chaîne sans trou ni retouche": retouch(AuditEvent, actor_key="somebody"),
    "Ce que la base doit refuser est toujours refusé : déclencheurs, liens et contraintes sont en place": (
        _a_sleeping_trigger
    ),
    "Une unité n’a de tarif que de la régie qui l’encaisse": _a_tariff_of_another_regie,
    "Toute version de tarif donne un prix à toutes les familles, par des lignes qui se suivent de 1 à n": (
        _a_tariff_that_forgets_families
    ),
    "Chaque constat en vigueur dit du compte d’encaissement ce que disait le grand livre ce jour-là": _another_constat,
    "Toute ligne d’un relevé importé est traitée dans la journée": _a_forgotten_line,
    "Aucun numéro de carte n’est gardé, ni dans les messages, ni dans les preuves, ni dans les courriels": (
        _a_card_number
    ),
    **BOOKING_PLANTS,
}


def _codes() -> dict[str, str]:
    autodiscover_modules("invariants")
    return {one.statement: one.code for one in declared()}


def test_every_statement_has_its_violation():
    assert set(_codes()) == set(PLANTS)


def test_a_sound_town_has_nothing_to_tell(story):
    code, said = selfcheck()
    assert (code, said) == (0, f"{len(PLANTS)} invariants vérifiés, aucun écart.\n")


@pytest.mark.parametrize("statement", PLANTS, ids=lambda statement: statement[:40])
def test_a_broken_statement_is_named(story, statement):
    PLANTS[statement](story)
    code, said = selfcheck()
    number = _codes()[statement]
    assert code == 1
    assert f"{number} – {statement} : " in said
    assert number in said.splitlines()[-1].removesuffix(".").split("rompus : ")[1].split(", ")


@pytest.mark.parametrize(
    "plant",
    [
        retouch(Evidence, raw={"pan": CARD}),
        retouch(Evidence, label=f"carte {CARD}"),
        retouch(OutgoingMail, text=f"Votre carte {CARD} a été débitée."),
    ],
)
def test_a_card_number_is_found_wherever_it_hides(story, plant):
    plant(story)
    assert selfcheck()[1].splitlines()[-1].endswith("invariants rompus : I30")


@pytest.mark.parametrize("way", OTHER_PLANTS)
def test_bookings_are_told_wrong_in_every_way(story, way):
    code, plant = OTHER_PLANTS[way]
    plant(story)
    assert code in selfcheck()[1].splitlines()[-1]


def test_bookings_made_by_an_agent_are_sound(story):
    booked()
    assert selfcheck()[0] == 0
