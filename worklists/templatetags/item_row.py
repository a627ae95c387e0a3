"""One item of a list as a row of its table: ``{% item_row row columns=columns %}``.

Drawn in Python like the parts in it, since a list is what people open all day and its
rows were the dearest part of drawing it. The head of the table is
``templates/worklists/lists/_items_head.html``; both take the columns in the order in
which they are handed to them (``selectors.list_columns``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from worklists.selectors.list_columns import USUAL, Shown
from worklists.templatetags import drawing, timing, wording

if TYPE_CHECKING:
    from worklists.flags import Flag
    from worklists.models import WorkItem
    from worklists.views.rows import Row

LONGEST_NAME = 28


def item_row(
    row: Row, columns: Sequence[Shown] | None = None, *, selectable: bool = False
) -> SafeString:
    """Draw a row; ``columns`` says what stands in it, in which order, and what is pinned.

    The line that explains the row in focus (``_peek.html``) is taken from its last cell.
    """
    cells = _cells(row, columns or USUAL)
    return format_html(
        '<tr data-row data-amount="{}" data-holder="{}">{}{}</tr>',
        row.item.amount,
        row.item.assignee_id or "",
        _select(row.item) if selectable else "",
        mark_safe("".join(cells)),  # noqa: S308 - joined from escaped pieces
    )


def _cells(row: Row, columns: Sequence[Shown]) -> Iterator[str]:
    # Flags stand beside the reason where they have no column of their own.
    apart = any(one.column.name == "flags" for one in columns)
    for one in columns:
        name = one.column.name
        cell = _reason(row, apart=apart) if name == "reason" else DRAWN[name](row)
        yield _with(cell, one.css) if one.css else cell


def _with(cell: SafeString, css: str) -> str:
    """Give a drawn cell the classes of its column."""
    opened = '<td class="'
    if cell.startswith(opened):
        return f"{opened}{css} {cell.removeprefix(opened)}"
    return f'{opened}{css}"{cell.removeprefix("<td")}'


def _clock(row: Row) -> SafeString:
    return format_html("<td>{}</td>", timing.cell(row.clock))


def _age(row: Row) -> SafeString:
    return _two("", row.age, row.idle)


def _two(css: str, text: object, under: object) -> SafeString:
    """Draw a cell of two lines; the second may be missing."""
    second = format_html('<span class="two">{}</span>', under) if under else ""
    if not css:
        return format_html("<td>{}{}</td>", text, second)
    return format_html('<td class="{}">{}{}</td>', css, text, second)


def _select(item: WorkItem) -> SafeString:
    return format_html(
        '<td class="sel"><label><input class="form-check-input" type="checkbox"'
        ' name="items" value="{}:{}" form="bulk" aria-label="Select {}"></label></td>',
        item.pk,
        item.version,
        item,
    )


def _priority(row: Row) -> SafeString:
    return format_html("<td>{}</td>", drawing.priority(row.item.priority, row.why))


def _item(row: Row) -> SafeString:
    item = row.item
    patient = wording.mask_name(item.claim.patient_name) if item.claim else "no claim"
    return format_html(
        '<td><a class="id" href="{}">{}</a><span class="two">{}</span></td>',
        reverse("worklists:item", args=[item.pk]),
        item,
        patient,
    )


def _reason(row: Row, *, apart: bool) -> SafeString:
    return format_html(
        '<td class="clip more"><span class="ct-code">{}</span>'
        '<span class="two">{}{}</span></td>',
        row.item.reason_code,
        "" if apart else _flags(row.flags),
        row.item.reason_label,
    )


def _payer(row: Row) -> SafeString:
    payer = row.item.payer
    watched = "on watch" if payer and payer.on_watch else ""
    under = " · ".join(filter(None, [watched, _short(row.queue)]))
    return _two("ct-nowrap", _short(str(payer)) if payer else "not known", under)


def _facility(row: Row) -> SafeString:
    return format_html('<td class="ct-nowrap">{}</td>', _short(row.item.facility.name))


def _amount(row: Row) -> SafeString:
    return format_html('<td class="ct-num">{}</td>', wording.money(row.item.amount))


def _specialty(row: Row) -> SafeString:
    item = row.item
    under = f"service {wording.us_date(item.service_on)}" if item.service_on else ""
    return _two("", item.specialty or "not given", under)


def _evidence(row: Row) -> SafeString:
    done = f"{row.item.evidence_done}/{row.item.evidence_asked}"
    return format_html('<td class="ct-num">{}</td>', done)


def _review(row: Row) -> SafeString:
    drawn = mark_safe('<span class="ct-3">not foreseen</span>')
    if row.review_of_all:
        drawn = format_html('<span class="ct-meta">{}</span>', row.review)
    elif row.review:
        drawn = drawing.mark(row.review, "eye-check", "review")
    return format_html("<td>{}</td>", drawn)


def _flagged(row: Row) -> SafeString:
    none = mark_safe('<span class="ct-3">none</span>')
    return format_html("<td>{}</td>", _flags(row.flags) or none)


def _reassigned(row: Row) -> SafeString:
    return format_html('<td class="ct-num">{}</td>', row.past.reassigned)


def _returned(row: Row) -> SafeString:
    return format_html('<td class="ct-num">{}</td>', row.past.returned)


def _held_before(row: Row) -> SafeString:
    none = mark_safe('<span class="ct-3">nobody</span>')
    drawn = _short(row.past.held_before) or none
    return format_html('<td class="ct-nowrap">{}</td>', drawn)


def _state(row: Row) -> SafeString:
    item = row.item
    reasons: Iterable[tuple[str, str]] = row.reasons
    return format_html(
        '<td>{}<span class="two">{}</span><template data-peek><b>{}</b> why {}: {}'
        "<span>here by {}</span></template></td>",
        drawing.state(item.state),
        item.assignee or "nobody",
        item,
        item.priority,
        format_html_join("", "<span>{} <b>{}</b></span> ", reasons),
        item.why_here.get("words") or "hand",
    )


def _flags(flags: Iterable[Flag]) -> SafeString:
    drawn = ((drawing.tag(flag.label, "flag", flag.tone),) for flag in flags)
    return format_html_join("", "{} ", drawn)


def _short(text: str) -> str:
    fits = len(text) <= LONGEST_NAME
    return text if fits else Truncator(text).chars(LONGEST_NAME)


# How each column is drawn; the reason by itself, for it depends on another.
DRAWN: Mapping[str, Callable[[Row], SafeString]] = {
    "priority": _priority,
    "due": _clock,
    "age": _age,
    "item": _item,
    "payer": _payer,
    "facility": _facility,
    "amount": _amount,
    "specialty": _specialty,
    "evidence": _evidence,
    "review": _review,
    "flags": _flagged,
    "reassigned": _reassigned,
    "returned": _returned,
    "held_before": _held_before,
    "state": _state,
}
