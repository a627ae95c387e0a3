"""The taxonomy in force, ready for look-ups."""

from __future__ import annotations

from functools import lru_cache

from worklists.context import now
from worklists.errors import Conflict
from worklists.models import DefectRule, Taxonomy
from worklists.taxonomy import Pattern, TaxonomyTable


def current_taxonomy() -> tuple[int, TaxonomyTable]:
    """Return the newest taxonomy in force by its row id, with its table.

    Raises ``Conflict`` when none is loaded: nothing could be told apart then.
    """
    in_force = Taxonomy.objects.filter(effective_from__lte=now().date())
    newest = in_force.order_by("-version").values_list("pk", "version").first()
    if newest is None:
        raise Conflict(
            "No taxonomy is in force, so denials cannot be told from other "
            "adjustments. Load the reference data first.",
            code="no_taxonomy",
        )
    return newest[0], table_of(*newest)


@lru_cache(maxsize=8)
def table_of(taxonomy_id: int, version: int) -> TaxonomyTable:
    """Return the table of one version; versions never change, so it is kept."""
    rows = DefectRule.objects.filter(taxonomy_id=taxonomy_id)
    return TaxonomyTable(version, [_pattern(row) for row in rows])


def forget_kept() -> None:
    """Forget the kept tables: for tests, whose databases begin their ids anew."""
    table_of.cache_clear()


def _pattern(row: DefectRule) -> Pattern:
    return Pattern(
        carc=row.carc,
        remark=row.remark,
        label=row.label,
        defect_class=row.defect_class,
        root_cause=row.root_cause,
        failed_stage=row.failed_stage,
        owner=row.owner,
        first_route=row.first_route,
        is_denial=row.is_denial,
        appealable=row.appealable,
        coding_related=row.coding_related,
    )
