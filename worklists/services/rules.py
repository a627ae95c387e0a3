"""Rules change by two people: one proposes a version, another puts it in force.

The settings of a queue are the exception: its manager changes them at once, with a
reason, and the version stands there all the same. What a queue stands on is proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from worklists import trail
from worklists.context import now
from worklists.enums import RuleAct, RuleKind, RuleState
from worklists.errors import (
    BadInput,
    NotVisible,
    WrongState,
)
from worklists.models import Queue, Rule, RuleVersion, RuleWords, Team, User
from worklists.models.rules import OPEN_RULES
from worklists.policies import may_supervise
from worklists.rule_digest import DIGEST, digest_of
from worklists.rule_policies import (
    COPIED,
    may_change_rule,
    may_decide_rule,
    may_propose_new,
    may_withdraw_rule,
)
from worklists.rule_words import difference, short_name_fault
from worklists.selectors import rules as selectors
from worklists.selectors.access import access_of
from worklists.selectors.site import site_today
from worklists.services.new_queues import rows_of
from worklists.services.queue_policies import refuse_settings
from worklists.services.recording import record_act
from worklists.services.rule_checks import (
    copied,
    refuse_day,
    refuse_faults,
    refuse_second,
    refuse_stale,
    refuse_unfit,
    refuse_unworkable,
    refuse_without,
)
from worklists.services.rule_effects import put_to_work
from worklists.services.telling_rules import tell_of_rule

Content = Mapping[str, Any]


def propose(
    *,
    actor: User,
    kind: str,
    slug: str,
    content: Content,
    effective_from: date,
    reason: str,
    read: int | None = None,
    shipped: int | None = None,
) -> RuleVersion:
    """Propose a version of a rule for another person to decide.

    ``read`` is the number of the version in force that the person wrote it against;
    ``shipped`` of what the release ships, where that is proposed as it is.
    Effects: the version waits, ``rule.proposed``. Refuses no reason, a day in the past,
    content that cannot work (every fault named), one that changes nothing, a second
    proposal beside one that waits, another version in force by now, and whoever may
    not change the rule. Of a queue only what it stands on is proposed.
    """
    refuse_without(reason, "Say why.")
    refuse_day(effective_from)
    with transaction.atomic():
        rule = _enrolled(actor, kind, slug)
        if kind == RuleKind.QUEUE:
            refuse_settings(slug, content)
        before = _check(rule, content, read)
        version = _laid_down(rule, actor, content, effective_from)
        changed = _changed(before.content, content)
        more = {"shipped": shipped} if shipped else {}
        _record(version, RuleAct.PROPOSED, actor, reason, fields=changed, **more)
    return version


def propose_new(
    *,
    actor: User,
    kind: str,
    slug: str,
    content: Content,
    effective_from: date,
    reason: str,
    copy_of: str = "",
    read: int | None = None,
) -> RuleVersion:
    """Propose a rule that is not there yet, for another person to decide.

    ``copy_of`` is the short name of the ladder, form or review policy that this one
    begins as a copy of, ``read`` the number of its version in force that was copied.
    Effects: its first version waits, ``rule.proposed``; nothing works by it before it
    is in force. Refuses no reason, a day in the past, a short name that is taken or
    proposed already, content that cannot work, what ``copied`` refuses, and whoever may
    not begin one.
    """
    refuse_without(reason, "Say why.")
    barred = may_propose_new(access_of(actor), kind)
    if barred:
        raise barred.error()
    refuse_day(effective_from)
    if fault := short_name_fault(slug):
        raise BadInput(fault, fields={"slug": [fault]})
    refuse_faults(kind, content)
    if kind == RuleKind.QUEUE:
        rows_of(content)
    with transaction.atomic():
        facts = copied(kind, copy_of, content, read) if kind in COPIED else {}
        return lay_down_first(
            actor=actor,
            kind=kind,
            slug=slug,
            content=content,
            effective_from=effective_from,
            reason=reason,
            **facts,
        )


def lay_down_first(
    *,
    actor: User,
    kind: str,
    slug: str,
    content: Content,
    effective_from: date,
    reason: str,
    **facts: Any,
) -> RuleVersion:
    """Lay down the first version of a rule; the caller asked whether it may begin, and
    holds the transaction. ``facts`` go to ``rule.proposed``.

    Refuses a short name that is taken or proposed already.
    """
    Rule.objects.get_or_create(kind=kind, slug=slug)
    rule = Rule.objects.select_for_update().get(kind=kind, slug=slug)
    if selectors.is_taken(kind, slug):
        why = f"“{slug}” is taken: choose another short name."
        raise BadInput(why, fields={"slug": [why]})
    refuse_second(rule)
    version = _laid_down(rule, actor, content, effective_from)
    _record(version, RuleAct.PROPOSED, actor, reason, fields=sorted(content), **facts)
    return version


def _laid_down(
    rule: Rule, actor: User, content: Content, effective_from: date
) -> RuleVersion:
    return RuleVersion.objects.create(
        rule=rule,
        number=_next_number(rule),
        state=RuleState.PROPOSED,
        content=dict(content),
        effective_from=effective_from,
        proposed_by=actor,
        proposed_at=now(),
    )


def change_queue(
    *, actor: User, slug: str, content: Content, reason: str, read: int | None = None
) -> RuleVersion:
    """Change the settings of a queue at once.

    ``read`` is the number of the version that the person changed. What the queue is to
    stand on waits on, or comes on its day, to these settings. Effects: the queue's row, a
    version, ``rule.changed`` with the names of what changed and the old and new codes.
    Refuses no reason, nothing changed, another version in force by now, a team that does
    not exist, a supervisor who is no manager or does not see the queue, and whoever does
    not manage it.
    """
    refuse_without(reason, "Say why.")
    with transaction.atomic():
        # What waits of a queue at work is what it stands on: settings are none of it.
        rule = _enrolled(actor, RuleKind.QUEUE, slug, beside=True)
        before = _check(rule, content, read)
        if any(content[name] != before.content[name] for name in selectors.STANDS_ON):
            raise BadInput("What a queue stands on takes two people: propose it.")
        _write_queue(slug, content)
        _supersede(rule)
        version = RuleVersion.objects.create(
            rule=rule,
            number=_next_number(rule),
            state=RuleState.IN_FORCE,
            content=dict(content),
            effective_from=site_today(),
            alone=True,
            proposed_by=actor,
            proposed_at=now(),
            in_force_at=now(),
        )
        codes = {
            name: [before.content[name], content[name]]
            for name in content
            if name != "purpose" and before.content[name] != content[name]
        }
        changed = _changed(before.content, content)
        _record(version, RuleAct.CHANGED, actor, reason, fields=changed, changed=codes)
    return version


def withdraw(
    *, actor: User, kind: str, slug: str, number: int, reason: str = ""
) -> RuleVersion:
    """Take a version back for good before it begins: one's own, or an approved one.

    Effects: ``rule.withdrawn``; the version in force stays. Refuses whoever neither
    proposed it nor may decide it once it is approved, and them without a reason: its
    author reads why.
    """
    with transaction.atomic():
        version = _waiting(kind, slug, number)
        barred = may_withdraw_rule(
            access_of(actor),
            [queue.pk for queue in selectors.using(kind, slug)],
            version.state,
            version.proposed_by_id,
            selectors.given_to(version),
        )
        if barred:
            raise barred.error()
        if version.proposed_by_id != actor.pk:
            refuse_without(reason, "Say why it does not begin.")
        _become(version, RuleState.WITHDRAWN)
        _record(version, RuleAct.WITHDRAWN, actor, reason)
    return version


def send_back(
    *, actor: User, kind: str, slug: str, number: int, reason: str
) -> RuleVersion:
    """Refuse a proposal with what to mend; its author proposes a new version.

    Refuses no reason, and whoever may not decide.
    """
    refuse_without(reason, "Say what to mend.")
    with transaction.atomic():
        version = _to_decide(actor, kind, slug, number)
        _become(version, RuleState.SENT_BACK, decided_by=actor, decided_at=now())
        _record(version, RuleAct.SENT_BACK, actor, reason)
    return version


def approve(
    *,
    actor: User,
    kind: str,
    slug: str,
    number: int,
    reason: str = "",
    read: int | None = None,
) -> RuleVersion:
    """Approve a proposal; it is in force from its day, today's at once.

    ``read`` is the number of the version in force that its difference was read against,
    0 where there is none; a page always says it. Effects: ``rule.approved``, and with
    its day ``rule.put_in_force`` with what that moved. Refuses who proposed it, whoever
    may not decide, another version in force by now, a proposal that was written against
    something else than what works today, and one that cannot work.
    """
    with transaction.atomic():
        version = _to_decide(actor, kind, slug, number)
        # Whoever changes the settings of the queue meanwhile comes before or after.
        rule = Rule.objects.select_for_update().get(pk=version.rule_id)
        refuse_unfit(version)
        refuse_stale(rule, read)
        _become(version, RuleState.APPROVED, decided_by=actor, decided_at=now())
        _record(version, RuleAct.APPROVED, actor, reason)
        since = version.effective_from
        if since is not None and since <= site_today():
            return begin(version, actor)
    return version


def begin(version: RuleVersion, actor: User | None) -> RuleVersion:
    """Put an approved version in force; the caller holds its row and the transaction.

    Returns the version in force from then on: it, or the one that joins it with the
    settings of today (``_join``). Effects: the rows that work, the version before
    superseded, ``rule.put_in_force``.
    """
    # As in ``approve``: the version's row first, then its rule's.
    rule = Rule.objects.select_for_update().get(pk=version.rule_id)
    before = RuleVersion.objects.filter(rule=rule, state=RuleState.IN_FORCE).first()
    did = put_to_work(version)
    _supersede(rule)
    _become(version, RuleState.IN_FORCE, in_force_at=now())
    _record(version, RuleAct.PUT_IN_FORCE, actor, "", **did)
    if before is not None and rule.kind == RuleKind.QUEUE:
        return _join(version, before, actor)
    return version


def _join(version: RuleVersion, before: RuleVersion, actor: User | None) -> RuleVersion:
    """Lay down what works where a queue's settings changed beside what it comes to
    stand on.

    What was proposed says the settings of its day, which are over by now: those in force
    stay, with what comes, in a version of the same two people.
    """
    # Also of a queue that rests by now.
    content = selectors.queue_content(Queue.objects.get(slug=version.rule.slug))
    if selectors.same_content(RuleKind.QUEUE, version.content, content):
        return version
    _supersede(version.rule)
    joined = RuleVersion.objects.create(
        rule=version.rule,
        number=_next_number(version.rule),
        state=RuleState.IN_FORCE,
        content=content,
        effective_from=version.effective_from,
        proposed_by=version.proposed_by,
        proposed_at=version.proposed_at,
        decided_by=version.decided_by,
        decided_at=version.decided_at,
        in_force_at=now(),
    )
    joins = [before.number, version.number]
    _record(joined, RuleAct.PUT_IN_FORCE, actor, "", joins=joins)
    return joined


def _enrolled(actor: User, kind: str, slug: str, *, beside: bool = False) -> Rule:
    """Return the rule, locked, with what was found of it kept as versions.

    Refuses a version ``beside`` one that waits, unless it may stand there.
    """
    queues = [queue.pk for queue in selectors.using(kind, slug)]
    selectors.live_content(kind, slug)
    barred = may_change_rule(access_of(actor), kind, queues)
    if barred:
        raise barred.error()
    Rule.objects.get_or_create(kind=kind, slug=slug)
    rule = Rule.objects.select_for_update().get(kind=kind, slug=slug)
    if not beside:
        refuse_second(rule)
    found = selectors.as_found(kind, slug)
    if found:
        _supersede(rule)
    for version in reversed(found):
        version.rule = rule
        version.save()
    return rule


def _check(rule: Rule, content: Content, read: int | None) -> RuleVersion:
    """Return what is in force, or refuse content that does not work or says nothing new."""
    refuse_unworkable(rule.kind, rule.slug, content)
    refuse_stale(rule, read)
    before = RuleVersion.objects.get(rule=rule, state=RuleState.IN_FORCE)
    if not difference(rule.kind, before.content, content):
        raise BadInput(f"Nothing differs from version {before.number}, in force.")
    return before


def _changed(before: Content, after: Content) -> list[str]:
    """Return what changed by the names of fields; never by words that were typed."""
    return sorted(name for name in after if before.get(name) != after[name])


def _write_queue(slug: str, content: Content) -> None:
    queue = Queue.objects.select_for_update(of=("self",)).get(slug=slug)
    team = Team.objects.filter(slug=content["team"]).first()
    supervisor = User.objects.filter(username=content["supervisor"], is_active=True)
    found = supervisor.first()
    if team is None or found is None:
        raise BadInput("Name a team and a supervisor who work here.")
    if found.pk != queue.supervisor_id:
        _refuse_blind(queue, found)
    queue.team, queue.supervisor = team, found
    queue.review_on = date.fromisoformat(content["review_on"])
    plain = ("purpose", "hand_out", "max_in_hand", "release_after_hours")
    for name in plain:
        setattr(queue, name, content[name])
    queue.save(update_fields=["team", "supervisor", "review_on", *plain])


def _refuse_blind(queue: Queue, person: User) -> None:
    """Who answers for what nobody else did is a manager and sees it: breaches go to
    them."""
    access = access_of(person)
    barred = may_supervise(access)
    why = barred.why if barred else ""
    if not why and queue.pk not in access.visible:
        why = f"{person} sees no item of this queue."
    if why:
        raise BadInput(why, fields={"supervisor": [why]})


def _supersede(rule: Rule) -> None:
    rows = RuleVersion.objects.filter(rule=rule, state=RuleState.IN_FORCE)
    rows.update(state=RuleState.SUPERSEDED)


def _next_number(rule: Rule) -> int:
    top = RuleVersion.objects.filter(rule=rule).aggregate(top=Max("number"))["top"]
    return (top or 0) + 1


def _waiting(kind: str, slug: str, number: int) -> RuleVersion:
    rows = RuleVersion.objects.select_for_update(of=("self",)).select_related("rule")
    version = rows.filter(rule__kind=kind, rule__slug=slug, number=number).first()
    if version is None:
        raise NotVisible("There is no such version.")
    if version.state not in OPEN_RULES:
        raise WrongState(
            f"Version {number} is: {version.get_state_display().lower()}.",
            code="wrong_state",
        )
    return version


def _to_decide(actor: User, kind: str, slug: str, number: int) -> RuleVersion:
    version = _waiting(kind, slug, number)
    if version.state != RuleState.PROPOSED:
        raise WrongState("It is approved already and begins on its day.")
    queues = [queue.pk for queue in selectors.using(kind, slug)]
    barred = may_decide_rule(
        access_of(actor), queues, version.proposed_by_id, selectors.given_to(version)
    )
    if barred:
        raise barred.error()
    return version


def _become(version: RuleVersion, state: RuleState, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(version, name, value)
    version.state = state
    version.save(update_fields=["state", *fields])


def _record(
    version: RuleVersion, act: RuleAct, actor: User | None, reason: str, **more: Any
) -> None:
    since = version.effective_from
    words = record_act(
        actor=actor,
        about=trail.Subject("rule", version.rule_id),
        action=f"rule.{act.value}",
        facts={
            "kind": version.rule.kind,
            "rule": version.rule.slug,
            "version": version.number,
            "effective_from": since.isoformat() if since else None,
            DIGEST: digest_of(version.content),
            **more,
        },
        words=reason,
    )
    if words is not None:
        RuleWords.objects.create(
            version=version,
            act=act,
            said_by=actor,
            said_at=now(),
            **words.columns(),
        )
    tell_of_rule(version, act, actor)
