"""The demonstration site: calendars, facilities, payers, teams and people.

All of them are invented. Identifiers follow the published shapes (an NPI with its
check digit) and belong to nobody.
"""

from __future__ import annotations

from typing import NamedTuple

WEEKDAYS = {str(day): [["08:00", "17:00"]] for day in range(1, 6)}


class CalendarRow(NamedTuple):
    """One business calendar."""

    slug: str
    name: str
    time_zone: str


class FacilityRow(NamedTuple):
    """One hospital or group and the ids by which payers name it."""

    slug: str
    name: str
    calendar: str
    payee_ids: tuple[str, ...]
    is_default: bool = False


class PayerRow(NamedTuple):
    """One payer, the names it goes by in files, and its appeal profile."""

    slug: str
    name: str
    plan_type: str
    payer_ids: tuple[str, ...]
    profile: str = ""
    on_watch: bool = False


class PersonRow(NamedTuple):
    """One person: role, tier, clearances, teams and facilities."""

    username: str
    first: str
    last: str
    role: str
    tier: str = "independent"
    clearances: tuple[str, ...] = ()
    team: str = ""
    zone: str = "America/Chicago"


class TeamRow(NamedTuple):
    """One team."""

    slug: str
    name: str
    lead: str
    manager: str


CALENDARS = (
    CalendarRow("riverside", "Riverside, weekdays 8 to 17", "America/Chicago"),
    CalendarRow("lakeview", "Lakeview, weekdays 8 to 17", "America/New_York"),
    CalendarRow("summit-group", "Summit group, weekdays 8 to 17", "America/Denver"),
)
FACILITIES = (
    FacilityRow(
        "riverside", "Riverside General Hospital", "riverside", ("1902847361",), True
    ),
    FacilityRow("lakeview", "Lakeview Medical Center", "lakeview", ("1518273648",)),
    FacilityRow(
        "summit-group", "Summit Physicians Group", "summit-group", ("1336274810",)
    ),
)
PAYERS = (
    PayerRow("medicare", "Medicare FFS", "medicare_ffs", ("MEDICARE FFS", "1350000001"),
             "medicare-ffs"),
    PayerRow("meridian-ppo", "Meridian PPO", "commercial", ("MERIDIAN PPO", "1350000002"),
             on_watch=True),
    PayerRow("blue-harbor", "Blue Harbor HMO", "commercial",
             ("BLUE HARBOR HMO", "1350000003")),
    PayerRow("northgate-ma", "Northgate MA", "medicare_advantage",
             ("NORTHGATE MA", "1350000004"), "ma-non-contract"),
    PayerRow("summit-medicaid", "Summit Medicaid", "medicaid",
             ("SUMMIT MEDICAID", "1350000005")),
    PayerRow("cascade-mco", "Cascade Managed Medicaid", "managed_medicaid",
             ("CASCADE MANAGED MEDICAID", "1350000006")),
)  # fmt: skip

ALL_CLEARANCES = ("denials-1", "denials-2", "bundling", "necessity")
CLEARANCES = {
    "denials-1": ("Denials I", "Denials of every class but bundling and necessity"),
    "denials-2": ("Denials II, high dollar", "Items from $10,000 on"),
    "bundling": (
        "Denials I, bundling",
        "Code pairs, packages and modifiers that unlock",
    ),
    "necessity": ("Medical necessity", "Clinical judgement of the payer"),
}
PEOPLE = (
    PersonRow("ana.ruiz", "Ana", "Ruiz", "coder", "apprentice",
              ("denials-1", "bundling"), "coding"),
    PersonRow("dev.whitfield", "Dev", "Whitfield", "coder", "apprentice",
              ("denials-1",), "front-end"),
    PersonRow("jin.park", "Jin", "Park", "coder", "independent", ALL_CLEARANCES, "coding"),
    PersonRow("priya.nair", "Priya", "Nair", "coder", "independent",
              ("denials-1", "bundling", "necessity"), "coding"),
    PersonRow("kofi.mensah", "Kofi", "Mensah", "coder", "independent",
              ("denials-1", "denials-2"), "front-end", "America/New_York"),
    PersonRow("lena.sokolova", "Lena", "Sokolova", "coder", "independent",
              ("denials-1", "necessity"), "coding"),
    PersonRow("teresa.okafor", "Teresa", "Okafor", "reviewer", "independent",
              ALL_CLEARANCES, "coding"),
    PersonRow("omar.haddad", "Omar", "Haddad", "reviewer", "independent",
              ALL_CLEARANCES, "front-end"),
    PersonRow("grace.lindqvist", "Grace", "Lindqvist", "reviewer", "independent",
              ALL_CLEARANCES, "remittance"),
    PersonRow("maria.santos", "Maria", "Santos", "manager", team="coding"),
    PersonRow("david.chen", "David", "Chen", "manager", team="front-end"),
    PersonRow("helen.marsh", "Helen", "Marsh", "auditor"),
    PersonRow("kate.dunn", "Kate", "Dunn", "educator"),
    PersonRow("sam.torres", "Sam", "Torres", "administrator"),
)  # fmt: skip
TEAMS = (
    TeamRow("coding", "Coding denials team", "teresa.okafor", "maria.santos"),
    TeamRow("front-end", "Front-end denials team", "omar.haddad", "david.chen"),
    TeamRow("remittance", "Remittance desk", "grace.lindqvist", "maria.santos"),
)
