"""Senior review: what waits by the reason it came, what changed, one key to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from worklists import kinds, policies
from worklists.enums import Action, ReviewOutcome
from worklists.evidence.replies import is_reply
from worklists.forms import return_reasons, tell_choices
from worklists.models import Review, User, WorkItem
from worklists.review import why_alone
from worklists.selectors.access import access_of
from worklists.selectors.item import ItemView, item_view
from worklists.selectors.pages.item import detail_of
from worklists.selectors.review_facts import choices_of
from worklists.selectors.reviews import (
    Change,
    ReviewGroup,
    changes_of,
    last_ten,
    returns_of,
    review_groups,
    reviews_of,
    to_decide,
)
from worklists.services import reading
from worklists.services.drafts import base_of
from worklists.services.effects.deciding import REASON_FIELDS
from worklists.services.returning import Leads, foresee_return
from worklists.templatetags.codetrail import day, moment
from worklists.templatetags.wording import counted
from worklists.views.access import page
from worklists.views.answers import full_label, pointable, shown_fields
from worklists.views.changes import ChangedRow, changed_rows, only_changes
from worklists.views.item_page import returned_words, waiting
from worklists.views.rows import since
from worklists.views.sources import in_force_choices, with_offers
from worklists.views.time_on_items import time_context

PER_GROUP = 6


@page(policies.may_see_review_page)
def review(request: HttpRequest) -> HttpResponse:
    """Lead to the first item that waits; say so when none does."""
    groups = review_groups(request.user, shown=PER_GROUP)
    first = next((row for group in groups for row in group.rows), None)
    if first is not None:
        return redirect("worklists:review_item", first.item_id)
    return render(request, "worklists/review_empty.html", {"groups": groups})


@page(policies.may_see_review_page)
def review_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show one item for decision: what changed, what it rests on, why it came.

    One that was decided meanwhile leads to its own page, which says how it ended.
    """
    view = item_view(request.user, item_id)
    if view.review is None:
        messages.info(request, decided_words(view.item))
        return redirect("worklists:item", item_id)
    reading.record_item_read(
        actor=request.user,
        item_id=item_id,
        facility_id=view.item.facility_id,
        queue_id=view.item.queue_id,
    )
    groups = review_groups(request.user, shown=PER_GROUP)
    last = last_ten(request.user, view.review)
    context = _context(request.user, view, view.review, groups, last)
    leads = foresee_return(view.item, view.review, by=request.user)
    context |= {"return_leads": return_words(leads, view.review)}
    context["decisions"] = decisions(view, leads)
    context |= time_context(request.user, view.item, view.own_time, then="review")
    context["own"] = request.user.pk in view.review.workers
    context["behalf"] = policies.authority_for(
        access_of(request.user),
        view.item,
        view.review.workers,
        view.review.risk_classes,
        approver=view.review.approver_role,
    )
    # In a later round the question is what came of the return.
    only = request.GET.get("only", "changes" if view.review.round > 1 else "all")
    if only == "changes":
        context["rows"] = only_changes(context["rows"])
        context["only"] = True
    return render(request, "worklists/review.html", context)


def decided_words(item: WorkItem) -> str:
    """Return that an item waits for no review, by whom and when it was decided last."""
    said = f"{item} waits for no review: it is {item.get_state_display().lower()}."
    last = next(iter(reviews_of(item.pk)), None)
    if last is None or last.reviewer is None:
        return said
    done = last.get_outcome_display().lower()
    return f"{said} It was {done} by {last.reviewer}, {moment(last.decided_at)}."


