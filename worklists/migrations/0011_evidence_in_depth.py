"""A draft knows which fields somebody else saved meanwhile."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("worklists", "0010_one_commitment")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="unsettled",
            field=models.JSONField(
                default=dict,
                help_text="Fields that somebody else saved meanwhile, with the version of the "
                "answer that the person's words were typed on: a choice is still to be made.",
            ),
        ),
    ]
