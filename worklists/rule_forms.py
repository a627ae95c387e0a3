"""What the pages of rules post: shapes only; services decide what is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms.formsets import BaseFormSet

from worklists.context import now
from worklists.enums import HandOut, Role, RuleKind
from worklists.ladder_words import TELLS, basis_of, hours_of, in_order
from worklists.models import Team, User
from worklists.rule_words import MOST_PER_BLOCK, WEEKDAYS
from worklists.selectors.people import supervisors
from worklists.selectors.rules import STANDS_ON
from worklists.task_classes import SWITCHABLE

LONGEST_REASON = 4000
MOST_ROWS = 60
FURTHEST_DAYS = 3660
BASES = (
    ("share", "when so much of the time is used (%)"),
    ("before", "business hours before the time is over"),
    ("after", "business hours after the time is over"),
    ("days_before", "days before a legal limit"),
    ("days_after", "days after a legal limit"),
)
_SPAN = re.compile(r"\s*(\d\d:\d\d)\s*(?:-|–|to)\s*(\d\d:\d\d)\s*")
_APPROVERS = [(role.value, role.label) for role in (Role.MANAGER, Role.REVIEWER)]
Data = Mapping[str, Any] | None
Content = Mapping[str, Any]


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def near_day(day: date) -> None:
    """Refuse a day that nobody alive will plan by, or one long past."""
    if abs((day - now().date()).days) > FURTHEST_DAYS:
        raise forms.ValidationError("Name a day within ten years.")


class SpansField(forms.CharField):
    """Spans of work: “08:00-12:00, 13:00-17:00”; empty is off."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=80, **more)

    def clean(self, value: Any) -> list[list[str]]:
        """Return the spans, or refuse what is none."""
        text = str(super().clean(value)).strip()
        spans = [_SPAN.fullmatch(part) for part in text.split(",")] if text else []
        if not all(spans):
            raise forms.ValidationError("Write 08:00-17:00, several with commas.")
        return [[span[1], span[2]] for span in spans if span]


def spans_text(spans: Any) -> str:
    """Return spans as the field takes them."""
    return ", ".join("-".join(span) for span in spans)


def refuse_unkept(found: Any) -> None:
    """Raise ``ValueError`` for characters that the database does not keep."""
    text = json.dumps(found, ensure_ascii=False)
    text.encode()
    if r"\u0000" in text:
        raise ValueError(text)


class RuleForm(forms.Form):
    """A version of a rule; ``content`` returns it as services take it."""

    rows: BaseFormSet[Any] | None = None

    def content(self) -> dict[str, Any]:
        """Return what was typed as the content of a version."""
        return dict(self.cleaned_data)

    def is_good(self) -> bool:
        """Return whether the form and its rows can be read."""
        rows_good = self.rows is None or self.rows.is_valid()
        return self.is_valid() and rows_good

    def kept_rows(self) -> list[dict[str, Any]]:
        """Return the rows that were filled in and not taken out."""
        rows = self.rows.forms if self.rows else []
        data = (row.cleaned_data for row in rows if row.has_changed() or row.initial)
        return [row for row in data if row and not row.get("remove")]


class QueueForm(RuleForm):
    """The settings of a queue."""

    purpose = forms.CharField(label="Purpose", max_length=1000, widget=_area(3))
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label="Owning team", to_field_name="slug"
    )
    supervisor = forms.ModelChoiceField(
        User.objects.none(),
        label="Supervisor",
        to_field_name="username",
        help_text="A manager: calls and breaches of the queue go to them.",
        error_messages={
            "invalid_choice": "Choose somebody with the role of a manager who works here."
        },
    )
    review_on = forms.DateField(
        label="The queue is looked at again on",
        widget=_day_input(),
        validators=[near_day],
    )
    hand_out = forms.ChoiceField(label="Handing out", choices=HandOut.choices)
    max_in_hand = forms.IntegerField(
        label="Most items in one hand",
        min_value=0,
        max_value=500,
        help_text="0 is no limit.",
    )
    release_after_hours = forms.IntegerField(
        label="Released by itself after (business hours without work)",
        min_value=0,
        max_value=2000,
        help_text="0 is never.",
    )

    def __init__(self, data: Data = None, *, initial: Content) -> None:
        super().__init__(data, initial=dict(initial))
        offered = supervisors(str(initial.get("supervisor", "")))
        self.fields["supervisor"].queryset = offered  # type: ignore[attr-defined]

    def content(self) -> dict[str, Any]:
        """Return team and supervisor by their codes; what it stands on stays here."""
        data = self.cleaned_data
        kept = {name: self.initial.get(name) for name in STANDS_ON}
        return (
            kept
            | data
            | {
                "team": data["team"].slug,
                "supervisor": data["supervisor"].username,
                "review_on": data["review_on"].isoformat(),
            }
        )


