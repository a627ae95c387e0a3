"""What changed in an item since a version of it was read."""

import pytest

from tests.factories import open_item, take
from worklists import trail
from worklists.context import now
from worklists.models import Answer, WorkItem
from worklists.selectors.upstream import as_facts, changes_since
from worklists.services import bulk
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def item(site):
    return take(open_item(site.queue, site.facility), site.coder)


def fresh(item) -> WorkItem:
    return WorkItem.objects.get(pk=item.pk)


def save(item, user, **answers) -> WorkItem:
    return perform(
        item_id=item.pk,
        action="save_evidence",
        actor=user,
        expected_version=fresh(item).version,
        evidence=answers,
    )


def told(item, **changes) -> None:
    """A file changes facts of the item, as ingest says it."""
    bulk.append_events({item.pk: {"changes": changes}}, action="item.changed")


def test_nothing_changed_since_the_newest_version(item):
    assert not changes_since(item, item.version)
    assert not changes_since(item, item.version + 1)


def test_an_answer_changed_from_what_was_read_to_the_newest(site, item):
    save(item, site.coder, why="The first words.")
    read = fresh(item).version
    save(item, site.coder, why="The second words.", decision="accept")
    item = save(item, site.coder, why="The third words.")

    found = changes_since(item, read).answers

    assert {n: (c.before, c.now) for n, c in found.items()} == {
        "why": ("The first words.", "The third words."),
        "decision": (None, "accept"),
    }
    why = found["why"]
    assert (why.known, why.version, why.username) == (1, 3, site.coder.username)


def test_an_answer_put_back_as_it_was_has_not_changed(site, item):
    save(item, site.coder, why="The first words.")
    read = fresh(item).version
    save(item, site.coder, why="Other words.")
    item = save(item, site.coder, why="The first words.")

    assert changes_since(item, read).answers == {}
    assert len(changes_since(item, read).acts) == 2


def test_facts_of_several_files_are_folded_into_one_change_each(item):
    told(item, amount=["100.00", "240.00"], reason_code=["CO-97", "CO-97 CO-50"])
    told(item, amount=["240.00", "90.00"], reason_code=["CO-97 CO-50", "CO-97"])

    found = changes_since(fresh(item), item.version).facts

    assert [(f.name, f.before, f.now) for f in found] == [("amount", "100.00", "90.00")]


@pytest.mark.parametrize(
    "action", ["item.clock_moved", "item.ladder_fired", "item.left_to_people"]
)
def test_what_leaves_the_version_is_no_act_since(site, item, action):
    save(item, site.coder, why="The first words.")
    row = trail.BulkRow(item.pk, "in_progress", "in_progress", {"clocks": []})
    trail.append_item_events([row], action=action, actor=None, acted=False)
    item = fresh(item)

    found = changes_since(item, item.version - 1)

    assert [act.action for act in found.acts] == ["item.evidence_saved"]
    assert list(found.answers) == ["why"]


def test_destroyed_words_are_said_as_none(site, item):
    read = item.version
    item = save(item, site.coder, why="Words to destroy.")
    Answer.objects.filter(item=item).update(content=None, salt=None, redacted_at=now())

    assert changes_since(item, read).answers == {}


def test_the_api_names_facts_answers_and_acts(site, item):
    read = item.version
    told(item, amount=["100.00", "240.00"])
    save(item, site.coder, why="It is so, on page 3.")

    facts = as_facts(changes_since(fresh(item), read))

    assert [(f["kind"], f["name"]) for f in facts] == [
        ("fact", "amount"),
        ("answer", "why"),
        ("act", "item.changed"),
    ]
    assert (facts[0]["before"], facts[0]["now"]) == ("100.00", "240.00")
    assert facts[2]["by"] == "worker"


@pytest.mark.parametrize("times", [1, 3])
def test_it_asks_three_questions_however_much_changed(
    site, item, times, django_assert_num_queries
):
    for n in range(times):
        save(item, site.coder, why=f"The words number {n}.", decision="accept")
    item_now = fresh(item)

    with django_assert_num_queries(3):
        changes_since(item_now, item.version)
