"""Notices: told once, read by their owner, mailed until it works."""

from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections

from tests.factories import UserFactory, grant, person
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    MONDAY,
    act,
    held,
    local,
    opened,
    timed_site,
)
from worklists.enums import Role
from worklists.models import Notice, User
from worklists.selectors.notices import notices_for
from worklists.services import notices
from worklists.services.injected_time import at
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LINK = "https://codetrail.example.org"


@pytest.fixture(autouse=True)
def _site_url(settings) -> None:
    settings.SITE_URL = LINK


@pytest.fixture
def ana() -> User:
    return UserFactory(username="ana", email="ana@example.org")


def tell(user: User, dedupe: str = "one", moment=MONDAY, **more) -> None:
    with at(moment):
        notices.tell(user_id=user.pk, code="assigned", dedupe=dedupe, **more)


def send(moment=MONDAY, limit: int = 200) -> int:
    with at(moment):
        return notices.send_due_mail(limit)


def break_mail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(self: EmailBackend, messages: list[object]) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def test_a_person_is_told(ana: User) -> None:
    tell(ana, facts={"by": "Lea"})
    notice = Notice.objects.get()
    assert (notice.user, notice.code, notice.facts) == (ana, "assigned", {"by": "Lea"})
    assert (notice.created_at, notice.read_at) == (MONDAY, None)
    assert (notice.by_mail, notice.mail_after, notice.mailed_at) == (False, None, None)


def test_the_same_thing_is_told_once(ana: User) -> None:
    tell(ana, facts={"by": "Lea"})
    tell(ana, moment=MONDAY + DAY, facts={"by": "Max"}, by_mail=True)
    notice = Notice.objects.get()
    assert (notice.facts, notice.created_at, notice.by_mail) == (
        {"by": "Lea"}, MONDAY, False
    )  # fmt: skip


def test_two_people_are_told_the_same_thing(ana: User) -> None:
    tell(ana)
    tell(UserFactory())
    assert Notice.objects.count() == 2


def test_telling_nobody_is_nothing() -> None:
    notices.tell(user_id=None, code="ladder", dedupe="one")
    assert Notice.objects.count() == 0


def test_an_inbox_holds_ones_own_newest_first(ana: User) -> None:
    for name in ("one", "two"):
        tell(ana, name)
    tell(UserFactory(), "three")
    assert [n.dedupe for n in notices_for(ana)] == ["two", "one"]


def test_reading_all_leaves_what_was_read_before(ana: User) -> None:
    for name in ("one", "two"):
        tell(ana, name)
    first = Notice.objects.get(dedupe="one")
    with at(MONDAY):
        assert notices.mark_read(actor=ana, ids=[first.pk]) == 1
    with at(MONDAY + HOUR):
        assert notices.mark_read(actor=ana) == 1
    read = dict(Notice.objects.values_list("dedupe", "read_at"))
    assert read == {"one": MONDAY, "two": MONDAY + HOUR}


def test_somebody_elses_notices_stay_unread(ana: User) -> None:
    tell(ana)
    other = UserFactory()
    assert notices.mark_read(actor=other) == 0
    assert notices.mark_read(actor=other, ids=[Notice.objects.get().pk]) == 0
    assert Notice.objects.get().read_at is None


def test_what_several_were_told_is_settled_for_all_of_them_at_once(
    ana: User, django_assert_num_queries
) -> None:
    site = timed_site()
    item, other = opened(site), opened(site)
    for user, about in ((ana, item), (UserFactory(), item), (UserFactory(), other)):
        tell(user, "call", item=about, facts={"by": "Lea"}, by_mail=True)
    tell(ana, "else", item=item, by_mail=True)
    with at(MONDAY + MINUTE):
        mine = Notice.objects.get(user=ana, dedupe="call", item=item)
        notices.mark_read(actor=ana, ids=[mine.pk])

    with at(MONDAY + HOUR), django_assert_num_queries(1):
        count = notices.settle(
            items=[item.pk], dedupes=["call"], facts={"answered_by": "Max"}
        )

    assert count == 2
    rows = Notice.objects.order_by("pk").values_list("facts", "read_at", "mail_after")
    answered = {"by": "Lea", "answered_by": "Max"}
    assert list(rows) == [
        (answered, MONDAY + MINUTE, None),
        (answered, MONDAY + HOUR, None),
        ({"by": "Lea"}, None, MONDAY),
        ({}, None, MONDAY),
    ]
    assert send(MONDAY + DAY) == 2


