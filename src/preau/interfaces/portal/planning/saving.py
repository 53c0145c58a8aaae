"""« Valider et terminer »: all is held or nothing is, and what is refused comes back with its reason (U2, U6)."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from preau.domain.bookings.errors import BookingError, NothingToSaveError, PriceChangedError, RefusedChangesError
from preau.domain.payments.services.orders import save_bookings
from preau.interfaces.portal.planning.forms import SaveForm
from preau.interfaces.portal.planning.summaries import summary_page
from preau.interfaces.portal.rights import FamilyRequest


def save_draft(request: FamilyRequest) -> HttpResponse:
    """Save the draft; the summary then shows what is held, what was saved, or what was refused and why."""
    form = SaveForm(request.POST)
    if not form.is_valid():
        messages.info(request, "Vérifiez vos choix, puis enregistrez-les.")
        return redirect("portal:planning_summary")
    click = form.cleaned_data
    try:
        save_bookings(
            household=request.household,
            user=request.user,
            form_key=click["form_key"],
            shown_cents=click["annonce"],
            is_partial=click["partiel"],
            by=request.actor,
        )
    except RefusedChangesError as refusal:
        return summary_page(request, refused=refusal.proposal, refusal=refusal.message, status=409)
    except NothingToSaveError:
        return redirect("portal:planning_summary")
    except PriceChangedError as refusal:
        return _cost_to_read(request, refusal)
    except BookingError as refusal:
        return summary_page(request, refusal=refusal.message, status=409)
    return HttpResponseRedirect(f"{reverse('portal:planning_summary')}?saisie={click['form_key']}")


def _cost_to_read(request: FamilyRequest, refusal: PriceChangedError) -> HttpResponse:
    """Without the page's script, the cost of what was just ticked was never announced: it is read first."""
    if "montrees" in request.POST and not request.POST.get("a_jour"):
        messages.info(request, "Voici le coût de vos choix\u202f: vérifiez-le, puis enregistrez.")
        return redirect("portal:planning_summary")
    return summary_page(request, refusal=refusal.message, status=409)
