"""A template as rows: read back it says the same; faults stand at row and field."""

import copy

import pytest
from django.http import QueryDict

from seeds.reference.templates import TEMPLATES
from worklists.enums import RuleKind
from worklists.evidence.template import MOST_FIELDS
from worklists.rule_words import difference
from worklists.template_forms import BLANK, TemplateForm
from worklists.template_rows import arranged

pytestmark = pytest.mark.unit
DECISION = {
    "name": "decision",
    "label": "Decision",
    "type": "choice",
    "required": True,
    "per_part": True,
    "choices": [["appeal", "Appeal"], ["wo", "Write off"]],
}
CAUSE = {
    "name": "root_cause",
    "label": "Root cause",
    "type": "choice",
    "required": True,
    "choices": [["knowledge", "Knowledge"]],
}
WHY = {
    "name": "why",
    "label": "Why",
    "type": "text",
    "required_when": {"field": "decision", "in": ["wo"]},
    "per_part": True,
    "help": "In your words.\nNo patient names.",
    "validators": [{"rule": "min_length", "value": 20, "message": "A little more."}],
}
STEP = {
    "name": "called",
    "label": "Payer called",
    "type": "step",
    "not_applicable": "with_reason",
}
POLICY = {
    "name": "rule",
    "label": "Rule",
    "type": "policy",
    "not_in_force": "with_reason",
    "required": False,
    "choices": [],
}


def template(*fields, kind="charge_review"):
    return {"name": "Form", "kind": kind, "step": "work", "fields": list(fields)}


ALL = template(DECISION, WHY, STEP, POLICY)


def posted_of(content, **changes):
    """Return what a page of this template posts, with some values changed."""
    form = TemplateForm(initial=content)
    data = QueryDict(mutable=True)
    data["name"] = content["name"]
    data["rows-TOTAL_FORMS"] = str(len(form.rows.forms))
    data["rows-INITIAL_FORMS"] = "0"
    for row in form.rows:
        for name in row.fields:
            value = row[name].value()
            if value is True:
                data[row.add_prefix(name)] = "on"
            elif value not in {False, None}:
                data[row.add_prefix(name)] = str(value).replace("\n", "\r\n")
    for key, value in changes.items():
        if key == "row":
            data["row"] = value
        elif value is None:
            data.pop(_key(key), None)
        else:
            data[_key(key)] = value
    return data


def _key(name):
    """Return the name of a control: “label_0” is “rows-0-label”."""
    head, _, number = name.rpartition("_")
    return f"rows-{number}-{head}" if number.isdecimal() else name


def form_of(content, **changes):
    return TemplateForm(arranged(posted_of(content, **changes)), initial=content)


def said(content, **changes):
    """Return the fields that come of a change; the form must be good."""
    form = form_of(content, **changes)
    assert form.is_good(), (form.errors, form.rows.errors)
    return form.content()["fields"]


def faults(content, **changes):
    """Return what is wrong, by row and field."""
    form = form_of(content, **changes)
    assert not form.is_good()
    return {
        (number, name): list(errors)
        for number, row in enumerate(form.rows)
        for name, errors in row.errors.items()
    }


class TestReadBack:
    def test_what_nobody_touched_is_the_same(self):
        before = copy.deepcopy(ALL)
        form = form_of(ALL)
        assert form.is_good()
        assert (form.content(), ALL) == (before, before)

    @pytest.mark.parametrize("shipped", sorted(TEMPLATES))
    def test_every_shipped_template_reads_back(self, shipped):
        _, _, fields = TEMPLATES[shipped]
        content = template(*fields)
        assert said(content) == content["fields"]

    def test_checks_that_rows_cannot_say_are_shown_and_kept(self):
        form = TemplateForm(initial=ALL)
        assert form.rows[1].checks == ["min length 20 (“A little more.”)"]
        [_, why, *_] = said(ALL, label_1="Reason")
        assert why == WHY | {"label": "Reason"}

    def test_checks_can_be_taken_out(self):
        [_, why, *_] = said(ALL, drop_checks_1="on")
        assert why == {key: WHY[key] for key in WHY if key != "validators"}