def test_settling_what_nobody_was_told_changes_nothing(ana: User) -> None:
    item = opened(timed_site())
    tell(ana, "call", item=item)

    assert (
        notices.settle(
            items=[item.pk], dedupes=["another"], facts={"outcome": "worked"}
        )
        == 0
    )

    notice = Notice.objects.get()
    assert (notice.facts, notice.read_at) == ({}, None)


def test_mail_goes_out_once(ana: User) -> None:
    tell(ana, by_mail=True)
    assert send(MONDAY + MINUTE) == 1
    assert send(MONDAY + DAY) == 0
    assert [m.to for m in mail.outbox] == [["ana@example.org"]]
    notice = Notice.objects.get()
    assert (notice.mailed_at, notice.mail_attempts) == (MONDAY + MINUTE, 1)


def test_what_is_for_the_inbox_only_is_not_mailed(ana: User) -> None:
    tell(ana)
    assert send() == 0
    assert mail.outbox == []


def test_a_limit_leaves_the_rest_for_the_next_run(ana: User) -> None:
    for n in range(3):
        tell(ana, str(n), moment=MONDAY + n * MINUTE, by_mail=True)
    assert send(MONDAY + HOUR, limit=2) == 2
    waiting = Notice.objects.filter(mailed_at=None)
    assert [n.dedupe for n in waiting] == ["2"]  # the oldest went first


