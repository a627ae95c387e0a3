"""The composing room: settings, URLs, Celery, health and the embedded servers.

`config` owns no rule of the field. It reads the environment (`env`), decides what kind
of process this is (`running`), starts PostgreSQL and Valkey when nobody gave us any
(`embedded`), and wires the apps together (`settings`, `urls`, `celery`).

Only `seeds` may import `config`. Apps read settings through `django.conf` and write
tasks with `celery.shared_task`, so nothing below depends on how it is run.

The trap: settings are read once, at import. What depends on the command being run
(which database role, which instance) is decided in `running`, before that import.
"""
