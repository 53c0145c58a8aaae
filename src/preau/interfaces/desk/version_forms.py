"""A version of a tariff as an agent types it: what holds for all of it, and its grid line by line."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from preau.domain.activities.rules.calendar import DayKind
from preau.domain.families.models import SchoolLevel, TownLink
from preau.domain.pricing.errors import Fault
from preau.domain.pricing.models import TariffVersion
from preau.domain.pricing.rules import Basis, Grid, Line, Rounding, line_faults, overlaps
from preau.foundation.money import format_cents, parse_cents, read_cents
from preau.foundation.text import clean
from preau.interfaces.desk.tariff_forms import A_CHOICE, OptionalAmount, TryForm, number_field

_EMPTY_ROWS, _MORE_ROWS, _MOST_ROWS = 3, 5, 80
_RATE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,9})?) ?%", re.ASCII)
_PRICE_OR_RATE = "Écrivez un prix comme 3,20, ou un taux comme 0,52\u202f%."
#: Links to the town that are often asked together.
_LINKS = (("resident", "schooled"), ("resident", "schooled", "working"))
_SHORT = {"resident": "habite", "schooled": "scolarisé", "working": "travaille", "none": "hors commune"}
_AMOUNTS = ("quotient_from_cents", "quotient_to_cents", "floor_cents", "ceiling_cents")
_PREFIX = "ligne"


def typed_cents(cents: int | None) -> str:
    """An amount as its field writes it."""
    return "" if cents is None else format_cents(cents).removesuffix("\u202f€")


class PriceField(forms.CharField):
    """A price in cents (int) or, with its sign %, a part of the quotient (Decimal)."""

    def clean(self, value: Any) -> Any:
        """`3,20` → 320; `0,52 %` → Decimal("0.0052"); nothing → None."""
        typed = clean(value or "")
        if not typed:
            return None
        if rate := _RATE.fullmatch(typed):
            return Decimal(rate[1].replace(",", ".")) / 100
        try:
            return parse_cents(typed)
        except ValueError:
            raise forms.ValidationError(_PRICE_OR_RATE) from None


def _choices(label: str, choices: Sequence[tuple[str, str]], **values: Any) -> forms.MultipleChoiceField:
    said = {"invalid_choice": A_CHOICE, "invalid_list": A_CHOICE}
    box = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(
        label=label, required=False, choices=list(choices), widget=box, error_messages=said, **values
    )


class VersionForm(forms.Form):
    """What a deliberation decided beside its grid."""

    valid_from = forms.DateField(
        label="En vigueur à partir du",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Indiquez le premier jour.", "invalid": "Ce n’est pas une date."},
    )
    deliberation = forms.CharField(
        label="Délibération",
        max_length=120,
        help_text="Comme les familles la liront\u202f: « délibération n° 2026-41 du 3 juillet 2026 ».",
        error_messages={"required": "Citez la délibération.", "max_length": "Écrivez 120 caractères au plus."},
    )
    rounding = forms.ChoiceField(
        label="Arrondi des prix calculés", choices=Rounding.choices,
        error_messages={"required": "Choisissez un arrondi.", "invalid_choice": "Choisissez un arrondi."},
    )  # fmt: skip
    late_surcharge_cents = OptionalAmount(label="Majoration de retard (€)")
    late_surcharge_percent = number_field("Majoration de retard (%)", most=500)
    cap_cents = OptionalAmount(
        label="Plafond légal (€)",
        help_text="Le coût par usager, qu’aucun prix ne dépasse. Vide\u202f: pas de plafond.",
    )

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, as the service names it; what is left empty adds nothing."""
        said = dict(self.cleaned_data)
        for name in ("late_surcharge_cents", "late_surcharge_percent"):
            said[name] = said[name] or 0
        return said | {"rounding": Rounding(said["rounding"])}