@pytest.mark.parametrize("error", [SMTPException("no"), ConnectionRefusedError()])
def test_mail_that_fails_is_tried_again_after_a_growing_pause(
    ana: User, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    tell(ana, by_mail=True)
    break_mail(monkeypatch, error)
    moment = MONDAY
    for minutes in (1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360):
        assert send(moment) == 0
        notice = Notice.objects.get()
        assert notice.mail_after == moment + minutes * MINUTE
        assert send(notice.mail_after - MINUTE / 60) == 0  # not before
        moment = notice.mail_after
    assert (notice.mail_attempts, notice.mailed_at) == (11, None)
    monkeypatch.undo()
    assert send(moment) == 1


def test_a_failing_mail_does_not_stop_the_next(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = EmailBackend.send_messages

    def refuse_ana(self: EmailBackend, messages: list[mail.EmailMessage]) -> int:
        if messages[0].to == ["ana@example.org"]:
            raise SMTPException("mailbox full")
        return sent(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_ana)
    tell(ana, by_mail=True)
    tell(UserFactory(email="bo@example.org"), moment=MONDAY + MINUTE, by_mail=True)
    assert send(MONDAY + HOUR) == 1
    assert [m.to for m in mail.outbox] == [["bo@example.org"]]


def test_a_mail_failure_undoes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    site = timed_site()
    item = held(site, legal_due_at=MONDAY + 2 * DAY)
    sweep(MONDAY + HOUR)
    break_mail(monkeypatch, SMTPException("no"))
    before = (item.escalations.count(), Notice.objects.count())
    send(MONDAY + HOUR)
    assert (item.escalations.count(), Notice.objects.count()) == before == (1, 1)


def test_after_a_week_it_is_news_no_more(ana: User) -> None:
    tell(ana, by_mail=True)
    assert send(MONDAY + 7 * DAY + HOUR) == 0
    notice = Notice.objects.get()
    assert (notice.mail_after, notice.mailed_at, notice.mail_attempts) == (
        None,
        None,
        0,
    )
    assert (mail.outbox, list(notices_for(ana))) == ([], [notice])


@pytest.mark.parametrize("gone", [{"email": ""}, {"is_active": False}])
def test_people_without_an_address_are_not_mailed(ana: User, gone: dict) -> None:
    tell(ana, by_mail=True)
    User.objects.filter(pk=ana.pk).update(**gone)
    assert send() == 0
    assert mail.outbox == []
    assert Notice.objects.get().mail_after is None  # and not asked for again


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_another_worker_has_claimed_is_left_to_it(ana: User) -> None:
    tell(ana, by_mail=True)
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM worklists_notice FOR UPDATE")
        assert send() == 0
    finally:
        other.rollback()
        other.close()
    assert send() == 1


def test_a_worker_killed_while_sending_loses_nothing(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(ana, by_mail=True)
    break_mail(monkeypatch, KeyboardInterrupt())  # as a kill: nothing after it runs
    with pytest.raises(KeyboardInterrupt):
        send()
    monkeypatch.undo()
    assert send(MONDAY + MINUTE) == 1


def ladder_mail(**zone) -> mail.EmailMessage:
    site = timed_site()
    User.objects.filter(username="sue").update(**zone)
    sue = User.objects.get(username="sue")
    grant(sue, site.queue, "manage")
    grant(sue, site.facility, "view")
    opened(site, legal_due_at=local("2026-03-03", "12:00"))
    sweep(local("2026-03-03", "12:00"))
    return notices.compose(Notice.objects.get(user__username="sue"))


def test_the_mail_of_a_rung_says_number_queue_clock_and_link() -> None:
    message = ladder_mail()
    item = Notice.objects.filter(code="ladder").first().item
    assert message.subject == f"{item.number}: Payer appeal, level 1 is overdue"
    assert message.body == (
        f"The clock “Payer appeal, level 1” of {item.number} in the queue "
        f"“{item.queue.name}” was due Tue Mar 3, 2026 12:00 CST.\n"
        "Please open the item and say what is being done about it.\n\n"
        f"{LINK}/items/{item.pk}/\n"
    )


def test_a_mail_tells_the_time_where_its_reader_is() -> None:
    body = ladder_mail(time_zone="America/New_York").body
    assert "was due Tue Mar 3, 2026 13:00 EST." in body


def test_no_mail_holds_patient_data() -> None:
    message = ladder_mail()
    item = Notice.objects.filter(code="ladder").first().item
    for secret in (
        item.claim.patient_name, item.claim.patient_control_number,
        item.claim.member_id, item.claim.provider_name, item.reason_label,
    ):  # fmt: skip
        assert secret
        assert secret not in message.subject + message.body


@pytest.mark.parametrize(
    ("code", "facts", "subject"),
    [
        ("escalated", {"by": "Lea"}, "{}: Lea calls for your help"),
        ("returned", {"by": "Lea"}, "{} came back from senior review"),
        ("assigned", {}, "{}: something for you in Codetrail"),
    ],
)
def test_every_code_has_a_subject_and_a_link(
    ana: User, code: str, facts: dict, subject: str
) -> None:
    item = opened(timed_site())
    notice = Notice(user=ana, code=code, item=item, facts=facts)
    message = notices.compose(notice)
    assert message.subject == subject.format(item.number)
    assert message.body.endswith(f"{LINK}/items/{item.pk}/\n")


def test_a_notice_without_an_item_leads_to_the_start(ana: User) -> None:
    message = notices.compose(Notice(user=ana, code="other", facts={}))
    assert message.subject == "Something for you in Codetrail"
    assert message.body == f"There is news for you.\n\n{LINK}\n"


def test_an_escalation_by_hand_is_mailed_to_the_one_called() -> None:
    site = timed_site()
    item = held(site)
    boss = person(Role.MANAGER, username="boss", email="boss@example.org")
    site.queue.team.manager = boss
    site.queue.team.save()
    act(site.coder, item, "escalate", MONDAY + HOUR, tell="manager")
    assert send(MONDAY + HOUR) == 1
    assert mail.outbox[0].to == ["boss@example.org"]
