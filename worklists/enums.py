"""Closed sets of words used by everyone. Imported by anyone, imports nothing."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """Where an item stands (CONTRACT 3). One set for every kind of work."""

    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "In progress"
    PENDING = "pending", "Pending"
    IN_REVIEW = "in_review", "In review"
    RETURNED = "returned", "Returned"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


ENDED = (State.COMPLETED, State.CANCELLED)
ACTIVE = tuple(state for state in State if state not in ENDED)
WORKED = tuple(state for state in ACTIVE if state != State.OPEN)
IN_HAND = (State.IN_PROGRESS, State.RETURNED)


class Action(models.TextChoices):
    """What may be done to an item. Each has one row in the transition table."""

    CLAIM = "claim", "Take"
    RELEASE = "release", "Release"
    ASSIGN = "assign", "Assign"
    SAVE_EVIDENCE = "save_evidence", "Save evidence"
    PEND = "pend", "Defer"
    RESUME = "resume", "Resume"
    SUBMIT = "submit", "Submit"
    APPROVE = "approve", "Approve"
    FIX_AND_APPROVE = "fix_and_approve", "Fix and approve"
    RETURN = "return", "Return"
    REJECT = "reject", "Reject"
    ESCALATE = "escalate", "Escalate"
    ACKNOWLEDGE_ESCALATION = "acknowledge_escalation", "Acknowledge escalation"
    REROUTE = "reroute", "Reroute"
    REOPEN = "reopen", "Reopen"
    CANCEL = "cancel", "Cancel"
    PRIORITIZE = "prioritize", "Set priority"
    FLAG = "flag", "Set a flag"
    UNFLAG = "unflag", "Clear a flag"


class Lift(models.IntegerChoices):
    """Where an item stands beside what its facts say: by a manager, or by the worker."""

    LOWERED = -1, "Lowered"
    NORMAL = 0, "Normal"
    RAISED = 1, "Raised"
    CAUGHT = 2, "Caught by the safety net"


class AgeBasis(models.TextChoices):
    """From when the age of work is counted."""

    ARRIVAL = "arrival", "Since it arrived"
    SERVICE = "service", "Since the date of service"


class BulkKind(models.TextChoices):
    """What an act on many items did."""

    REASSIGNED = "reassigned", "Moved"
    DEFERRED = "deferred", "Deferred"
    PRIORITIZED = "prioritized", "Priority set"
    APPROVED = "approved", "Approved"
    RELEASED = "released", "Released"
    ANSWERED = "answered", "Escalations answered"


class Role(models.TextChoices):
    """A role is a Django group of this name."""

    CODER = "coder", "Coder"
    REVIEWER = "reviewer", "Senior reviewer"
    MANAGER = "manager", "Manager"
    AUDITOR = "auditor", "Auditor"
    EDUCATOR = "educator", "Educator"
    PROVIDER = "provider", "Provider"
    ADMINISTRATOR = "administrator", "Administrator"


class Tier(models.TextChoices):
    """How far a coder's own decision carries."""

    APPRENTICE = "apprentice", "Apprentice"
    INDEPENDENT = "independent", "Independent"


class HandOut(models.TextChoices):
    """Whether people may pick from a queue or only take what comes next."""

    PICK = "pick", "People may pick"
    NEXT_ONLY = "next_only", "Next only"


class ClockKind(models.TextChoices):
    """Internal clocks pause; legal ones never do."""

    INTERNAL = "internal", "Internal"
    LEGAL = "legal", "Legal"


class Purpose(models.TextChoices):
    """What an installation's database is for. Only demo and test take a clock."""

    PRODUCTION = "production", "Production"
    DEMO = "demo", "Demonstration"
    TEST = "test", "Test"


class Source(models.TextChoices):
    """Through which door an act came."""

    PAGE = "page", "Page"
    API = "api", "API"
    WORKER = "worker", "Worker"
    COMMAND = "command", "Command"
    SEED = "seed", "Seed"