class TestChanges:
    def test_a_new_field_is_named_by_its_label(self):
        fields = said(
            ALL, **{"rows-TOTAL_FORMS": "5"}, label_4="Decision", type_4="yes_no",
            must_4="always", left_out_4="allowed", outdated_4="refused",
        )  # fmt: skip
        assert fields[4] == {
            "name": "decision_2", "label": "Decision", "type": "yes_no", "required": True,
        }  # fmt: skip

    def test_an_empty_row_is_left_out(self):
        blank = {f"{name}_4": value for name, value in BLANK.items()}
        fields = said(ALL, **{"rows-TOTAL_FORMS": "5"}, **blank)
        assert [field["name"] for field in fields] == [
            "decision",
            "why",
            "called",
            "rule",
        ]

    def test_required_always_sometimes_or_not(self):
        [_, why, called, _] = said(ALL, must_1="optional", must_2="always")
        assert "required_when" not in why
        assert called == STEP | {"required": True}
        [_, _, called, _] = said(
            ALL, must_2="when", when_field_2="decision", when_values_2="Appeal\r\nwo"
        )
        when = {"field": "decision", "in": ["appeal", "wo"]}
        assert called == STEP | {"required_when": when}

    def test_a_field_may_depend_on_one_that_is_new(self):
        fields = said(
            ALL, **{"rows-TOTAL_FORMS": "5"}, label_4="Was it sent?", type_4="yes_no",
            must_4="optional", left_out_4="allowed", outdated_4="refused",
            must_2="when", when_field_2="was_it_sent", when_values_2="yes",
        )  # fmt: skip
        assert fields[2]["required_when"] == {"field": "was_it_sent", "in": [True]}

    def test_another_type_leaves_behind_what_it_has_no_use_for(self):
        [_, _, called, rule] = said(ALL, type_2="text", type_3="date")
        assert called == {"name": "called", "label": "Payer called", "type": "text"}
        assert rule == {"name": "rule", "label": "Rule", "type": "date"}

    def test_a_choice_is_added_and_the_others_keep_their_codes(self):
        lines = "Appeal\nwo: Written off\nBill the patient"
        [decision, *_] = said(ALL, choices_0=lines)
        assert decision["choices"] == [
            ["appeal", "Appeal"], ["wo", "Written off"],
            ["bill_the_patient", "Bill the patient"],
        ]  # fmt: skip


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "where", "why"),
        [
            ({"label_0": " "}, (0, "label"), "This field is required."),
            ({"choices_0": ""}, (0, "choices"), "Name the choices, one a line."),
            (
                {"choices_0": "A\nA"}, (0, "choices"),
                "“A” stands twice, or as another with its code.",
            ),
            (
                {"when_field_1": ""}, (1, "when_field"),
                "Choose the field it depends on.",
            ),
            (
                {"when_values_1": "\r\n"}, (1, "when_values"),
                "Name the answers, one a line.",
            ),
            (
                {"when_values_1": "Maybe"}, (1, "when_values"),
                "“Maybe” is no answer to “Decision”. It has: Appeal, Write off.",
            ),
            (
                {"when_field_1": "rule"}, (1, "when_field"),
                "That field is not there, or has no answers that can be named.",
            ),
            (
                {"type_1": "date"}, (1, "__all__"), "min_length does not judge a date",
            ),
        ],
    )  # fmt: skip
    def test_a_fault_stands_at_its_row_and_field(self, changes, where, why):
        assert faults(ALL, **changes) == {where: [why]}

    def test_a_field_that_others_depend_on_is_not_taken_out_unseen(self):
        found = faults(ALL, row="drop:0")
        [(where, [why])] = found.items()
        assert where == (0, "when_field")
        assert "decision is not one of the available choices" in why

    def test_a_circle_of_conditions_stands_at_its_fields(self):
        found = faults(
            ALL, must_0="when", when_field_0="why", when_values_0="x",
        )  # fmt: skip
        assert found == {
            (0, "__all__"): ["its condition leads back to itself"],
            (1, "__all__"): ["its condition leads back to itself"],
        }

    @pytest.mark.parametrize("bad", ["A\x00", "A\ud800"])
    def test_characters_that_cannot_be_kept_are_refused_at_the_field(self, bad):
        assert list(faults(ALL, help_1=bad)) == [(1, "help")]

    def test_an_answer_that_the_kind_does_not_know_stands_at_its_row(self):
        form = form_of(template(CAUSE, DECISION, kind="denial"))
        assert not form.is_good()
        [why] = form.rows.forms[1].errors["__all__"]
        assert why.startswith("“wo” cannot be kept when an item is completed.")
        assert form.rows.forms[0].errors == {}

    def test_a_field_that_the_kind_needs_is_named_when_it_is_gone(self):
        form = form_of(template(CAUSE, WHY | {"required_when": None}, kind="denial"))
        assert not form.is_good()
        [why] = form.errors["__all__"]
        assert why.startswith("The form lacks the field “decision”, without which")

    def test_a_template_without_a_field_is_refused(self):
        form = form_of(template(STEP), row="drop:0")
        assert not form.is_good()
        assert form.non_field_errors() == ["A template is a list of 1 to 200 fields."]


