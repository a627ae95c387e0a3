"""Closed sets of words of denials. Imported by anyone here, imports nothing of ours."""

from __future__ import annotations

from django.db import models


class DenialKind(models.TextChoices):
    """What an adjustment means for us (CONTRACT 2, “What counts as a denial”).

    Only a denial opens work. A reduction is paid less than billed by a pricing rule,
    a pending one is not decided yet: both are kept for the record.
    """

    DENIAL = "denial", "Denial"
    REDUCTION = "reduction", "Reduction"
    PENDING = "pending", "Pending"


class DenialStatus(models.TextChoices):
    """Where a denial stands. ``noted`` is what never opens work."""

    OPEN = "open", "Open"
    DECIDED = "decided", "Decided"
    REVERSED = "reversed", "Reversed by the payer"
    NOTED = "noted", "Noted"


class Decision(models.TextChoices):
    """What a person decided to do about a denial (PRODUCT 3)."""

    CORRECT = "correct_resubmit", "Correct, resend"
    APPEAL = "appeal", "Appeal"
    OTHER_PAYER = "other_payer", "Other payer"
    BILL_PATIENT = "bill_patient", "Bill patient"
    WRITE_OFF = "write_off", "Write off"
    QUERY = "query_provider", "Query provider"
    EDUCATE = "educate", "Educate upstream"


# What goes back to the payer, who answers it.
SENT_BACK = (Decision.CORRECT, Decision.APPEAL)


class RemarkSource(models.TextChoices):
    """The segment a remark code stood in."""

    LQ = "LQ", "Line (LQ)"
    MIA = "MIA", "Inpatient (MIA)"
    MOA = "MOA", "Outpatient (MOA)"


class StartEvent(models.TextChoices):
    """From which day a limit is counted; the last one is for filing a claim alone."""

    RECEIVED = "received", "Receipt of the decision"
    PRESUMED = "presumed_receipt", "Presumed receipt of the decision"
    NOTICE = "notice", "Date of the notice"
    REMITTANCE = "remittance", "Date of the remittance"
    SERVICE_THROUGH = "service_through", "Last day of service"


class DayCount(models.TextChoices):
    """How the days of a limit are counted."""

    CALENDAR = "calendar", "Calendar days"
    BUSINESS = "business", "Business days"


class ContractStatus(models.TextChoices):
    """Whether a profile is for payers we have a contract with."""

    ANY = "any", "With or without a contract"
    CONTRACTED = "contracted", "With a contract"
    NON_CONTRACTED = "non_contracted", "Without a contract"


class VersionState(models.TextChoices):
    """Where a version of a payer profile stands."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Waits for approval"
    IN_FORCE = "in_force", "In force"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class VersionAct(models.TextChoices):
    """What a person said words for about a version or a row of it."""

    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    SENT_BACK = "sent_back", "Sent back"
    WITHDRAWN = "withdrawn", "Withdrawn"
