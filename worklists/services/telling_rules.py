"""Who reads of a version of a rule: who may decide what waits, and its author what came."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from worklists.enums import Role, RuleAct, RuleKind
from worklists.models import RuleVersion, User
from worklists.rule_policies import may_decide_rule
from worklists.selectors import rules as selectors
from worklists.selectors.access import access_of
from worklists.services import notices

DECIDED = {
    RuleAct.APPROVED: "approved",
    RuleAct.SENT_BACK: "sent back",
    RuleAct.WITHDRAWN: "withdrew",
}


def tell_of_rule(version: RuleVersion, act: RuleAct, actor: User | None) -> None:
    """Tell those whom an act on a version concerns, each once, in the inbox alone.

    What is proposed waits for another person: everybody who may decide it reads so. Its
    author reads what somebody else decided. Facts are names of rules, never content.
    """
    if act == RuleAct.PROPOSED and not version.alone:
        for person_id in _deciders(version):
            _tell(version, person_id, "rule_proposed", actor, "")
    if act in DECIDED:
        notices.settle_told(
            people=_may_decide(),
            dedupe=_told_once(version, "rule_proposed", ""),
            facts={"answered_by": str(actor or "the worker"), "came": DECIDED[act]},
        )
    author = version.proposed_by_id
    if act in DECIDED and author is not None and (actor is None or actor.pk != author):
        _tell(version, author, "rule_decided", actor, DECIDED[act])


def _tell(
    version: RuleVersion, user_id: int, code: str, actor: User | None, did: str
) -> None:
    rule = version.rule
    notices.tell(
        user_id=user_id,
        code=code,
        facts={
            "by": str(actor or "the worker"),
            "did": did,
            "rule": [rule.kind, rule.slug, version.number],
        },
        dedupe=_told_once(version, code, did),
    )


def _told_once(version: RuleVersion, code: str, did: str) -> str:
    return f"rule:{version.pk}:{code}:{did}"


def _may_decide() -> QuerySet[User]:
    roles = (Role.MANAGER, Role.ADMINISTRATOR)
    return User.objects.filter(groups__name__in=roles).distinct()


def _deciders(version: RuleVersion) -> Iterable[int]:
    rule = version.rule
    queues = [queue.pk for queue in selectors.using(rule.kind, rule.slug)]
    given_to = selectors.given_to(version)
    roles = [Role.MANAGER]
    if rule.kind in {RuleKind.CALENDAR, RuleKind.SITE} or not queues:
        roles.append(Role.ADMINISTRATOR)
    people = User.objects.filter(is_active=True, groups__name__in=roles).distinct()
    return [
        person.pk
        for person in people.order_by("pk")
        if may_decide_rule(access_of(person), queues, version.proposed_by_id, given_to)
        is None
    ]
