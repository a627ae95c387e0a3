"""What set-up forms post, and the events that come of it."""

import json

from django.contrib.auth.models import Group

from worklists.models import (
    Event,
)

HERE = "/admin/worklists"
PASSWORD = "a first secret to change 7"


def events(action):
    """Return subject, actor, object and facts of every event of one act."""
    return [
        (e.subject_id, e.actor_name, (e.object_kind, e.object_id), json.loads(e.facts))
        for e in Event.objects.filter(action=action).order_by("id")
    ]


def form_of(user, **changes):
    """Return what the form of a person posts."""
    fields = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "time_zone": user.time_zone,
        "groups": list(user.groups.values_list("pk", flat=True)),
        "tier": user.tier,
        "daily_capacity": user.daily_capacity,
        "is_active": "on",
    }
    return fields | changes


def group(role):
    """Return the key of a role's group."""
    return Group.objects.get(name=role.value).pk
