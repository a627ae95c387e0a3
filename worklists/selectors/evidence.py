"""What an item is asked, what was answered, and which files show it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection

from worklists import evidence, kinds
from worklists.context import now
from worklists.evidence import Field, FileFact, Gap, Held, Part
from worklists.evidence.citing import source_of
from worklists.evidence.fields import FILE_TYPES
from worklists.evidence.replies import Return, reply_fields
from worklists.models import Answer, Attachment, EvidenceTemplate, WorkItem
from worklists.selectors.guidance import Versions, held_versions
from worklists.selectors.replies import return_of
from worklists.selectors.site import site_today
from worklists.statements import Slot, Statement


@dataclass(frozen=True, slots=True)
class Asked:
    """The evidence of one item: fields (expanded), answers, files and parts.

    ``back`` is the return that the next submission answers.
    """

    fields: Sequence[Field]
    answers: Mapping[str, Any]
    files: Mapping[str, Sequence[FileFact]]
    parts: Sequence[Part]
    versions: Mapping[str, int] = field(default_factory=dict)
    served_on: date | None = None
    fresh: frozenset[str] = frozenset()
    back: Return | None = None
    # What was looked up of the sources cited, so that each is asked for once.
    looked_up: Versions = field(default_factory=dict, compare=False)

    @property
    def expanded(self) -> list[Field]:
        """Return the fields as they are asked, per-part ones once for each part."""
        return evidence.expand(self.fields, self.parts)

    def gaps(self) -> list[Gap]:
        """Return every gap, in the order of the form."""
        found = evidence.gaps(
            self.fields, self.answers, self.files, self.parts, held=self.held()
        )
        owed = self.back.gap(self.answers) if self.back else None
        return [*found, owed] if owed else found

    @property
    def stands(self) -> bool:
        """Return whether all is as it was when a senior returned it."""
        return self.back is not None and not self.back.touched(self.answers)

    def progress(self) -> tuple[int, int]:
        """Return how many of the fields asked for now are complete."""
        return evidence.progress(
            self.fields, self.answers, self.files, self.parts, held=self.held()
        )

    def uncitable(self) -> list[Gap]:
        """Return the fresh citations of what we do not hold or have retired."""
        held = self.held()
        return evidence.uncitable_gaps(self.expanded, self.answers, held)

    def with_answers(self, more: Mapping[str, Any]) -> Asked:
        """Return the same evidence with answers laid over it, fresh where they differ."""
        fresh = {name for name, one in more.items() if self.answers.get(name) != one}
        answers = {**self.answers, **more}
        return replace(self, answers=answers, fresh=self.fresh | fresh)

    def completed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return answers whose citations name their version, in its words."""
        held = self.held(given)
        today = site_today() if held.versions else now().date()
        whole = {n: evidence.completed(one, held, today) for n, one in given.items()}
        return {name: self._unchanged(name, one) for name, one in whole.items()}

    def _unchanged(self, name: str, answer: Any) -> Any:
        """Return the stored answer where the same version is cited: names may change."""
        stored = self.answers.get(name)
        if not (source_of(answer) and isinstance(stored, dict)):
            return answer
        keys = ("source", "version", "reason")
        is_same = all(stored.get(key) == answer.get(key) for key in keys)
        return stored if is_same else answer

    def held(self, given: Mapping[str, Any] | None = None) -> Held:
        """Return the guidance that the answers cite; asks only for what it lacks."""
        answers = self.answers if given is None else given
        cited = {source for one in answers.values() if (source := source_of(one))}
        if lacking := cited - set(self.looked_up):
            blank: Versions = dict.fromkeys(lacking, ())
            self.looked_up.update(blank | held_versions(lacking))
        versions = {slug: self.looked_up[slug] for slug in cited}
        known = {slug: held for slug, held in versions.items() if held}
        return Held(known, self.served_on, self.fresh)


@lru_cache(maxsize=256)
def _fields(template_id: int) -> tuple[Field, ...]:
    template = EvidenceTemplate.objects.only("fields").get(pk=template_id)
    return tuple(evidence.parse_template(template.fields))


def fields_of(template_id: int) -> tuple[Field, ...]:
    """Return a template's fields; a version never changes, so they are kept."""
    return _fields(template_id)


def labels_of(template_id: int) -> dict[str, str]:
    """Return what a template calls its fields, by their names."""
    return {field.name: field.label for field in fields_of(template_id)}


def forget_kept() -> None:
    """Forget the kept fields: for tests, whose databases begin their ids anew."""
    _fields.cache_clear()


_NEWEST = Statement(
    lambda: (
        Answer.objects.filter(item_id=Slot("item_id"))
        .order_by("field", "-version")
        .distinct("field")
        .values_list("field", "content", "version")
    )
)


def asked_of(item: WorkItem) -> Asked:
    """Return the item's evidence as it stands (answers, files, parts)."""
    fields = fields_of(item.template_id)
    answers, versions = {}, {}
    for name, content, version in _NEWEST.rows(item_id=item.pk):
        answers[name] = None if content is None else json.loads(content)
        versions[name] = version
    takes_files = any(f.type in FILE_TYPES for f in fields)
    back = return_of(item.pk)
    return Asked(
        (*fields, *reply_fields(answers, back)),
        answers,
        files_of(item.pk) if takes_files else {},
        tuple(kinds.get(item.kind).parts(item)),
        versions,
        item.service_on,
        back=back,
    )


def newest_answers(item_id: int) -> list[Answer]:
    """Return the newest version of every answered field of an item, with its writer."""
    rows = Answer.objects.filter(item_id=item_id).select_related("saved_by")
    return list(rows.order_by("field", "-version").distinct("field"))


def files_of(item_id: int) -> dict[str, list[FileFact]]:
    """Return the files in use on an item, by the field they were added to."""
    found: dict[str, list[FileFact]] = defaultdict(list)
    rows = Attachment.objects.filter(item_id=item_id, removed_at=None)
    for name, page, pages in rows.values_list("field", "page", "page_count"):
        found[name].append(FileFact(page=page, page_count=pages))
    return dict(found)


def workers_of(item_id: int) -> list[int]:
    """Return everyone who saved evidence, added a file or took one off, or submitted,
    in any round and before any reopening."""
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS, {"item": item_id})
        return sorted(pk for (pk,) in cursor.fetchall())


_WORKERS = """
SELECT saved_by_id FROM worklists_answer WHERE item_id = %(item)s
 UNION
SELECT added_by_id FROM worklists_attachment WHERE item_id = %(item)s
 UNION
SELECT actor_id FROM trail_event  -- who took a file off, or submitted without a review
 WHERE subject_kind = 'item' AND subject_id = %(item)s
   AND action IN ('item.detached', 'item.submitted') AND actor_id IS NOT NULL
"""
