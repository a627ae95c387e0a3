"""Which words of help belong to which page: one text for each screen people meet.

The texts are templates under ``help/``, without parameters. A test walks every page and
refuses one without help.
"""

from __future__ import annotations

# Text: the views whose pages it explains.
TEXTS: dict[str, tuple[str, ...]] = {
    "start": ("worklists:start",),
    "mine": ("worklists:mine",),
    "returned": ("worklists:returned",),
    "queues": ("worklists:queues",),
    "queue": (
        "worklists:queue",
        "worklists:queue_left",
    ),
    "item": (
        "worklists:item",
        "worklists:open_another",
        "worklists:notes",
        "worklists:look",
        "worklists:own_window",
        "worklists:changed",
        "worklists:name",
    ),
    "history": ("worklists:history",),
    "answers": ("worklists:answers",),
    "many": (
        "worklists:bulk",
        "worklists:release_many",
        "worklists:assign_many",
        "worklists:defer_many",
        "worklists:prioritize_many",
    ),
    "bulk_acts": (
        "worklists:bulk_acts",
        "worklists:bulk_act",
    ),
    "automatic": ("worklists:automatic", "worklists:take_back"),
    "gaps": ("worklists:evidence_gaps",),
    "items": ("worklists:items",),
    "aging": ("worklists:aging",),
    "exports": ("worklists:exports",),
    "review": (
        "worklists:review",
        "worklists:approve_together",
        "worklists:decided",
    ),
    "review_item": ("worklists:review_item",),
    "authority": ("worklists:delegations",),
    "inbox": ("worklists:inbox",),
    "manage": ("worklists:manage",),
    "escalations": ("worklists:escalations", "worklists:answer_many"),
    "people": (
        "worklists:people",
        "worklists:person",
        "worklists:absence_new",
        "worklists:person_revoke",
    ),
    "rules": (
        "worklists:rules",
        "worklists:rule",
        "worklists:rule_edit",
        "worklists:rule_new",
        "worklists:queue_stands_on",
        "worklists:shipped",
        "worklists:shipped_one",
        "worklists:rule_version",
    ),
    "guidance": (
        "worklists:guidance",
        "worklists:source",
        "worklists:item_guidance",
    ),
    "upload": (
        "worklists:upload",
        "worklists:batch",
    ),
    "search": ("worklists:search",),
    "settings": (
        "worklists:settings",
        "password_change",
        "password_change_done",
    ),
    "trail": ("audits:trail",),
    "seals": (
        "audits:seals",
        "audits:seal",
    ),
    "profiles": (
        "denials:profiles",
        "denials:profile",
        "denials:profile_numbered",
        "denials:profile_new",
        "denials:profile_edit",
        "denials:profile_version",
    ),
}
_OF = {view: name for name, views in TEXTS.items() for view in views}


def template_of(view_name: str) -> str:
    """Return the template that explains a page, empty where there is none."""
    name = _OF.get(view_name)
    return f"help/{name}.html" if name else ""
