"""A template is changed as rows: arranged, looked at as a coder sees it, proposed."""

import html
from datetime import date

import pytest
import time_machine
from django.test import Client

from tests.factories import grant, make_site, person
from tests.worklists.test_template_forms import posted_of
from tests.worklists.views.drawn import approve
from worklists.enums import Role, RuleKind
from worklists.models import EvidenceTemplate, Queue, RuleVersion
from worklists.selectors.rules import in_force_of, live_content, versions_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
FIELDS = [
    {
        "name": "decision",
        "label": "Decision",
        "type": "choice",
        "required": True,
        "choices": [["appeal", "Appeal"], ["wo", "Write off"]],
    },
    {
        "name": "why",
        "label": "Why so",
        "type": "text",
        "required_when": {"field": "decision", "in": ["wo"]},
        "validators": [{"rule": "min_length", "value": 20}],
    },
    {"name": "called", "label": "Payer called", "type": "step", "per_part": True},
]
WHY = {"effective_from": "2026-11-23", "reason": "The payer asks for it."}


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A site with a form of three fields, and a second manager."""
    site = make_site()
    EvidenceTemplate.objects.filter(pk=site.queue.template_id).update(fields=FIELDS)
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    site.slug = site.queue.template.slug
    site.address = f"/rules/template/{site.slug}/change/"
    return site


@pytest.fixture
def browser(site):
    client = Client()
    client.force_login(site.administrator)
    return client


def form(site, **changes):
    content = live_content(RuleKind.TEMPLATE, site.slug)
    read = in_force_of(versions_of(RuleKind.TEMPLATE, site.slug)).number
    return posted_of(content, **changes).dict() | WHY | {"read": str(read)}


def words(answer):
    return " ".join(html.unescape(answer.content.decode()).split())


def labels(answer):
    return [row["label"].value() for row in answer.context["form"].rows]


def test_the_page_shows_a_row_for_each_field_and_the_form_as_it_will_be(site, browser):
    answer = browser.get(site.address)
    said = words(answer)
    assert labels(answer) == ["Decision", "Why so", "Payer called"]
    assert "Checked besides, as it was set up: min length 20." in said
    assert "The form as a coder sees it" in said
    assert "Asked when Decision is Write off:" in said
    preview = answer.context["preview"]
    assert [one.field.name for one in preview] == ["decision", "why", "called.1"]
    assert [one.field.state for one in preview] == ["missing", "missing", "optional"]
    assert 'name="fields_"' not in said


@pytest.mark.parametrize(
    ("act", "after"),
    [
        ("up:1", ["Why so", "Decision", "Payer called"]),
        ("add:0", ["Decision", None, "Why so", "Payer called"]),
        ("drop:2", ["Decision", "Why so"]),
    ],
)
def test_its_buttons_arrange_rows_and_keep_what_was_typed(site, browser, act, after):
    answer = browser.post(site.address, form(site, name="Other form") | {"row": act})
    assert labels(answer) == after
    assert answer.context["form"]["name"].value() == "Other form"
    assert answer.context["why"]["reason"].value() == WHY["reason"]
    assert "refused" not in answer.context
    assert not RuleVersion.objects.exists()


def test_a_fault_stands_at_its_row_and_nothing_is_proposed(site, browser):
    wrong = form(site, choices_0="")
    for more in ({"look": "1"}, {"do": "1"}, {"row": "up:1"}):
        answer = browser.post(site.address, wrong | more)
        assert "Name the choices, one a line." in words(answer)
        assert "preview" not in answer.context
    assert not RuleVersion.objects.exists()


def test_it_is_looked_at_proposed_and_put_in_force_by_another(site, browser):
    change = form(
        site, **{"rows-TOTAL_FORMS": "4"}, label_3="Sent on", type_3="date",
        must_3="always", left_out_3="allowed", outdated_3="refused", choices_0="Appeal\n"
        "wo: Written off\nBill the patient", row="up:3",
    )  # fmt: skip
    arranged = browser.post(site.address, change)
    assert labels(arranged) == ["Decision", "Why so", "Sent on", "Payer called"]
    change = posted_again(arranged)

    looked = browser.post(site.address, change | {"look": "1"})
    differs = [(c.field, c.kind) for c in looked.context["changes"]]
    assert differs == [
        ("Field decision", "changed"), ("Field why", "changed"),
        ("Field sent_on", "added"),
    ]  # fmt: skip
    names = [one.field.name for one in looked.context["preview"]]
    assert names == ["decision", "why", "sent_on", "called.1"]

    browser.post(site.address, change | {"do": "1"})
    version = RuleVersion.objects.get(state="proposed")
    assert version.content["fields"] == [
        FIELDS[0]
        | {
            "choices": [
                ["appeal", "Appeal"],
                ["wo", "Written off"],
                ["bill_the_patient", "Bill the patient"],
            ]
        },
        FIELDS[1],
        {"name": "sent_on", "label": "Sent on", "type": "date", "required": True},
        FIELDS[2],
    ]
    other = Client()
    other.force_login(site.second)
    shown = other.get(f"/rules/template/{site.slug}/{version.number}/")
    assert [one.field.name for one in shown.context["preview"]] == names
    approve(other, f"/rules/template/{site.slug}/{version.number}/")
    now = Queue.objects.get(pk=site.queue.pk).template
    assert (now.version, now.fields) == (2, version.content["fields"])
    assert now.effective_from == date(2026, 11, 23)


def posted_again(answer):
    """Return what the page posts that a browser was given."""
    shown = answer.context["form"]
    posted = {"name": shown["name"].value(), "rows-INITIAL_FORMS": "0", **WHY}
    posted["read"] = str(answer.context["read"])
    posted["rows-TOTAL_FORMS"] = str(len(shown.rows.forms))
    for row in shown.rows:
        for name in row.fields:
            value = row[name].value()
            if value not in {None, False}:
                posted[row.add_prefix(name)] = "on" if value is True else value
    return posted


def test_somebody_who_may_not_change_it_is_told(site):
    client = Client()
    client.force_login(person(Role.CODER))
    answer = client.post(site.address, form(site) | {"row": "drop:0"})
    assert answer["Location"] == f"/rules/template/{site.slug}/"
