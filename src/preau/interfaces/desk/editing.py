"""A page with a form by which an agent writes something of the calendar or of what is offered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib import messages
from django.forms import Form
from django.forms.boundfield import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render

from preau.domain.activities.errors import ActivityError, FileRefusedError
from preau.interfaces.desk.rights import AgentRequest

if TYPE_CHECKING:
    from preau.foundation.tabular import Fault

#: Title, note, names of the fields.
Section = tuple[str, str, Sequence[str]]


@dataclass(frozen=True)
class EditPage:
    """What is shown around a form: its heading, where it comes from, what its button says."""

    heading: str
    trail: list[tuple[str, str]]
    back: str
    verb: str = "Enregistrer"
    lede: str = ""
    sections: Sequence[Section] = ()
    is_file: bool = False
    #: Names of fields that hold little: their boxes are short.
    short: Sequence[str] = field(default=())


def edit_page(request: AgentRequest, form: Form, save: Callable[[], str], *, page: EditPage) -> HttpResponse:
    """`save` is called with a valid form only, and says what was done; its refusals are shown beside their field."""
    faults: list[Fault] = []
    if request.method == "POST" and form.is_valid():
        try:
            said = save()
        except FileRefusedError as refusal:
            faults = refusal.faults
        except ActivityError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, said)
            return redirect(page.back)
    context = {"form": form, "page": page, "parts": _parts(form, page), "faults": faults}
    return render(request, "desk/edit.html", context, status=422 if request.method == "POST" else 200)


def _parts(form: Form, page: EditPage) -> list[tuple[str, str, list[BoundField]]]:
    sections = page.sections or [(page.heading, "", list(form.fields))]
    return [(title, note, [form[name] for name in names]) for title, note, names in sections]


def removal_page(request: AgentRequest, remove: Callable[[], None], *, page: EditPage, said: str) -> HttpResponse:
    """Something is taken away on POST; what keeps it is told, and nothing is taken away before it is asked twice."""
    if request.method != "POST":
        return render(request, "desk/removal.html", {"page": page})
    try:
        remove()
    except ActivityError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect(page.back)
