"""Payer profiles on pages: read and count by everybody, changed by two people."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from denials.models import AppealLevel, ProfileVersion
from denials.services.profiles import load_shipped_profiles
from tests.factories import FacilityFactory, PayerFactory, person
from tests.factories.profiles import make_profile, make_version
from tests.worklists.views.conftest import text_of
from worklists.enums import Role
from worklists.services import injected_time

pytestmark = pytest.mark.django_db
LIST = "/payer-profiles/"
ONE = "/payer-profiles/northgate/"
TODAY = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with injected_time.at(TODAY):
        yield


@pytest.fixture
def maria():
    return person(Role.MANAGER, first_name="Maria", last_name="Santos")


@pytest.fixture
def david():
    return person(Role.MANAGER, first_name="David", last_name="Chen")


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_of(*levels: dict[str, object], floors=(), note="") -> dict[str, object]:
    """What the page of a draft posts, its empty rows included."""
    posted: dict[str, object] = {"note": note}
    blank = {"count": "calendar", "start_event": "notice"}
    for prefix, rows in (("levels", [*levels, blank]), ("floors", [*floors, {}])):
        posted[f"{prefix}-TOTAL_FORMS"] = len(rows)
        posted[f"{prefix}-INITIAL_FORMS"] = len(rows) - 1
        for n, row in enumerate(rows):
            posted |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return posted


LEVEL = {
    "level": 1, "name": "Reconsideration", "decided_by": "The plan", "days": 65,
    "count": "calendar", "start_event": "notice", "source": "Manual of December",
}  # fmt: skip


def states() -> list[tuple[int, str]]:
    rows = ProfileVersion.objects.filter(profile__slug="northgate").order_by("number")
    return list(rows.values_list("number", "state"))


class TestReading:
    def test_the_list_says_what_holds_what_waits_and_what_warns(self, maria):
        first = make_profile(verified_on=None, verified_by="")
        PayerFactory(name="Northgate MA", profile="northgate")
        make_version(
            first.profile, number=2, state="proposed", proposed_by=maria,
            levels=({"level": 1, "days": 65},),
        )  # fmt: skip
        page = text_of(logged_in(person(Role.CODER)).get(LIST))
        assert "1: 60 calendar days" in page
        assert "Northgate MA" in page
        assert "1 row to check" in page
        assert "Waits for approval" in page
        assert "1 change waits for another person’s word." in page
        assert "New profile" not in page

    def test_with_nothing_loaded_it_says_how_to_begin(self):
        page = text_of(logged_in(person(Role.CODER)).get(LIST))
        assert "No profile yet" in page

    def test_the_shipped_examples_warn_and_medicare_does_not(self):
        load_shipped_profiles()
        client = logged_in(person(Role.REVIEWER))
        assert "against a source, the longest ago on 11/21/2026." in text_of(
            client.get("/payer-profiles/medicare-ffs/")
        )
        page = text_of(client.get("/payer-profiles/ma-non-contract/"))
        assert "1 row to check against the source." in page
        assert "65 calendar days in a policy of 1 December 2025" in page

    def test_a_profile_shows_sources_verification_and_who_decided(self, maria, david):
        first = make_profile()
        make_version(first.profile, number=2, proposed_by=maria, decided_by=david,
                     proposed_at=TODAY, decided_at=TODAY,
                     levels=({"level": 1, "days": 65, "floors": {2026: "200.00"}},),
                     )  # fmt: skip
        page = text_of(logged_in(person(Role.CODER)).get(ONE))
        for said in (
            "65 calendar days", "Provider manual, page 12", "10/01/2026",
            "at least $200.00 in dispute", "Version 2", "Maria Santos", "David Chen",
            "came with Codetrail",
        ):  # fmt: skip
            assert said in page
        assert "Verify again" not in page
        assert "Propose a change" not in page

    def test_an_unknown_profile_or_version_is_not_there(self, maria):
        make_profile()
        client = logged_in(maria)
        assert client.get("/payer-profiles/acme/").status_code == 404
        assert client.get(f"{ONE}versions/7/").status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_costs_the_same_with_more_profiles(
        self, django_assert_num_queries, count
    ):
        for n in range(count):
            make_profile(f"p{n}", floors={2026: "200.00"})
            PayerFactory(profile=f"p{n}")
        client = logged_in(person(Role.CODER))
        client.get(LIST)
        with django_assert_num_queries(8):
            client.get(LIST)

    @pytest.mark.parametrize("count", [1, 3])
    def test_a_profile_costs_the_same_with_more_rows(
        self, django_assert_num_queries, count
    ):
        FacilityFactory()
        first = make_profile(floors={2026: "200.00"})
        for n in range(count):
            rows = tuple({"level": k, "floors": {2026: "1.00"}} for k in range(1, 5))
            make_version(first.profile, number=n + 2, levels=rows)
        client = logged_in(person(Role.CODER))
        client.get(ONE)
        with django_assert_num_queries(13):
            client.get(ONE)


class TestTheCalculator:
    @pytest.fixture(autouse=True)
    def _site(self):
        load_shipped_profiles()
        FacilityFactory(slug="north", is_default=True)

    def count(self, **asked) -> str:
        given = {"level": "1", "notice": "2026-05-17", "facility": "north", **asked}
        client = logged_in(person(Role.CODER))
        return text_of(client.get("/payer-profiles/medicare-ffs/", given))

    def test_it_says_due_act_by_and_why(self):
        page = self.count()
        assert "Fri Sep 18, 2026" in page
        assert "Sat Sep 19, 2026" in page
        assert "120 calendar days from Fri May 22, 2026" in page
        assert "Presumed receipt of the decision" in page

    def test_a_receipt_before_the_notice_is_refused_in_place(self):
        page = self.count(received="2026-05-16")
        assert "before its notice of 05/17/2026" in page
        assert "Act by" not in page

    def test_a_floor_that_nobody_knows_is_said(self):
        page = self.count(level="3", notice="2026-12-20")
        assert "No floor known for 2027" in page

    def test_a_day_that_is_a_slip_is_said_at_its_field(self):
        page = self.count(notice="0026-05-17")
        assert "Give a day between 2000 and 2099." in page
        assert "Act by" not in page


class TestChanging:
    def test_two_people_change_a_profile(self, maria, david):
        make_profile()
        hers, his = logged_in(maria), logged_in(david)

        answer = hers.post(f"{ONE}begin/")
        assert answer["Location"] == f"{ONE}edit/"
        assert "Nothing differs yet" in text_of(hers.get(f"{ONE}edit/"))
        answer = hers.post(f"{ONE}edit/", form_of(LEVEL, note="New manual"))
        assert answer["Location"] == f"{ONE}edit/"
        page = text_of(hers.get(f"{ONE}edit/"))
        assert "<del>60 calendar days</del>" in page
        assert "<ins>65 calendar days</ins>" in page

        words = {"effective_from": "2026-12-01", "reason": "Manual of December"}
        answer = hers.post(f"{ONE}propose/", words)
        assert answer["Location"] == f"{ONE}versions/2/"
        page = text_of(hers.get(f"{ONE}versions/2/"))
        assert "You proposed this version, so another person must decide it." in page
        assert 'name="looked"' not in page

        page = his.get(f"{ONE}versions/2/")
        assert "dated from 12/01/2026" in text_of(page)
        assert "Manual of December" in text_of(page)
        looked = page.context["effect"].key
        answer = his.post(f"{ONE}versions/2/approve/", {"looked": looked})
        assert answer["Location"] == ONE
        assert states() == [(1, "in_force"), (2, "in_force")]
        assert ProfileVersion.objects.get(number=2).decided_by == david

    def test_she_cannot_approve_by_hand_either(self, maria):
        make_profile()
        client = logged_in(maria)
        client.post(f"{ONE}begin/")
        client.post(f"{ONE}edit/", form_of(LEVEL))
        client.post(f"{ONE}propose/", {"reason": "x"})
        answer = client.post(
            f"{ONE}versions/2/approve/", {"looked": "0:0:0:none"}, follow=True
        )
        assert "another person must decide it" in text_of(answer)
        assert states() == [(1, "in_force"), (2, "proposed")]

    def test_only_what_was_looked_at_is_done(self, maria, david):
        profile = make_profile().profile
        make_version(profile, number=2, state="proposed", proposed_by=maria,
                     levels=({"level": 1, "days": 65},))  # fmt: skip
        answer = logged_in(david).post(f"{ONE}versions/2/approve/", follow=True)
        assert "Look again." in text_of(answer)
        assert states() == [(1, "in_force"), (2, "proposed")]

    def test_sent_back_with_the_reason_it_is_written_again(self, maria, david):
        profile = make_profile().profile
        make_version(profile, number=2, state="proposed", proposed_by=maria,
                     levels=({"level": 1, "days": 65},))  # fmt: skip
        his = logged_in(david)
        answer = his.post(f"{ONE}versions/2/send-back/", {"reason": " "}, follow=True)
        assert "Say what to mend" in text_of(answer)
        assert states()[1] == (2, "proposed")
        his.post(f"{ONE}versions/2/send-back/", {"reason": "Which page?"})
        assert states()[1] == (2, "draft")
        assert "Go on with your draft" in text_of(logged_in(maria).get(ONE))

    def test_faults_stand_in_the_page_and_nothing_is_stored(self, maria):
        make_profile()
        client = logged_in(maria)
        client.post(f"{ONE}begin/")
        page = client.post(f"{ONE}edit/", form_of({**LEVEL, "months": 3}))
        assert "Give its limit in days or in months" in text_of(page)
        page = client.post(f"{ONE}edit/", form_of({**LEVEL, "days": "many"}))
        assert "Some fields cannot be read." in text_of(page)
        draft = ProfileVersion.objects.get(number=2)
        assert draft.levels.get().days == 60

    def test_steps_and_floors_come_and_go(self, maria):
        make_profile(floors={2026: "200.00"})
        client = logged_in(maria)
        client.post(f"{ONE}begin/")
        filing = {**LEVEL, "level": 0, "name": "Filing", "days": "", "months": 12,
                  "start_event": "service_through"}  # fmt: skip
        floor = {"level": 1, "year": 2027, "amount": "210.00", "source": "91 FR 1"}
        client.post(
            f"{ONE}edit/",
            form_of(filing, LEVEL, floors=({**floor, "year": 2026, "remove": "on"},
                                           floor)),
        )  # fmt: skip
        draft = ProfileVersion.objects.get(number=2)
        assert list(draft.levels.values_list("level", "days", "months")) == [
            (0, None, 12), (1, 65, None),
        ]  # fmt: skip
        floors = draft.levels.get(level=1).floors
        assert list(floors.values_list("year", "verified_on")) == [(2027, None)]

    def test_another_persons_draft_is_not_opened(self, maria, david):
        make_profile()
        logged_in(maria).post(f"{ONE}begin/")
        his = logged_in(david)
        assert his.get(f"{ONE}edit/")["Location"] == ONE
        page = text_of(his.post(f"{ONE}begin/", follow=True))
        assert "Maria Santos writes this version; ask them." in page
        his.post(f"{ONE}withdraw/")
        assert states() == [(1, "in_force"), (2, "withdrawn")]

    def test_a_new_profile_begins_with_its_name(self, maria):
        client = logged_in(maria)
        given = {"name": "Acme", "slug": "northgate", "contract": "contracted"}
        answer = client.post(f"{LIST}new/", given)
        assert answer["Location"] == f"{ONE}edit/"
        assert states() == [(1, "draft")]
        assert "One step more" in text_of(client.get(f"{ONE}edit/"))
        page = text_of(client.post(f"{LIST}new/", given))
        assert "There is a profile “northgate” already." in page
        page = text_of(client.post(f"{LIST}new/", {**given, "slug": "new"}))
        assert "choose another" in page

    def test_a_row_is_verified_in_a_dialog(self, maria):
        level = make_profile(verified_on=None, verified_by="").levels.get()
        client = logged_in(maria)
        assert f'id="verify-{level.pk}"' in client.get(ONE).text
        given = {"level": level.pk, "verified_on": "2026-11-20", "source": "Page 3"}
        page = text_of(client.post(f"{ONE}verify/", given, follow=True))
        assert "Every row was held against a source, the longest ago on 11/20" in page
        assert "last held against: Page 3" in page
        level.refresh_from_db()
        assert (level.verified_on, level.verified_by) == (
            date(2026, 11, 20), "Maria Santos",
        )  # fmt: skip
        late = {**given, "verified_on": "2026-11-24"}
        page = text_of(client.post(f"{ONE}verify/", late, follow=True))
        assert "A day to come cannot have been verified on." in page
        assert AppealLevel.objects.get().verified_on == date(2026, 11, 20)

    def test_a_source_that_was_proposed_stands_beside_what_was_read_since(self, maria):
        first = make_profile(source="No source yet", verified_on=None, verified_by="")
        given = {
            "level": first.levels.get().pk,
            "verified_on": "2026-11-20",
            "source": "The contract, page 9",
        }
        client = logged_in(maria)
        assert "last held against" not in text_of(client.get(ONE))

        page = text_of(client.post(f"{ONE}verify/", given, follow=True))

        assert "No source yet" in page
        assert "last held against: The contract, page 9" in page

    @pytest.mark.parametrize("role", [Role.CODER, Role.REVIEWER, Role.AUDITOR])
    def test_readers_change_nothing(self, role):
        make_profile()
        client = logged_in(person(role))
        for address in ("begin/", "edit/", "propose/", "withdraw/", "verify/",
                        "versions/1/approve/", "versions/1/send-back/"):  # fmt: skip
            assert client.post(f"{ONE}{address}").status_code == 403
        assert states() == [(1, "in_force")]


@pytest.mark.parametrize("role", [Role.CODER, Role.MANAGER, Role.ADMINISTRATOR])
def test_the_rail_and_the_set_up_lead_there(role):
    page = logged_in(person(role)).get("/").text
    assert f'href="{LIST}"' in page
