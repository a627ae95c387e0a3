"""The filters of a list of items, one set for the page and for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from worklists import flags, kinds
from worklists.enums import ENDED, AgeBasis, State
from worklists.errors import BadInput
from worklists.models import Facility, User, WorkItem
from worklists.selectors import items as conditions
from worklists.selectors import tried
from worklists.selectors.access import midnight_of, today_of
from worklists.selectors.aging import facilities_of
from worklists.selectors.gaps import WINDOWS

ANY = "any"
LONGEST_WORD = 120
MOST_DAYS = 3650
MOST_NAMED = 5
# What a list takes besides its filters.
PAGING = frozenset({"ordering", "cursor", "size"})
# These take several words.
LISTS = frozenset({"state", "kind", "flag"})
Items = QuerySet[WorkItem]
YES, NO = ("true", "1", "yes"), ("false", "0", "no")
TRUTHS = [(word, word) for word in (*YES, *NO)]


class WordsField(forms.CharField):
    """Words divided by commas, each from a closed set that is asked when it is used."""

    def __init__(self, *, known: Any, **more: Any) -> None:
        super().__init__(max_length=LONGEST_WORD, **more)
        self.known = known

    def clean(self, value: Any) -> list[str]:
        """Return the words, or refuse those that are not known."""
        words = [word.strip() for word in super().clean(value).split(",")]
        words, known = [word for word in words if word], self.known()
        strange = [word for word in words if word not in known]
        if strange:
            raise forms.ValidationError(
                f"“{strange[0][:40]}” is not one of: {', '.join(known)}."
            )
        return words


class WordsFilter(filters.Filter):
    """Filter by words divided by commas."""

    field_class = WordsField


class WholeFilter(filters.NumberFilter):
    """Filter by a whole number within what the database can hold."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> None:
        """Bounds are given as ``max_value``."""


def _states() -> list[str]:
    return [*State.values, ANY]


def _kinds() -> list[str]:
    return [kind.slug for kind in kinds.all_kinds()]


def _word(label: str, **more: Any) -> filters.CharFilter:
    return filters.CharFilter(label=label, max_length=LONGEST_WORD, **more)


def _days(label: str, method: str) -> WholeFilter:
    return WholeFilter(label=label, method=method, min_value=0, max_value=MOST_DAYS)


