"""The manager's page: what must be answered, how queues stand, who carries how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from worklists.context import now
from worklists.forms import outcomes
from worklists.models import User
from worklists.policies import Access
from worklists.projection import Projection
from worklists.selectors.absences import away_now
from worklists.selectors.access import access_of
from worklists.selectors.backlog import backlog_of
from worklists.selectors.pages.escalations import Calls, calls_for
from worklists.selectors.pages.manage import loads_for
from worklists.selectors.projections import projections_for
from worklists.selectors.queues import Figures, QueueView, queues_for
from worklists.selectors.staff import staff_ids
from worklists.templatetags.wording import span
from worklists.views.access import may_manage_page, page
from worklists.views.escalating import called
from worklists.views.finishing import Finish, finish_of
from worklists.views.sentences import escalations_line, things

FIRST = 5


@page(may_manage_page)
def manage(request: HttpRequest) -> HttpResponse:
    """Show escalations without an answer, the managed queues, and the load."""
    found = calls_for(request.user, FIRST)
    managed = access_of(request.user).manage
    queues = [q for q in queues_for(request.user) if q.queue.pk in managed]
    loads = loads_for(request.user)
    context = {
        "calls": called(request.user, found.own),
        "team_calls": called(request.user, found.others),
        "waiting": found.waiting,
        "others": found.waiting_others,
        "outcomes": outcomes(),
        "queues": worst_first(
            request.user, queues, projections_for(request.user, managed)
        ),
        "wall": True,
        "backlog": backlog_of(request.user, managed),
        "loads": loads,
        "away": away_now(staff_ids(request.user)),
        "sub": line(found, queues, [load for load in loads if load.away]),
    }
    return render(request, "worklists/manage.html", context)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue with its figures, how old its oldest item is, and what the person does
    there."""

    view: QueueView
    oldest: str
    you: str
    finish: Finish | None = None


def worst_first(
    user: User,
    views: Iterable[QueueView],
    projections: Mapping[int, Projection] | None = None,
) -> list[QueueRow]:
    """Return queues by what presses: overdue, dollars at risk, active items.

    With ``projections`` each says when it would be empty.
    """

    def presses(view: QueueView) -> tuple[object, ...]:
        f = view.figures
        return (-f.overdue.value, -f.at_risk.value, -f.active.value, view.queue.name)

    access = access_of(user)
    finish = {pk: finish_of(one) for pk, one in (projections or {}).items()}
    return [
        QueueRow(v, _oldest(v.figures), _you(access, v), finish.get(v.queue.pk))
        for v in sorted(views, key=presses)
    ]


def _oldest(figures: Figures) -> str:
    """Return the age of the oldest item, with a plus where not all were looked at."""
    if figures.oldest_at is None:
        return ""
    return f"{span(now() - figures.oldest_at)}{'+' if figures.active.more else ''}"


def _you(access: Access, view: QueueView) -> str:
    if view.works:
        return "work it"
    if view.queue.pk in access.manage:
        return "manage it"
    return "review it" if view.queue.pk in access.review else "read it"


def line(found: Calls, queues: list[QueueView], away: list[object]) -> str:
    """Return the first line of the page from its numbers."""
    said = [escalations_line(found.waiting, found.waiting_others)]
    over = sum(int(view.figures.overdue.value) for view in queues)
    if over:
        verb = "is" if over == 1 else "are"
        said.append(f"{things(over, 'item')} {verb} overdue.")
    said += [
        f"{load.person} is away with {things(load.total, 'item')}."  # type: ignore[attr-defined]
        for load in away
    ]
    return " ".join(f"{text[0].upper()}{text[1:]}" for text in said)
