"""A line of a list that no longer held when the list was sent says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0012_kept_lateness")]
    operations = [
        migrations.AddField(
            "messageline",
            "is_left_out",
            models.BooleanField(default=False, verbose_name="left out when sent"),
        )
    ]
