"""The pages on which a ladder, a review policy or a form begins as a copy."""

import pytest
import time_machine

from tests.factories import SlaPolicyFactory, make_site, person
from tests.worklists.test_template_forms import posted_of
from tests.worklists.views.drawn import approve, read_on
from tests.worklists.views.test_template_rows import words
from worklists.enums import Role, RuleKind
from worklists.models import (
    Event,
    EvidenceTemplate,
    Queue,
    ReviewPolicy,
    RuleVersion,
    SlaPolicy,
)
from worklists.selectors import rules as selectors
from worklists.services import rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
WHY = {"effective_from": "2026-11-23", "reason": "They part."}
LADDER = {
    "slug": "fresh", "name": "Two days", "business_hours": "16",
    "rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "1",
    "rows-0-amount": "0", "rows-0-basis": "after", "rows-0-tell": "lead",
    "rows-1-amount": "4", "rows-1-basis": "before", "rows-1-tell": "assignee",
    **WHY,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    site.sla = site.queue.sla_policy.slug
    return site


@pytest.fixture
def mine(site, client):
    client.force_login(site.manager)
    return client


def begin(client, kind, slug, posted):
    """Open the form of a copy and send it with what was typed."""
    read = read_on(client, f"/rules/{kind}/new/?of={slug}")
    return client.post(f"/rules/{kind}/new/", read | {"of": slug} | posted)


def test_it_is_chosen_what_a_new_one_copies(site, mine):
    index = words(mine.get("/rules/"))
    for kind in ("sla", "review", "template"):
        assert f'href="/rules/{kind}/new/"' in index
    assert f"/rules/sla/new/?of={site.sla}" in words(
        mine.get(f"/rules/sla/{site.sla}/")
    )
    SlaPolicyFactory(slug="alike", name="One week")

    asked = mine.get("/rules/sla/new/")

    assert asked.context["choice"].fields["of"].choices == [
        ("", "---------"),
        ("alike", "One week (alike)"),
        (site.sla, f"One week ({site.sla})"),
    ]
    assert "Begin as a copy of" in words(asked)
    for wrong in ("nothing", ""):
        answer = mine.get(f"/rules/sla/new/?of={wrong}")
        assert "Choose one that is in force here." in words(answer)
    assert "Choose one that is in force here." in words(
        mine.post("/rules/sla/new/", LADDER | {"of": "nothing", "do": "1"})
    )
    assert not RuleVersion.objects.exists()


def test_a_ladder_from_its_copy_to_its_first_day(site, mine):
    drawn = mine.get(f"/rules/sla/new/?of={site.sla}")
    form = drawn.context["form"]
    assert (form["name"].value(), form["business_hours"].value()) == (
        "Copy of One week",
        40,
    )
    assert form.rows[0]["tell"].value() == "lead"
    assert drawn.context["lines"]

    looked = begin(mine, "sla", site.sla, LADDER | {"look": "1"})
    assert [(c.field, c.before, c.after) for c in looked.context["changes"]] == [
        ("Name", "One week", "Two days"),
        ("Time given", "40 business hours", "16 business hours"),
        (
            "Internal, 4 business hours before the time is over",
            "",
            "tell the person who holds it",
        ),
    ]
    [line] = looked.context["lines"]
    assert [mark.tell for mark in line.marks] == [
        "the person who holds it",
        "the team lead",
    ]
    assert not RuleVersion.objects.exists()

    answer = begin(mine, "sla", site.sla, LADDER | {"do": "1"})

    assert answer["Location"] == "/rules/sla/fresh/1/"
    assert "You proposed this version" in words(mine.get("/rules/sla/fresh/1/"))
    mine.force_login(site.second)
    assert "Nothing before" in words(mine.get("/rules/sla/fresh/1/"))
    approve(mine, "/rules/sla/fresh/1/")
    policy = SlaPolicy.objects.get(slug="fresh")
    assert (policy.name, policy.business_hours) == ("Two days", 16)
    assert list(policy.steps.order_by("position").values_list("offset_hours")) == [
        (-4,),
        (0,),
    ]
    assert Queue.objects.get(pk=site.queue.pk).sla_policy.slug == site.sla
    assert "Nobody yet." in words(mine.get("/rules/sla/fresh/"))


def test_a_review_policy_says_all_that_its_copy_says(site, mine):
    policy = site.queue.review_policy
    ReviewPolicy.objects.filter(pk=policy.pk).update(
        amount_from="750.00", judgements=["decision:accept"], autonomy=[[20, 95, 10]]
    )
    form = mine.get(f"/rules/review/new/?of={policy.slug}").context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed = {
        name: value
        for name, value in typed.items()
        if value not in (None, "") and value is not False
    }
    typed |= {"slug": "fresh", "name": "Fresh", "autonomy": "20 95 10", **WHY}
    typed["judgements"] = "decision:accept"

    answer = begin(mine, "review", policy.slug, typed | {"do": "1"})

    assert answer["Location"] == "/rules/review/fresh/1/"
    before = selectors.live_content(RuleKind.REVIEW, policy.slug)
    assert RuleVersion.objects.get().content == before | {"name": "Fresh"}


def test_a_form_is_arranged_and_looked_at_before_it_is_proposed(site, mine):
    slug = site.queue.template.slug
    content = selectors.live_content(RuleKind.TEMPLATE, slug)
    posted = posted_of(content, name="Short form").dict() | WHY | {"slug": "fresh"}
    drawn = mine.get(f"/rules/template/new/?of={slug}")
    assert [one.field.name for one in drawn.context["preview"]]

    moved = begin(mine, "template", slug, posted | {"slug": "", "row": "drop:3"})
    assert [row["name"].value() for row in moved.context["form"].rows] == [
        "decision", "why", "corrected_on",
    ]  # fmt: skip
    assert moved.context["named"].errors == {}
    assert "refused" not in moved.context
    assert not RuleVersion.objects.exists()

    looked = begin(mine, "template", slug, posted | {"look": "1"})
    assert [c.field for c in looked.context["changes"]] == ["Name"]
    assert looked.context["preview"]

    answer = begin(mine, "template", slug, posted | {"do": "1"})
    assert answer["Location"] == "/rules/template/fresh/1/"
    assert RuleVersion.objects.get().content == content | {"name": "Short form"}
    mine.force_login(site.second)
    approve(mine, "/rules/template/fresh/1/")
    assert EvidenceTemplate.objects.get(slug="fresh").fields == content["fields"]


@pytest.mark.parametrize("act", ["look", "do"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": ""}, ("named", "This field is required.")),
        ({"slug": "Fresh"}, ("named", "Take small letters, digits and single dashes")),
        ({"name": "one week"}, ("form", "has this name: choose one that tells them")),
        ({"business_hours": "0"}, ("form", "greater than or equal to 1")),
    ],
)
def test_what_cannot_be_is_said_at_its_field(site, mine, act, changes, said):
    answer = begin(mine, "sla", site.sla, LADDER | changes | {act: "1"})
    field, why = said
    [errors] = answer.context[field].errors.values()
    assert why in errors[0]
    assert why in words(answer)
    assert not RuleVersion.objects.exists()


def test_a_ladder_that_cannot_work_is_said_and_nothing_is_kept(site, mine):
    early = {"rows-0-basis": "before", "rows-0-amount": "2"}
    for act in ("look", "do"):
        answer = begin(mine, "sla", site.sla, LADDER | early | {act: "1"})
        assert "so a breach would reach nobody. Add one." in words(answer)
    assert not RuleVersion.objects.exists()
    assert not Event.objects.filter(action__startswith="rule.").exists()


def test_a_copy_of_a_version_that_is_over_is_refused(site, mine):
    drawn = read_on(mine, f"/rules/sla/new/?of={site.sla}") | {"of": site.sla}
    asked = {"kind": RuleKind.SLA, "slug": site.sla}
    live = selectors.live_content(**asked)
    rules.propose(
        actor=site.administrator, content=live | {"business_hours": 30},
        effective_from=selectors.site_today(), reason="Less.", **asked,
    )  # fmt: skip
    rules.approve(actor=site.manager, number=2, **asked)

    stale = mine.post("/rules/sla/new/", LADDER | drawn | {"do": "1"})
    unread = mine.post("/rules/sla/new/", LADDER | {"of": site.sla, "do": "1"})

    assert "Version 2 came into force while you looked: you read version 1" in words(
        stale
    )
    assert stale.context["form"]["name"].value() == "Two days"
    assert "drawn before it said which version" in words(unread)
    assert not RuleVersion.objects.filter(rule__slug="fresh").exists()


def test_a_second_one_of_the_same_short_name_is_refused(site, mine):
    begin(mine, "sla", site.sla, LADDER | {"do": "1"})
    other = LADDER | {"name": "Three days"}
    assert "A version of this rule waits already" in words(
        begin(mine, "sla", site.sla, other | {"do": "1"})
    )
    taken = begin(mine, "sla", site.sla, other | {"slug": site.sla, "do": "1"})
    assert taken.context["named"].errors["slug"] == [
        f"“{site.sla}” is taken: choose another short name."
    ]
    assert RuleVersion.objects.count() == 1


@pytest.mark.parametrize("who", ["coder", "reviewer", "auditor"])
def test_who_may_not_is_sent_back_and_nothing_is_kept(site, client, who):
    client.force_login(getattr(site, who))
    assert "/rules/sla/new/" not in words(client.get("/rules/"))
    assert "Begin a copy" not in words(client.get(f"/rules/sla/{site.sla}/"))
    assert client.get("/rules/sla/new/")["Location"] == "/rules/"
    posted = LADDER | {"of": site.sla, "read": "1", "do": "1"}
    assert client.post("/rules/sla/new/", posted)["Location"] == "/rules/"
    assert not RuleVersion.objects.exists()