def _context(
    user: User,
    view: ItemView,
    row: Review,
    groups: list[ReviewGroup],
    last: list[Review],
) -> dict[str, Any]:
    template, detail = detail_of(view.item)
    changes, suggested = changes_of(view.item, row), detail.get("suggested", {})
    came = returned_words(returns_of([view.item])[0]) if row.round > 1 else None
    back = came[0].review if came else None
    rows = changed_rows(
        view.asked,
        changes,
        suggested,
        is_first=row.round == 1,
        points_at=back.points_at if back else (),
    )
    fields = shown_fields(view.asked, view.attachments)
    offers = view.guidance()
    with_offers(fields, offers, view.item)
    for field in fields:
        field.read_url = ""  # the drawer would close the dialog the form stands in
    return {
        "item": view.item,
        "view": view,
        "review": row,
        "groups": groups,
        "to_review": to_decide(groups),
        "oldest": oldest_of(groups),
        "detail_template": template,
        "detail": detail,
        "evidence_words": f"{view.done} of {view.wanted}",
        "payer_made": payer_made_of(
            kinds.get(view.item.kind).payer_outcomes(user, view.item)
        ),
        "ten": ten_of(last),
        "legend": legend_of(last),
        "came": came,
        "beside": _beside(view, changes, back, came[0].code) if came else [],
        **_compared(rows, row),
        "fields": fields,
        "proposed": proposed(view),
        "by_itself": why_alone(row.triggers),
        "helped": waiting(user, [e for e in view.escalations if e.raised_by_id]),
        "hidden": [("version", view.item.version), ("then", "review")],
        "reasons": return_reasons(),
        "points": pointable(view.asked),
        "pages": in_force_choices(offers),
        "reply": reply_of(view, row),
        "tell_choices": tell_choices(view.item, user),
        "clocks": [clock for clock in view.clocks if clock.running],
    }


def _compared(rows: Sequence[ChangedRow], row: Review) -> dict[str, Any]:
    """Return what stands over the comparison, and how many answers are of which sort."""
    sorts = Counter(one.kind for one in rows)
    same, answered = sorts["same"], sorts["answered"]
    changed = len(rows) - same - answered
    hinted = changed + same
    coder = row.submitted_by.first_name or row.submitted_by.username
    said = [f"{counted(changed, 'field')} changed", f"{same} the same"]
    if row.round == 1:
        said = [
            counted(len(rows), "answer"),
            *([f"{changed} of {hinted} not as suggested"] if changed else []),
        ]
    return {
        "rows": rows,
        "changed": changed,
        "same": same,
        "answered": answered,
        "alone": row.round == 1 and answered == len(rows),
        "compared_words": ", ".join(said),
        "before_title": "Suggested" if row.round == 1 else "Before",
        "before_meta": "" if row.round == 1 else f"as decided in round {row.round - 1}",
        "after_title": f"{coder}’s version",
        "after_meta": f"submitted {moment(row.opened_at)}",
    }


def _beside(
    view: ItemView, changes: Sequence[Change], returned: Review | None, code: str
) -> list[str]:
    """Return the labels of answers that changed though neither the return nor its
    reason was about them."""
    pointed = frozenset(returned.points_at) if returned else frozenset[str]()
    if not pointed:
        return []
    about = REASON_FIELDS.get(code)
    fields = {field.name: field for field in view.asked.expanded}
    changed = (
        change.name
        for change in changes
        if change.kind != "same"
        and change.name not in pointed
        and base_of(change.name) != about
    )
    return [
        full_label(view.asked, fields[name])
        for name in changed
        if name in fields and not is_reply(name)
    ]


def reply_of(view: ItemView, row: Review) -> tuple[str, str]:
    """Return who answers the return of the round before, and in which words."""
    back = view.asked.back
    said = [
        field for field in view.fields if back and field.field.name == back.field.name
    ]
    if said and said[0].value:
        return said[0].saved_name, str(said[0].value)
    return row.submitted_by.first_name or row.submitted_by.username, ""


# Letter and tone of how a review ended.
ENDED_AS = {
    ReviewOutcome.APPROVED: ("A", "won"),
    ReviewOutcome.FIXED: ("F", "part"),
    ReviewOutcome.RETURNED: ("R", "lost"),
    ReviewOutcome.REJECTED: ("J", "lost"),
}


def ten_of(last: list[Review]) -> list[dict[str, str]]:
    """Return past decisions as ``components/last_ten.html`` draws them."""
    found = []
    for row in last:
        letter, tone = ENDED_AS[ReviewOutcome(row.outcome)]
        word, when = row.get_outcome_display(), moment(row.decided_at)
        found.append({"letter": letter, "tone": tone, "word": word, "when": when})
    return found


