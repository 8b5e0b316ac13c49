"""Accepting a report has a limit of its own."""

from django.db import migrations, models

CHOICES = [
    ("accept", "Acceptance"),
    ("sign", "Signing"),
    ("first_contact", "First contact"),
    ("handle", "Handling"),
    ("rework", "Rework"),
    ("review", "Review"),
    ("callback", "Callback"),
    ("return", "Sending back"),
]


class Migration(migrations.Migration):
    dependencies = [("casework", "0010_longer_filters")]
    operations = [
        migrations.AlterField(
            model_name=model,
            name=field,
            field=models.CharField(choices=CHOICES, max_length=16, verbose_name=name),
        )
        for model, field, name in (
            ("deadline", "step", "step"),
            ("deadline", "limit_step", "limit of"),
            ("escalationstep", "step", "step"),
            ("servicelevel", "step", "step"),
        )
    ]
