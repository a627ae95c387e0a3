"""What a difference of two template versions says: everything a field can carry."""

import pytest

from worklists.enums import RuleKind
from worklists.rule_words import difference, faults_of

pytestmark = pytest.mark.unit

STEP = {
    "name": "note",
    "label": "Note read",
    "type": "step",
    "required": True,
    "not_applicable": "never",
    "help": "Signed and dated.",
}


def template(*fields):
    return {"name": "Form", "kind": "denial", "step": "work", "fields": list(fields)}


def said(before, after):
    found = difference(RuleKind.TEMPLATE, template(before), template(after))
    return [(change.field, change.before, change.after) for change in found]


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (
            {"not_applicable": "with_reason"},
            "Note read; step of a checklist; mandatory; may not apply, with a reason; Signed and dated.",
        ),
        (
            {"not_applicable": "allowed"},
            "Note read; step of a checklist; mandatory; may not apply; Signed and dated.",
        ),
        (
            {"help": "Signed."},
            "Note read; step of a checklist; mandatory; always applies; Signed.",
        ),
        (
            {"required": False},
            "Note read; step of a checklist; optional; always applies; Signed and dated.",
        ),
    ],
)
def test_a_step_differs_by_whatever_changed(change, after):
    before = (
        "Note read; step of a checklist; mandatory; always applies; Signed and dated."
    )
    assert said(STEP, STEP | change) == [("Field note", before, after)]


def test_a_wrong_step_is_a_fault_of_the_version():
    wrong = template(STEP | {"not_applicable": "perhaps"})
    (fault,) = faults_of(RuleKind.TEMPLATE, wrong)
    assert "note: not_applicable is never, allowed, with_reason" in fault


def test_a_policy_says_whether_outdated_versions_are_taken():
    rule = {"name": "rule", "label": "Rule", "type": "policy"}
    assert said(rule, rule | {"not_in_force": "with_reason"}) == [
        (
            "Field rule",
            "Rule; rule or policy; optional",
            "Rule; rule or policy; optional; a version not in force with a reason",
        )
    ]
