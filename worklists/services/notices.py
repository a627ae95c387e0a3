"""Messages to people: a row in the transaction of the act, mail in a sweep of its own.

A mail that cannot be sent is tried again later and undoes nothing: the notice stands
in the inbox whatever the mail server does. A mail is counted as tried before it is
handed over, so a killed worker sends it again and never loses it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import F, JSONField, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce
from django.template.loader import select_template
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from worklists.context import now
from worklists.models import Notice, User, WorkItem
from worklists.selectors.access import visible_to

logger = logging.getLogger(__name__)

TRIED_FOR = timedelta(days=7)

# Tried again after 1, 2, 4 … minutes, then every six hours.
_CLAIM = """
UPDATE worklists_notice
   SET mail_attempts = mail_attempts + 1,
       mail_after = %(at)s::timestamptz
           + LEAST(interval '1 minute' * power(2, LEAST(mail_attempts, 20)),
                   interval '6 hours')
 WHERE id = (SELECT id FROM worklists_notice
              WHERE by_mail AND mailed_at IS NULL AND mail_after <= %(at)s
              ORDER BY mail_after, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def tell(
    *,
    user_id: int | None,
    code: str,
    item: WorkItem | None = None,
    facts: Mapping[str, Any] | None = None,
    dedupe: str,
    by_mail: bool = False,
) -> None:
    """Tell one person one thing once, in the inbox and, if wanted, by mail.

    A second telling under the same ``dedupe`` changes nothing. ``facts`` are codes,
    numbers and names of our own people, never patient data. Nobody is told nothing.
    """
    if user_id is None:
        return
    notice = Notice(
        user_id=user_id,
        code=code,
        item=item,
        facts=dict(facts or {}),
        dedupe=dedupe,
        created_at=now(),
        by_mail=by_mail,
        mail_after=now() if by_mail else None,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def told_once(escalation_id: int) -> str:
    """Return the name under which people are told of a call, each of them once."""
    return f"escalation:{escalation_id}"


def settle(
    *, items: Collection[int], dedupes: Collection[str], facts: Mapping[str, Any]
) -> int:
    """Mark what several people were told once of items as done for all of them.

    ``facts`` say what was done and stand with each notice. Who has read it keeps the
    moment; a mail that has not gone out does not go any more. Returns how many there are.
    """
    more = Value(dict(facts), JSONField())
    told = Notice.objects.filter(item_id__in=set(items), dedupe__in=dedupes)
    return told.update(
        facts=CombinedExpression(F("facts"), "||", more),
        read_at=Coalesce("read_at", now()),
        mail_after=None,
    )


def settle_told(
    *, people: Collection[int] | QuerySet[User], dedupe: str, facts: Mapping[str, Any]
) -> int:
    """Mark what these people were told about no item as done for all of them.

    As ``settle``; the people are named, since what was told is found by them.
    """
    more = Value(dict(facts), JSONField())
    told = Notice.objects.filter(user__in=people, dedupe=dedupe, item=None)
    return told.update(
        facts=CombinedExpression(F("facts"), "||", more),
        read_at=Coalesce("read_at", now()),
        mail_after=None,
    )


def mark_read(*, actor: User, ids: Collection[int] | None = None) -> int:
    """Mark a person's own notices as read, all of them without ``ids``.

    Returns how many were unread; somebody else's are left alone without a word.
    """
    unread = Notice.objects.filter(user=actor, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    return unread.update(read_at=now())


def drop_mail(*, before: datetime) -> int:
    """Keep mails of notices from before a moment from going out; the inbox has them.

    For demonstrations and for sites that start with a backlog of old notices.
    """
    late = Notice.objects.filter(by_mail=True, mailed_at=None, created_at__lte=before)
    return late.update(by_mail=False)


def send_due_mail(limit: int = 200) -> int:
    """Send up to ``limit`` mails that are due and return how many went out.

    Each is claimed for itself, so two workers never send the same one; what fails
    comes again after a growing pause, for a week: then it is news no more. Holds no
    transaction while it talks to the mail server.
    """
    _forget_old()
    backend = get_connection()
    sent = 0
    for _ in range(limit):
        notice = _claim()
        if notice is None:
            break
        sent += _send(notice, backend)
    backend.close()
    return sent


def _forget_old() -> None:
    due = Notice.objects.filter(by_mail=True, mailed_at=None, mail_after__lte=now())
    due.filter(created_at__lt=now() - TRIED_FOR).update(mail_after=None)


def _claim() -> Notice | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": now()})
        row = cursor.fetchone()
    if row is None:
        return None
    return Notice.objects.select_related("user", "item__queue").get(pk=row[0])


def _send(notice: Notice, backend: BaseEmailBackend) -> bool:
    if not (notice.user.is_active and notice.user.email):
        Notice.objects.filter(pk=notice.pk).update(mail_after=None)
        return False
    message = compose(notice)
    message.connection = backend
    try:
        message.send()
    except (SMTPException, OSError) as error:
        # The text of a mail server's answer may name the person: only its kind.
        logger.warning("notice %s not mailed: %s", notice.pk, type(error).__name__)
        return False
    Notice.objects.filter(pk=notice.pk).update(mailed_at=now())
    return True


def compose(notice: Notice) -> EmailMessage:
    """Return the mail of a notice: item number, queue, clock and a link, no more.

    The first line of its template is the subject. Times are the person's own.
    """
    folder = "worklists/mail"
    template = select_template([f"{folder}/{notice.code}.txt", f"{folder}/notice.txt"])
    with timezone.override(notice.user.time_zone):
        text = template.render(_words(notice))
    subject, _, body = text.strip().partition("\n")
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[notice.user.email])


def _queue(user: User, item: WorkItem) -> str:
    """Return where an item is, for a person who sees it there."""
    seen = visible_to(user).filter(pk=item.pk).exists()
    return item.queue.name if seen else "another queue"


def _words(notice: Notice) -> dict[str, Any]:
    item = notice.item
    due_at = notice.facts.get("clock_due_at")
    return {
        "facts": notice.facts,
        "due_at": parse_datetime(due_at) if due_at else None,
        "number": item.number if item else "",
        "queue": _queue(notice.user, item) if item else "",
        "link": f"{settings.SITE_URL}/items/{item.pk}/" if item else settings.SITE_URL,
    }
