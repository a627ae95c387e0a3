"""Reference data and the demonstration site: complete, repeatable, never overwritten."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from seeds import demo
from seeds.loading import load_reference, load_site
from worklists import models, shipped
from worklists.errors import BadInput
from worklists.selectors.access import access_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def rows() -> dict[str, int]:
    kinds = (
        *(models.Queue, models.User, models.Payer, models.Facility, models.RoutingRule),
        *(models.EvidenceTemplate, models.ReviewPolicy, models.SlaPolicy),
        *(models.DefectRule, models.LadderStep, models.ClearanceGrant, models.Team),
    )
    return {kind.__name__: kind.objects.count() for kind in kinds}


def test_loading_twice_is_loading_once() -> None:
    load_reference()
    load_site()
    once = rows()
    load_reference()
    load_site()
    assert rows() == once

    granted = models.Event.objects.filter(action="clearance.granted")
    assert granted.count() == models.ClearanceGrant.objects.count() > 0
    assert set(granted.values_list("actor_name", "source")) == {("sam.torres", "seed")}


def test_the_site_has_what_the_demonstration_promises() -> None:
    load_reference()
    load_site()
    assert models.Facility.objects.count() == 3
    assert models.Payer.objects.count() == 6
    assert models.Queue.objects.count() == 12
    assert models.User.objects.count() == len(demo.people()) == 14
    assert models.Queue.objects.filter(hand_out="next_only").count() == 2
    roles = set(Group.objects.values_list("name", flat=True))
    assert {person["role"] for person in demo.people()} <= roles
    queue = models.Queue.objects.get(slug="high-dollar")
    ana = models.User.objects.get(username="ana.ruiz")  # an apprentice
    jin = models.User.objects.get(username="jin.park")
    assert queue.pk not in access_of(ana).visible
    assert queue.pk in access_of(jin).visible


def test_a_changed_template_version_is_refused_and_kept() -> None:
    load_reference()
    models.EvidenceTemplate.objects.filter(slug="denial").update(fields=[])
    with pytest.raises(BadInput, match="denial v1 differs"):
        load_reference()
    assert models.EvidenceTemplate.objects.get(slug="denial").fields == []


@pytest.mark.parametrize(
    ("rows", "change", "named"),
    [
        (models.DefectRule.objects.filter(carc="97"), {"label": "x"}, "Taxonomy v1"),
        (models.EvidenceTemplate.objects, {"name": "x"}, "Evidence template .* v1"),
        (models.ReviewPolicy.objects, {"amount_from": "1.00"}, "Review policy .* v2"),
        (models.SlaPolicy.objects, {"business_hours": 1}, "Service level .* v2"),
        (models.LadderStep.objects, {"offset_hours": 1}, "Service level .* v2"),
    ],
)
def test_a_version_that_differs_from_what_ships_is_named_and_kept(
    rows: Any, change: dict[str, Any], named: str
) -> None:
    load_reference()
    changed = rows.all().update(**change)
    with pytest.raises(BadInput, match=f"{named} differs"):
        load_reference()
    assert rows.filter(**change).count() == changed > 0


def test_a_form_that_its_kind_cannot_finish_by_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = shipped.find("template", "denial")
    assert one is not None
    rest = [field for field in one.content["fields"] if field["name"] != "root_cause"]
    broken = replace(one, content={**one.content, "fields": rest})
    monkeypatch.setitem(shipped._shipped, ("template", "denial"), broken)
    with pytest.raises(
        BadInput, match=r"denial v1 cannot work\. .* the field “root_cause”"
    ):
        load_reference()
    assert not models.EvidenceTemplate.objects.exists()


def test_what_a_site_at_work_does_not_have_is_said_and_not_added(
    capsys: pytest.CaptureFixture[str],
) -> None:
    load_reference()
    load_site()
    models.EvidenceTemplate.objects.get(slug="denial").delete()
    models.SlaPolicy.objects.filter(slug="urgent").update(version=1, name="Ours")
    call_command("load_reference")
    assert "13 evidence templates, 5 review policies, 2 SLA" in capsys.readouterr().out
    assert not models.EvidenceTemplate.objects.filter(slug="denial").exists()
    assert models.SlaPolicy.objects.get(slug="urgent").name == "Ours"
    call_command("load_reference")
    assert "does not work here as it ships: 2." in capsys.readouterr().out


def test_demo_data_goes_into_a_demo_database_only() -> None:
    with pytest.raises(CommandError, match="not marked as a demo"):
        call_command("load_demo")
    assert models.User.objects.count() == 0
