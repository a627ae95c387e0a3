"""Routing as rows: an order, a name, conditions in lines, and the queue they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from worklists.models import Queue
from worklists.routing import FIELDS
from worklists.routing_lines import conditions_of, lines_of
from worklists.rule_forms import Content, Data, RuleForm, refuse_unkept

MOST_ROWS = 200
LONGEST = 4000


class ConditionsField(forms.CharField):
    """Conditions, one a line; none takes everything."""

    widget = forms.Textarea(attrs={"rows": 2, "cols": 34, "spellcheck": "false"})

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=LONGEST, **more)

    def clean(self, value: Any) -> Any:
        """Return the conditions, or say which line cannot be read."""
        try:
            found = conditions_of(str(super().clean(value)))
            refuse_unkept(found)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return found


class RoutingRowForm(forms.Form):
    """One rule."""

    order = forms.IntegerField(
        label="Order", required=False, min_value=0, max_value=9999
    )
    name = forms.CharField(label="Name", max_length=120)
    conditions = ConditionsField(label="Takes what meets every line")
    queue = forms.ModelChoiceField(
        Queue.objects.none(), label="Leads to", to_field_name="slug"
    )
    remove = forms.BooleanField(label="Take out", required=False)

    def __init__(self, *args: Any, kind: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        queues = Queue.objects.filter(kind=kind, is_active=True).order_by("name")
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]


class RoutingForm(RuleForm):
    """The rules of one kind of work in their order: the first that fits wins."""

    help_rows = (
        "The first rule that fits wins; the last has no line and takes the rest. A line "
        "is a field, a verb and a value: “carcs has 97, 236”, “amount >= 500”, “payer is "
        "not summit-medicaid”, “remarks is empty”, “appealable is yes”. Fields: "
        f"{', '.join(FIELDS)}. Another way into a queue is another rule."
    )

    def __init__(self, data: Data = None, *, initial: Content, kind: str = "") -> None:
        super().__init__(data)
        self._found = {lines_of(r["conditions"]): r for r in initial["rules"]}
        rows = [_row(n, rule) for n, rule in enumerate(initial["rules"], start=1)]
        factory = forms.formset_factory(RoutingRowForm, extra=2, max_num=MOST_ROWS)
        self.rows = factory(
            data, initial=rows, prefix="rows", form_kwargs={"kind": kind}
        )

    def content(self) -> dict[str, Any]:
        """Return the rules in their order; a new one without a number comes second last."""
        rows = self.kept_rows()
        last = max((row["order"] or 0 for row in rows), default=0)
        ordered = sorted(
            rows, key=lambda row: last - 0.5 if row["order"] is None else row["order"]
        )
        return {"rules": [self._rule(row) for row in ordered]}

    def _rule(self, row: Mapping[str, Any]) -> dict[str, Any]:
        # What was not touched stays as it was written, whatever its lines leave open.
        same = self._found.get(lines_of(row["conditions"]))
        conditions = same["conditions"] if same else row["conditions"]
        return {
            "name": row["name"],
            "conditions": conditions,
            "queue": row["queue"].slug,
        }


def _row(number: int, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "order": number * 10,
        "name": rule["name"],
        "conditions": lines_of(rule["conditions"]),
        "queue": rule["queue"],
    }
