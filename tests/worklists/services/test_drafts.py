"""Drafts beside what somebody else saved: what clashes, and how it is settled."""

import pytest

from tests.factories import make_site, open_item, take
from worklists.errors import BadInput, MergeNeeded, NotPermitted
from worklists.models import Answer, Draft, WorkItem
from worklists.selectors.merging import merged
from worklists.services import drafts
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

FIRST, MINE, THEIRS = "As it was read.", "My own words.", "What was saved meanwhile."


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def item(site):
    """An item with one answer, held by the coder."""
    held = take(open_item(site.queue, site.facility), site.coder)
    return save(held, site.coder, why=FIRST)


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


def meanwhile(item, site, **answers) -> int:
    """Save elsewhere after the item was read; return the version that was read."""
    read = item.version
    save(item, site.coder, **answers)
    return read


def keep(item, site, read, **answers) -> Draft:
    return drafts.save_draft(
        item_id=item.pk, actor=site.coder, answers=answers, read_version=read
    )


def standing(item, draft):
    found = merged(fresh(item), draft)
    return dict(found.answers), sorted(found.clashes)


def test_words_that_both_changed_clash(site, item):
    draft = keep(item, site, meanwhile(item, site, why=THEIRS), why=MINE)

    assert standing(item, draft) == ({"why": MINE}, ["why"])
    clash = merged(fresh(item), draft).clashes["why"]
    assert (clash.before, clash.now, clash.known) == (FIRST, THEIRS, 1)


def test_what_only_they_changed_is_taken_over(site, item):
    draft = keep(item, site, meanwhile(item, site, why=THEIRS), why=FIRST)

    assert standing(item, draft) == ({}, [])


def test_what_only_i_changed_stands(site, item):
    read = meanwhile(item, site, decision="accept")
    draft = keep(item, site, read, why=MINE, decision="")

    assert standing(item, draft) == ({"why": MINE}, [])


def test_the_same_on_both_sides_is_no_clash(site, item):
    draft = keep(item, site, meanwhile(item, site, why=THEIRS), why=THEIRS)

    assert standing(item, draft) == ({}, [])


def test_no_and_nothing_are_not_the_same_answer():
    from worklists.selectors.merging import same

    assert not same(False, "")
    assert same(None, "")
    assert same([], None)


def test_a_draft_that_comes_after_its_own_words_were_saved_is_not_kept(site, item):
    keep(item, site, item.version, why=MINE)

    draft = keep(item, site, meanwhile(item, site, why=THEIRS), why=THEIRS)

    assert draft.pk is None
    assert not Draft.objects.exists()


def test_a_clash_waits_until_it_is_settled(site, item):
    read = meanwhile(item, site, why=THEIRS)
    keep(item, site, read, why=MINE)

    draft = keep(item, site, fresh(item).version, why=f"{MINE} And more.")

    assert (draft.item_version, draft.unsettled) == (4, {"why": 1})
    assert standing(item, draft)[1] == ["why"]


def test_typing_what_they_said_settles_it(site, item):
    keep(item, site, meanwhile(item, site, why=THEIRS), why=MINE)

    draft = keep(item, site, fresh(item).version, why=THEIRS)

    assert draft.unsettled == {}


@pytest.mark.parametrize(
    ("choice", "stands"),
    [("mine", MINE), ("theirs", THEIRS), ("both", f"{THEIRS}\n\n{MINE}")],
)
def test_a_choice_settles_it(site, item, choice, stands):
    read = meanwhile(item, site, why=THEIRS)
    keep(item, site, read, why=MINE)

    drafts.settle(
        item_id=item.pk,
        actor=site.coder,
        answers={"why": MINE},
        read_version=fresh(item).version,
        field="why",
        choice=choice,
    )

    draft = Draft.objects.get()
    assert (draft.answers, draft.unsettled) == ({"why": stands}, {})
    assert standing(item, draft)[1] == []


def test_a_third_answer_after_a_choice_clashes_anew(site, item):
    keep(item, site, meanwhile(item, site, why=THEIRS), why=MINE)
    read = fresh(item).version
    settle = {"item_id": item.pk, "actor": site.coder, "read_version": read}
    drafts.settle(**settle, answers={"why": MINE}, field="why", choice="mine")
    save(item, site.coder, why="A third answer.")

    draft = keep(item, site, read, why=MINE)

    clash = merged(fresh(item), draft).clashes["why"]
    assert (clash.before, clash.now) == (THEIRS, "A third answer.")


@pytest.mark.parametrize(
    ("field", "choice"), [("decision", "both"), ("why", "neither"), ("why", "")]
)
def test_a_choice_that_is_none_changes_nothing(site, item, field, choice):
    save(item, site.coder, decision="accept")
    read = fresh(item).version
    mine = {"why": MINE, "decision": ""}
    save(item, site.coder, why=THEIRS, decision="correct")
    before = keep(item, site, read, **mine)

    with pytest.raises(BadInput):
        drafts.settle(
            item_id=item.pk,
            actor=site.coder,
            answers=mine,
            read_version=read,
            field=field,
            choice=choice,
        )

    kept = Draft.objects.get()
    assert (kept.answers, kept.item_version) == (mine, read)
    assert kept.saved_at == before.saved_at


def test_who_does_not_hold_the_item_settles_nothing(site, item):
    with pytest.raises(NotPermitted):
        drafts.settle(
            item_id=item.pk, actor=site.other_coder, answers={}, read_version=3
        )

    assert not Draft.objects.exists()


def test_nothing_is_saved_over_an_answer_that_was_not_settled(site, item):
    keep(item, site, meanwhile(item, site, why=THEIRS), why=MINE)
    now = fresh(item)
    given = {"item": now, "actor": site.coder, "read_version": now.version}

    with pytest.raises(MergeNeeded) as refused:
        drafts.refuse_unsettled(**given, answers={"why": MINE})

    assert refused.value.fields == {"why": ["Yours or theirs?"]}
    drafts.refuse_unsettled(**given, answers={"why": THEIRS})
    drafts.refuse_unsettled(**given, answers={"decision": "accept"})
    assert Answer.objects.filter(field="why").count() == 2