class StepForm(forms.Form):
    """One step of a ladder as people say it."""

    amount = forms.IntegerField(label="How much", min_value=0, max_value=9_600)
    # With their first values an empty row stays empty: it is left out.
    basis = forms.ChoiceField(label="When", choices=BASES, initial="share")
    tell = forms.ChoiceField(
        label="Tell", choices=list(TELLS.items()), initial="assignee"
    )
    needs_acknowledgement = forms.BooleanField(label="Needs an answer", required=False)
    remove = forms.BooleanField(label="Take out", required=False)


class SlaForm(RuleForm):
    """A service level and its ladder."""

    name = forms.CharField(label="Name", max_length=120)
    business_hours = forms.IntegerField(
        label="Time given, in business hours", min_value=1, max_value=9_600
    )

    def __init__(self, data: Data = None, *, initial: Content) -> None:
        super().__init__(data, initial=dict(initial))
        steps = [
            dict(zip(("basis", "amount"), basis_of(step), strict=True)) | dict(step)
            for step in in_order(initial["steps"])
        ]
        factory = forms.formset_factory(StepForm, extra=2, max_num=MOST_ROWS)
        self.rows = factory(data, initial=steps, prefix="rows")

    def content(self) -> dict[str, Any]:
        """Return steps as distances from the due moment."""
        hours = self.cleaned_data["business_hours"]
        steps = []
        for row in self.kept_rows():
            kind, offset = hours_of(row["basis"], row["amount"], hours)
            steps.append(
                {
                    "position": self._position(kind, offset),
                    "clock_kind": kind,
                    "offset_hours": offset,
                    "tell": row["tell"],
                    "needs_acknowledgement": row["needs_acknowledgement"],
                }
            )
        return self.cleaned_data | {"steps": in_order(steps)}

    def _position(self, kind: str, offset: int) -> int:
        """Return the number of the step that stood at this moment, 0 for a new one."""
        for step in self.initial["steps"]:
            if (step["clock_kind"], step["offset_hours"]) == (kind, offset):
                return int(step["position"])
        return 0


class WordsField(forms.CharField):
    """Words divided by commas."""

    def prepare_value(self, value: Any) -> Any:
        """Write a list as people type it."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the words as a list."""
        words = [word.strip() for word in super().clean(value).split(",")]
        return [word for word in words if word]


class StepsField(forms.CharField):
    """Steps of a falling rate, one a line: reviews, percent, looked at of 20."""

    widget = _area(3)

    def prepare_value(self, value: Any) -> Any:
        """Write the steps as people type them."""
        if not isinstance(value, list):
            return value
        return "\n".join(" ".join(map(str, step)) for step in value)

    def clean(self, value: Any) -> Any:
        """Return the steps as lists of three numbers."""
        lines = [line.split() for line in super().clean(value).splitlines() if line]
        if not all(len(line) == len("123") and _numbers(line) for line in lines):
            raise forms.ValidationError(
                "Write one step a line: reviews, percent, looked at of 20, such as "
                "20 95 10."
            )
        return [[int(word) for word in line] for line in lines]


def _numbers(words: list[str]) -> bool:
    return all(word.isdecimal() and len(word) < len("12345") for word in words)


def _dollars(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=help_text,
    )


def _count(label: str, *, most: int, help_text: str = "", least: int = 1) -> Any:
    return forms.IntegerField(
        label=label,
        required=not help_text,
        min_value=least,
        max_value=most,
        help_text=help_text,
    )


