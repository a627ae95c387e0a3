"""Who may do what to an item they can see.

``Access`` is what a person holds: roles, grants, clearances. A policy answers with
None when the act is allowed or with a ``Barred`` that says why not in a sentence;
pages and API show that sentence beside the refused action. State is not asked
here: the transition table does that after the version. ``is_superuser`` opens
nothing.
"""

from worklists.policies.access import (
    Access,
    Barred,
)
from worklists.policies.acts import (
    APPROVING,
    POLICIES,
    REVIEW_ACTIONS,
    Policy,
    barred,
    may_correct_time,
    may_count_time,
    may_draft,
)
from worklists.policies.items import (
    cleared,
    full_hands,
    may_acknowledge,
    may_assign,
    may_be_given,
    may_cancel,
    may_do_own_work,
    may_escalate,
    may_flag,
    may_prioritize,
    may_put_back,
    may_reopen,
    may_reroute,
    may_take,
    may_work_queue,
)
from worklists.policies.pages import (
    anyone,
    may_measure,
    may_note,
    may_open,
    may_read_items,
    may_read_trail,
    may_see_load,
    may_see_review_page,
    may_set_up,
    may_upload,
    sees_clinical,
)
from worklists.policies.people import (
    may_change_person,
    may_end_authority,
    may_grant_clearance,
    may_keep_absence,
    may_lend,
    may_see_delegations,
    may_see_people,
)
from worklists.policies.reviews import (
    approves_as,
    authority_for,
    four_eyes,
    may_approve_as,
    may_review,
    reviews_queue,
    within_authority,
)

__all__ = [
    "APPROVING",
    "POLICIES",
    "REVIEW_ACTIONS",
    "Access",
    "Barred",
    "Policy",
    "anyone",
    "approves_as",
    "authority_for",
    "barred",
    "cleared",
    "four_eyes",
    "full_hands",
    "may_acknowledge",
    "may_approve_as",
    "may_assign",
    "may_be_given",
    "may_cancel",
    "may_change_person",
    "may_correct_time",
    "may_count_time",
    "may_do_own_work",
    "may_draft",
    "may_end_authority",
    "may_escalate",
    "may_flag",
    "may_grant_clearance",
    "may_keep_absence",
    "may_lend",
    "may_measure",
    "may_note",
    "may_open",
    "may_prioritize",
    "may_put_back",
    "may_read_items",
    "may_read_trail",
    "may_reopen",
    "may_reroute",
    "may_review",
    "may_see_delegations",
    "may_see_load",
    "may_see_people",
    "may_see_review_page",
    "may_set_up",
    "may_take",
    "may_upload",
    "may_work_queue",
    "reviews_queue",
    "sees_clinical",
    "within_authority",
]
