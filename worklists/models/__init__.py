"""Rows of the kernel: fields and constraints, no workflow, no ``save`` with effects."""

from worklists.models.aging import AgingCount, AgingDay
from worklists.models.batches import ExceptionDetail, IngestBatch
from worklists.models.bulk import BulkAct, BulkActItem
from worklists.models.claims import Claim
from worklists.models.clocks import (
    ClockSwitch,
    Escalation,
    ItemClock,
    LadderStep,
    SlaPolicy,
)
from worklists.models.defects import Defect, DefectRule, Taxonomy
from worklists.models.deferrals import PendReason
from worklists.models.evidence import (
    Answer,
    Attachment,
    Committed,
    Draft,
    EvidenceTemplate,
)
from worklists.models.guidance import Guidance, GuidanceVersion
from worklists.models.installation import IdempotencyKey, Installation
from worklists.models.items import WorkItem
from worklists.models.notes import Note, NoteWithdrawal
from worklists.models.notices import Banner, Notice
from worklists.models.people import (
    Absence,
    Clearance,
    ClearanceGrant,
    SetUpBy,
    Team,
    TeamMember,
    User,
)
from worklists.models.queues import (
    FacilityGroupObjectPermission,
    FacilityUserObjectPermission,
    Queue,
    QueueGroupObjectPermission,
    QueueUserObjectPermission,
    RoutingRule,
)
from worklists.models.reference import BusinessCalendar, Facility, Holiday, Payer
from worklists.models.review import (
    Review,
    ReviewBlock,
    ReviewDelegation,
    ReviewPolicy,
)
from worklists.models.rules import LadderSwitch, Rule, RuleVersion, RuleWords
from worklists.models.spells import TimeCorrection, TimeSpell
from worklists.models.trail import ChainHead, Event, Reason
from worklists.models.tries import SubmitTry
from worklists.models.views import SavedView

__all__ = [
    "Absence",
    "AgingCount",
    "AgingDay",
    "Answer",
    "Attachment",
    "Banner",
    "BulkAct",
    "BulkActItem",
    "BusinessCalendar",
    "ChainHead",
    "Claim",
    "Clearance",
    "ClearanceGrant",
    "ClockSwitch",
    "Committed",
    "Defect",
    "DefectRule",
    "Draft",
    "Escalation",
    "Event",
    "EvidenceTemplate",
    "ExceptionDetail",
    "Facility",
    "FacilityGroupObjectPermission",
    "FacilityUserObjectPermission",
    "Guidance",
    "GuidanceVersion",
    "Holiday",
    "IdempotencyKey",
    "IngestBatch",
    "Installation",
    "ItemClock",
    "LadderStep",
    "LadderSwitch",
    "Note",
    "NoteWithdrawal",
    "Notice",
    "Payer",
    "PendReason",
    "Queue",
    "QueueGroupObjectPermission",
    "QueueUserObjectPermission",
    "Reason",
    "Review",
    "ReviewBlock",
    "ReviewDelegation",
    "ReviewPolicy",
    "RoutingRule",
    "Rule",
    "RuleVersion",
    "RuleWords",
    "SavedView",
    "SetUpBy",
    "SlaPolicy",
    "SubmitTry",
    "Taxonomy",
    "Team",
    "TeamMember",
    "TimeCorrection",
    "TimeSpell",
    "User",
    "WorkItem",
]