class ItemFilter(filters.FilterSet):
    """Narrow a list of items; each filter is optional and all hold together.

    Without ``state`` the list holds what has not ended; ``any`` holds all.
    """

    queue = _word("Slug of the queue.", method="by_queue")
    state = WordsFilter(
        label=f"States, divided by commas: {', '.join(State.values)}; or any.",
        method="by_state",
        known=_states,
    )
    assignee = _word("me, none, me_or_none or a username.", method="by_assignee")
    kind = WordsFilter(
        label="Kinds of work, divided by commas.", method="by_kind", known=_kinds
    )
    payer = _word("Slug of the payer.", method="by_payer")
    facility = _word("Slug of the facility.", method="by_facility")
    overdue = filters.TypedChoiceFilter(
        label="true: past the due moment of a running clock; false: not.",
        method="by_overdue",
        choices=TRUTHS,
        coerce=lambda word: word in YES,
    )
    due_within = _days("A clock is due within so many days.", "by_due")
    deadline_within = _days(
        "A payer deadline is due within so many days.", "by_deadline"
    )
    untouched = _days("Nobody worked on it for so many days.", "by_untouched")
    age_from = _days("Arrived so many whole days ago, or longer.", "by_age_from")
    age_to = _days("Arrived no longer ago than so many whole days.", "by_age_to")
    service_age_from = _days(
        "The date of service lies so many days back, or longer.", "by_service_from"
    )
    service_age_to = _days(
        "The date of service lies back so many days at most.", "by_service_to"
    )
    reason = _word(
        "Beginning of the reason code, such as CO-97.",
        field_name="reason_code",
        lookup_expr="startswith",
    )
    today = filters.ChoiceFilter(
        label="What arrived or ended since the person's day began; ask for what ended "
        "with state=any.",
        method="by_today",
        choices=[("arrived", "arrived"), ("ended", "ended")],
    )
    review = filters.ChoiceFilter(
        label="over: its review is over the time of its policy.",
        method="by_review",
        choices=[("over", "over")],
    )
    evidence = filters.ChoiceFilter(
        label="How far the evidence is.",
        method="by_evidence",
        choices=[(word, word) for word in tried.EVIDENCE_WORDS],
    )
    template = _word("Evidence template, such as bundling:2.", method="by_template")
    stopped = _days("Gaps stopped a submit of it within so many days.", "by_stopped")
    stopped_by = _word("… and this field was among the gaps.", method="by_stopped_by")
    first_try = _days("First submitted, or tried, within so many days.", "by_first")
    first_clean = _days("… and it went through without a gap.", "by_clean")
    amount_from = filters.NumberFilter(
        label="Dollars at stake, or more.",
        method="by_amount",
        max_digits=18,
        decimal_places=2,
    )
    flag = WordsFilter(
        label="Codes of flags, divided by commas: items that carry one of them.",
        method="by_flag",
        known=flags.REGISTRY.keys,
    )
    claim = WholeFilter(
        label="Id of the claim.",
        field_name="claim_id",
        min_value=1,
        max_value=2**63 - 1,
    )

    class Meta:
        model = WorkItem
        fields: Sequence[str] = ()

    def __init__(self, data: Mapping[str, str], **more: Any) -> None:
        """Make the filters an address names and no others.

        Each filter and its form field is copied anew for every request, which for all
        of them costs more than the query.
        """
        known: Mapping[str, filters.Filter] = self.declared_filters
        self.base_filters = {name: known[name] for name in known if name in data}
        super().__init__(data, **more)

    def filter_queryset(self, queryset: Items) -> Items:
        """Apply the filters; what has ended is left out unless it is asked for."""
        rows: Items = super().filter_queryset(queryset)
        return rows if self._said("state") else rows.filter(conditions.active())

    def by_queue(self, rows: Items, _name: str, slug: str) -> Items:
        """Items of one queue."""
        return rows.filter(conditions.in_queue(slug))

    def by_payer(self, rows: Items, _name: str, slug: str) -> Items:
        """Items of one payer."""
        return rows.filter(conditions.of_payer(slug))

    def by_facility(self, rows: Items, _name: str, slug: str) -> Items:
        """Items of one facility."""
        return rows.filter(conditions.at_facility(slug))

    def by_state(self, rows: Items, _name: str, words: list[str]) -> Items:
        """Items in these states."""
        return rows if ANY in words else rows.filter(conditions.in_states(words))

    def by_kind(self, rows: Items, _name: str, words: list[str]) -> Items:
        """Items of these kinds of work."""
        return rows.filter(kind__in=words)

    def by_assignee(self, rows: Items, _name: str, word: str) -> Items:
        """Items by who holds them."""
        return rows.filter(conditions.assigned_to(self.request.user, word))

    def by_overdue(self, rows: Items, _name: str, wanted: bool) -> Items:  # noqa: FBT001
        """Items past a due moment, or active ones that are not."""
        return rows.filter(conditions.overdue() if wanted else conditions.not_overdue())

    def by_today(self, rows: Items, _name: str, word: str) -> Items:
        """Items that came, or ended, since the person's midnight."""
        since = midnight_of(self.request.user)
        if word == "arrived":
            return rows.filter(conditions.arrived_since(since))
        return rows.filter(conditions.ended_since(since))

    def by_review(self, rows: Items, _name: str, _word: str) -> Items:
        """Items whose open review is over its time."""
        return rows.filter(conditions.review_over())

    def by_evidence(self, rows: Items, _name: str, word: str) -> Items:
        """Items by how far their evidence is."""
        return rows.filter(tried.with_evidence(word))

    def by_template(self, rows: Items, _name: str, text: str) -> Items:
        """Items of one version of an evidence template."""
        slug, _, number = text.partition(":")
        version = int(number) if number.isascii() and number.isdecimal() else 0
        return rows.filter(tried.with_template(slug, min(version, MOST_DAYS)))

    def by_stopped(self, rows: Items, _name: str, days: int) -> Items:
        """Items with a submit that was stopped; by one field where it is named."""
        return rows.filter(tried.stopped(days, self._said("stopped_by") or ""))

    def by_stopped_by(self, rows: Items, _name: str, field: str) -> Items:
        """Items stopped by a field, of the longest window where none is said."""
        if self._said("stopped") is not None:
            return rows
        return rows.filter(tried.stopped(MOST_DAYS, field))

    def by_first(self, rows: Items, _name: str, days: int) -> Items:
        """Items whose first submit was tried lately."""
        return rows.filter(tried.first_tried(days, clean=False))

    def by_clean(self, rows: Items, _name: str, days: int) -> Items:
        """Items whose first submit went through lately."""
        return rows.filter(tried.first_tried(days, clean=True))

    def by_due(self, rows: Items, _name: str, days: int) -> Items:
        """Items with a clock that is due soon."""
        return rows.filter(conditions.due_within(days))

    def by_deadline(self, rows: Items, _name: str, days: int) -> Items:
        """Items with a payer deadline that is due soon."""
        return rows.filter(conditions.deadline_within(days))

    def by_untouched(self, rows: Items, _name: str, days: int) -> Items:
        """Items on which nobody acted."""
        return rows.filter(conditions.untouched_for(days))

    def by_age_from(self, rows: Items, _name: str, days: int) -> Items:
        """Items that are so old."""
        return rows.filter(conditions.older_than(days))

    def by_age_to(self, rows: Items, _name: str, days: int) -> Items:
        """Items that are no older."""
        return rows.filter(conditions.no_older_than(days))

    def by_service_from(self, rows: Items, _name: str, days: int) -> Items:
        """Items about services so long ago."""
        return rows.filter(conditions.served_before(self._today, days))

    def by_service_to(self, rows: Items, _name: str, days: int) -> Items:
        """Items about services no longer ago."""
        return rows.filter(conditions.served_since(self._today, days))

    def by_flag(self, rows: Items, _name: str, codes: list[str]) -> Items:
        """Items that carry one of these flags."""
        return rows.filter(conditions.flagged(codes))

    def _said(self, name: str) -> Any:
        return self.form.cleaned_data.get(name)

    @property
    def _today(self) -> date:
        return today_of(self.request.user)

    def by_amount(self, rows: Items, _name: str, dollars: Decimal) -> Items:
        """Items with so much at stake."""
        return rows.filter(conditions.amount_from(dollars))


