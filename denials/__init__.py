"""Denials: what payers refused, why, and the way back to the money.

Owns remittances as the payer sent them, the denial taxonomy at work, denials, appeals
with their levels and deadlines, payer profiles and prevention.

The flow: a remittance is read, its adjustments become denials, denials of one claim
that go to the same queue share one work item. The gate: state changes only through
`worklists.services`. The trap: a reversal closes denials but never an item whose appeal
was submitted.

May import `worklists`. Never `audits` (a sibling), `training`, `config` or `seeds`.
Public entry points: `denials.services`, `denials.selectors`.
"""
