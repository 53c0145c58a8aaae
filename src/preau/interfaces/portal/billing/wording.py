"""The family's situation in words (V19); every space before a sign or a unit is one that never breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from preau.domain.payments.queries.overview import Situation
from preau.foundation.money import format_cents
from preau.interfaces.portal.words import NARROW, WIDE, day_words


@dataclass(frozen=True, slots=True)
class Headline:
    """The title of the home page: `words`, an amount in cents if there is one, then `tail`; and what completes it."""

    words: str
    cents: int | None = None
    tail: str = ""
    details: tuple[str, ...] = ()


def headline(situation: Situation, *, today: date) -> Headline:
    """The situation in one sentence, and the few that a reader may want next."""
    details = tuple(_details(situation, today))
    if situation.due.count:
        return _owed(situation, today, details)
    if situation.pending.count:
        return Headline(f"Un paiement est en cours{NARROW}:", situation.pending.cents, "", details)
    return Headline("Vous n’avez rien à payer", details=details)


def _owed(situation: Situation, today: date, details: tuple[str, ...]) -> Headline:
    due, late = situation.due, situation.late
    what = "en retard" if late.count == due.count else "à payer"
    words = f"Vous avez {due.count}{WIDE}facture{'s' if due.count > 1 else ''} {what}{NARROW}:"
    only = situation.deadlines[0][0] if len(situation.deadlines) == 1 and not late.count else None
    return Headline(words, due.cents, f"avant le {day_words(only, today=today)}" if only else "", details)


def _details(situation: Situation, today: date) -> Iterator[str]:
    if situation.due.count:
        yield from _deadline_details(situation, today)
        if situation.pending.count:
            yield f"{format_cents(situation.pending.cents)} en cours de paiement."
    elif situation.pending.count:
        yield "Nous attendons la confirmation de la banque. Vous n’avez rien à faire."
    elif situation.next_invoice_on:
        yield f"Prochaine facture prévue le {day_words(situation.next_invoice_on, today=today)}."
    if situation.opens_on:
        yield f"Le paiement en ligne ouvre le {day_words(situation.opens_on, today=today)}."
    if situation.credit_cents > 0:
        yield f"{format_cents(situation.credit_cents)} à votre crédit."


def _deadline_details(situation: Situation, today: date) -> Iterator[str]:
    late, coming = situation.late, situation.deadlines
    if late.count and situation.late_since:
        since = day_words(situation.late_since, today=today)
        whole = late.count == situation.due.count
        yield f"À régler depuis le {since}." if whole else f"{format_cents(late.cents)} en retard depuis le {since}."
    if len(coming) == 1 and not late.count:
        return
    for day, tally in coming[:2]:
        when = f"avant le {day_words(day, today=today)}" if day else "sans date limite"
        yield f"{format_cents(tally.cents)} {when}."
    if len(coming) > 2:  # noqa: PLR2004  (two dates are read at a glance, three are a list)
        yield f"{format_cents(sum(tally.cents for _, tally in coming[2:]))} plus tard."