class TestArranging:
    def names(self, act):
        posted = arranged(posted_of(ALL, row=act))
        total = int(posted["rows-TOTAL_FORMS"])
        return [posted.get(f"rows-{n}-name", "-") for n in range(total)]

    @pytest.mark.parametrize(
        ("act", "names"),
        [
            ("up:1", ["why", "decision", "called", "rule"]),
            ("down:2", ["decision", "why", "rule", "called"]),
            ("drop:3", ["decision", "why", "called"]),
            ("add:0", ["decision", "-", "why", "called", "rule"]),
            ("add", ["decision", "why", "called", "rule", "-"]),
            ("up:0", ["decision", "why", "called", "rule"]),
            ("down:3", ["decision", "why", "called", "rule"]),
            ("drop:99", ["decision", "why", "called", "rule"]),
            ("up:²", ["decision", "why", "called", "rule"]),
            ("drop:", ["decision", "why", "called", "rule"]),
            ("nonsense:1", ["decision", "why", "called", "rule"]),
        ],
    )
    def test_rows_move_come_and_go(self, act, names):
        assert self.names(act) == names

    def test_a_row_takes_everything_with_it(self):
        fields = said(ALL, row="up:3")
        assert fields == [DECISION, WHY, POLICY, STEP]

    def test_there_are_never_more_rows_than_a_template_holds(self):
        many = template(*({**STEP, "name": f"s{n}"} for n in range(MOST_FIELDS)))
        posted = arranged(posted_of(many, row="add"))
        assert posted["rows-TOTAL_FORMS"] == str(MOST_FIELDS)
        posted["rows-TOTAL_FORMS"] = "9" * 30
        del posted["row"]
        assert arranged(posted)["rows-TOTAL_FORMS"] == "0"


class TestInWords:
    def test_another_order_is_said_though_no_field_differs(self):
        change = difference(
            RuleKind.TEMPLATE,
            template(DECISION, STEP, WHY),
            template(DECISION, WHY, STEP),
        )
        assert [(c.field, c.before, c.after) for c in change] == [
            (
                "Order of the fields",
                "Decision, Payer called, Why",
                "Decision, Why, Payer called",
            )
        ]

    def test_a_field_that_came_is_no_other_order(self):
        change = difference(RuleKind.TEMPLATE, template(STEP), template(DECISION, STEP))
        assert [(c.field, c.kind) for c in change] == [("Field decision", "added")]

    def test_a_condition_names_field_and_answers_as_people_do(self):
        [change] = difference(
            RuleKind.TEMPLATE, template(DECISION), template(DECISION, WHY)
        )
        assert change.after == (
            "Why; text; mandatory when Decision is Write off; for each part; "
            "min length 20 (“A little more.”); In your words.\nNo patient names."
        )
