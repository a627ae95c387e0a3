"""Which items an act on many is about: selected ones, or all that a list's filters find."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse

from worklists.errors import BadInput
from worklists.filters import filtered
from worklists.forms import whole
from worklists.selectors.items import items_for
from worklists.services.bulk_rows import MOST
from worklists.templatetags.wording import counted
from worklists.views.list_page import known

MOST_SELECTED = 200
# What a list of all queues posts as its queue, with its filters behind it.
ALL_QUEUES = "*?"
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The items an act on many is about, as a page carries them from look to deed.

    ``thing`` says what they are where they are no items.

    What was looked at is what is done: the ids travel with the page, also where they
    came from a filter.
    """

    ids: list[int]
    queue: str
    back: str
    thing: str = "item"

    @property
    def text(self) -> str:
        """Return the ids as a form carries them."""
        return ",".join(map(str, self.ids))

    @property
    def words(self) -> str:
        """Return how many they are."""
        return f"{counted(len(self.ids), self.thing)} selected."


def chosen_in(request: HttpRequest) -> Chosen:
    """Return what a page of an act on many was asked about."""
    back, queue = back_of(request), request.POST.get("queue", "")
    if "chosen" in request.POST:
        ids = carried(request.POST["chosen"])
    elif "matching" in request.POST:
        ids = _matching(request, queue)
    else:
        ids = [item_id for item_id, _ in selected_in(request)]
    return Chosen(ids, queue, back)


def carried(text: str, thing: str = "item") -> list[int]:
    """Return the ids that a page carried, in their order, each once."""
    parts = text.split(",", MOST)
    if len(parts) > MOST:
        raise BadInput(f"Select {MOST:,} at most: do it in parts.")
    ids = [number for number in map(whole, parts) if number is not None]
    if not ids:
        raise BadInput(f"Select at least one {thing}.")
    return list(dict.fromkeys(ids))


def _matching(request: HttpRequest, queue: str) -> list[int]:
    params = known(QueryDict(request.POST["matching"], mutable=True))
    rows = items_for(request.user)
    if not queue.startswith(ALL_QUEUES):
        listed = {"queue__slug": queue} if queue else {"assignee_id": request.user.pk}
        rows = rows.filter(**listed)
    found = filtered(request.user, params, rows).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[: MOST + 1])
    if not ids:
        raise BadInput("No item matches these filters any more.")
    if len(ids) > MOST:
        raise BadInput(
            f"These filters find more than {MOST:,} items: narrow them, then do it in "
            "parts."
        )
    return ids


def ticked(request: HttpRequest, name: str) -> list[str]:
    """Return the rows ticked on a page; more than a page can show are refused."""
    texts = request.POST.getlist(name)
    if len(texts) > MOST_SELECTED:
        raise BadInput(
            f"Tick {MOST_SELECTED} rows at most, or take all that match the filters."
        )
    return texts


def selected_in(request: HttpRequest) -> list[Pair]:
    """Return the selected items with the versions that were read."""
    pairs = [text.partition(":") for text in ticked(request, "items")]
    numbers = [(whole(item), whole(version)) for item, _, version in pairs]
    chosen = [
        (item, version)
        for item, version in numbers
        if item is not None and version is not None
    ]
    if not chosen:
        raise BadInput("Select at least one item.")
    return chosen


def back_of(request: HttpRequest) -> str:
    """Return the page of the list it came from; asked before anything is done."""
    slug = request.POST.get("queue", "")
    if not slug:
        return reverse("worklists:mine")
    if slug.startswith(ALL_QUEUES):
        asked = QueryDict(slug.removeprefix(ALL_QUEUES)).urlencode()
        return f"{reverse('worklists:items')}?{asked}"
    try:
        return reverse("worklists:queue", args=[slug])
    except NoReverseMatch:
        raise BadInput("This names no queue.") from None
