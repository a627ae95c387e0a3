"""The closed set of acts the trail knows, with the words pages show for them.

The writer refuses an act that is not here. Storage keeps facts; wording is made
when an event is read, so a better word changes no history.
"""

from __future__ import annotations

ACTIONS: dict[str, str] = {
    "item.opened": "opened it",
    "item.joined": "added a denial to it",
    "item.changed": "took in a change from a file",
    "item.claimed": "took it",
    "item.handed": "took it by Next",
    "item.released": "released it",
    "item.auto_released": "released it after no work",
    "item.clearance_ended": "released it: its holder does not hold the clearance any more",
    "item.assigned": "assigned it",
    "item.assignment_undone": "took an assignment back",
    "item.evidence_saved": "saved evidence",
    "item.attached": "attached a file",
    "item.detached": "took a file off",
    "item.pended": "deferred it",
    "item.resumed": "resumed it",
    "item.auto_resumed": "brought it back from deferral",
    "item.submitted": "submitted it",
    "item.approved": "approved it",
    "item.fixed_and_approved": "fixed and approved it",
    "item.returned": "returned it",
    "item.rejected": "rejected it",
    "item.escalated": "escalated it",
    "item.ladder_fired": "escalated it by the ladder",
    "item.escalation_acknowledged": "acknowledged an escalation",
    "item.rerouted": "moved it to another queue",
    "item.reopened": "reopened it",
    "item.cancelled": "cancelled it",
    "item.prioritized": "set its priority",
    "item.flagged": "flagged it",
    "item.unflagged": "took a flag off",
    "item.deferral_undone": "took a deferral back",
    "item.priority_undone": "took a priority back",
    "item.release_undone": "took a release back",
    "item.next_undone": "gave it back by undoing Next",
    "item.clock_moved": "counted a deadline anew",
    "item.noted": "wrote a note",
    "item.note_withdrawn": "withdrew a note",
    "item.time_corrected": "corrected their own time on it",
    "item.redacted": "destroyed words of it",
    "item.left_to_people": "left it to people",
    "item.opened_anew": "opened its work anew",
    "read.item": "read the item",
    "read.claim": "read the claim",
    "read.name": "read the patient's name",
    "read.attachment": "downloaded a file",
    "read.page": "looked at a page of a file",
    "read.trail": "read the trail",
    "read.batch": "read what became of a file",
    "read.gaps": "read the evidence gaps",
    "read.bulk_act": "read what an act on many did",
    "read.person": "read a person’s page",
    "read.rule": "read a rule",
    "read.profile": "read a payer profile",
    "access.refused": "was refused",
    "search.items": "searched items",
    "search.trail": "searched the trail",
    "export.rows": "exported rows",
    "login": "logged in",
    "login.failed": "failed to log in",
    "login.locked": "was locked out",
    "logout": "logged out",
    "password.changed": "changed the password",
    "batch.uploaded": "uploaded a file",
    "batch.finished": "finished reading a file",
    "trail.verified": "verified the trail",
    "clearance.granted": "granted a clearance",
    "clearance.revoked": "revoked a clearance",
    "clearance.expired": "ended a clearance that ran out",
    "clearance.cleared_out": "took back what was held without its clearance",
    "setup.added": "set up",
    "setup.changed": "changed the set-up",
    "profile.proposed": "proposed a version of a payer profile",
    "profile.approved": "approved a version of a payer profile",
    "profile.clocks_moved": "moved running clocks by a payer profile",
    "profile.sent_back": "sent a version of a payer profile back",
    "profile.withdrawn": "withdrew a version of a payer profile",
    "profile.verified": "verified a row of a payer profile",
    "rule.proposed": "proposed a version of a rule",
    "rule.approved": "approved a version of a rule",
    "rule.put_in_force": "put a version of a rule in force",
    "rule.clocks_followed": "brought running clocks under a ladder",
    "rule.sent_back": "sent a version of a rule back",
    "rule.withdrawn": "withdrew a version of a rule",
    "rule.changed": "changed the settings of a queue",
    "token.created": "created an API token",
    "token.replaced": "replaced an API token",
    "token.ended": "ended an API token",
    "bulk.reassigned": "gave many items away",
    "bulk.deferred": "deferred many items",
    "bulk.prioritized": "set the priority of many items",
    "bulk.approved": "approved many items",
    "bulk.released": "released many items",
    "bulk.answered": "answered many escalations",
    "bulk.undone": "took a bulk act back",
    "absence.recorded": "recorded an absence",
    "seal_key.created": "made a key for the seals",
    "seal_key.ended": "ended a key of the seals",
    "absence.changed": "changed an absence",
    "absence.cancelled": "cancelled an absence",
    "absence.handed_over": "handed over what they held",
    "absence.ended": "ended an absence",
    "absence.left_to_people": "left a hand-over to people",
    "authority.lent": "lent authority to review",
    "authority.ended": "took back authority to review",
    "settings.changed": "changed their own settings",
    "person.changed": "changed capacity or tier",
    "grant.given": "granted",
    "grant.taken": "took a grant back",
}

