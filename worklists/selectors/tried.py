"""Conditions of lists by evidence: how far it is, and which submits gaps stopped."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q

from worklists.context import now
from worklists.models import EvidenceTemplate, SubmitTry

EVIDENCE_WORDS = ("complete", "part", "nothing")


def with_evidence(word: str) -> Q:
    """Items by how far their evidence is: one of ``EVIDENCE_WORDS``."""
    open_yet = Q(evidence_done__lt=F("evidence_asked"))
    return {
        "complete": ~open_yet,
        "part": open_yet & Q(evidence_done__gt=0),
        "nothing": open_yet & Q(evidence_done=0),
    }[word]


def with_template(slug: str, version: int) -> Q:
    """Items that were opened with one version of an evidence template."""
    known = EvidenceTemplate.objects.filter(slug=slug, version=version)
    return Q(template_id=known.values_list("pk", flat=True).first() or 0)


def stopped(days: int, field: str = "") -> Q:
    """Items with a submit that gaps stopped in the last days, by a field or by any."""
    tries = SubmitTry.objects.filter(tried_at__gte=now() - timedelta(days=days))
    named = (
        tries.filter(fields__contains=[field]) if field else tries.exclude(fields=[])
    )
    return Q(pk__in=named.values("item_id"))


def first_tried(days: int, *, clean: bool) -> Q:
    """Items whose first submit was tried in the last days; without a gap, or all."""
    tries = SubmitTry.objects.filter(
        tried_at__gte=now() - timedelta(days=days), is_first=True
    )
    return Q(pk__in=(tries.filter(fields=[]) if clean else tries).values("item_id"))