class _Asker:
    """What the filter set asks of a request: who is there."""

    def __init__(self, user: User) -> None:
        self.user = user


def filtered(user: User, params: Mapping[str, Any], rows: Items | None = None) -> Items:
    """Return the items a person sees, narrowed by the parameters of an address.

    Refuses unknown parameters and values that cannot be read with ``BadInput``, each
    named in ``fields``.
    """
    refuse_unknown(params, frozenset(ItemFilter.base_filters) | PAGING)
    rows = conditions.items_for(user) if rows is None else rows
    found = ItemFilter(as_one(params), queryset=rows, request=_Asker(user))
    if not found.is_valid():
        raise BadInput(
            "Some filters cannot be read: " + ", ".join(sorted(found.errors)) + ".",
            fields={name: list(texts) for name, texts in found.errors.items()},
        )
    kept: QuerySet[WorkItem] = found.qs
    return kept


def as_one(params: Mapping[str, Any]) -> dict[str, str]:
    """Return each parameter once: ``state=open&state=returned`` is a list of words.

    Another parameter that comes twice says two things at once and is refused.
    """
    said = {name: _all(params, name) for name in params}
    twice = sorted(n for n, texts in said.items() if len(texts) > 1 and n not in LISTS)
    if twice:
        raise BadInput(
            f"Given twice: {', '.join(twice)}.",
            fields={name: ["Give this once."] for name in twice},
        )
    return {name: ",".join(map(str, texts)) for name, texts in said.items()}


def _all(params: Mapping[str, Any], name: str) -> list[Any]:
    return params.getlist(name) if isinstance(params, QueryDict) else [params[name]]


def ordering_of(params: Mapping[str, Any]) -> str:
    """Return the ordering of an address.

    Where none is named it is that of Next, and the newest first for what has ended.
    """
    states = ",".join(map(str, _all(params, "state"))) if "state" in params else ""
    ended = {ANY, *ENDED} & set(states.split(","))
    default = conditions.ENDED_ORDERING if ended else conditions.DEFAULT_ORDERING
    name = str(params.get("ordering") or default)
    try:
        return conditions.ordering_named(name[:LONGEST_WORD]).name
    except ValueError:
        message = (
            f"Order by one to {conditions.MOST_SORTS} of: "
            f"{', '.join(conditions.ORDERINGS)}; each once, newest only as the last."
        )
        raise BadInput(message, fields={"ordering": [message]}) from None


def refuse_unknown(params: Mapping[str, Any], known: frozenset[str]) -> None:
    """A parameter nobody reads is a mistake of the caller, so it is named."""
    strange = sorted(str(name)[:40] for name in set(params) - known)[:MOST_NAMED]
    if strange:
        raise BadInput(
            f"Not known here: {', '.join(strange)}.",
            fields={name: ["This is not known here."] for name in strange},
        )


GAPS = frozenset({"days"})


def window_asked(params: Mapping[str, Any]) -> int:
    """Return the window of the measure of gaps in days, or refuse what is none."""
    refuse_unknown(params, GAPS)
    said = str(params.get("days") or DEFAULT_WINDOW)
    if said not in map(str, WINDOWS):
        message = f"The window is one of {', '.join(map(str, WINDOWS))} days."
        raise BadInput(message, fields={"days": [message]})
    return int(said)


DEFAULT_WINDOW = 28
AGES = frozenset({"basis", "facility"})


@dataclass(frozen=True, slots=True)
class AgesAsked:
    """What is asked of the counts by age: the basis, and one facility or all."""

    basis: AgeBasis
    facility: str
    facilities: Sequence[Facility]

    @property
    def ids(self) -> list[int]:
        """Return the facility asked for; none means all the person sees."""
        return [row.pk for row in self.facilities if row.slug == self.facility]


def ages_asked(user: User, params: Mapping[str, Any]) -> AgesAsked:
    """Return what an address asks of the counts by age, or refuse it by name."""
    refuse_unknown(params, AGES)
    basis = str(params.get("basis") or AgeBasis.ARRIVAL)
    if basis not in AgeBasis.values:
        message = f"Ages are counted by one of: {', '.join(AgeBasis.values)}."
        raise BadInput(message, fields={"basis": [message]})
    facility = str(params.get("facility") or "")
    asked = AgesAsked(AgeBasis(basis), facility, facilities_of(user))
    if facility and not asked.ids:
        message = "There is no such facility among yours."
        raise BadInput(message, fields={"facility": [message]})
    return asked
