"""A return names the page of guidance it rests on, and nothing the item may not cite."""

from datetime import date

import pytest

from tests.factories import GOOD_EVIDENCE, make_site, open_item, take
from tests.factories.guidance import make_guidance
from tests.factories.reference import PayerFactory
from tests.worklists.services.test_deciding import act
from worklists.enums import State
from worklists.errors import BadInput
from worklists.event_words import sentence
from worklists.models import Event, Review

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
OLD, SERVED, NEW = date(2025, 1, 1), date(2026, 3, 5), date(2026, 7, 1)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def item(site):
    make_guidance("rp", OLD, NEW, name="RP-114")
    make_guidance("other", OLD, payer=PayerFactory())
    make_guidance("bones", OLD, specialty="Orthopedics")
    make_guidance("gone", OLD, retired_on=NEW)
    make_guidance("late", NEW)
    item = open_item(site.queue, site.facility, service_on=SERVED)
    item = take(item, site.apprentice)
    return act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)


def give_back(site, item, named):
    options = {"reason_code": "rule_cited", "guidance": named}
    return act(item, site.reviewer, "return", reason="Read it.", options=options)


@pytest.mark.parametrize("named", ["rp", "rp@1", " rp@1 "])
def test_the_version_of_the_day_stands_on_the_review_and_in_the_trail(
    site, item, named
):
    item = give_back(site, item, named)
    cited = Review.objects.get(item=item).cites
    assert (cited.guidance.slug, cited.number) == ("rp", 1)
    facts = Event.objects.get(action="item.returned").facts
    assert '"guidance":"rp@1"' in facts
    assert item.state == State.RETURNED


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("none", "“none” is no guidance this item may cite."),
        ("other", "“other” is no guidance this item may cite."),
        ("bones@1", "“bones” is no guidance this item may cite."),
        ("gone", "“gone” is no guidance this item may cite."),
        ("rp@9", "We hold no version 9 of “rp”."),
        ("rp@one", "“rp@one” names no version"),
        ("rp@", "“rp@” names no version"),
        ("rp@0", "“rp@0” names no version"),
        (f"rp@{'9' * 30}", "names no version"),
        ("rp@2", "“RP-114” was not in force on 03/05/2026, version 1 was."),
        ("late", "No version of “late” was in force on 03/05/2026."),
        (7, "takes text"),
    ],
)
def test_what_the_item_may_not_cite_is_refused(site, item, named, said):
    events, version = Event.objects.count(), item.version
    with pytest.raises(BadInput) as refusal:
        give_back(site, item, named)
    assert said in refusal.value.detail
    assert list(refusal.value.fields) == ["guidance"]
    item.refresh_from_db()
    assert (item.state, item.version) == (State.IN_REVIEW, version)
    assert Review.objects.get(item=item).decided_at is None
    assert Event.objects.count() == events


def test_without_one_the_words_stand_alone(site, item):
    item = act(item, site.reviewer, "return", reason="Read it.")
    assert Review.objects.get(item=item).cites is None
    assert "guidance" not in Event.objects.get(action="item.returned").facts


def test_the_history_says_which():
    facts = {"code": "rule_cited", "guidance": "rp@1"}
    said = "returned it, because rule cited, see rp, version 1"
    assert sentence("item.returned", facts) == said
