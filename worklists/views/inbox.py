"""What a person was told, and marking it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime

from worklists.enums import RuleKind
from worklists.errors import BadInput
from worklists.forms import outcomes, return_reasons, whole
from worklists.models import Notice
from worklists.selectors.keyset import Key, Ordering
from worklists.selectors.keyset import page as keyset_page
from worklists.selectors.notices import notices_for
from worklists.services import notices
from worklists.templatetags.wording import counted, day
from worklists.views.access import ACT, anyone, page
from worklists.views.answering import go

NEWEST = Ordering("-id", (Key("id", descending=True),))
SIZE = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words, with its icon, and the name of what it leads to."""

    notice: Notice
    icon: str
    words: str

    @property
    def lead(self) -> str:
        """Return what stands on the way there; empty where it leads nowhere."""
        if self.notice.item_id:
            return str(self.notice.item)
        return "the version" if lead_of(self.notice) else ""


@page(anyone)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show a person's notices, newest first."""
    rows = notices_for(request.user)
    found = keyset_page(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    context = {
        "told": [told(row) for row in found.rows],
        "unread": any(row.read_at is None for row in found.rows),
        "next_url": f"?cursor={found.next}" if found.next else "",
        "previous_url": f"?cursor={found.previous}" if found.previous else "",
    }
    return render(request, "worklists/inbox.html", context)


@page(anyone, ACT)
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice as read and go where it leads, or mark all."""
    posted = [whole(text) for text in request.POST.getlist("notice")]
    chosen = [pk for pk in posted if pk is not None]
    if len(chosen) < len(posted):
        raise BadInput("This names no notice.")
    notices.mark_read(actor=request.user, ids=chosen or None)
    rows = notices_for(request.user).filter(pk__in=chosen)
    target = rows.first() if len(chosen) == 1 else None
    lead = lead_of(target) if target is not None else ""
    return go(request, lead or reverse("worklists:inbox"))


def lead_of(notice: Notice) -> str:
    """Return the page a notice leads to: its item, or the version of a rule."""
    if notice.item_id:
        return reverse("worklists:item", args=[notice.item_id])
    if "rule" in notice.facts:
        return reverse("worklists:rule_version", args=notice.facts["rule"])
    return ""


def told(notice: Notice) -> Told:
    """Return a notice in words; an unknown code is said as it is."""
    icon, words = _WORDS.get(
        notice.code, ("info-circle", notice.code.replace("_", " "))
    )
    return Told(notice, icon, words.format_map(_Facts(notice)))


class _Facts(dict):  # type: ignore[type-arg]
    """The facts of a notice, with labels for codes and nothing where one is missing."""

    def __init__(self, notice: Notice) -> None:
        facts = dict(notice.facts)
        labels = {**dict(return_reasons()), **dict(outcomes())}
        code = facts.get("reason_code", "")
        facts["because"] = f", {labels[code].lower()}" if code in labels else ""
        facts["due"] = _due(facts.get("clock_due_at"))
        facts["so_many"] = counted(int(facts.get("items") or 0), "item")
        facts["until"] = day(parse_date(str(facts.get("until", ""))))
        facts["runs"] = "ran out" if facts.get("overdue") else "runs out"
        facts.setdefault("by", "the worker")
        if "rule" in facts:
            kind, slug, number = facts["rule"]
            label = RuleKind(kind).label.lower()
            facts["rule_words"] = f"version {number} of {label} “{slug}”"
        facts["answer"] = _answer(notice, facts, labels)
        super().__init__(facts)

    def __missing__(self, name: str) -> str:
        return ""


def _answer(notice: Notice, facts: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Return what became of a call: it waits, or who answered it and how."""
    if "answered_by" in facts:
        outcome = labels.get(str(facts.get("outcome")), str(facts.get("outcome")))
        return f" {facts['answered_by']} answered: {outcome.lower()}."
    if "joined_to" in facts:
        return " A later step of the same clock asks for the answer."
    waits = facts.get("needs_acknowledgement", notice.code == "escalated")
    return " It waits for your answer." if waits else ""


def _due(text: object) -> str:
    moment = parse_datetime(str(text)) if text else None
    return f" {day(moment)}" if moment else ""


_WORDS = {
    "assigned": ("user-plus", "{by} gave it to you."),
    "assigned_many": ("user-plus", "{by} gave you {so_many}. See Mine."),
    "returned": (
        "arrow-back-up",
        "{by} returned it{because}. It is first in your list.",
    ),
    "rejected": ("circle-x", "{by} rejected what you proposed{because}."),
    "fixed": ("circle-check", "{by} fixed and approved it. See what was changed."),
    "escalated": ("flag", "{by} called you for help.{answer}"),
    "ladder": ("flag", "Its clock “{clock}” {runs}{due}.{answer}"),
    "released": (
        "lock-open",
        "It went back to its queue: nobody worked on it for too long.",
    ),
    "handed_away": (
        "user-off",
        "You are away until {until}: {items} of your items went to {to}.",
    ),
    "covering": (
        "user-plus",
        "You stand in for {who} until {until}: you got {so_many} of theirs.",
    ),
    "came_back": (
        "calendar",
        "You are back: {so_many} came back to you, {stayed} stayed with {to}.",
    ),
    "cover_over": (
        "calendar",
        "{who} is back: {so_many} went back, {stayed} stayed with you.",
    ),
    "authority_lent": (
        "eye-check",
        "{by} lends you the authority of {who} to decide reviews, until {until}.",
    ),
    "authority_ended": ("lock", "The authority lent to you by {who} has ended."),
    "left_release_idle": (
        "user-check",
        (
            "Nobody has worked on it for too long. The system does not release it by itself: "
            "release it, or work on it."
        ),
    ),
    "left_hand_over": (
        "user-check",
        (
            "It came to somebody who is away. The system does not pass it on by itself: give "
            "it to somebody who is here."
        ),
    ),
    "left_cancel_reversed": (
        "user-check",
        (
            "The payer reversed every denial of {so_many}. The system does not cancel by "
            "itself: look, and cancel what is done."
        ),
    ),
    "left_absence": (
        "user-check",
        (
            "{who} is away until {until}. The system does not hand over by itself: open their "
            "page under People and hand over what they hold."
        ),
    ),
    "cleared_out": (
        "lock",
        "{so_many} you held went back: you do not hold the clearance.",
    ),
    "cleared_out_of": (
        "lock",
        ("{so_many} that {who} held went back: {who} does not hold the clearance."),
    ),
    "clearance_over": (
        "lock",
        (
            "Your clearance “{clearance}” ran out: {so_many} left you for the queue, "
            "{stayed} stayed with you."
        ),
    ),
    "clearance_of_over": (
        "lock",
        (
            "The clearance “{clearance}” of {who} ran out: {so_many} left them for the "
            "queue, {stayed} stayed with them."
        ),
    ),
    "payer_silent": (
        "alert-triangle",
        "{payer} has not answered within its usual {days} days. It is yours again.",
    ),
    "rule_proposed": (
        "scale",
        "{by} proposed {rule_words}. It waits for another person to decide.",
    ),
    "rule_decided": ("scale", "{by} {did} {rule_words}, which you proposed."),
    "resumed": ("player-play", "It came back from deferral and is yours again."),
}
