"""Rows of the kernel: fields and constraints, no workflow, no ``save`` with effects."""

from worklists.models.aging import AgingCount, AgingDay
from worklists.models.batches import ExceptionDetail, IngestBatch
from worklists.models.bulk import BulkAct, BulkActItem
from worklists.models.claims import Claim
from worklists.models.clocks import Escalation, ItemClock, LadderStep, SlaPolicy
from worklists.models.defects import Defect, DefectRule, Taxonomy
from worklists.models.evidence import Answer, Attachment, Draft, EvidenceTemplate
from worklists.models.installation import IdempotencyKey, Installation
from worklists.models.items import WorkItem
from worklists.models.notes import Note, NoteWithdrawal
from worklists.models.notices import Notice
from worklists.models.people import (
    Absence,
    Clearance,
    ClearanceGrant,
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
from worklists.models.rules import Rule, RuleVersion, RuleWords
from worklists.models.trail import ChainHead, Event, Reason
from worklists.models.views import SavedView

__all__ = [
    "Absence",
    "AgingCount",
    "AgingDay",
    "Answer",
    "Attachment",
    "BulkAct",
    "BulkActItem",
    "BusinessCalendar",
    "ChainHead",
    "Claim",
    "Clearance",
    "ClearanceGrant",
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
    "Holiday",
    "IdempotencyKey",
    "IngestBatch",
    "Installation",
    "ItemClock",
    "LadderStep",
    "Note",
    "NoteWithdrawal",
    "Notice",
    "Payer",
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
    "SlaPolicy",
    "Taxonomy",
    "Team",
    "TeamMember",
    "User",
    "WorkItem",
]
