"""Training: what a person has shown to know, and what they may therefore do.

Owns credentials, exams, the decision on clearances (granted through a kernel service),
coaching after findings, and whether it had an effect.

The flow: a sweep pulls findings and outcomes from `audits` and `denials`, each at most
once; nothing is pushed here. The gate: only `worklists.services` grants a clearance.
The trap: an expired clearance hides queues from a person who still holds their items.

May import `worklists`, `denials` and `audits`. Never `config` or `seeds`.
Public entry points: `training.services`, `training.selectors`.
"""
