"""Who opens which page, and who writes beside the acts on an item."""

from __future__ import annotations

from worklists.enums import Role
from worklists.policies.access import Access, Barred, no


def anyone(_access: Access) -> Barred | None:
    """Everybody who is logged in."""
    return None


def sees_clinical(access: Access) -> bool:
    """Administrators set things up; clinical evidence is not theirs to read."""
    return access.has(Role.CODER, Role.REVIEWER, Role.MANAGER, Role.AUDITOR)


def may_read_items(access: Access) -> Barred | None:
    """Items hold clinical evidence: who works, reviews, manages or audits reads them."""
    if sees_clinical(access):
        return None
    return no("Items are for people who work, review, manage or audit them.")


def may_open(access: Access) -> Barred | None:
    """Who works, reviews or manages items opens new ones; auditors change nothing."""
    if access.has(Role.CODER, Role.REVIEWER, Role.MANAGER):
        return None
    return no("Items are opened by people who work, review or manage them.")


def may_note(access: Access) -> Barred | None:
    """Who works, reviews or manages items writes notes; auditors change nothing."""
    if access.has(Role.CODER, Role.REVIEWER, Role.MANAGER):
        return None
    return no("Notes are written by people who work, review or manage items.")


def may_act_on_many(access: Access) -> Barred | None:
    """Who works, reviews or manages items acts on many; auditors change nothing."""
    if access.has(Role.CODER, Role.REVIEWER, Role.MANAGER):
        return None
    return no("Items are changed by people who work, review or manage them.")


def may_see_review_page(access: Access) -> Barred | None:
    """The review page is for people granted reviews."""
    if access.has(Role.REVIEWER) and (access.review or access.lent):
        return None
    if access.has(Role.MANAGER) and access.manage:
        return None  # what a policy reserves for managers waits there
    return no("The review page is for senior reviewers.")


def may_read_trail(access: Access) -> Barred | None:
    """The trail as a whole is read by auditors and managers."""
    if access.has(Role.AUDITOR, Role.MANAGER):
        return None
    return no("The trail is read by auditors and managers.")


def may_upload(access: Access) -> Barred | None:
    """Files are brought in by managers and administrators."""
    if access.has(Role.MANAGER, Role.ADMINISTRATOR):
        return None
    return no("Files are uploaded by managers and administrators.")


def may_read_file(access: Access) -> Barred | None:
    """What became of a file is read by who brings files in, and by auditors."""
    return None if access.has(Role.AUDITOR) else may_upload(access)


def may_set_up(access: Access) -> Barred | None:
    """Set-up is for administrators, and shows them no item and no claim."""
    if access.has(Role.ADMINISTRATOR):
        return None
    return no("Set-up is for administrators.")


def may_see_load(access: Access, queue_id: int | None) -> Barred | None:
    """Through whose hands an item went is for managers, of the queues they manage.

    A list over queues, such as what one holds, belongs to no manager: None.
    """
    if access.has(Role.MANAGER) and queue_id in access.manage:
        return None
    return no("These columns are for managers of the queue.")


def may_measure(access: Access) -> Barred | None:
    """Managers see how their queues stand in figures, auditors those of all they see."""
    if access.has(Role.MANAGER, Role.AUDITOR):
        return None
    return no("These figures are for managers and auditors.")


def measured(access: Access) -> frozenset[int]:
    """Return the queues whose figures a person sees."""
    return access.visible if access.has(Role.AUDITOR) else access.manage
