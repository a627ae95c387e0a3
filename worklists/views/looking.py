"""An act on many items is looked at before it is done: the part all its pages share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from worklists.errors import BadInput
from worklists.services.bulk_rows import Left, Plan
from worklists.services.bulk_writing import Done
from worklists.services.taking_back import UNDO_FOR
from worklists.templatetags.wording import counted
from worklists.views.choosing import Chosen

NAMED = 5
# So many are offered to be opened; an act takes thousands.
OPENED = 50


def looked_at(look: Callable[[], Plan]) -> tuple[Plan | None, str]:
    """Return what would happen, or why what was asked for is refused."""
    try:
        return look(), ""
    except BadInput as refusal:
        return None, refusal.detail


def is_confirmed(request: HttpRequest, asked: str) -> bool:
    """Return whether the person says yes to just what they have seen.

    After another choice it is shown anew.
    """
    return "confirm" in request.POST and request.POST.get("looked") == asked


def context_of(
    request: HttpRequest, chosen: Chosen, plan: Plan | None, refused: str, verb: str
) -> dict[str, Any]:
    """Return what every such page shows: the choice, the effect, who stays and why."""
    count = len(plan.placings) if plan else 0
    return {
        "chosen": chosen,
        "sub": chosen.words,
        "back": chosen.back,
        "reason": request.POST.get("reason", ""),
        "plan": plan,
        "refused": refused,
        "count": count,
        "do": f"{verb} {counted(count, chosen.thing)}",
        "will": f"{counted(count, chosen.thing)} of {len(chosen.ids):,} selected.",
        "undo_minutes": UNDO_FOR.seconds // 60,
        "left": grouped(plan.left) if plan else (),
    }


def stays(first: Plan) -> dict[str, Any]:
    """Return what is said before anything is asked for: what cannot be done anyway."""
    return {"left": grouped(first.left), "nothing_fits": not first.placings}


def lead_on(request: HttpRequest, chosen: Chosen, done: Done) -> HttpResponse:
    """Name what stayed, and lead to the act, or back where nothing was done."""
    for line in grouped(done.plan.left):
        messages.warning(request, str(line))
    if done.act is None:
        return redirect(chosen.back)
    return redirect("worklists:bulk_act", done.act.pk)


@dataclass(frozen=True, slots=True)
class Stays:
    """One reason, and the items that it keeps as they are: ids and numbers."""

    why: str
    items: Sequence[tuple[int, str]]

    def __str__(self) -> str:
        """Return it in a line, with the first of the items by their numbers."""
        return named(self.why, [number for _, number in self.items])

    @property
    def seen(self) -> Sequence[tuple[int, str]]:
        """Return the items that the person sees and can open, up to ``OPENED``."""
        return [one for one in self.items if one[1]][:OPENED]

    @property
    def beyond(self) -> int:
        """Return how many it keeps besides those."""
        return len(self.items) - len(self.seen)


def grouped(left: Iterable[Left]) -> list[Stays]:
    """Return each reason once, with the items that it keeps."""
    by_why: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for one in left:
        by_why[one.why].append((one.id, one.number))
    return [Stays(why, items) for why, items in by_why.items()]


def named(why: str, numbers: list[str]) -> str:
    """Return a reason with the first of the items it is about."""
    said = [number or "one you cannot see" for number in numbers[:NAMED]]
    more = f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else ""
    return f"{', '.join(said)}{more}: {why}"
