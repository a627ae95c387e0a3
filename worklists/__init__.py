"""The kernel: one kind of thing, many kinds of work.

Owns people and access, reference data, claims, queues, work items, evidence,
senior review, clocks and escalation, batches of files, the defect record, and
the trail *writer* (``audits`` owns reading it).

The flow: something arrives (``services.opening``), a person takes it
(``services.next_item``), every change goes through ``services.perform``, and
workers move time forward (``services.sweep``: re-aging, returns, ladders).
The gate: rows are read through ``selectors`` (visible to the person or not
there at all) and written through ``services`` only.
The trap: a state written without ``perform`` leaves no event; the trail's
verifier will name the item.

May import: Django and libraries. Never: ``denials``, ``audits``, ``training``,
``seeds``, ``config``.
"""
