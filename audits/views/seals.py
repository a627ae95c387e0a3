"""The seals: how they stand, all of them, and one with what it proves."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from audits.selectors import seals
from audits.selectors.seal_checks import faults_of
from worklists.policies import may_read_trail
from worklists.selectors import keyset
from worklists.templatetags.wording import counted, hour_minute, moment, span
from worklists.views.access import page

ORDER = keyset.Ordering("newest", (keyset.Key("number", "int", descending=True),))

SUB = "One root over all its events, chained to the seal before it, signed."
HOLDS = (
    "Checked now: its events give its root, it carries the hash of the seal before it, "
    "and its signature is by its key"
)


def figures(state: seals.State) -> list[dict[str, Any]]:
    """Return the state as a strip of figures; what is wrong is toned."""
    return [
        _last(state),
        _waiting(state),
        _copies(state),
        _key(state),
        _verified(state),
    ]


def _last(state: seals.State) -> dict[str, Any]:
    if state.last is None:
        return {"value": "none", "label": "seals yet", "icon": "shield-lock"}
    total = counted(state.last.total, "event")
    return {
        "value": f"Seal {state.last.number:,}",
        "label": f"{total} sealed, {moment(state.last.sealed_at)}",
        "href": reverse("audits:seals"),
        "icon": "shield-lock",
    }


def _waiting(state: seals.State) -> dict[str, Any]:
    if state.waiting is None:
        return {"value": "none", "label": "no event waits"}
    tone = "over" if state.behind else ""
    since = f"events wait since {hour_minute(state.waiting.since)}"
    return {"value": span(state.waiting.lag), "label": since, "tone": tone}


def _copies(state: seals.State) -> dict[str, Any]:
    if state.place is None:
        label = "second place: set SEAL_STORE"
        return {"value": "none", "label": label, "tone": "soon"}
    kind = "S3" if state.place.startswith("s3://") else "folder"
    if state.uncopied:
        value = counted(state.uncopied, "seal")
        return {"value": value, "label": f"to copy, {kind}"}
    return {"value": "all copied", "label": f"second place, {kind}"}


def _key(state: seals.State) -> dict[str, Any]:
    if state.key is None:
        label = "no key signs: manage.py seal_key create"
        return {"value": "no key", "label": label, "tone": "over"}
    label = f"key since {moment(state.key.since)}"
    return {"value": state.key.fingerprint[:8], "label": label, "icon": "fingerprint"}


def _verified(state: seals.State) -> dict[str, Any]:
    found = state.verified
    if found is None:
        return {"value": "not yet", "label": "verified, daily"}
    label = f"verified {moment(found.finished_at)}"
    if found.whole:
        return {"value": "whole", "label": label, "icon": "shield-check"}
    value = counted(found.faults, "fault")
    return {
        "value": value,
        "label": f"{label}, first: {found.first_fault}",
        "tone": "over",
    }


@page(may_read_trail)
def listing(request: HttpRequest) -> HttpResponse:
    """Show every seal, newest first."""
    found = keyset.page(seals.seals(), ORDER, cursor=request.GET.get("cursor", ""))
    context = {
        "crumbs": [("Trail", reverse("audits:trail")), ("Seals", "")],
        "figures": figures(seals.state()),
        "seals": found.rows,
        "shown": f"{len(found.rows)} shown.",
        "next_url": f"?cursor={found.next}" if found.next else "",
        "previous_url": f"?cursor={found.previous}" if found.previous else "",
    }
    return render(request, "audits/seals.html", context)


@page(may_read_trail)
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show one seal with everything that is signed, and check it now."""
    seal = seals.seal_of(number)
    copied = seal.copies.order_by("-copied_at").first()
    context = {
        "crumbs": [
            ("Trail", reverse("audits:trail")),
            ("Seals", reverse("audits:seals")),
            (f"Seal {number}", ""),
        ],
        "seal": seal,
        "title": f"Seal {number}",
        "sub": SUB,
        "holds": f"{HOLDS}; its copy says the same." if copied else f"{HOLDS}.",
        "parts": _parts(seal),
        "faults": faults_of(seal),
        "copied": copied,
        "end": getattr(seal.key, "end", None),
    }
    return render(request, "audits/seal.html", context)


def _parts(seal: Any) -> list[tuple[str, str]]:
    previous = bytes(seal.previous).hex() if seal.previous is not None else "none"
    return [
        ("Root", bytes(seal.root).hex()),
        ("Seal before", previous),
        ("Event ids, SHA-256", bytes(seal.ids_digest).hex()),
        ("Seal's hash", bytes(seal.hash).hex()),
        ("Key", seal.key_id),
        ("Signature", bytes(seal.signature).hex()),
    ]
