"""A saved filter is kept percent-encoded, nine characters for a Chinese one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0009_told_in_time")]
    operations = [
        migrations.AlterField(
            model_name="savedfilter",
            name="query",
            field=models.CharField(max_length=2000, verbose_name="query"),
        )
    ]
