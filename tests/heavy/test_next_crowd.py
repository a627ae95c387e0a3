"""Fifty processes press Next over ten thousand items: none twice, none lost."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection

from audits.services.verification import verify_trail
from config import embedded
from tests.factories import make_site, open_many, person
from worklists.enums import Role, State
from worklists.models import Event, WorkItem

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]

PEOPLE = 50
ITEMS = 10_000
EACH = """
import django; django.setup()
import sys
from worklists.models import User
from worklists.services.next_item import next_item
actor = User.objects.get(username=sys.argv[1])
while True:
    item = next_item(actor=actor).item
    if item is None:
        break
    print(item.pk)
"""


def test_fifty_people_share_ten_thousand_items() -> None:
    site = make_site()
    names = [f"crowd-{n}" for n in range(PEOPLE)]
    for name in names:
        person(
            Role.CODER, username=name, works=[site.queue], facilities=[site.facility]
        )
    open_many(site.queue, site.facility, ITEMS)
    address = embedded.database_url("app", connection.settings_dict["NAME"])
    crowd = [_start(name, address) for name in names]
    handed: Counter[int] = Counter()
    for one in crowd:
        out, err = one.communicate(timeout=900)
        assert one.returncode == 0, err
        handed.update(int(line) for line in out.split())
    assert len(handed) == ITEMS
    assert set(handed.values()) == {1}
    assert WorkItem.objects.filter(state=State.IN_PROGRESS).count() == ITEMS
    assert Event.objects.filter(action="item.handed").count() == ITEMS
    assert verify_trail().whole


def _start(name: str, address: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": address,
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
    }
    return subprocess.Popen(
        [sys.executable, "-c", EACH, name],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
