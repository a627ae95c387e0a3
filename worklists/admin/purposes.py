"""What each list of set-up is for, in a sentence above it."""

from __future__ import annotations

PURPOSES = {
    "absence": "Who is away from when until when, and who gets their work meanwhile. "
    "Managers and leads record absences of their people under People.",
    "banner": "Words above every page, for some roles and some days.",
    "businesscalendar": "Working hours and holidays by which internal clocks run. A "
    "site's first calendar is made here; others begin, and all change, under Rules.",
    "clearance": "What somebody must be cleared for to work some queues.",
    "clearancegrant": "Who holds which clearance until when. Nobody grants their own.",
    "evidencetemplate": "Which answers a queue asks for. To read here; they change "
    "under Rules, by two people.",
    "facility": "Hospitals and clinics of the site, with the identifiers by which "
    "payers name them in files.",
    "guidance": "Policies, playbooks and guidelines that decisions cite, in versions.",
    "payer": "Payers by the names they have in files; one on watch is looked at more.",
    "pendreason": "What one may wait for: how long, and whether the internal clock "
    "rests meanwhile.",
    "queue": "What work there is and who answers for it. To read here; queues change "
    "under Rules.",
    "reviewpolicy": "What goes to a senior, and why. To read here; it changes under "
    "Rules, by two people.",
    "routingrule": "Which item goes to which queue. To read here; it changes under "
    "Rules, by two people.",
    "slapolicy": "How long work may take and who is told when. To read here; it "
    "changes under Rules, by two people.",
    "team": "Who leads and manages whom. Managers see and change the people below them.",
    "user": "People who log in: their roles, tier and first password. Which queues "
    "they work is granted by their manager under People.",
}
