"""Audits: reading the trail, and judging finished work.

Owns search and verification of the trail, seals, evidence packages; audit plans, drawn
samples, worksheets and findings.

The flow: a plan draws a sample that anybody can draw again from its seed, an auditor
answers a worksheet, a finding is recorded. The gate: the trail is only read here; the
writer is `worklists.trail`. The trap: a sample depends on the plan's version.

May import `worklists`. Never `denials` (a sibling), `training`, `config` or `seeds`.
Public entry points: `audits.services`, `audits.selectors`.
"""