class LineForm(forms.Form):
    """One line of the grid; a line that says nothing is left aside."""

    position = forms.CharField(label="N°", required=False)
    quotient_from_cents = OptionalAmount(label="Quotient de")
    quotient_to_cents = OptionalAmount(label="à moins de")
    town_links = forms.ChoiceField(label="Lien", required=False, error_messages={"invalid_choice": A_CHOICE})
    price_cents = PriceField(label="Prix ou taux", required=False)
    floor_cents = OptionalAmount(label="Plancher")
    ceiling_cents = OptionalAmount(label="Plafond")
    rank_from = number_field("À partir de l’enfant n°", most=20)
    day_kinds = _choices("Jours", DayKind.choices)
    levels = _choices("Classes", SchoolLevel.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        links = self.fields["town_links"]
        assert isinstance(links, forms.ChoiceField)  # noqa: S101  (declared above)
        known = [*((link,) for link in TownLink.values), *_LINKS]
        typed = tuple(str(self["town_links"].value() or "").split("+"))
        if len(typed) > 1 and typed not in known and set(typed) <= set(TownLink.values):
            known.append(typed)
        links.choices = [("", "tous"), *(("+".join(one), _link_words(one)) for one in known)]

    @property
    def has_more(self) -> bool:
        """Whether the conditions that are folded away say something, or are in fault."""
        names = ("rank_from", "day_kinds", "levels")
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def line(self) -> Line:
        """What was typed, once the form is valid."""
        said = self.cleaned_data
        price = said["price_cents"]
        is_rate = isinstance(price, Decimal)
        return Line(
            basis=Basis.EFFORT if is_rate else Basis.FIXED,
            price_cents=None if is_rate else price,
            rate=price if is_rate else None,
            town_links=tuple(filter(None, said["town_links"].split("+"))),
            levels=tuple(said["levels"]),
            day_kinds=tuple(said["day_kinds"]),
            rank_from=said["rank_from"],
            **{name: said[name] for name in _AMOUNTS},
        )

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing but its number."""
        return not any(self[name].value() for name in _SAYING)

    def take(self, fault: Fault) -> None:
        """Show a refusal of the domain beside its field."""
        name = "price_cents" if fault.field == "rate" else fault.field
        self.add_error(name or None, fault.message)


#: What makes a line say something.
_SAYING = tuple(name for name in LineForm.base_fields if name != "position")
_LAST = 10_000
_Lines = forms.formset_factory(LineForm, extra=0, max_num=_MOST_ROWS, absolute_max=_MOST_ROWS)


def _link_words(links: Sequence[str]) -> str:
    """« habite, scolarisé ou travaille »: short, for a narrow column."""
    *first, last = (_SHORT[link] for link in links)
    return f"{', '.join(first)} ou {last}" if first else last


def _typed_line(line: Line) -> dict[str, Any]:
    """A line as its fields write it."""
    amounts = {name: typed_cents(getattr(line, name)) for name in _AMOUNTS}
    rate = None if line.rate is None else f"{(line.rate * 100).normalize():f}".replace(".", ",") + "\u202f%"
    return amounts | {
        "price_cents": rate or typed_cents(line.price_cents),
        "town_links": "+".join(line.town_links),
        "rank_from": line.rank_from,
        "levels": list(line.levels),
        "day_kinds": list(line.day_kinds),
    }


class VersionPaper:
    """The page of a version being written: what holds for all lines, the lines in their order, and a price to try."""

    def __init__(
        self, *, told: dict[str, Any], rows: Sequence[Mapping[str, Any]], trial: dict[str, Any], bound: bool
    ) -> None:
        rows = rows[:_MOST_ROWS]
        self.faults: list[str] = []
        if not bound:
            self.version, self.trial = VersionForm(initial=told), TryForm(initial=trial, prefix="essai")
            self.lines = _Lines(initial=rows, prefix=_PREFIX)
            return
        self.version = VersionForm(told)
        self.trial = TryForm({f"essai-{name}": value for name, value in trial.items()}, prefix="essai")
        posted = MultiValueDict({f"{_PREFIX}-TOTAL_FORMS": [len(rows)], f"{_PREFIX}-INITIAL_FORMS": [0]})
        for place, row in enumerate(rows):
            for name, value in row.items():
                posted.setlist(f"{_PREFIX}-{place}-{name}", value if isinstance(value, list) else [value])
        self.lines = _Lines(posted, prefix=_PREFIX)

    @classmethod
    def copy_of(cls, last: TariffVersion | None) -> "VersionPaper":
        """The last version, to change what the deliberation changed; empty for a first one."""
        grid = last.grid if last else Grid(lines=[])
        told = {
            "rounding": grid.rounding,
            "late_surcharge_cents": typed_cents(grid.late_surcharge_cents or None),
            "late_surcharge_percent": grid.late_surcharge_percent or None,
            "cap_cents": typed_cents(grid.cap_cents),
        }
        rows = [_typed_line(line) for line in grid.lines]
        return cls(told=told, rows=_numbered(rows, blank=_EMPTY_ROWS), trial={"rang": 1}, bound=False)

    @classmethod
    def posted(cls, posted: QueryDict, *, with_more: bool = False, keeping: bool = True) -> "VersionPaper":
        """What was typed, lines in the order of their numbers; with empty lines more, nothing is judged yet.

        Unless it is to be kept, the day and the deliberation may still be missing.
        """
        count = read_cents(posted.get(f"{_PREFIX}-TOTAL_FORMS", ""), longest=3) or 0
        rows = [_posted_line(posted, place) for place in range(min(count, _MOST_ROWS))]
        filled = sorted((row for row in rows if any(row[name] for name in _SAYING)), key=_rank)
        blank = _EMPTY_ROWS if not with_more else len(rows) - len(filled) + _MORE_ROWS
        trial = {name: posted[f"essai-{name}"] for name in TryForm.base_fields if f"essai-{name}" in posted}
        paper = cls(told=posted.dict(), rows=_numbered(filled, blank=blank), trial=trial, bound=not with_more)
        for name in () if keeping else ("valid_from", "deliberation"):
            paper.version.fields[name].required = False
        return paper

    def is_valid(self) -> bool:
        """Whether every field can be read; what they say together is for the domain to judge."""
        is_readable = all([self.version.is_valid(), self.lines.is_valid()])
        for form in () if is_readable else self._filled:
            # The domain will not see them yet: what each line says wrong is told with what cannot be read.
            for field, message in () if form.errors else line_faults(form.line):
                form.take(Fault(message, field))
        return is_readable

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, as the service names it."""
        return {**self.version.said, "lines": [form.line for form in self._filled]}

    @property
    def grid(self) -> Grid:
        """What was typed, as prices read it."""
        return Grid(**{name: value for name, value in self.said.items() if name not in {"valid_from", "deliberation"}})

    @property
    def shared(self) -> list[str]:
        """Where two lines share families, once the page is valid."""
        return overlaps([form.line for form in self._filled]) if self.version.is_bound and self.is_valid() else []

    def take(self, faults: Sequence[Fault]) -> None:
        """Show what the domain refuses where it was typed."""
        filled = self._filled
        for fault in faults:
            if fault.line is not None:
                filled[fault.line - 1].take(fault)
            elif fault.field:
                self.version.add_error(fault.field, fault.message)
            else:
                self.faults.append(fault.message)

    @property
    def wrong_lines(self) -> list[int]:
        """Numbers of the lines in fault, once judged."""
        return [number for number, form in enumerate(self.lines, 1) if self.lines.is_bound and form.errors]

    @property
    def _filled(self) -> list[LineForm]:
        return [form for form in self.lines if not form.is_blank]


def _posted_line(posted: QueryDict, place: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, read in LineForm.base_fields.items():
        key = f"{_PREFIX}-{place}-{name}"
        several = isinstance(read, forms.MultipleChoiceField)
        row[name] = posted.getlist(key) if several else posted.get(key, "").strip()
    return row


def _rank(row: Mapping[str, Any]) -> int:
    """The number typed; a line without one comes last, in its place."""
    return read_cents(str(row["position"]), longest=4) or _LAST


def _numbered(rows: Sequence[dict[str, Any]], *, blank: int) -> list[dict[str, Any]]:
    empty: list[dict[str, Any]] = [{} for _ in range(blank)]
    return [{**row, "position": number} for number, row in enumerate([*rows, *empty], 1)]
