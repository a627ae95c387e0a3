"""Small parts as markup: icons, states, clocks, bars. Drawn in Python, since a list
shows hundreds of them; larger parts are templates in ``templates/components/``.

Registered for templates in ``codetrail``. Colour never stands alone: every mark is an
icon and a word, and sizes are SVG attributes, never inline style.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from worklists.enums import State
from worklists.templatetags import wording

STATES: dict[State, tuple[str, str]] = {
    State.OPEN: ("circle", ""),
    State.IN_PROGRESS: ("circle-half-2", ""),
    State.PENDING: ("player-pause", ""),
    State.IN_REVIEW: ("eye-check", "review"),
    State.RETURNED: ("arrow-back-up", "returned"),
    State.COMPLETED: ("circle-check", "done"),
    State.CANCELLED: ("ban", ""),
}
ANSWERS: dict[str, tuple[str, str, str]] = {
    "complete": ("complete", "check", "done"),
    "missing": ("missing", "circle-dashed", "soon"),
    "not_accepted": ("not accepted", "alert-triangle", "over"),
    "not_checked": ("not checked", "circle-dashed", ""),
    "optional": ("optional", "circle", ""),
}
CHANGES: dict[str, tuple[str, str]] = {
    "added": ("plus", "done"),
    "changed": ("arrows-exchange", ""),
    "removed": ("x", "over"),
    "moved": ("arrow-right", ""),
    "same": ("check", ""),
}
NOTES = {
    "": "info-circle",
    "suggestion": "bulb",
    "soon": "hourglass",
    "over": "alert-triangle",
    "returned": "arrow-back-up",
    "review": "eye-check",
    "accent": "info-circle",
    "done": "check",
}
CLOCKS = {
    "ok": "clock",
    "soon": "hourglass",
    "over": "alert-triangle",
    "paused": "player-pause",
    "done": "check",
    "late": "alert-triangle",
    "idle": "circle",
}
# On a load bar the person's hours stand at two thirds of the width.
HOURS_AT = 66.7


@cache
def _sprite() -> str:
    return static("vendor/icons/icons.svg")


@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; it stands beside a word, so readers skip it."""
    return format_html(
        '<svg class="ct-icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" ct-icon-{size}" if size else "",
        _sprite(),
        name,
    )


def brand() -> SafeString:
    """Draw the mark of the product."""
    return mark_safe(
        '<svg viewBox="0 0 26 26" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" aria-hidden="true"><path d="M6 20c9 0 1-14 14-14"/>'
        '<g fill="currentColor" stroke="none"><circle cx="5" cy="20" r="2.6"/>'
        '<circle cx="13" cy="13" r="2.6"/><circle cx="21" cy="6" r="2.6"/></g></svg>'
    )


def kbd(keys: str) -> SafeString:
    """Show keys as they are pressed, one after the other: ``g r``."""
    return format_html_join(" ", "<kbd>{}</kbd>", ((key,) for key in keys.split()))


def keyhint(keys: str, text: str) -> SafeString:
    """Show one entry of the key bar at the foot."""
    return format_html('<span data-keyhint="{}">{} {}</span>', keys, kbd(keys), text)


def mark(text: str, icon_name: str = "circle", tone: str = "") -> SafeString:
    """Write a state: icon and word, no box. Tones: review, returned, over, soon …"""
    return format_html(
        '<span class="ct-state {}">{}{}</span>', tone, icon(icon_name), text
    )


def tag(text: str, icon_name: str = "", tone: str = "") -> SafeString:
    """Write what asks for attention: a word in a box. Tones as mark, accent, line."""
    drawn = icon(icon_name) if icon_name else ""
    return format_html('<span class="ct-tag {}">{}{}</span>', tone, drawn, text)


@cache
def _state(value: State) -> SafeString:
    icon_name, tone = STATES[value]
    return format_html(
        '<span class="ct-state {}" data-state="{}">{}{}</span>',
        tone,
        value.value,
        icon(icon_name),
        value.label,
    )


def state(value: str) -> SafeString:
    """Write the state of an item."""
    return _state(State(value))


def priority(score: int, why: str) -> SafeString:
    """Draw a priority from 0 to 100, with why under it: “deadline, dollars”."""
    return format_html(
        '<span class="ct-prio">{}<progress class="ct-bar" max="100" value="{}"'
        ' aria-hidden="true"></progress></span><span class="two">{}</span>',
        score,
        score,
        why,
    )


def answer(value: str) -> SafeString:
    """Write how an evidence field stands: missing, complete, not accepted …"""
    return mark(*ANSWERS[value])


def change(kind: str) -> SafeString:
    """Write the kind of change in a review: added, changed, removed, moved, same."""
    return mark(kind, *CHANGES[kind])


def note_icon(tone: str = "") -> SafeString:
    """Draw the icon that belongs to a note of this tone."""
    return icon(NOTES[tone])


def avatar(name: str, size: str = "") -> SafeString:
    """Draw a person's initials; the name stands beside it."""
    return format_html(
        '<b class="ct-avatar {}" aria-hidden="true">{}</b>',
        size,
        wording.initials(name),
    )


def badge(level: str, shown: str, aloud: str, suffix: str = "") -> SafeString:
    """Draw a clock: short for the eye, in full for readers."""
    return format_html(
        '<span class="ct-clock is-{}">{}<span aria-hidden="true">{}</span>'
        '<span class="ct-vh">{}</span>{}</span>',
        level,
        icon(CLOCKS[level]),
        shown,
        aloud,
        f" {suffix}" if suffix else "",
    )


def loadbar(used: float, capacity: float) -> SafeString:
    """Draw a person's load against their hours."""
    share = used / capacity if capacity else 0
    inside = min(share, 1) * HOURS_AT
    beyond = min(max(share - 1, 0) * HOURS_AT, 100 - HOURS_AT)
    return format_html(
        '<svg class="ct-loadbar" viewBox="0 0 100 14" preserveAspectRatio="none" '
        'role="img" aria-label="{} percent of capacity">'
        '<rect class="cap" x="0" y="3" width="66.7" height="8"></rect>'
        '<rect class="use" x="0" y="3" width="{}" height="8"></rect>'
        '<rect class="over" x="66.7" y="3" width="{}" height="8"></rect>'
        '<line class="lim" x1="66.7" x2="66.7" y1="0" y2="14"></line></svg>',
        round(share * 100),
        f"{inside:.1f}",
        f"{beyond:.1f}",
    )


def spark(values: Sequence[float], label: str) -> SafeString:
    """Draw a small line of what a number was; ``label`` says it in words."""
    if len(values) < 2:  # noqa: PLR2004 - a line needs two points
        return format_html('<span class="ct-3">{}</span>', wording.NO_DATA)
    low, high = min(values), max(values)
    step, rise = 68 / (len(values) - 1), (high - low) or 1
    points = [
        (f"{2 + step * place:.1f}", f"{18 - 16 * (value - low) / rise:.1f}")
        for place, value in enumerate(values)
    ]
    return format_html(
        '<svg class="ct-spark" viewBox="0 0 72 20" role="img" aria-label="{}">'
        '<polyline points="{}"></polyline>'
        '<circle cx="{}" cy="{}" r="2"></circle></svg>',
        label,
        " ".join(",".join(point) for point in points),
        *points[-1],
    )
