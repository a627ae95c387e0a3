"""What forms post: shapes only. What is allowed is decided by services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from worklists.clocks import Calendar
from worklists.enums import Action
from worklists.errors import BadInput
from worklists.models import PendReason, User, WorkItem
from worklists.plain_text import FAULT, is_plain
from worklists.selectors.deferrals import active_pend_reasons
from worklists.services.effects.deciding import RETURN_REASONS
from worklists.services.effects.ending import CANCEL_REASONS
from worklists.services.effects.escalating import OUTCOMES
from worklists.templatetags.wording import counted

LONGEST_SEARCH, LONGEST_NUMBER = 80, 18
AFTER = ("item", "next", "review", "start", "manage", "escalations", "queue")
# What an act takes besides version and reason, by the names services know.
OPTIONS: dict[Action, tuple[str, ...]] = {
    Action.ASSIGN: ("to", "even_away"),
    Action.PEND: ("until", "reason_code"),
    Action.REROUTE: ("queue",),
    Action.RETURN: ("reason_code", "guidance"),
    Action.REJECT: ("reason_code",),
    Action.CANCEL: ("reason_code",),
    Action.PRIORITIZE: ("level",),
    Action.FLAG: ("flag",),
    Action.UNFLAG: ("flag",),
    Action.ESCALATE: ("tell",),
    Action.ACKNOWLEDGE_ESCALATION: ("escalation", "outcome"),
}
CANCEL_LABELS = {
    "not_needed": "Not needed any more",
    "duplicate": "Opened twice",
    "payer_reversed": "The payer reversed it",
    "wrong_claim": "About the wrong claim",
    "other": "Other, said in words",
}
TELL_LABELS = {
    "lead": "Team lead",
    "supervisor": "Queue supervisor",
    "manager": "Team manager",
}


def return_reasons() -> list[tuple[str, str]]:
    """Return why an item is returned, as choices."""
    return list(RETURN_REASONS.items())


def pend_reasons() -> list[tuple[str, str]]:
    """Return why an item is deferred, as choices: what differs from the usual is said."""
    return [(one.code, ", ".join(_rest_words(one))) for one in active_pend_reasons()]


def _rest_words(why: PendReason) -> list[str]:
    words = [why.label, f"{counted(why.longest_days, 'day')} at most"]
    return words if why.pauses_internal else [*words, "the internal clock goes on"]


def cancel_reasons() -> list[tuple[str, str]]:
    """Return why an item is cancelled, as choices."""
    return [(code, CANCEL_LABELS.get(code, code)) for code in CANCEL_REASONS]


LEVEL_LABELS = {
    "raised": "Raised, before others with the same facts",
    "normal": "As its facts say",
    "lowered": "Lowered, after others with the same facts",
}


def levels() -> list[tuple[str, str]]:
    """Return how an item is raised or lowered, as choices."""
    return [(level, LEVEL_LABELS[level]) for level in ("raised", "normal", "lowered")]


def outcomes() -> list[tuple[str, str]]:
    """Return the answers to an escalation, as choices."""
    return list(OUTCOMES.items())


def tell_choices(item: WorkItem, by: User) -> list[tuple[str, str]]:
    """Return whom an escalation calls, as choices: everybody once, never who calls."""
    queue = item.queue
    who = {
        "lead": queue.team.lead,
        "supervisor": queue.supervisor,
        "manager": queue.team.manager,
    }
    tells: dict[User, list[str]] = {}
    for tell, person in who.items():
        if person != by:
            tells.setdefault(person, []).append(tell)
    return [
        (named[0], f"{person}, {_joined(TELL_LABELS[tell] for tell in named)}")
        for person, named in tells.items()
    ]


def _joined(labels: Iterable[str]) -> str:
    """Return labels as one: “queue supervisor and team manager”."""
    return " and ".join(labels).lower()


class ActForm(forms.Form):
    """The part every act posts: the version that was read, words, what comes next."""

    version = forms.IntegerField(min_value=0)
    reason = forms.CharField(required=False, strip=True)
    then = forms.ChoiceField(choices=[(word, word) for word in AFTER], required=False)

    def options(self, action: Action) -> dict[str, Any]:
        """Return what this action takes besides, as posted."""
        names = OPTIONS.get(action, ())
        given = {name: self.data[name] for name in names if self.data.get(name)}
        if action == Action.RETURN:
            given["points_at"] = self.data.getlist("points_at")
        return given


class SearchForm(forms.Form):
    """One box: an item number, a claim's or account's number, or part of a name."""

    q = forms.CharField(max_length=LONGEST_SEARCH, strip=True, required=False)


class UploadForm(forms.Form):
    """One file to read."""

    file = forms.FileField(allow_empty_file=True)


class AttachForm(forms.Form):
    """One file as evidence: for which field, from where, of which day and page."""

    file = forms.FileField(allow_empty_file=True)
    field = forms.CharField(max_length=80)
    source = forms.CharField(max_length=80)
    date = forms.DateField(required=False)
    page = forms.CharField(max_length=20, required=False)


class CiteForm(forms.Form):
    """A page that is being looked at, for a field."""

    field = forms.CharField(max_length=80)
    page = forms.IntegerField(min_value=1, max_value=20_000)


class OpenForm(forms.Form):
    """An item opened by hand: which kind, what failed in a code and in words."""

    kind = forms.CharField(max_length=32)
    reason_code = forms.CharField(max_length=80, strip=True)
    reason_label = forms.CharField(max_length=160, strip=True)


class NoteForm(forms.Form):
    """Words on an item, and whether they are for their author alone."""

    text = forms.CharField(strip=True)
    private = forms.BooleanField(required=False)


class TimeForm(forms.Form):
    """How long somebody was at an item in all, why, and where to go back to."""

    minutes = forms.IntegerField(
        error_messages={
            "required": "Say how many minutes it was in all.",
            "invalid": "Say it in whole minutes, such as 12.",
        }
    )
    reason = forms.CharField(required=False, strip=True)
    then = forms.CharField(max_length=10, required=False)


_DAY = {
    "invalid": "This is no day. Write it as 2026-12-31.",
    "required": "Say which day.",
}


class AbsenceForm(forms.Form):
    """When somebody is away, and who stands in: a username, or the pool."""

    starts_on = forms.DateField(error_messages=_DAY)
    ends_on = forms.DateField(error_messages=_DAY)
    backup = forms.CharField(
        max_length=150, error_messages={"required": "Choose who stands in."}
    )


class LastDayForm(forms.Form):
    """Another last day of an absence, and the one that the page showed."""

    ends_on = forms.DateField(error_messages=_DAY)
    read = forms.DateField(error_messages=_DAY)


class LendForm(forms.Form):
    """Whose authority to review is lent to whom, when, and up to how many dollars."""

    delegator = forms.IntegerField()
    to = forms.CharField(max_length=150)
    starts_on = forms.DateField()
    ends_on = forms.DateField()
    amount_limit = forms.DecimalField(max_digits=12, decimal_places=2)


class WorkForm(forms.Form):
    """How much a day holds and how far decisions carry, and why it changes."""

    daily_capacity = forms.IntegerField()
    tier = forms.CharField(max_length=20)
    code = forms.CharField(max_length=20)


class ClearanceForm(forms.Form):
    """A clearance to grant, with its last day or none."""

    clearance = forms.IntegerField()
    expires_on = forms.DateField(required=False, error_messages=_DAY)


class QueueGrantForm(forms.Form):
    """A queue, and what the person does there."""

    queue = forms.IntegerField()
    verb = forms.CharField(max_length=10)


class FacilityGrantForm(forms.Form):
    """A facility."""

    facility = forms.IntegerField()


def plain(text: str) -> None:
    """Refuse a text with characters that cannot be shown."""
    if not is_plain(text):
        raise forms.ValidationError(FAULT)


class SavedViewForm(forms.Form):
    """A list kept under a name: of a queue, or of one's own items without one."""

    queue = forms.SlugField(required=False)
    name = forms.CharField(
        max_length=40,
        validators=[plain],
        error_messages={"required": "Give the view a name."},
    )
    query = forms.CharField(required=False, max_length=800, strip=False)
    opens = forms.BooleanField(required=False)


