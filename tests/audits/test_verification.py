"""A trail that was tampered with by hand is named, event by event."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from audits.services.verification import verify_trail
from tests.factories import GOOD_EVIDENCE, Site, make_site, open_item, take
from worklists.models import Event, User, WorkItem
from worklists.services import reading
from worklists.services.notes import write_note
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db
_WORDS = ("worklists_answer", "worklists_reason", "worklists_note")
_TABLES = ("trail_event", *_WORDS)


@pytest.fixture
def tamper() -> Iterator[Callable[..., None]]:
    """Run SQL with every trigger of the trail and of the words dropped by hand."""

    def run(sql: str, *params: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in _TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(sql, params)
            cursor.execute(
                "ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_seal_row"
            )
            cursor.execute(
                "ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_no_change"
            )
            for name in ("answer", "reason", "note"):
                cursor.execute(
                    f"ALTER TABLE worklists_{name} ENABLE ALWAYS TRIGGER {name}_guard"
                )

    return run


@pytest.fixture
def ana() -> User:
    user = User.objects.create(username="ana")
    for action in ("login", "search.items", "logout"):
        reading.record(actor=user, action=action)
    return user


def events(user: User) -> list[Event]:
    return list(Event.objects.filter(subject_id=user.pk).order_by("seq"))


def test_an_untouched_trail_is_whole(ana: User) -> None:
    verdict = verify_trail()
    assert (verdict.whole, verdict.events, verdict.chains) == (True, 3, 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "login.failed"),
        ("actor_name", "bob"),
        ("actor_role", "manager"),
        ("facts", '{"rows":9}'),
        ("source", "api"),
        ("from_state", "open"),
        ("facility_id", 5),
        ("commitments", "{}"),
        ("occurred_at", "2020-01-01T00:00:00Z"),
        ("request_id", "other"),
    ],
)
def test_a_changed_event_is_named(
    ana: User, tamper: Callable[..., None], column: str, value: object
) -> None:
    second = events(ana)[1]
    if column == "commitments":
        value = [b"\x01" * 32]
    sql = f"UPDATE trail_event SET {column} = %s WHERE id = %s"  # noqa: S608
    tamper(sql, value, second.pk)
    fault = verify_trail().faults[0]
    assert (fault.code, fault.event, fault.seq) == ("hash_mismatch", second.pk, 2)


def test_an_event_removed_from_the_middle_is_named(
    ana: User, tamper: Callable[..., None]
) -> None:
    _, second, third = events(ana)
    tamper("DELETE FROM trail_event WHERE id = %s", second.pk)
    fault = verify_trail().faults[0]
    assert (fault.code, fault.event, fault.seq) == ("event_missing", third.pk, 3)


def test_the_last_event_removed_is_named(
    ana: User, tamper: Callable[..., None]
) -> None:
    tamper("DELETE FROM trail_event WHERE id = %s", events(ana)[2].pk)
    verdict = verify_trail()
    assert [(f.code, f.subject, f.seq, f.event) for f in verdict.faults] == [
        ("last_event_missing", f"user:{ana.pk}", 3, None)
    ]


def test_a_whole_chain_removed_is_named(ana: User, tamper: Callable[..., None]) -> None:
    tamper("DELETE FROM trail_event WHERE subject_id = %s", ana.pk)
    verdict = verify_trail()
    assert [(f.code, f.subject, f.seq) for f in verdict.faults] == [
        ("last_event_missing", f"user:{ana.pk}", 1)
    ]
    assert "the last 3 event(s)" in verdict.faults[0].message


def test_a_rehashed_change_breaks_the_next_link(
    ana: User, tamper: Callable[..., None]
) -> None:
    from audits.selectors.verification import CANONICAL

    _, second, third = events(ana)
    tamper("UPDATE trail_event SET action = 'export.rows' WHERE id = %s", second.pk)
    rehash = f"UPDATE trail_event e SET hash = sha256({CANONICAL}) WHERE id = %s"  # noqa: S608
    tamper(rehash, second.pk)
    fault = verify_trail().faults[0]
    assert (fault.code, fault.event) == ("link_broken", third.pk)


def test_the_last_event_of_an_item_removed_is_named(
    tamper: Callable[..., None],
) -> None:
    site = make_site()
    item = open_item(site.queue, site.facility)
    last = Event.objects.get(subject_kind="item", subject_id=item.pk)
    tamper("DELETE FROM trail_event WHERE id = %s", last.pk)
    assert [(f.code, f.subject, f.seq) for f in verify_trail().faults] == [
        ("last_event_missing", f"item:{item.pk}", 1)
    ]


def test_words_deleted_or_changed_are_named_and_redacted_ones_are_not(
    tamper: Callable[..., None],
) -> None:
    site = make_site()
    item = open_item(site.queue, site.facility)
    for reason in ("first words", "second words", "third words"):
        item = perform(
            item_id=item.pk,
            action="escalate",
            actor=None,
            expected_version=None,
            reason=reason,
        )
    said = list(Event.objects.filter(action="item.escalated").order_by("seq"))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worklists_reason SET content = NULL, salt = NULL,"
            " redacted_at = now() WHERE seq = %s",
            [said[0].seq],
        )
    assert verify_trail().whole
    tamper("DELETE FROM worklists_reason WHERE seq = %s", said[1].seq)
    tamper(
        "UPDATE worklists_reason SET content = '\"other\"' WHERE seq = %s", said[2].seq
    )
    assert [(f.code, f.event) for f in verify_trail().faults] == [
        ("words_missing", said[1].pk),
        ("words_changed", said[2].pk),
    ]


@pytest.mark.parametrize(
    ("by_force", "code"),
    [
        ("content = '\"other\"', salt = NULL", "words_changed"),
        ("content = NULL", "words_missing"),
        ("content = NULL, salt = NULL", "words_missing"),
    ],
)
def test_words_without_salt_or_gone_without_a_redaction_are_named(
    by_force: str, code: str, tamper: Callable[..., None]
) -> None:
    site = make_site()
    item = open_item(site.queue, site.facility)
    perform(
        item_id=item.pk,
        action="escalate",
        actor=None,
        expected_version=None,
        reason="the words that were said",
    )
    said = Event.objects.get(action="item.escalated")
    assert verify_trail().whole
    by_force = f"UPDATE worklists_reason SET {by_force} WHERE seq = %s"  # noqa: S608
    tamper(by_force, said.seq)
    assert [(f.code, f.event) for f in verify_trail().faults] == [(code, said.pk)]


@pytest.mark.parametrize(
    "by_force",
    [
        "worklists_answer SET field = 'other' WHERE field = 'decision'",
        "worklists_answer SET version = version + 1 WHERE field = 'why' AND version = 2",
        "worklists_answer SET saved_by_id = %(other)s WHERE field = 'why' AND version = 2",
        "worklists_reason SET code = 'expired'",
        "worklists_reason SET action = 'item.cancelled'",
        "worklists_reason SET said_by_id = %(other)s",
        "worklists_reason SET seq = seq + 1",
        "worklists_note SET private = false",
        "worklists_note SET role = 'manager'",
        "worklists_note SET said_by_id = %(other)s",
    ],
)
def test_words_put_elsewhere_are_named(
    by_force: str, tamper: Callable[..., None]
) -> None:
    site = make_site()
    item = take(open_item(site.queue, site.facility), site.apprentice)
    later = {**GOOD_EVIDENCE, "why": "It stands on page four of the note."}
    for evidence in (GOOD_EVIDENCE, later):
        item = perform(
            item_id=item.pk,
            action="save_evidence",
            actor=site.apprentice,
            expected_version=item.version,
            evidence=evidence,
        )
    write_note(item_id=item.pk, actor=site.apprentice, text="Mine alone.", private=True)
    item = _submitted_and_returned(site, item)
    assert verify_trail().whole

    tamper("UPDATE " + by_force.replace("%(other)s", str(site.manager.pk)))

    assert {f.code for f in verify_trail().faults} == {"words_moved"}


def _submitted_and_returned(site: Site, item: WorkItem) -> WorkItem:
    submitted = perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=item.version,
    )
    return perform(
        item_id=item.pk,
        action="return",
        actor=site.reviewer,
        expected_version=submitted.version,
        reason="The page is missing.",
        options={"reason_code": "document_missing"},
    )


def test_the_command_exits_1_and_names_the_first_bad_event(
    ana: User, tamper: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    first = events(ana)[0]
    tamper("UPDATE trail_event SET source = 'api' WHERE id = %s", first.pk)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail", "--json")
    assert ended.value.code == 1
    out = capsys.readouterr()
    told = json.loads(out.out)
    assert (told["ok"], told["first_bad"]["event"]) == (False, first.pk)
    assert f"user:{ana.pk} no. 1 (event {first.pk}): hash_mismatch" in out.err


def test_the_command_says_a_whole_trail_is_whole(
    ana: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_trail")
    since = events(ana)[0].recorded_at.isoformat(timespec="seconds")
    assert capsys.readouterr().out == (
        "The trail is whole: 3 events in 1 chains.\n"
        "0 files of evidence, 0 of them read.\n0 seals hold 0 of the events.\n"
        f"Events since {since} wait for their seal.\n"
    )
