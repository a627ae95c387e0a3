"""What was a verification is a check of the whole trail.

The table keeps its name: rights on it are given by it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audits", "0001_seals")]

    operations = [
        migrations.AlterModelTable(name="verification", table="audits_verification"),
        migrations.RenameModel("Verification", "TrailCheck"),
    ]
