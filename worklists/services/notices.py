"""Messages to people: a row in the transaction of the act, mail in a sweep of its own.

A mail that cannot be sent is tried again later and undoes nothing: the notice stands
in the inbox whatever the mail server does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from worklists.context import now
from worklists.models import Notice, User, WorkItem


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


def mark_read(*, actor: User, ids: Collection[int] | None = None) -> int:
    """Mark a person's own notices as read, all of them without ``ids``.

    Returns how many were unread; somebody else's are left alone without a word.
    """
    unread = Notice.objects.filter(user=actor, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    return unread.update(read_at=now())
