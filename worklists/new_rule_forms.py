"""What the pages post on which a rule begins: shapes only."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms

from worklists import kinds
from worklists.enums import HandOut, RuleKind
from worklists.models import Clearance
from worklists.rule_forms import CalendarForm, Content, Data, QueueForm, RuleForm
from worklists.rule_words import short_name_fault
from worklists.selectors.rules import STANDS_ON, names

LONGEST_NAME = 120
WORKDAY = [["08:00", "17:00"]]
EMPTY_WEEK = {str(day): WORKDAY for day in range(1, 6)}
# Nothing is chosen by standing first in a list.
UNSAID = ("", "---------")
QUEUE_BEGINS = {
    "hand_out": HandOut.PICK,
    "max_in_hand": 0,
    "release_after_hours": 0,
}


class SlugForm(forms.Form):
    """The short name, which stays for good."""

    slug = forms.SlugField(
        label="Short name",
        max_length=50,
        help_text="Small letters, digits and dashes. It stays for good: addresses, "
        "routing and the trail go by it.",
    )

    def clean_slug(self) -> str:
        """Refuse what is no short name."""
        slug = str(self.cleaned_data["slug"])
        if fault := short_name_fault(slug):
            raise forms.ValidationError(fault)
        return slug


class NewCalendarForm(CalendarForm):
    """A calendar that is not there yet: five working days to begin with."""

    def __init__(self, data: Data = None) -> None:
        initial = {
            "name": "",
            "time_zone": "America/Chicago",
            "weekly_hours": EMPTY_WEEK,
            "federal_holidays": True,
            "days": [],
        }
        super().__init__(data, initial=initial)


class NewQueueForm(QueueForm):
    """A queue that is not there yet: what it is for, and the policies it works by."""

    name = forms.CharField(label="Name", max_length=120)
    kind = forms.ChoiceField(label="Kind of work")
    sla = forms.ChoiceField(label="Service level with its ladder")
    template = forms.ChoiceField(label="Evidence template")
    review = forms.ChoiceField(label="Review policy")
    clearance = forms.ChoiceField(label="Clearance needed", required=False)
    field_order = ("name", "kind", "purpose", "team", "supervisor", "review_on",
                   "sla", "template", "review", "clearance")  # fmt: skip

    def __init__(self, data: Data = None) -> None:
        super().__init__(data, initial=QUEUE_BEGINS)
        cleared = Clearance.objects.order_by("name").values_list("slug", "name")
        choices: dict[str, list[tuple[str, str]]] = {
            "kind": [(one.slug, one.label) for one in kinds.all_kinds()],
            "sla": _policies(RuleKind.SLA),
            "template": _policies(RuleKind.TEMPLATE),
            "review": _policies(RuleKind.REVIEW),
            "clearance": [("", "none"), *cleared],
        }
        for name, of_field in choices.items():
            unsaid = [UNSAID] if self.fields[name].required else []
            self.fields[name].choices = [*unsaid, *of_field]  # type: ignore[attr-defined]


class CopyForm(forms.Form):
    """Which ladder, review policy or form a new one begins as a copy of."""

    of = forms.ChoiceField(
        label="Begin as a copy of",
        help_text="The copy is yours to change before anybody looks at it; what it is "
        "taken from stays as it is.",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose one that is in force here."
        ),
    )

    def __init__(self, kind: str, data: Data = None) -> None:
        super().__init__(data)
        choices = [UNSAID, *_policies(RuleKind(kind))]
        self.fields["of"].choices = choices  # type: ignore[attr-defined]


class PoliciesForm(RuleForm):
    """What a queue stands on: a ladder, a form of its kind of work, a review policy."""

    sla = forms.ChoiceField(
        label="Service level with its ladder",
        help_text="Clocks that run keep the ladder they began with.",
    )
    template = forms.ChoiceField(
        label="Evidence template",
        help_text="What is under way keeps the form it was opened with.",
    )
    review = forms.ChoiceField(
        label="Review policy", help_text="Counts from the next submit."
    )

    def __init__(self, data: Data = None, *, initial: Content, of_kind: str) -> None:
        super().__init__(data, initial=dict(initial))
        for name, (rule, _) in STANDS_ON.items():
            those = {"kind": of_kind} if rule == RuleKind.TEMPLATE else {}
            self.fields[name].choices = _policies(rule, **those)  # type: ignore[attr-defined]

    def content(self) -> dict[str, Any]:
        """Return the settings as they are, with what was chosen."""
        return {**self.initial, **self.cleaned_data}


def _policies(rule: RuleKind, **those: str) -> list[tuple[str, str]]:
    """Return every policy of a kind of rule by its newest name, each told apart."""
    named = names(rule, **those)
    if rule == RuleKind.TEMPLATE and not those:
        kinds_of = names(rule, of="kind")
        named = {
            slug: f"{name} · {kinds_of[slug].replace('_', ' ')}"
            for slug, name in named.items()
        }
    often = Counter(named.values())
    rows = [
        (slug, f"{name} ({slug})" if often[name] > 1 else name)
        for slug, name in named.items()
    ]
    return sorted(rows, key=lambda pair: pair[1])


NEW_FORMS: dict[str, Any] = {
    RuleKind.QUEUE: NewQueueForm,
    RuleKind.CALENDAR: NewCalendarForm,
}
