"""What an auditor asks of the trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from audits.selectors.trail import parse_subject
from audits.selectors.trail_search import KINDS, SOURCES, Filters
from worklists.errors import BadInput
from worklists.role_words import ROLES
from worklists.trail_words import ACTIONS, FAMILIES, NATURES


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


CHOICES: dict[str, list[tuple[str, str]]] = {
    "action": sorted(ACTIONS.items(), key=lambda pair: pair[1]),
    "source": list(SOURCES.items()),
    "family": [(name, label) for name, (label, _) in FAMILIES.items()],
    "nature": list(NATURES.items()),
    "role": list(ROLES.items()),
    "kind": list(KINDS.items()),
}


class TrailSearch(forms.Form):
    """Filters of the trail page; all of them live in the address.

    The typed ones stand in the form, the others are chosen from what was found, in the
    same bar.
    """

    subject = forms.CharField(required=False, max_length=40)
    action = forms.ChoiceField(required=False)
    actor = forms.CharField(
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"list": "trail-people"}),
    )
    source = forms.ChoiceField(required=False)
    since = forms.DateField(required=False, widget=_day())
    until = forms.DateField(required=False, widget=_day())
    family = forms.ChoiceField(required=False)
    nature = forms.ChoiceField(required=False)
    role = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False)
    queue = forms.SlugField(required=False)
    facility = forms.SlugField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in CHOICES.items():
            self.fields[name].choices = [("", "any"), *choices]  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        """Accept ``item:1``, ``claim:1``, ``user:1``, ``batch:1`` and ``DN-1``."""
        text = str(self.cleaned_data["subject"]).strip()
        prefix, _, number = text.partition("-")
        if prefix.isalpha() and number.isdecimal():
            text = f"item:{number}"
        if text:
            try:
                parse_subject(text)
            except BadInput as error:
                raise forms.ValidationError(error.detail) from error
        return text

    def clean_until(self) -> date | None:
        """Refuse the last day there is: its end lies beyond all days."""
        day: date | None = self.cleaned_data["until"]
        if day == date.max:
            raise forms.ValidationError("Name an earlier day.")
        return day

    def filters(self) -> Filters:
        """Return the valid filters; days are whole days in the reader's zone."""
        data = self.cleaned_data
        until = data["until"]
        plain = {name: data[name] for name in data if name not in {"since", "until"}}
        return Filters(
            **plain,
            since=_start(data["since"]),
            until=_start(until + timedelta(days=1)) if until else None,
        )


def _start(day: Any) -> datetime | None:
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day, time()))