# Letter and tone of what a payer made of what went back to it.
ANSWERED_AS = {
    "reversed": ("R", "won"),
    "upheld": ("U", "lost"),
    "waits": ("W", ""),
}


def payer_made_of(found: kinds.PayerOutcomes | None) -> dict[str, Any] | None:
    """Return the payer's outcomes as ``review/_last_ten.html`` draws them."""
    if found is None:
        return None
    ten = []
    for row in found.newest:
        letter, tone = ANSWERED_AS[row.outcome]
        when = moment(row.at)
        ten.append({"letter": letter, "tone": tone, "word": row.outcome, "when": when})
    back = [row.amount for row in found.newest if row.outcome == "reversed"]
    return {
        "about": found.about,
        "ten": ten,
        "decided": sum(row.outcome != "waits" for row in found.newest),
        "reversed": len(back),
        "came_back": sum(back, Decimal(0)),
    }


def legend_of(last: list[Review]) -> str:
    """Return what the letters of past decisions mean, and how many stood."""
    stood = sum(one.outcome == ReviewOutcome.APPROVED for one in last)
    letters = "A approved, F fixed, R returned, J rejected."
    return f"{letters} {stood} of {len(last)} approved as submitted."


def oldest_of(groups: list[ReviewGroup]) -> str:
    """Return how long the oldest review has waited, of all groups; empty for none."""
    first = min((group.oldest_at for group in groups), default=None)
    return since(first) if first else ""


def return_words(leads: Leads, row: Review) -> str:
    """Return who would get a returned item, and why where it is not the coder."""
    coder, absence = row.submitted_by, leads.absence
    if leads.barred:
        barred = f"{coder} may not be given this item any more"
        return f"{barred}: it goes back to its queue, with your words."
    if absence is None:
        return f"It goes back to {coder}, first in line, with your words."
    away = f"{coder} is away until {day(absence.ends_on)}"
    if leads.stays:
        return f"{away}, and it waits for them, with your words. {leads.stays}"
    if leads.to is None:
        return (
            f"{away}: it goes to the pool, open to everybody cleared, with your words."
        )
    return f"{away}: it goes to {leads.to}, who stands in, with your words."


DECIDED = "decision:"


def proposed(view: ItemView) -> list[tuple[str, Decimal]]:
    """Return what an approval decides: each decision with the dollars it is about."""
    sums: dict[str, Decimal] = {}
    for said in choices_of(view.asked):
        if said.code.startswith(DECIDED):
            amount = view.item.amount if said.amount is None else said.amount
            sums[said.label] = sums.get(said.label, Decimal(0)) + amount
    return list(sums.items())


def _gets(leads: Leads) -> str:
    if leads.to is None:
        return "to the queue"
    who = leads.to.first_name or str(leads.to)
    if leads.absence is None:
        return f"to {who}, first in line"
    return f"to {who}, who is away" if leads.stays else f"to {who}, who stands in"


def decisions(view: ItemView, leads: Leads) -> list[dict[str, Any]]:
    """Return the five ways to decide, all of equal weight, none preselected."""
    rows = (
        ("1", Action.APPROVE, "closes it as proposed", "approve"),
        ("2", Action.FIX_AND_APPROVE, "the difference teaches", "fix"),
        ("3", Action.RETURN, _gets(leads), "return"),
        ("4", Action.REJECT, "closes without it", "reject"),
        ("5", Action.ESCALATE, "somebody is called", "escalate"),
    )
    return [_decision(view, *row) for row in rows]


def _decision(
    view: ItemView, key: str, action: Action, note: str, dialog: str
) -> dict[str, Any]:
    offer = view.offer(action.value)
    return {
        "key": key,
        "label": action.label,
        "note": note,
        "value": action.value,
        "dialog": dialog if action != Action.APPROVE or offer.needs_reason else "",
        "refused": "" if offer.allowed else offer.why_not,
    }