class ReviewOutcome(models.TextChoices):
    """How a senior review ended."""

    APPROVED = "approved", "Approved"
    FIXED = "fixed", "Fixed and approved"
    RETURNED = "returned", "Returned"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class BatchStatus(models.TextChoices):
    """What became of a file (CONTRACT 2), and where it is before that."""

    WAITING = "waiting", "Waiting"
    READING = "reading", "Reading"
    ACCEPTED = "accepted", "Accepted"
    WITH_EXCEPTIONS = "accepted_with_exceptions", "Accepted with exceptions"
    REJECTED = "rejected", "Rejected"
    DUPLICATE = "duplicate", "Duplicate"


class RootCause(models.TextChoices):
    """Why a defect happened (domain T5)."""

    KNOWLEDGE = "knowledge", "Knowledge"
    DOCUMENTATION = "documentation", "Documentation"
    PAYER_POLICY = "payer_policy", "Payer policy"
    SYSTEM = "system_configuration", "System configuration"
    TIME_PRESSURE = "time_pressure", "Time pressure"
    FRONT_END = "front_end", "Front end"
    UNKNOWN = "unknown", "Not known yet"


class Stage(models.TextChoices):
    """The step of the revenue cycle in which a defect arose."""

    FRONT_END = "front_end", "Front end"
    DOCUMENTATION = "documentation", "Documentation"
    CHARGE = "charge", "Charge capture"
    CODING = "coding", "Coding"
    BILLING = "billing", "Billing"
    CONTRACT = "contract", "Contracting"
    PROVIDER_SETUP = "provider_setup", "Provider set-up"
    PAYER = "payer", "Payer"
    APPEALS = "appeals", "Appeals"


class WaitsFor(models.TextChoices):
    """For whom a deferred item waits."""

    PROVIDER = "provider", "The provider"
    RECORDS = "records", "Medical records"
    PAYER = "payer", "The payer"
    TEAM = "team", "Another team"
    PATIENT = "patient", "The patient"
    NOBODY = "nobody", "Nobody"


class GuidanceKind(models.TextChoices):
    """What kind of guidance a decision rests on."""

    PAYER_POLICY = "payer_policy", "Payer policy"
    PLAYBOOK = "playbook", "Playbook"
    GUIDELINE = "guideline", "Coding guideline"


# Who has what nobody holds: the pool of its queue, named where a person can be.
POOL = "pool"


class RuleKind(models.TextChoices):
    """What kind of rule a site keeps in versions."""

    QUEUE = "queue", "Queue"
    SLA = "sla", "Service level"
    REVIEW = "review", "Review policy"
    TEMPLATE = "template", "Evidence template"
    ROUTING = "routing", "Routing"
    CALENDAR = "calendar", "Calendar"
    SITE = "site", "Site"


class TaskClass(models.TextChoices):
    """Who does an act: a person, a person with the system's help, the system."""

    HUMAN = "human_only", "Human only"
    ASSISTED = "assisted", "Assisted"
    AUTOMATIC = "automatic", "Automatic"


class RuleState(models.TextChoices):
    """Where a version of a rule stands."""

    PROPOSED = "proposed", "Waits for approval"
    APPROVED = "approved", "Approved, begins later"
    IN_FORCE = "in_force", "In force"
    SUPERSEDED = "superseded", "Superseded"
    SENT_BACK = "sent_back", "Sent back"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Standing(models.TextChoices):
    """How what a site has stands to what the release ships."""

    AS_SHIPPED = "as_shipped", "As shipped"
    OLDER = "older", "Of an earlier release"
    OWN = "own", "Changed here"
    MISSING = "missing", "Not here"


class RuleAct(models.TextChoices):
    """What was done with a version of a rule."""

    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    PUT_IN_FORCE = "put_in_force", "Put in force"
    SENT_BACK = "sent_back", "Sent back"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CHANGED = "changed", "Changed"
