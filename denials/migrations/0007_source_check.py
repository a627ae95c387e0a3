"""What was a verification is the check of a row against its source.

The table keeps its name: its guard is set up by it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("denials", "0006_profile_switch")]

    operations = [
        migrations.AlterModelTable(name="verification", table="denials_verification"),
        migrations.RenameModel("Verification", "SourceCheck"),
    ]
