"""The page that counts its person's time, and the dialog in which they put it right."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from worklists import policies
from worklists.enums import Role
from worklists.forms import TimeForm, checked
from worklists.models import User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.item import item_for
from worklists.selectors.time_on_items import OwnTime, everybodys_time
from worklists.services import time_on_items as service
from worklists.templatetags.wording import counted
from worklists.views.access import ACT, page, people_at_work
from worklists.views.answering import go, item_url


def time_context(
    user: User, item: WorkItem, own: OwnTime, then: str = ""
) -> dict[str, Any]:
    """Return what the line of time and its dialog are drawn from.

    Auditors read everybody's; others their own, and only where they have some or are
    at work. ``then`` is where the correction leads back to: ``review`` or the item.
    """
    access = access_of(user)
    counts = policies.may_count_time(access, item) is None
    corrects = policies.may_correct_time(access, item, has_time=own.known) is None
    return {
        "own_minutes": own.minutes if corrects else None,
        "counts_time": counts,
        "time_then": then,
        "all_minutes": everybodys_time(item.pk) if access.has(Role.AUDITOR) else [],
    }


@page(people_at_work, ACT)
def beat(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take the page's word, once a minute, that the person is at work on the item."""
    service.beat(item_id=item_id, actor=request.user)
    return HttpResponse(status=204)


@page(people_at_work, ACT)
def correct(request: HttpRequest, item_id: int) -> HttpResponse:
    """Put one's own time on an item right, and lead back to where it was done."""
    item_for(request.user, item_id)
    given = checked(TimeForm(request.POST))
    service.correct_time(
        item_id=item_id,
        actor=request.user,
        minutes=given["minutes"],
        reason=given["reason"],
    )
    back = item_url(item_id)
    if given["then"] == "review":
        back = reverse("worklists:review_item", args=[item_id])
    minutes = counted(given["minutes"], "minute")
    return go(request, back, f"Your time on it is {minutes} now.")
