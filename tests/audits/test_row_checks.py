"""Rows that were changed past the product are named by what the events say."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from audits.selectors.row_checks import row_faults
from audits.services.verification import verify_trail
from tests.factories import GOOD_EVIDENCE, make_site, open_item, take
from tests.worklists.laddering import KEPT, change, ladder_site, step
from worklists.models import (
    Attachment,
    Escalation,
    Event,
    RuleVersion,
    RuleWords,
    SlaPolicy,
    WorkItem,
)
from worklists.services.attachments import NewFile, attach, detach
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return [fault.code for fault in row_faults()]


def forced(sql: str, *params: object) -> None:
    """Run SQL as somebody who turned the triggers off; the test's end undoes that."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in (
            "worklists_ruleversion",
            "worklists_rulewords",
            "worklists_answer",
        ):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, params)


@pytest.fixture
def site():
    """A site with one item in hand, answered once, called for help, with a file."""
    made = make_site()
    made.item = take(open_item(made.queue, made.facility), made.coder)
    return made


def act(site, action: str, actor=None, **more):
    version = WorkItem.objects.get(pk=site.item.pk).version
    return perform(
        item_id=site.item.pk,
        action=action,
        actor=actor or site.coder,
        expected_version=version,
        reason="Because.",
        **more,
    )


def call(site) -> Escalation:
    act(site, "escalate", options={"tell": "manager"})
    row = Escalation.objects.get(item=site.item)
    act(
        site, "acknowledge_escalation", site.manager,
        options={"escalation": row.pk, "outcome": "worked"},
    )  # fmt: skip
    return row


def the_fault():
    [fault] = row_faults()
    return fault


def test_a_state_that_no_event_gave_is_named(site):
    assert codes() == []
    WorkItem.objects.filter(pk=site.item.pk).update(state="open", assignee=None)
    last = Event.objects.filter(subject_kind="item", subject_id=site.item.pk).latest(
        "seq"
    )
    fault = the_fault()
    assert (fault.code, fault.subject, fault.event, fault.seq) == (
        "state_differs", f"item:{site.item.pk}", last.pk, last.seq
    )  # fmt: skip
    assert not verify_trail().whole


def test_answers_to_escalations_stand_as_they_were_given(site):
    row = call(site)
    assert codes() == []
    for changed in ({"outcome": "accepted"}, {"acknowledged_by": site.coder}):
        with transaction.atomic():
            Escalation.objects.filter(pk=row.pk).update(**changed)
            assert codes() == ["answer_changed"]
            transaction.set_rollback(True)


def test_an_answer_that_nobody_gave_is_named(site):
    act(site, "escalate", options={"tell": "manager"})
    row = Escalation.objects.get(item=site.item)
    Escalation.objects.filter(pk=row.pk).update(
        acknowledged_at=row.fired_at, outcome="worked", acknowledged_by=site.manager
    )
    assert codes() == ["answer_unsaid"]


def test_words_that_were_destroyed_without_an_event_are_named(site):
    act(site, "save_evidence", evidence=GOOD_EVIDENCE)
    assert codes() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worklists_answer SET content = NULL, salt = NULL, "
            "redacted_at = now() WHERE field = 'decision'"
        )
    [gone] = verify_trail().destroyed
    event = Event.objects.get(action="item.evidence_saved")
    assert (gone.code, gone.event) == ("words_destroyed_unsaid", event.pk)
    assert verify_trail().whole


class TestFiles:
    @pytest.fixture
    def row(self, site, settings, tmp_path):
        """A text file on the item."""
        settings.MEDIA_ROOT = tmp_path
        file = NewFile([b"Seen at noon.\n"], "note.txt", "note", "EHR")
        put = attach(item_id=site.item.pk, actor=site.coder, file=file)
        assert codes() == []
        return put.attachment

    @pytest.mark.parametrize(
        "changed",
        [
            {"sha256": "0" * 64},
            {"field": "another"},
        ],
    )
    def test_a_changed_row_is_named(self, row, changed):
        Attachment.objects.filter(pk=row.pk).update(**changed)
        assert codes() == ["file_changed"]

    def test_one_taken_off_without_an_event_is_named(self, row):
        Attachment.objects.filter(pk=row.pk).update(
            removed_at=row.added_at + timedelta(hours=1)
        )
        assert codes() == ["file_changed"]

    def test_one_put_back_without_an_event_is_named(self, row, site):
        detach(item_id=site.item.pk, actor=site.coder, attachment_id=row.pk)
        assert codes() == []
        Attachment.objects.filter(pk=row.pk).update(removed_at=None)
        assert codes() == ["file_changed"]

    def test_one_that_is_gone_is_named(self, row):
        Attachment.objects.filter(pk=row.pk).delete()
        assert codes() == ["file_missing"]

    def test_one_that_nobody_attached_is_named(self, row):
        row.pk, row.page = None, "2"
        row.save(force_insert=True)
        fault = the_fault()
        assert (fault.code, fault.event) == ("file_unsaid", None)


class TestRules:
    @pytest.fixture
    def version(self):
        """A ladder of two people, in force."""
        made = ladder_site()
        change(made, KEPT, step(9, asks=True))
        assert codes() == []
        self.site = made
        return RuleVersion.objects.get(state="in_force")

    @pytest.mark.usefixtures("version")
    def test_the_event_holds_the_digest_of_the_content(self):
        facts = [
            json.loads(event.facts)
            for event in Event.objects.filter(
                subject_kind="rule", action="rule.proposed"
            )
        ]
        assert [len(fact["content"]) for fact in facts] == [64]

    def test_changed_content_is_named(self, version):
        forced(
            "UPDATE worklists_ruleversion SET content = "
            "jsonb_set(content, '{business_hours}', '41') WHERE id = %s",
            version.pk,
        )
        assert codes() == ["rule_changed"] * 3 + ["rule_differs"]

    def test_another_approver_is_named(self, version):
        forced(
            "UPDATE worklists_ruleversion SET decided_by_id = %s WHERE id = %s",
            self.site.coder.pk,
            version.pk,
        )
        assert codes() == ["rule_by_another"]

    def test_the_database_keeps_who_decided(self, version):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            RuleVersion.objects.filter(pk=version.pk).update(decided_by=self.site.coder)
        version.refresh_from_db()
        assert version.decided_by == self.site.second

    @pytest.mark.usefixtures("version")
    def test_changed_words_are_named(self):
        words = RuleWords.objects.get(act="proposed")
        forced(
            "UPDATE worklists_rulewords SET content = '\"Forged.\"' WHERE id = %s",
            words.pk,
        )
        assert codes() == ["words_changed"]
        forced("DELETE FROM worklists_rulewords WHERE id = %s", words.pk)
        assert codes() == ["words_missing"]

    @pytest.mark.usefixtures("version")
    def test_what_works_beside_the_version_is_named(self):
        SlaPolicy.objects.filter(slug=self.site.slug).update(business_hours=99)
        assert codes() == ["rule_differs"]
