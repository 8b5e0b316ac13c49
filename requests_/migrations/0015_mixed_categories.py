"""The category for all the rest (其他) is no matter of its own: its reports are not each other's repeats by place."""

from django.db import migrations, models


def mark(apps, schema_editor):
    apps.get_model("requests", "Category").objects.filter(code="other").update(is_mixed=True)


class Migration(migrations.Migration):
    dependencies = [("requests", "0014_limits_of_what_waits")]
    operations = [
        migrations.AddField(
            "category",
            "is_mixed",
            models.BooleanField(
                default=False,
                help_text="Its reports have nothing in common: they repeat each other only by the resident's phone, "
                "and raise no topic.",
                verbose_name="no matter of its own",
            ),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
