"""« Modification avancée »: weekdays between two days, seen before they are drafted (C31)."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from preau.domain.bookings.errors import DraftTooLongError
from preau.domain.bookings.services.patterns import apply_pattern
from preau.foundation import clock
from preau.interfaces.doors import or_404
from preau.interfaces.portal.planning.forms import PatternForm
from preau.interfaces.portal.planning.onward import to_editing
from preau.interfaces.portal.planning.patterns import applied_words, pattern_form, pattern_page
from preau.interfaces.portal.planning.where import where_of
from preau.interfaces.portal.rights import FamilyRequest, family


@family
@require_http_methods(["GET", "POST"])
def planning_pattern(request: FamilyRequest) -> HttpResponse:
    """The form; then what it would do; then, once seen, the draft."""
    form = pattern_form(request)
    if request.method == "GET":
        return pattern_page(request, form)
    if not form.is_valid():
        return pattern_page(request, form, status=422)
    if request.POST.get("faire") != "appliquer":
        return pattern_page(request, form, sees=True)
    return _apply(request, form)


def _apply(request: FamilyRequest, form: PatternForm) -> HttpResponse:
    user, household, zone = request.user, request.household, request.town.zone
    try:
        with or_404():
            done = apply_pattern(user=user, household=household, pattern=form.pattern, now=clock.now(), zone=zone)
    except DraftTooLongError as refusal:
        form.add_error(None, refusal.message)
        return pattern_page(request, form, status=422)
    messages.success(request, applied_words(done))
    return to_editing(where_of(request.GET, today=request.today).at(form.cleaned_data["du"]))
