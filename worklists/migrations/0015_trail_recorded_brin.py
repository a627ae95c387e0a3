"""The trail by when it was recorded: few ask, and it only grows at its end."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("worklists", "0014_rules")]

    operations = [
        migrations.RunSQL(
            sql="DROP INDEX trail_event_recorded;"
            " CREATE INDEX trail_event_recorded ON trail_event"
            " USING brin (recorded_at) WITH (autosummarize = on);",
            reverse_sql="DROP INDEX trail_event_recorded;"
            " CREATE INDEX trail_event_recorded ON trail_event (recorded_at);",
            elidable=False,
        ),
    ]
