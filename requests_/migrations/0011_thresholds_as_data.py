"""When the secretary decides and when a ticket is supervised are numbers an administrator edits.

Tickets that went back three times before this version stay with the secretary.
"""

import django.db.models.deletion
from django.db import migrations, models

# key, what it governs, value, basis
PARAMETERS = [
    ("returns_to_secretary", "退回达到几次由社区书记决定承办人", 3, "内部约定：防止工单来回推诿，可修改"),
    ("dissatisfied_supervised", "居民不满意达到几次转督办", 2, "参照 12345 工单督办惯例：二次不满意即督办，可修改"),
]


def fill(apps, schema_editor):
    Parameter = apps.get_model("casework", "Parameter")
    for key, name, value, basis in PARAMETERS:
        Parameter.objects.create(key=key, name=name, value=value, basis=basis)
    apps.get_model("requests", "Ticket").objects.filter(return_count__gte=PARAMETERS[0][2]).update(
        is_for_secretary=True
    )


def empty(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.filter(key__in=[row[0] for row in PARAMETERS]).delete()


class Migration(migrations.Migration):
    dependencies = [("requests", "0010_time_to_accept"), ("casework", "0011_time_to_accept")]
    operations = [
        migrations.AddField(
            "ticket",
            "is_for_secretary",
            models.BooleanField(
                default=False,
                help_text="Sent back as often as the parameter returns_to_secretary says.",
                verbose_name="only the secretary dispatches it",
            ),
        ),
        migrations.AlterField(
            "category",
            "code",
            models.SlugField(
                help_text="Letters, digits, - and _.",
                max_length=30,
                unique=True,
                verbose_name="code",
            ),
        ),
        migrations.AlterField(
            "category",
            "parent",
            models.ForeignKey(
                blank=True,
                limit_choices_to={"parent__isnull": True},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="requests.category",
                verbose_name="group",
            ),
        ),
        migrations.RunPython(fill, empty, elidable=False),
    ]
