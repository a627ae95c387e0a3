"""Choosing task classes in tests, the way a site does: two people, a version each."""

from tests.factories import person
from worklists.enums import Role, RuleKind
from worklists.models import RuleVersion, User
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services import rules
from worklists.task_classes import SLUG

KIND = RuleKind.SITE


def propose(actor: User, **classes: str) -> RuleVersion:
    """Propose other classes for some acts."""
    said = selectors.live_content(KIND, SLUG)["classes"]
    return rules.propose(
        actor=actor,
        kind=KIND,
        slug=SLUG,
        content={"classes": said | classes},
        effective_from=site_today(),
        reason="People want to look first.",
    )


def choose(**classes: str) -> RuleVersion:
    """Put other classes in force by two managers."""
    one, other = (
        User.objects.filter(username=name).first()
        or person(Role.MANAGER, username=name)
        for name in ("class_one", "class_two")
    )
    version = propose(one, **classes)
    return rules.approve(actor=other, kind=KIND, slug=SLUG, number=version.number)
