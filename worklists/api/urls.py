"""Addresses of the kernel's API, below ``/api/v1/``."""

from django.urls import path

from worklists.api.views import (
    acts,
    aging,
    answers,
    attachments,
    bulk,
    claims,
    delegations,
    gaps,
    guidance,
    ingest,
    items,
    me,
    notes,
    people,
    rules,
    task_classes,
)

app_name = "api"

urlpatterns = [
    path("me/", me.Me.as_view(), name="me"),
    path("me/review-rates/", me.ReviewRates.as_view(), name="review-rates"),
    path("people/", people.People.as_view(), name="people"),
    path("absences/", people.Absences.as_view(), name="absences"),
    path(
        "absences/<int:absence_id>/until/",
        people.AbsenceUntil.as_view(),
        name="absence-until",
    ),
    path(
        "absences/<int:absence_id>/end/",
        people.AbsenceEnd.as_view(),
        name="absence-end",
    ),
    path("rules/", rules.Rules.as_view(), name="rules"),
    path("rules/<slug:kind>/<slug:slug>/", rules.Rule.as_view(), name="rule"),
    path("guidance/", guidance.GuidanceList.as_view(), name="guidance"),
    path("guidance/<slug:slug>/", guidance.Guidance.as_view(), name="source"),
    path("evidence-gaps/", gaps.EvidenceGaps.as_view(), name="evidence_gaps"),
    path("aging/", aging.Aging.as_view(), name="aging"),
    path("review-backlog/", delegations.Backlog.as_view(), name="review-backlog"),
    path(
        "review-delegations/",
        delegations.Delegations.as_view(),
        name="delegations",
    ),
    path(
        "review-delegations/<int:delegation_id>/end/",
        delegations.DelegationEnd.as_view(),
        name="delegation-end",
    ),
    path("pend-reasons/", me.PendReasons.as_view(), name="pend-reasons"),
    path("queues/", me.Queues.as_view(), name="queues"),
    path("queues/<slug:slug>/next/", acts.QueueNext.as_view(), name="queue-next"),
    path("items/", items.Items.as_view(), name="items"),
    path("items/<int:item_id>/undo-next/", acts.UndoNext.as_view(), name="undo-next"),
    path("items/bulk/reassign/", bulk.BulkReassign.as_view(), name="bulk-reassign"),
    path("items/bulk/release/", bulk.BulkRelease.as_view(), name="bulk-release"),
    path("items/bulk/defer/", bulk.BulkDefer.as_view(), name="bulk-defer"),
    path(
        "items/bulk/prioritize/",
        bulk.BulkPrioritize.as_view(),
        name="bulk-prioritize",
    ),
    path("items/bulk/approve/", bulk.BulkApprove.as_view(), name="bulk-approve"),
    path(
        "bulk-acts/<int:bulk_act_id>/undo/",
        bulk.BulkActUndo.as_view(),
        name="bulk-act-undo",
    ),
    path("items/next/", acts.Next.as_view(), name="next"),
    path("items/search/", items.ItemSearch.as_view(), name="item-search"),
    path("items/<int:item_id>/", items.Item.as_view(), name="item"),
    path("items/<int:item_id>/actions/<slug:action>/", acts.Act.as_view(), name="act"),
    path("items/<int:item_id>/draft/", acts.ItemDraft.as_view(), name="draft"),
    path("items/<int:item_id>/trail/", items.ItemTrail.as_view(), name="item-trail"),
    path("items/<int:item_id>/answers/", answers.Answers.as_view(), name="answers"),
    path("items/<int:item_id>/notes/", notes.Notes.as_view(), name="notes"),
    path(
        "items/<int:item_id>/notes/<int:note_id>/withdraw/",
        notes.NoteWithdraw.as_view(),
        name="note-withdraw",
    ),
    path(
        "items/<int:item_id>/attachments/",
        attachments.Attachments.as_view(),
        name="attachments",
    ),
    path(
        "items/<int:item_id>/attachments/<int:attachment_id>/",
        attachments.AttachmentFile.as_view(),
        name="attachment",
    ),
    path(
        "items/<int:item_id>/attachments/<int:attachment_id>/pages/<int:number>/",
        attachments.AttachmentPage.as_view(),
        name="attachment-page",
    ),
    path(
        "rules/task-classes/",
        task_classes.TaskClasses.as_view(),
        name="task-classes",
    ),
    path(
        "automatic-acts/",
        task_classes.AutomaticActs.as_view(),
        name="automatic-acts",
    ),
    path(
        "automatic-acts/<int:event_id>/reverse/",
        task_classes.AutomaticActReverse.as_view(),
        name="automatic-act-reverse",
    ),
    path("ingest/", ingest.Ingest.as_view(), name="ingest"),
    path("ingest/<int:batch_id>/", ingest.Batch.as_view(), name="batch"),
    path("claims/<int:claim_id>/", claims.Claim.as_view(), name="claim"),
    path("claims/<int:claim_id>/name/", claims.ClaimName.as_view(), name="claim-name"),
]
