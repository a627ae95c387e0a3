"""Evidence templates as rows: a field each, in the order a coder is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from worklists.evidence.fields import ALLOWED, REFUSED, TYPES
from worklists.evidence.template import (
    ASKABLE,
    CHOICE_TYPES,
    LONGEST_WORDS,
    MOST_FIELDS,
)
from worklists.rule_forms import Content, Data, RuleForm, refuse_unkept
from worklists.rule_words import unread_of
from worklists.template_lines import (
    Pairs,
    answer_lines,
    answers_of,
    choice_lines,
    choices_of,
    code_of,
)
from worklists.template_words import (
    LEAVING_OUT_WORDS,
    OUT_OF_FORCE_WORDS,
    TYPE_WORDS,
    check_words,
)

OPTIONAL, ALWAYS, WHEN = "optional", "always", "when"
MUST = (
    (OPTIONAL, "may stay empty"),
    (ALWAYS, "always"),
    (WHEN, "when another field has an answer"),
)
LONGEST_LINES = 8_000
TYPE_CHOICES = [(one, TYPE_WORDS[one]) for one in TYPES]
# What a row that was just added says, so that an empty one is left out.
BLANK = {
    "type": "text",
    "must": OPTIONAL,
    "left_out": ALLOWED,
    "outdated": REFUSED,
}
Raw = dict[str, Any]


UNSAID: Raw = {
    "required": False,
    "per_part": False,
    "choices": [],
    "validators": [],
    "help": "",
    "not_applicable": ALLOWED,
    "not_in_force": REFUSED,
}


class LinesField(forms.CharField):
    """Lines of a text, with line ends as they are kept."""

    def __init__(self, label: str, rows: int, **more: Any) -> None:
        most = more.pop("max_length", LONGEST_LINES)
        area = forms.Textarea(attrs={"rows": rows})
        super().__init__(label=label, required=False, strip=False, max_length=most,
                         widget=area, **more)  # fmt: skip

    def clean(self, value: Any) -> str:
        """Return the lines; refuse characters that the database does not keep."""
        text = str(super().clean(value)).replace("\r\n", "\n")
        try:
            refuse_unkept(text)
        except ValueError as error:
            raise forms.ValidationError(
                "This holds characters that cannot be kept; remove them."
            ) from error
        return text


class FieldForm(forms.Form):
    """One field of the template; its name is fixed, since answers go by it."""

    name = forms.SlugField(
        required=False, max_length=40, widget=forms.HiddenInput, allow_unicode=False
    )
    label = forms.CharField(
        label="What is asked", max_length=LONGEST_WORDS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    type = forms.ChoiceField(label="Type", choices=TYPE_CHOICES, initial="text")
    must = forms.ChoiceField(label="Required", choices=MUST, initial=OPTIONAL)
    when_field = forms.ChoiceField(label="Which field", required=False)
    when_values = LinesField("Has one of these answers", 2, help_text="One a line.")
    choices = LinesField("Choices", 4, help_text="One a line.")
    left_out = forms.ChoiceField(
        label="The step", choices=list(LEAVING_OUT_WORDS.items()), initial=ALLOWED
    )
    outdated = forms.ChoiceField(
        label="May be cited", choices=list(OUT_OF_FORCE_WORDS.items()), initial=REFUSED
    )
    help = LinesField("Help", 2, max_length=LONGEST_WORDS)
    per_part = forms.BooleanField(
        label="Asked for each part of the item (each denial)", required=False
    )
    drop_checks = forms.BooleanField(label="Take these checks out", required=False)

    def __init__(
        self,
        *args: Any,
        others: Sequence[tuple[str, str]] = (),
        known: Mapping[str, Raw] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        name = self["name"].value() or ""
        self.was: Raw = dict((known or {}).get(name, {}))
        self.checks = check_words(self.was)
        asked = [one for one in others if one[0] != name]
        self.fields["when_field"].choices = [("", "choose a field"), *asked]  # type: ignore[attr-defined]

    @property
    def title(self) -> str:
        """Return what is asked, as it stands in the form."""
        return str(self["label"].value() or "New field")

    def clean(self) -> dict[str, Any]:
        """Refuse what a field of its type lacks."""
        data = super().clean() or self.cleaned_data
        needs = {
            "choices": (
                data.get("type") in CHOICE_TYPES,
                "Name the choices, one a line.",
            ),
            "when_field": (data.get("must") == WHEN, "Choose the field it depends on."),
            "when_values": (data.get("must") == WHEN, "Name the answers, one a line."),
        }
        for name, (needed, why) in needs.items():
            if needed and name not in self.errors and not data[name].strip():
                self.add_error(name, why)
        return data

    def raw(self, name: str) -> Raw:
        """Return the field as it is kept, but for its condition; faults stay here.

        What was not touched stays as it was written; what goes unsaid is not written.
        """
        row, said = self.was | {"name": name}, self._said()
        retyped = said["type"] != self.was.get("type")
        for key, value in said.items():
            unsaid = UNSAID.get(key)
            if retyped or value != (self.was.get(key) or unsaid):
                row.pop(key, None)
                if value != unsaid:
                    row[key] = value
        return row

    def _said(self) -> Raw:
        data = self.cleaned_data
        kind = data["type"]
        return {
            "label": data["label"],
            "type": kind,
            "required": data["must"] == ALWAYS,
            "per_part": data["per_part"],
            "choices": self._choices() if kind in CHOICE_TYPES else [],
            "help": data["help"],
            "not_applicable": data["left_out"] if kind == "step" else ALLOWED,
            "not_in_force": data["outdated"] if kind == "policy" else REFUSED,
            **({"validators": []} if data["drop_checks"] else {}),
        }

    def _choices(self) -> list[list[str]]:
        try:
            return choices_of(self.cleaned_data["choices"], self.was.get("choices", ()))
        except ValueError as error:
            self.add_error("choices", str(error))
            return []

    def condition(self, rows: Mapping[str, tuple[FieldForm, Raw]]) -> Raw | None:
        """Return when the field is needed, if not always; faults stay here."""
        data = self.cleaned_data
        if data.get("must") != WHEN or not data.get("when_field"):
            return None
        row, other = rows.get(data["when_field"], (None, None))
        if row is None or other is None or other["type"] not in ASKABLE:
            self.add_error(
                "when_field",
                "That field is not there, or has no answers that can be named.",
            )
            return None
        if "choices" in row.errors:
            return None  # what it can be answered with is not known yet
        try:
            return self._condition(other, row.was.get("choices", ()))
        except ValueError as error:
            self.add_error("when_values", str(error))
            return None

    def _condition(self, other: Raw, choices: Pairs) -> Raw:
        lines, before = self.cleaned_data["when_values"], self.was.get("required_when")
        same = before and before["field"] == other["name"]
        if before and same and lines == answer_lines(other, before["in"]):
            return dict(before)
        return {"field": other["name"], "in": answers_of(lines, other, choices)}


class TemplateForm(RuleForm):
    """An evidence template: its name, and a row for each field."""

    name = forms.CharField(label="Name", max_length=120)

    def __init__(self, data: Data = None, *, initial: Content) -> None:
        super().__init__(data, initial={"name": initial["name"]})
        self.kept = {"kind": initial["kind"], "step": initial["step"]}
        self._content: dict[str, Any] = {}
        known = {field["name"]: field for field in initial["fields"]}
        rows = [row_of(field, known) for field in initial["fields"]]
        factory = forms.formset_factory(
            FieldForm, extra=0, max_num=MOST_FIELDS, validate_max=True
        )
        asked = _labels(data) if data is not None else rows
        others = [(row["name"], row["label"]) for row in asked if row["name"]]
        self.rows = factory(
            data,
            initial=None if data is not None else rows,
            prefix="rows",
            form_kwargs={"others": others, "known": known},
        )

    def is_good(self) -> bool:
        """Return whether every row can be read and they fit together.

        What is wrong stands at its row, and at its field where one is to blame.
        """
        if not super().is_good():
            return False
        rows = [row for row in self._rows() if row.has_changed()]
        self._content = dict(self.cleaned_data) | self.kept
        self._content["fields"] = _fields(rows)
        if not any(row.errors for row in rows):
            self._place_faults(rows)
        return not (self.errors or any(row.errors for row in rows))

    def _place_faults(self, rows: Sequence[FieldForm]) -> None:
        try:
            found = unread_of(self._content)
        except ValueError as error:
            for fault in str(error).splitlines():
                self._place(fault, rows)
            return
        names = [field["name"] for field in self._content["fields"]]
        for field, why in found:
            row = rows[names.index(field)] if field in names else self
            row.add_error(None, why)

    def _place(self, fault: str, rows: Sequence[FieldForm]) -> None:
        """Put a fault to the row that it names by its place or by its name."""
        head, _, said = fault.partition(": ")
        for number, row in enumerate(rows, start=1):
            if head in {f"field {number}", self._content["fields"][number - 1]["name"]}:
                row.add_error(None, said.partition(": ")[2] or said)
                return
        self.add_error(None, fault)

    def _rows(self) -> Sequence[FieldForm]:
        return self.rows.forms if self.rows else ()

    def content(self) -> dict[str, Any]:
        """Return the template whole; its kind and step are not changed here."""
        return self._content


def _fields(rows: Sequence[FieldForm]) -> list[Raw]:
    names: list[str] = []
    fields = []
    for row in rows:
        data = row.cleaned_data
        name = data["name"] or code_of(data["label"], names)
        names.append(name)
        fields.append(row.raw(name))
    pairs = list(zip(rows, fields, strict=True))
    by_name = {field["name"]: (row, field) for row, field in pairs}
    for row, field in pairs:
        condition = row.condition(by_name)
        field.pop("required_when", None)
        if condition is not None:
            field["required_when"] = condition
    return fields


def row_of(field: Raw, known: Mapping[str, Raw]) -> dict[str, Any]:
    """Return a field as its row shows it."""
    when = field.get("required_when") or {}
    other = known.get(when.get("field", ""), {})
    return {
        "name": field["name"],
        "label": field["label"],
        "type": field["type"],
        "must": WHEN if when else ALWAYS if field.get("required") else OPTIONAL,
        "when_field": when.get("field", ""),
        "when_values": answer_lines(other, when.get("in", ())),
        "choices": choice_lines(field.get("choices", ())),
        "left_out": field.get("not_applicable") or ALLOWED,
        "outdated": field.get("not_in_force") or REFUSED,
        "help": field.get("help", ""),
        "per_part": field.get("per_part", False),
    }


def _labels(data: Mapping[str, Any]) -> list[dict[str, str]]:
    total = count_of(data)
    return [
        {key: str(data.get(f"rows-{n}-{key}", "")) for key in ("name", "label")}
        for n in range(total)
    ]


def count_of(data: Mapping[str, Any]) -> int:
    """Return how many rows were posted, at most as many as a template holds."""
    text = str(data.get("rows-TOTAL_FORMS", ""))
    known = text.isascii() and text.isdecimal() and len(text) <= len("9999")
    return min(int(text), MOST_FIELDS) if known else 0
