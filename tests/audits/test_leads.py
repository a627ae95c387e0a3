"""From each event of the trail an auditor gets to the page it is about, and only reads."""

import re

import pytest
from django.test import Client

from audits.selectors.subject_names import subject_pages
from tests.factories import make_site, open_many, person
from tests.factories.profiles import make_profile
from worklists.context import now
from worklists.enums import Role
from worklists.models import BulkAct, Event, IngestBatch, Rule, Team, User
from worklists.selectors.rules import live_content
from worklists.services import reading, rules
from worklists.services.absences import record_absence
from worklists.services.reassigning import reassign
from worklists.services.setting_up import record_set_up

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site."""
    return make_site()


def browser(user):
    """Return a browser of a person."""
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


def leads_of(user, action):
    """Return where the rows of one act lead, as a person sees them."""
    page = text_of(browser(user).get("/audit/", {"action": action}))
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return re.findall(r'<a class="id" href="([^"]+)"', body)


def moved(site):
    """Let the manager give two items away at once."""
    chosen = [item.pk for item in open_many(site.queue, site.facility, 2)]
    reassign(actor=site.manager, chosen=chosen, to="coder", reason="Balance.")
    return BulkAct.objects.get()


def test_a_bulk_act_is_read_by_the_auditor_and_the_read_is_an_event(site):
    act = moved(site)

    assert leads_of(site.auditor, "bulk.reassigned") == [f"/bulk-acts/{act.pk}/"]
    answer = browser(site.auditor).get(f"/bulk-acts/{act.pk}/")

    page = text_of(answer)
    assert answer.status_code == 200
    assert f"By {site.manager} ·" in page
    assert "Undo" not in page
    read = Event.objects.get(action="read.bulk_act")
    assert (read.actor, read.object_kind, read.object_id) == (
        site.auditor,
        "bulk_act",
        act.pk,
    )


def test_ones_own_bulk_act_is_no_read_of_anothers(site):
    act = moved(site)

    page = text_of(browser(site.manager).get(f"/bulk-acts/{act.pk}/"))

    assert "By you ·" in page
    assert "Undo" in page
    assert not Event.objects.filter(action="read.bulk_act").exists()


def test_an_auditor_takes_no_act_of_others_back(site):
    act = moved(site)

    answer = browser(site.auditor).post(f"/bulk-acts/{act.pk}/undo/")

    assert answer.status_code == 404
    act.refresh_from_db()
    assert act.undone_at is None


def test_a_manager_reads_the_acts_of_their_own_people_alone(site):
    act = BulkAct.objects.create(
        actor=site.coder, kind="released", made_at=now(), target={}, done=0, refused=0
    )
    address = f"/bulk-acts/{act.pk}/"
    assert browser(site.manager).get(address).status_code == 404
    site.queue.team.members.add(site.coder)
    assert browser(site.manager).get(address).status_code == 200
    ours = BulkAct.objects.create(
        actor=None, kind="released", made_at=now(), target={}, done=0, refused=0
    )
    assert browser(site.manager).get(f"/bulk-acts/{ours.pk}/").status_code == 200


def test_a_coder_reads_no_act_of_others(site):
    act = moved(site)

    assert browser(site.coder).get(f"/bulk-acts/{act.pk}/").status_code == 404
    assert not Event.objects.filter(action="read.bulk_act").exists()


def test_a_rule_and_the_settings_of_a_queue_lead_to_their_pages(site):
    slug = site.queue.sla_policy.slug
    rules.propose(
        actor=site.manager,
        kind="sla",
        slug=slug,
        content={**live_content("sla", slug), "business_hours": 41},
        effective_from=now().date(),
        reason="Payers answer later.",
    )
    [lead] = leads_of(site.auditor, "rule.proposed")

    assert lead == f"/rules/sla/{site.queue.sla_policy.slug}/"
    assert browser(site.auditor).get(lead).status_code == 200
    read = Event.objects.get(action="read.rule")
    assert (read.actor, read.object_id) == (site.auditor, Rule.objects.get().pk)


def test_a_payer_profile_leads_to_its_page(site):
    profile = make_profile().profile
    reading.record(
        actor=site.manager,
        action="read.trail",
        about=reading.subject("profile", profile.pk),
    )
    [lead] = leads_of(site.auditor, "read.trail")

    answer = browser(site.auditor).get(lead, follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain == [(f"/payer-profiles/{profile.slug}/", 302)]
    read = Event.objects.get(action="read.profile")
    assert (read.actor, read.object_id) == (site.auditor, profile.pk)


def test_a_profile_that_is_not_there(site):
    assert browser(site.auditor).get("/payer-profiles/number/9/").status_code == 404


def test_a_person_is_read_by_the_auditor_who_changes_nothing_there(site):
    reading.record(actor=site.coder, action="logout")
    [lead] = leads_of(site.auditor, "logout")

    answer = browser(site.auditor).get(lead)

    page = text_of(answer)
    main = page[page.index("<main") : page.index("</main>")]
    assert (lead, answer.status_code) == (f"/manage/people/{site.coder.pk}/", 200)
    assert "<form" not in main
    assert "Record an absence" not in main
    read = Event.objects.get(action="read.person")
    assert (read.actor, read.object_kind, read.object_id) == (
        site.auditor,
        "user",
        site.coder.pk,
    )


def test_the_list_of_people_stays_the_managers(site):
    assert browser(site.auditor).get("/manage/people/").status_code == 403


def test_a_manager_is_led_to_their_own_people_alone(site):
    stranger = person(Role.CODER)
    own, other = ("user", site.coder.pk), ("user", stranger.pk)
    site.queue.team.members.add(site.coder)

    manager = User.objects.get(pk=site.manager.pk)
    assert set(subject_pages(manager, [own, other])) == {own}
    assert set(subject_pages(site.auditor, [own, other])) == {own, other}


def test_an_absence_leads_to_the_person_it_is_of(site):
    day = now().date()
    absence, _ = record_absence(
        actor=site.administrator,
        user_id=site.coder.pk,
        starts_on=day,
        ends_on=day,
        backup="pool",
    )

    pages = subject_pages(site.auditor, [("absence", absence.pk)])

    person_page = f"/manage/people/{site.coder.pk}/#absences"
    assert pages == {("absence", absence.pk): person_page}


def test_what_became_of_a_file_is_read_by_the_auditor(site):
    batch = IngestBatch.objects.create(
        file_name="a.835",
        sha256="0" * 64,
        size=1,
        uploaded_by=site.manager,
        created_at=now(),
    )
    reading.record_batch_read(actor=site.manager, batch_id=batch.pk)
    [lead] = leads_of(site.auditor, "read.batch")

    answer = browser(site.auditor).get(lead)

    assert answer.status_code == 200
    assert 'href="/ingest/"' not in answer.content.decode()
    assert Event.objects.filter(action="read.batch", actor=site.auditor).count() == 1
    assert browser(site.auditor).get("/ingest/").status_code == 403


def test_what_stands_in_set_up_alone_leads_to_its_events(site):
    team = Team.objects.get()
    record_set_up(actor=site.administrator, row=team, added=False, fields=["name"])
    [lead] = leads_of(site.auditor, "setup.changed")

    answer = browser(site.auditor).get(f"/audit/{lead}")

    assert lead == f"?subject=team:{team.pk}"
    assert answer.status_code == 200
    assert "changed the set-up, name" in text_of(answer)


def test_pages_cost_the_same_however_many(site, django_assert_num_queries):
    auditor = User.objects.get(pk=site.auditor.pk)
    subject_pages(auditor, [("site", 1)])
    with django_assert_num_queries(3):
        kinds = ("rule", "absence", "guidance", "user", "batch")
        subject_pages(auditor, [(kind, n) for kind in kinds for n in (1, 2, 3)])
