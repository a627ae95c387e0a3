"""The task-class table is one more kind of rule."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("worklists", "0020_queues_and_clocks")]

    operations = [
        migrations.AlterField(
            model_name="rule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("queue", "Queue"),
                    ("sla", "Service level"),
                    ("review", "Review policy"),
                    ("template", "Evidence template"),
                    ("routing", "Routing"),
                    ("calendar", "Calendar"),
                    ("site", "Site"),
                ],
                max_length=10,
            ),
        ),
    ]