class ReviewForm(RuleForm):
    """A review policy."""

    name = forms.CharField(label="Name", max_length=120)
    amount_from = _dollars(
        "Dollars at stake from", "Empty: no amount alone leads to review."
    )
    risk_classes = WordsField(
        label="Risk classes, divided by commas", required=False, max_length=400
    )
    apprentice_all = forms.BooleanField(
        label="Everything of apprentices", required=False
    )
    payer_watch = forms.BooleanField(label="Payers on watch", required=False)
    random_per_block = _count(
        "By chance, of every 20 submissions", least=0, most=MOST_PER_BLOCK
    )
    recurring_from = _count(
        "Recurring payer: so many of one class", most=9999, help_text="Empty: never."
    )
    recurring_days = _count("… in so many days", most=3650)
    judgements = WordsField(
        label="Kinds of judgement",
        required=False,
        max_length=400,
        help_text="Answers as field:value, divided by commas: decision:write_off.",
    )
    review_hours = _count(
        "Business hours to decide", most=999, help_text="Empty: no limit."
    )
    autonomy = StepsField(
        label="The rate falls with proof",
        required=False,
        max_length=400,
        help_text="One step a line: reviews, percent that stood, looked at of 20.",
    )
    miss_reviews = _count("A miss among so many brings it back", most=999)
    approvals = WordsField(
        label="Answers that a role approves", required=False, max_length=400
    )
    approval_from = _dollars("… from so many dollars on", "Empty: of any amount.")
    approver_role = forms.ChoiceField(
        label="… approved by", required=False, choices=[("", "nobody"), *_APPROVERS]
    )

    def content(self) -> dict[str, Any]:
        """Return dollars as text."""
        data = dict(self.cleaned_data)
        for name in ("amount_from", "approval_from"):
            data[name] = None if data[name] is None else f"{data[name]:.2f}"
        return data


class DayForm(forms.Form):
    """A day that is not as its weekday."""

    day = forms.DateField(label="Day", widget=_day_input())
    name = forms.CharField(label="What it is", max_length=120)
    hours = SpansField(label="Hours", help_text="Empty is off.")
    remove = forms.BooleanField(label="Take out", required=False)


class CalendarForm(RuleForm):
    """A calendar: its week, and the days that differ."""

    name = forms.CharField(label="Name", max_length=120)
    time_zone = forms.ChoiceField(label="Time zone")
    federal_holidays = forms.BooleanField(
        label="US federal holidays are off", required=False
    )

    def __init__(self, data: Data = None, *, initial: Content) -> None:
        week = {
            f"day_{n}": spans_text(initial["weekly_hours"].get(str(n), ()))
            for n in range(1, 8)
        }
        super().__init__(data, initial=dict(initial) | week)
        ours = sorted(
            z
            for z in available_timezones()
            if z.startswith(("America/", "US/", "Pacific/"))
        )
        self.fields["time_zone"].choices = [(z, z) for z in ours]  # type: ignore[attr-defined]
        for number, label in enumerate(WEEKDAYS, start=1):
            self.fields[f"day_{number}"] = SpansField(label=label)
        days = [
            day
            | {"day": date.fromisoformat(day["day"]), "hours": spans_text(day["hours"])}
            for day in initial["days"]
        ]
        factory = forms.formset_factory(DayForm, extra=4, max_num=MOST_ROWS)
        self.rows = factory(data, initial=days, prefix="rows")

    def content(self) -> dict[str, Any]:
        """Return the calendar as it is kept."""
        data = self.cleaned_data
        week = {str(n): data[f"day_{n}"] for n in range(1, 8) if data[f"day_{n}"]}
        days = [
            {"day": r["day"].isoformat(), "name": r["name"], "hours": r["hours"]}
            for r in self.kept_rows()
        ]
        return {
            "name": data["name"],
            "time_zone": data["time_zone"],
            "weekly_hours": week,
            "federal_holidays": data["federal_holidays"],
            "days": sorted(days, key=lambda day: day["day"]),
        }


CLASS_WORDS = {
    "automatic": "Automatic: the system does it, and its event says so",
    "assisted": "Assisted: the system tells who may do it; a person does",
    "human_only": "Human only: it stands in the list of what was left; a person does",
}


class SiteForm(RuleForm):
    """The class of every act that leaves a site a choice."""

    def __init__(self, data: Data = None, *, initial: Content) -> None:
        super().__init__(data, initial=dict(initial["classes"]))
        for act in SWITCHABLE:
            choices = [(one.value, CLASS_WORDS[one]) for one in act.choices]
            self.fields[act.code] = forms.ChoiceField(
                label=act.label, choices=choices, widget=forms.RadioSelect
            )

    def content(self) -> dict[str, Any]:
        """Return the classes as they are kept."""
        return {"classes": dict(self.cleaned_data)}


class WhyForm(forms.Form):
    """From when, and why."""

    effective_from = forms.DateField(label="In force from", widget=_day_input())
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        widget=_area(3),
        help_text="Stands beside the version. No patient names.",
    )


FORMS: dict[str, type[Any]] = {
    RuleKind.QUEUE: QueueForm,
    RuleKind.SLA: SlaForm,
    RuleKind.REVIEW: ReviewForm,
    RuleKind.CALENDAR: CalendarForm,
    RuleKind.SITE: SiteForm,
}
