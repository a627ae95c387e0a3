"""The kernel's pages. Addresses carry ids and slugs only, never patient data."""

from __future__ import annotations

from django.urls import include, path

from worklists.views import (
    absences,
    account,
    acts,
    bulk,
    bulk_acts,
    deferring,
    evidence,
    files,
    inbox,
    ingest,
    item,
    lists,
    manage,
    meanwhile,
    notes,
    opening,
    pasts,
    people,
    people_acts,
    prioritizing,
    reassigning,
    review,
    search,
    sheet,
    start,
)
from worklists.views.access import anyone, page

components = page(anyone)(sheet.sheet)

pages = [
    path("", start.start, name="start"),
    path("mine/", lists.mine, name="mine"),
    path("returned/", lists.returned, name="returned"),
    path("queues/", lists.queues, name="queues"),
    path("queues/<slug:slug>/", lists.queue, name="queue"),
    path("queues/<slug:slug>/next/", acts.take_next, name="queue_next"),
    path("next/", acts.take_next, name="next"),
    path("items/bulk/", bulk.bulk, name="bulk"),
    path("items/bulk/assign/", reassigning.assign_many, name="assign_many"),
    path("items/bulk/defer/", deferring.defer_many, name="defer_many"),
    path("items/bulk/priority/", prioritizing.prioritize_many, name="prioritize_many"),
    path("bulk-acts/", bulk_acts.bulk_acts, name="bulk_acts"),
    path("bulk-acts/<int:bulk_act_id>/", bulk_acts.bulk_act, name="bulk_act"),
    path("bulk-acts/<int:bulk_act_id>/undo/", bulk_acts.undo, name="bulk_undo"),
    path("items/<int:item_id>/", item.item, name="item"),
    path("items/<int:item_id>/history/", item.history, name="history"),
    path("items/<int:item_id>/answers/", pasts.answers, name="answers"),
    path("items/<int:item_id>/open/", opening.open_another, name="open_another"),
    path("items/<int:item_id>/notes/", notes.notes, name="notes"),
    path(
        "items/<int:item_id>/notes/<int:note_id>/withdraw/",
        notes.withdraw,
        name="note_withdraw",
    ),
    path("items/<int:item_id>/name/", item.name, name="name"),
    path("items/<int:item_id>/do/<slug:action>/", acts.act, name="act"),
    path("items/<int:item_id>/draft/", evidence.draft, name="draft"),
    path("items/<int:item_id>/merge/", evidence.merge, name="merge"),
    path("items/<int:item_id>/changed/", meanwhile.look, name="changed"),
    path("items/<int:item_id>/save/", evidence.save, name="save"),
    path("items/<int:item_id>/submit/", evidence.submit, name="submit"),
    path("items/<int:item_id>/fix/", evidence.fix, name="fix"),
    path("items/<int:item_id>/files/", files.attach, name="attach"),
    path("items/<int:item_id>/files/<int:file_id>/", files.download, name="download"),
    path("items/<int:item_id>/files/<int:file_id>/off/", files.detach, name="detach"),
    path("review/", review.review, name="review"),
    path("review/<int:item_id>/", review.review_item, name="review_item"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read, name="inbox_read"),
    path("manage/", manage.manage, name="manage"),
    path("manage/people/", people.people, name="people"),
    path("manage/people/<int:user_id>/", people.person, name="person"),
    path("manage/people/<int:user_id>/work/", people_acts.work, name="person_work"),
    path("manage/people/<int:user_id>/absence/", absences.record, name="absence_new"),
    path(
        "manage/people/<int:user_id>/clearances/",
        people_acts.clear,
        name="person_clear",
    ),
    path(
        "manage/people/<int:user_id>/clearances/<int:grant_id>/revoke/",
        people_acts.unclear,
        name="person_unclear",
    ),
    path("manage/people/<int:user_id>/queues/", people_acts.queue, name="person_queue"),
    path(
        "manage/people/<int:user_id>/facilities/",
        people_acts.facility,
        name="person_facility",
    ),
    path(
        "manage/people/<int:user_id>/revoke/", people_acts.revoke, name="person_revoke"
    ),
    path("absences/<int:absence_id>/until/", absences.until, name="absence_until"),
    path("absences/<int:absence_id>/end/", absences.end, name="absence_end"),
    path("ingest/", ingest.upload, name="upload"),
    path("ingest/<int:batch_id>/", ingest.batch, name="batch"),
    path("ingest/<int:batch_id>/progress/", ingest.progress, name="batch_progress"),
    path("search/", search.search, name="search"),
    path("components/", components, name="components"),
]

urlpatterns = [
    path("login/", account.log_in, name="login"),
    path("logout/", account.log_out, name="logout"),
    path("logged-out/", account.logged_out, name="logged_out"),
    path("session/", account.session, name="session"),
    path("password/", account.change_password, name="password_change"),
    path("password/done/", account.password_changed, name="password_change_done"),
    path("", include((pages, "worklists"))),
]
