"""A later call of a clock to the same person stands for what it asked before."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0031_escalations_as_they_were"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="escalation",
            name="escalation_waiting",
        ),
        migrations.AddField(
            model_name="escalation",
            name="joined_to",
            field=models.ForeignKey(
                help_text="The later call of its clock to the same person, whose answer is its.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="worklists.escalation",
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(
                condition=models.Q(
                    ("acknowledged_at", None),
                    ("joined_to", None),
                    ("needs_acknowledgement", True),
                ),
                fields=["to", "fired_at"],
                name="escalation_waiting",
            ),
        ),
    ]
