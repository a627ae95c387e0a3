"""The filters of a list of denials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from denials.enums import DenialKind, DenialStatus
from denials.models import Denial
from denials.selectors.denials import denials_for
from worklists.errors import BadInput
from worklists.filters import WholeFilter, refuse_unknown
from worklists.models import User

LARGEST_ID = 2**63 - 1
PAGING = frozenset({"cursor", "size"})


def _word(label: str, **more: Any) -> filters.CharFilter:
    return filters.CharFilter(label=label, max_length=80, **more)


def _id(label: str, field_name: str) -> WholeFilter:
    return WholeFilter(
        label=label, field_name=field_name, min_value=1, max_value=LARGEST_ID
    )


class DenialFilter(filters.FilterSet):
    """Narrow a list of denials; each filter is optional and all hold together."""

    kind = filters.ChoiceFilter(
        label=f"One of {', '.join(DenialKind.values)}.", choices=DenialKind.choices
    )
    status = filters.ChoiceFilter(
        label=f"One of {', '.join(DenialStatus.values)}.", choices=DenialStatus.choices
    )
    item = _id("Id of the item.", "item_id")
    claim = _id("Id of the claim.", "claim_id")
    carc = _word("CARC, such as 97.", field_name="carc")
    defect_class = _word("Class of the defect.", field_name="defect_class")

    class Meta:
        model = Denial
        fields: Sequence[str] = ()


def filtered(user: User, params: Mapping[str, Any]) -> QuerySet[Denial]:
    """Return the denials a person sees, narrowed by the parameters of an address.

    Refuses unknown parameters and unreadable values with ``BadInput``.
    """
    refuse_unknown(params, frozenset(DenialFilter.base_filters) | PAGING)
    found = DenialFilter(params, queryset=denials_for(user))
    if not found.is_valid():
        raise BadInput(
            "Some filters cannot be read: " + ", ".join(sorted(found.errors)) + ".",
            fields={name: list(texts) for name, texts in found.errors.items()},
        )
    kept: QuerySet[Denial] = found.qs
    return kept