# Through what an act came in.
SOURCES = {
    "page": "A page",
    "api": "The API",
    "worker": "The worker, by itself",
    "command": "A command on the server",
    "seed": "First data",
}

# Families of acts, as people look for them: a word, and what its actions begin with.
FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "item": ("Work on items", ("item",)),
    "bulk": ("Acts on many", ("bulk",)),
    "read": ("Reads", ("read",)),
    "search": ("Searches", ("search",)),
    "export": ("Exports", ("export",)),
    "login": ("Log-ins", ("login", "logout", "password", "token")),
    "access": ("Refused accesses", ("access",)),
    "batch": ("Files", ("batch",)),
    "people": (
        "People and grants",
        ("clearance", "grant", "person", "absence", "settings"),
    ),
    "rule": ("Rules and queues", ("rule", "profile")),
    "setup": ("Set-up", ("setup",)),
    "authority": ("Lent authority", ("authority",)),
    "trail": ("Trail and seals", ("trail", "seal_key")),
}
READS, LOGINS, CHANGES = "reads", "logins", "changes"
# What an act did at all: nothing but look, open a door, or change something.
NATURES: dict[str, str] = {
    CHANGES: "Changes",
    READS: "Reads",
    LOGINS: "Log-ins and refused accesses",
}
_AT_THE_DOOR = ("login", "access")
_LOOKING = ("read", "search", "export")


def family_of(action: str) -> str:
    """Return the family of an action, empty for one that belongs to none."""
    head = action.partition(".")[0]
    return next((name for name, (_, heads) in FAMILIES.items() if head in heads), "")


def nature_of(action: str) -> str:
    """Return whether an action only reads, opens a door, or changes something."""
    family = family_of(action)
    if family in _LOOKING:
        return READS
    return LOGINS if family in _AT_THE_DOOR else CHANGES


def actions_in(*, family: str = "", nature: str = "") -> list[str]:
    """Return the actions of a family and of a nature; empty means any."""
    return [
        action
        for action in ACTIONS
        if (not family or family_of(action) == family)
        and (not nature or nature_of(action) == nature)
    ]


# Events that are no act on the item's state: its version stays as it is.
UNVERSIONED = frozenset(
    {
        *("item.clock_moved", "item.noted", "item.note_withdrawn"),
        *("item.left_to_people", "item.ladder_fired", "item.time_corrected"),
    }
)
# Acts of work on an item, by a person: from the last of them an item lies untouched.
# Who is given it, how it ranks, and taking such an act back is no work.
WORK = frozenset(
    {
        *("item.evidence_saved", "item.attached", "item.detached", "item.noted"),
        *("item.pended", "item.resumed", "item.submitted", "item.flagged"),
        *("item.unflagged", "item.approved", "item.fixed_and_approved"),
        *("item.returned", "item.rejected", "item.escalated"),
        *("item.escalation_acknowledged", "item.reopened", "item.cancelled"),
    }
)
