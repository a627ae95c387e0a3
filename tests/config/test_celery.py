"""The beat schedule is in code, and every entry can really be sent."""

import pytest
from celery import current_app

from config.celery import SCHEDULE, app

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", sorted(SCHEDULE))
def test_scheduled_task_exists(name):
    app.loader.import_default_modules()
    assert SCHEDULE[name][0] in app.tasks


@pytest.mark.parametrize("name", sorted(SCHEDULE))
def test_scheduled_run_is_dropped_when_the_next_is_due(name):
    entry = app.conf.beat_schedule[name]
    assert entry["options"]["expires"] == entry["schedule"] > 0


def test_shared_tasks_belong_to_our_application():
    assert current_app.main == "codetrail"


def test_tasks_may_be_delivered_twice_but_not_lost():
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.task_ignore_result is True
    assert app.conf.accept_content == ["json"]


def test_no_task_outlives_its_delivery():
    timeout = app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.task_time_limit < timeout
