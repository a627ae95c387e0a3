"""What events are about: by the names that people use, and on which page it stands."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse

from worklists.enums import Role
from worklists.models import Absence, Guidance, Rule, User
from worklists.selectors.access import access_of
from worklists.selectors.people import names_by_id
from worklists.selectors.staff import staff_ids

About = tuple[str, int]
_WORDS = {
    "absence": "absence",
    "banner": "notice to everybody",
    "batch": "file",
    "bulk_act": "act on many",
    "businesscalendar": "calendar",
    "pendreason": "reason to defer",
    "profile": "payer profile",
}
SITE = "the site"
# Pages by number, each open to whoever reads the trail. What stands only in set-up is
# read by its trail: who set it up how, and when.
_PAGES = {
    "batch": "worklists:batch",
    "bulk_act": "worklists:bulk_act",
    "profile": "denials:profile_numbered",
}


def subject_names(those: Collection[About]) -> dict[About, str]:
    """Return a name for each subject: two queries at most, however many.

    A person by their name, a rule by its kind and short name, the rest by a word and
    their number; what is not there any more keeps its number.
    """
    named = {one: f"{_WORDS.get(one[0], one[0])} {one[1]}" for one in those}
    named |= {one: SITE for one in those if one[0] == "site"}
    people = names_by_id(_ids(those, "user"))
    named |= {("user", pk): name for pk, name in people.items()}
    rules = _ids(those, "rule")
    if rules:
        found = Rule.objects.filter(pk__in=rules)
        named |= {("rule", r.pk): f"{r.get_kind_display()} {r.slug}" for r in found}
    return named


def subject_pages(reader: User, those: Collection[About]) -> dict[About, str]:
    """Return the address of each subject's page, as far as the reader may open it.

    An absence stands on its person's page; of people a manager opens their own, an
    auditor all. What has no page is left out. Four queries at most, however many.
    """
    all_people = access_of(reader).has(Role.AUDITOR)
    found = {
        (kind, number): reverse(_PAGES[kind], args=[number])
        for kind, number in those
        if kind in _PAGES
    }
    people = _ids(those, "user")
    theirs = people if all_people or not people else staff_ids(reader)
    found |= {("user", pk): _person(pk) for pk in people & theirs}
    found |= {one: reverse("audits:seals") for one in those if one[0] == "site"}
    if ids := _ids(those, "rule"):
        rules = Rule.objects.filter(pk__in=ids).values_list("pk", "kind", "slug")
        found |= {
            ("rule", pk): reverse("worklists:rule", args=[kind, slug])
            for pk, kind, slug in rules
        }
    if ids := _ids(those, "absence"):
        away = Absence.objects.filter(pk__in=ids).values_list("pk", "user_id")
        found |= {
            ("absence", pk): f"{_person(user_id)}#absences"
            for pk, user_id in away
            if all_people or user_id in staff_ids(reader)
        }
    if ids := _ids(those, "guidance"):
        sources = Guidance.objects.filter(pk__in=ids).values_list("pk", "slug")
        found |= {
            ("guidance", pk): reverse("worklists:source", args=[slug])
            for pk, slug in sources
        }
    return found


def _person(user_id: int) -> str:
    return reverse("worklists:person", args=[user_id])


def _ids(those: Collection[About], kind: str) -> set[int]:
    return {number for about, number in those if about == kind}
