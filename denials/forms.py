"""What the pages of payer profiles post: shapes only; services decide what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from denials.enums import ContractStatus, DayCount, StartEvent
from denials.models import AppealLevel, ProfileVersion
from denials.services.drafting import FloorRow, LevelRow
from worklists.forms import plain
from worklists.models import Facility

LONGEST_REASON = 4000
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


def _day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=required, widget=widget, help_text=help_text
    )


def _whole(label: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=9_999, **more
    )


class CalculatorForm(forms.Form):
    """A level and its dates."""

    level = forms.TypedChoiceField(label="Step", coerce=int)
    notice = _day("Notice or remittance dated")
    received = _day(
        "Received", required=False, help_text="Empty: receipt is presumed or not asked."
    )
    facility = forms.ModelChoiceField(
        Facility.objects.select_related("calendar").order_by("name"),
        label="For",
        to_field_name="slug",
        empty_label=None,
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, steps: Sequence[tuple[int, str]]
    ) -> None:
        super().__init__(data or None)
        self.fields["level"].choices = steps

    def clean_notice(self) -> date:
        """Refuse a day that can only be a typing mistake."""
        day: date = self.cleaned_data["notice"]
        if not EARLIEST <= day <= LATEST:
            raise forms.ValidationError("Give a day between 2000 and 2099.")
        return day


class LevelForm(forms.Form):
    """One step of a draft."""

    level = forms.IntegerField(
        label="Level (0 is filing the claim)", min_value=0, max_value=20
    )
    name = forms.CharField(label="Name", max_length=80)
    decided_by = forms.CharField(label="Decided by", max_length=80, required=False)
    days = _whole("Days")
    months = _whole("or months")
    # With their first values the empty step stays empty: it is left out.
    count = forms.ChoiceField(
        label="Counted in", choices=DayCount.choices, initial=DayCount.CALENDAR
    )
    start_event = forms.ChoiceField(
        label="From", choices=StartEvent.choices, initial=StartEvent.NOTICE
    )
    presumed_receipt_days = _whole("Receipt presumed after (days)")
    answer_days = _whole("Answer in (days)")
    margin_days = _whole(
        "Safety net (days before)", help_text="Empty: as the service level says."
    )
    moves_to_business_day = forms.BooleanField(
        label="A due day on a weekend or holiday moves, and the source says so",
        required=False,
    )
    source = forms.CharField(label="Source", max_length=200, validators=[plain])
    verified_on = _day(
        "Verified on", required=False, help_text="Empty: shown as not verified."
    )
    remove = forms.BooleanField(label="Remove this step", required=False)

    def row(self) -> LevelRow:
        """Return the step as services take it."""
        data = {k: v for k, v in self.cleaned_data.items() if k != "remove"}
        data["presumed_receipt_days"] = data["presumed_receipt_days"] or 0
        return LevelRow(**data)


class FloorForm(forms.Form):
    """The money floor of one level in one year."""

    level = forms.IntegerField(label="Level", min_value=1, max_value=20)
    year = forms.IntegerField(label="Year", min_value=2000, max_value=2099)
    amount = forms.DecimalField(
        label="Dollars", min_value=0, max_digits=12, decimal_places=2
    )
    source = forms.CharField(label="Source", max_length=200, validators=[plain])
    verified_on = _day("Verified on", required=False)
    remove = forms.BooleanField(label="Remove", required=False)

    def row(self) -> FloorRow:
        """Return the floor as services take it."""
        data = {k: v for k, v in self.cleaned_data.items() if k != "remove"}
        return FloorRow(**data)


LevelForms = forms.formset_factory(LevelForm, extra=1, max_num=20, absolute_max=21)
FloorForms = forms.formset_factory(FloorForm, extra=1, max_num=60, absolute_max=61)


class DraftForms:
    """A whole draft: its note, its steps, its floors; one empty row more of each."""

    def __init__(
        self, version: ProfileVersion, data: Mapping[str, Any] | None = None
    ) -> None:
        levels = sorted(version.levels.all(), key=lambda row: row.level)
        self.levels = LevelForms(
            data, prefix="levels", initial=[_initial(row) for row in levels]
        )
        floors = [_floor(row, floor) for row in levels for floor in row.floors.all()]
        self.floors = FloorForms(data, prefix="floors", initial=floors)
        self.note = NoteForm(data, initial={"note": version.note})

    def is_valid(self) -> bool:
        """Return whether every shape is right; all are looked at."""
        parts = (self.note, self.levels, self.floors)
        found = [part.is_valid() for part in parts]
        return all(found)

    def level_rows(self) -> list[LevelRow]:
        """Return the steps that stay."""
        return [form.row() for form in _kept(self.levels)]

    def floor_rows(self) -> list[FloorRow]:
        """Return the floors that stay."""
        return [form.row() for form in _kept(self.floors)]


def _kept(formset: Any) -> list[Any]:
    """Forms that hold something and are not to be removed; the empty one is left."""
    return [
        form
        for form in formset
        if form.cleaned_data and not form.cleaned_data.get("remove")
    ]


def _initial(row: AppealLevel) -> dict[str, Any]:
    names = [name for name in LevelForm.base_fields if name != "remove"]
    return {name: getattr(row, name) for name in names}


def _floor(row: AppealLevel, floor: Any) -> dict[str, Any]:
    names = ("year", "amount", "source", "verified_on")
    return {"level": row.level, **{name: getattr(floor, name) for name in names}}


class NoteForm(forms.Form):
    """What a reader of the profile must know."""

    note = forms.CharField(
        label="Note",
        required=False,
        max_length=2000,
        validators=[plain],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ProposeForm(forms.Form):
    """From which day a version holds, and why."""

    effective_from = _day(
        "Holds for decisions dated from",
        required=False,
        help_text="Empty: for every decision, as when a figure was wrong.",
    )
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Read by who decides it. No patient names.",
    )


class VerifyForm(forms.Form):
    """A row held against its source: which, on which day, what was read."""

    level = forms.IntegerField()
    floor = forms.IntegerField(required=False)
    verified_on = _day("Verified on")
    source = forms.CharField(max_length=200)


class NewProfileForm(forms.Form):
    """A new profile: the name payers point to and what it is for."""

    name = forms.CharField(label="Name", max_length=120)
    slug = forms.SlugField(
        label="Short name",
        max_length=50,
        help_text="Payers point to it in set-up: letters, digits, hyphens.",
    )
    plan_type = forms.CharField(
        label="Plan type",
        max_length=40,
        required=False,
        help_text="As at the payers: commercial, medicare_advantage …",
    )
    contract = forms.ChoiceField(label="For payers", choices=ContractStatus.choices)

    def clean_slug(self) -> str:
        """Refuse the word of an address of ours."""
        slug: str = self.cleaned_data["slug"]
        if slug == "new":
            raise forms.ValidationError("“new” is taken; choose another.")
        return slug
