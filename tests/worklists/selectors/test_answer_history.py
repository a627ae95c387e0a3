"""Every version of every answer, and every file that stood for one."""

from datetime import date

import pytest

from tests.factories import open_item, take
from worklists.context import now
from worklists.models import Answer, WorkItem
from worklists.selectors.answer_history import pasts_of
from worklists.services.attachments import NewFile, attach, detach
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

FIRST, SECOND = "The first words of it.", "The second words of it."


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def item(site):
    return take(open_item(site.queue, site.facility), site.apprentice)


def act(item, user, action, **more) -> WorkItem:
    version = WorkItem.objects.get(pk=item.pk).version
    return perform(
        item_id=item.pk, action=action, actor=user, expected_version=version, **more
    )


def past(item, field):
    return next(one for one in pasts_of(item) if one.name == field)


def test_versions_say_who_as_what_by_which_act_and_what_was_before(site, item):
    act(item, site.apprentice, "save_evidence", evidence={"why": FIRST})
    act(
        item,
        site.apprentice,
        "submit",
        evidence={"why": SECOND, "decision": "accept"},
    )
    act(
        item,
        site.reviewer,
        "fix_and_approve",
        evidence={"why": FIRST},
        reason="The first words were right.",
    )

    versions = past(item, "why").versions

    assert [(v.number, v.before, v.value) for v in versions] == [
        (3, SECOND, FIRST),
        (2, FIRST, SECOND),
        (1, None, FIRST),
    ]
    assert [(v.by, v.role, v.action) for v in versions] == [
        (site.reviewer, "reviewer", "item.fixed_and_approved"),
        (site.apprentice, "coder", "item.submitted"),
        (site.apprentice, "coder", "item.evidence_saved"),
    ]
    assert {v.form for v in versions} == {str(item.template)}


def test_one_field_alone(site, item):
    act(
        item,
        site.apprentice,
        "save_evidence",
        evidence={"why": FIRST, "decision": "accept"},
    )

    assert [one.name for one in pasts_of(item)] == ["decision", "why"]
    assert [one.name for one in pasts_of(item, "why")] == ["why"]
    assert pasts_of(item, "corrected_on") == []


def test_a_file_that_was_taken_off_stays_with_who_and_when(site, item):
    file = NewFile(
        chunks=[b"Procedure note\n"],
        file_name="note.txt",
        field="note",
        source="EHR",
        dated_on=date(2026, 1, 2),
        page="3",
    )
    added = attach(item_id=item.pk, actor=site.apprentice, file=file).attachment
    [use] = past(item, "note").files
    assert (use.file, use.taken_off_by, use.taken_off_at) == (added, "", None)

    detach(item_id=item.pk, actor=site.apprentice, attachment_id=added.pk)

    [use] = past(item, "note").files
    assert use.taken_off_by == str(site.apprentice)
    assert use.taken_off_at is not None
    assert (use.file.sha256, use.file.page) == (added.sha256, "3")


def test_destroyed_words_leave_their_version(site, item):
    act(item, site.apprentice, "save_evidence", evidence={"why": FIRST})
    Answer.objects.update(content=None, salt=None, redacted_at=now())

    [version] = past(item, "why").versions

    assert (version.value, version.number) == (None, 1)
    assert version.redacted_at is not None


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_three_questions(site, item, count, django_assert_num_queries):
    for n in range(count):
        act(item, site.apprentice, "save_evidence", evidence={"why": f"{FIRST} {n}"})

    with django_assert_num_queries(3):
        assert len(past(item, "why").versions) == count
