"""A site that takes remittances: facility, payer, taxonomy, queues and their rules."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from denials.services.profiles import load_shipped_profiles
from seeds.taxonomy import read_taxonomy
from tests.denials import remit
from tests.factories import (
    EvidenceTemplateFactory,
    FacilityFactory,
    PayerFactory,
    QueueFactory,
    RoutingRuleFactory,
)
from tests.kept import kept
from worklists.models import DefectRule, Facility, Payer, Queue, Taxonomy
from worklists.services.batches import ingest_path

FIELDS = [
    {
        "name": "decision",
        "label": "Decision",
        "type": "choice",
        "required": True,
        "per_part": True,
        "choices": [["appeal", "Appeal"], ["write_off", "Write off"]],
    },
    {
        "name": "root_cause",
        "label": "Root cause",
        "type": "choice",
        "required": True,
        "per_part": True,
        "choices": [["knowledge", "Knowledge"], ["payer_policy", "Payer policy"]],
    },
]
Ingest = Callable[[bytes], dict[str, Any]]


@dataclass
class RemitSite:
    """What the files of ``remit`` name, and where their denials go."""

    facility: Facility
    payer: Payer
    bundling: Queue
    other: Queue
    exceptions: Queue


shipped_taxonomy = cache(read_taxonomy)


@kept
def load_taxonomy(version: int = 1) -> Taxonomy:
    """Store the shipped taxonomy."""
    taxonomy = Taxonomy.objects.create(
        version=version, name="Shipped", effective_from="2020-01-01"
    )
    DefectRule.objects.bulk_create(
        DefectRule(
            taxonomy=taxonomy,
            **{name: getattr(row, name) for name in row.__slots__},
        )
        for row in shipped_taxonomy()
    )
    return taxonomy


def make_remit_site() -> RemitSite:
    """Return a site with two denial queues and one for exceptions."""
    load_taxonomy()
    load_shipped_profiles()
    return _places()


@kept
def _places() -> RemitSite:
    form = EvidenceTemplateFactory(kind="denial", fields=FIELDS)
    bundling = QueueFactory(slug="bundling", kind="denial", template=form)
    other = QueueFactory(slug="other", kind="denial", template=form)
    exceptions = QueueFactory(slug="exceptions", kind="ingest_exception")
    RoutingRuleFactory(
        kind="denial",
        position=30_001,
        queue=bundling,
        conditions=[{"field": "defect_class", "op": "eq", "value": "bundling"}],
    )
    RoutingRuleFactory(kind="denial", position=30_002, queue=other, conditions=[])
    RoutingRuleFactory(
        kind="ingest_exception", position=30_003, queue=exceptions, conditions=[]
    )
    facility = FacilityFactory(
        slug="north", payee_ids=[remit.PAYEE_ID], is_default=True, specialty="General"
    )
    payer = PayerFactory(
        slug="meridian",
        name="Meridian PPO",
        payer_ids=[remit.PAYER_ID],
        profile="medicare-ffs",
    )
    return RemitSite(facility, payer, bundling, other, exceptions)


@pytest.fixture
def uploads(tmp_path: Path, settings: Any) -> Path:
    """A private folder of its own for kept files."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return django_settings.MEDIA_ROOT


@pytest.fixture
def site(db: None, uploads: Path) -> RemitSite:
    """A site that takes remittances."""
    return make_remit_site()


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    """Write bytes to a file and bring it in."""
    count = iter(range(10_000))

    def bring_in(content: bytes, **more: Any) -> dict[str, Any]:
        path = tmp_path / f"remit-{next(count)}.835"
        path.write_bytes(content)
        return ingest_path(path, **more)

    return bring_in
