"""Citing on the page and through the API: what is offered, posted and said."""

import re
from datetime import date

import pytest
from django.http import QueryDict
from rest_framework.test import APIClient

from tests.factories import EvidenceTemplateFactory, open_item, take
from tests.factories.guidance import make_guidance
from tests.factories.queues import FIELDS
from tests.worklists.views.conftest import GOOD, fresh, text_of
from worklists.enums import ReviewOutcome, State
from worklists.evidence import parse_template
from worklists.models import Answer, Review
from worklists.selectors.evidence import Asked
from worklists.views.answers import answers_from

pytestmark = pytest.mark.django_db

RULE = {"name": "rule", "label": "Rule", "type": "policy", "required": True}
SERVED = date(2026, 3, 5)


@pytest.fixture
def item(site):
    site.queue.template = EvidenceTemplateFactory(fields=[RULE, *FIELDS])
    site.queue.save()
    make_guidance("rp", date(2025, 1, 1), date(2026, 7, 1), name="RP-114")
    return take(open_item(site.queue, site.facility, service_on=SERVED), site.coder)


def options(page: str) -> list[str]:
    return re.findall(r'<option value="(rp@\d)"', page)


def test_the_form_offers_the_version_of_the_day_and_names_todays(site, as_person, item):
    page = text_of(as_person(site.coder).get(f"/items/{item.pk}/"))
    assert options(page) == ["rp@1"]
    assert 'label="In force on 03/05/2026"' in page
    assert "RP-114, version 1, since 01/01/2025 (today: version 2)" in page
    assert "Something we do not hold" in page


def test_a_form_that_takes_others_offers_them_apart(site, as_person, item):
    lenient = [RULE | {"not_in_force": "with_reason"}, *FIELDS]
    site.queue.template = EvidenceTemplateFactory(fields=lenient)
    site.queue.save()
    other = take(open_item(site.queue, site.facility, service_on=SERVED), site.coder)
    page = text_of(as_person(site.coder).get(f"/items/{other.pk}/"))
    assert options(page) == ["rp@1", "rp@2"]
    assert 'label="Not in force on 03/05/2026"' in page
    assert 'name="rule__reason"' in page


def test_a_chosen_source_is_saved_with_its_words(site, as_person, item):
    client = as_person(site.coder)
    posted = {
        "version": fresh(item).version,
        "rule__source": "rp@1",
        "rule": "left over",
        **GOOD,
    }
    client.post(f"/items/{item.pk}/save/", posted)
    kept = Answer.objects.get(field="rule").value
    assert (kept["source"], kept["version"], kept["cite"]) == ("rp", 1, "RP-114")
    page = text_of(client.get(f"/items/{item.pk}/"))
    assert '<option value="rp@1" selected>' in page
    assert 'id="ev-rule-state">' in page
    assert "left over" not in page


def test_a_source_that_does_not_exist_is_said_in_its_field(site, as_person, item):
    posted = {"version": fresh(item).version, "rule__source": "xy@1", **GOOD}
    answer = as_person(site.coder).post(f"/items/{item.pk}/save/", posted)
    assert answer.status_code == 422
    assert "We hold no source “xy”" in text_of(answer)
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("posted", "read"),
    [
        ("rule__source=xy%401", {"source": "xy", "version": 1}),
        ("rule__source=xy%40one", {"source": "xy"}),
        ("rule__source=xy%40%C2%B2", {"source": "xy"}),
        (
            "rule__source=xy%402&rule__reason=+Why+",
            {"source": "xy", "version": 2, "reason": "Why"},
        ),
        (
            "rule__source=&rule=LCD&rule__edition=2026",
            {"cite": "LCD", "edition": "2026"},
        ),
    ],
)
def test_what_a_form_posts(posted, read):
    asked = Asked(parse_template([RULE]), {}, {}, ())
    assert answers_from(QueryDict(posted), asked) == {"rule": read}


def test_the_api_says_what_can_be_cited_and_takes_a_source_alone(site, item):
    client = APIClient()
    client.force_login(site.coder)
    body = client.get(f"/api/v1/items/{item.pk}/").json()
    assert body["evidence"][0]["citable"] == [
        {
            "source": "rp",
            "version": number,
            "name": "RP-114",
            "kind": "playbook",
            "effective_from": since,
            "effective_to": until,
            "in_force": in_force,
            "today": 2,
        }
        for number, since, until, in_force in (
            (2, "2026-07-01", None, False),
            (1, "2025-01-01", "2026-06-30", True),
        )
    ]
    answer = client.post(
        f"/api/v1/items/{item.pk}/actions/save_evidence/",
        {"version": item.version, "evidence": {"rule": {"source": "rp"}}},
        format="json",
    )
    assert answer.status_code == 200
    assert Answer.objects.get(field="rule").value["version"] == 1


def test_a_senior_who_fixes_keeps_the_source_the_coder_cited(site, as_person, item):
    item = open_item(site.queue, site.facility, service_on=SERVED)
    take(item, site.apprentice)
    posted = {"version": fresh(item).version, "rule__source": "rp@1", **GOOD}
    as_person(site.apprentice).post(f"/items/{item.pk}/submit/", posted)
    item = fresh(item)
    assert item.state == State.IN_REVIEW
    client = as_person(site.reviewer)

    page = text_of(client.get(f"/review/{item.pk}/"))
    dialog = page.partition('<dialog class="ct-dialog" id="fix"')[2]
    dialog = dialog.partition("</dialog>")[0]

    assert '<option value="rp@1" selected>' in dialog
    assert "hx-get" not in dialog
    fixed = {
        "version": item.version,
        "_shown": ["rule", "decision", "why"],
        "rule__source": "rp@1",
        "rule": "",
        "rule__edition": "",
        "decision": "accept",
        "why": "The note of page 4 supports it.",
        "reason": "It is page 4.",
        "then": "review",
    }
    client.post(f"/items/{item.pk}/fix/", fixed)

    review = Review.objects.get(item=item)
    assert (review.outcome, review.changes) == (ReviewOutcome.FIXED, ["why"])
    rule = Answer.objects.filter(item=item, field="rule")
    assert [answer.value["source"] for answer in rule] == ["rp"]