def whole(text: str) -> int | None:
    """Return the number of a thing as posted, None where it can be none."""
    if not text.isdecimal() or len(text) > LONGEST_NUMBER:
        return None
    return int(text)


def checked(form: forms.Form) -> dict[str, Any]:
    """Return what a form holds, or raise ``BadInput`` naming every fault."""
    if form.is_valid():
        return form.cleaned_data
    fields = {
        name: [str(one) for one in errors] for name, errors in form.errors.items()
    }
    first = next(iter(fields.values()))[0]
    raise BadInput(first, fields=fields)


ZONES = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
)


class ZonedForm(forms.ModelForm):
    """A form whose time zone is chosen, never typed: a wrong one would stop pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" not in self.fields:
            return
        stored = self.instance.time_zone
        known = dict(ZONES)
        choices = [*ZONES, *([] if stored in known else [(stored, stored)])]
        self.fields["time_zone"] = forms.ChoiceField(choices=choices, initial=stored)


class OwnSettingsForm(ZonedForm):
    """What people choose for themselves."""

    class Meta:
        model = User
        fields = ("time_zone",)


class CalendarForm(ZonedForm):
    """A calendar's form: hours that the clocks can count by, or none."""

    class Meta:
        help_texts = {
            "weekly_hours": "Each day worked, 1 (Monday) to 7 (Sunday), with its hours: "
            '{"1": [["08:00", "12:00"], ["13:00", "17:00"]], "2": [["08:00", "17:00"]]}.'
        }

    def clean(self):
        """Refuse hours by which no clock could run, in the clocks' own words."""
        super().clean()
        data = self.cleaned_data
        if {"time_zone", "weekly_hours"} <= set(data):
            try:
                Calendar(data["time_zone"], data["weekly_hours"], frozenset())
            except (ValueError, TypeError, AttributeError) as error:
                self.add_error("weekly_hours", str(error))
        return data
