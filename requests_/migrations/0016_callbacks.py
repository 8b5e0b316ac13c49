"""Every callback is a row with its answers: taken over from the events that told them, and counted in daily tallies."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

SOLVED = [("yes", "Solved"), ("partly", "Partly solved"), ("no", "Not solved"), ("no_answer", "No answer")]
SATISFACTION = [
    ("satisfied", "Satisfied"),
    ("fairly", "Fairly satisfied"),
    ("dissatisfied", "Dissatisfied"),
    ("no_answer", "No answer"),
]
COUNTERS = [
    ("first_answered", "first: said whether it is solved"),
    ("first_solved", "first: solved"),
    ("first_rated", "first: said whether they are satisfied"),
    ("first_satisfied", "first: satisfied or fairly satisfied"),
    ("last_answered", "last: said whether it is solved"),
    ("last_solved", "last: solved"),
    ("last_rated", "last: said whether they are satisfied"),
    ("last_satisfied", "last: satisfied or fairly satisfied"),
]


def take_over(apps, schema_editor):
    Callback = apps.get_model("requests", "Callback")
    Callback.objects.update(report=F("ticket"))
    events = apps.get_model("casework", "CaseEvent").objects.filter(
        verb="callback", case__kind="ticket", actor__isnull=False
    )
    for case, at, by, facts in events.order_by("pk").values_list("case", "at", "actor", "facts").iterator():
        said = {
            "reached": True,
            "solved": facts.get("solved") or "no_answer",
            "satisfaction": facts.get("satisfaction") or "no_answer",
            "by_hotline": bool(facts.get("by_hotline")),
        }
        written = Callback.objects.filter(ticket=case, at=at, reached=True)
        if said["by_hotline"] or not written.update(**said):
            Callback.objects.create(ticket_id=case, report_id=case, at=at, by_id=by, **said)
    # Reached, and no event says what was answered.
    Callback.objects.filter(reached=True, solved="").update(solved="no_answer", satisfaction="no_answer")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def count(apps, schema_editor):
    names = ", ".join(name for name, _label in COUNTERS)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO requests_answertally (path, day, {names})
                SELECT c.path, (c.closed_at AT TIME ZONE %s)::date,
                    count(first_solved), count(*) FILTER (WHERE first_solved = 'yes'),
                    count(first_rated), count(*) FILTER (WHERE first_rated IN ('satisfied', 'fairly')),
                    count(last_solved), count(*) FILTER (WHERE last_solved = 'yes'),
                    count(last_rated), count(*) FILTER (WHERE last_rated IN ('satisfied', 'fairly'))
                FROM casework_case c CROSS JOIN LATERAL (
                    SELECT
                        (array_agg(solved ORDER BY at, id) FILTER (WHERE solved <> 'no_answer'))[1]
                            AS first_solved,
                        (array_agg(solved ORDER BY at DESC, id DESC) FILTER (WHERE solved <> 'no_answer'))[1]
                            AS last_solved,
                        (array_agg(satisfaction ORDER BY at, id)
                            FILTER (WHERE satisfaction <> 'no_answer'))[1] AS first_rated,
                        (array_agg(satisfaction ORDER BY at DESC, id DESC)
                            FILTER (WHERE satisfaction <> 'no_answer'))[1] AS last_rated
                    FROM requests_callback k WHERE k.ticket_id = c.id AND k.reached GROUP BY k.report_id
                ) person
                WHERE c.kind = 'ticket' AND c.status IN ('closed', 'archived') AND NOT c.is_secret
                GROUP BY 1, 2""",
            [settings.TIME_ZONE],
        )


def forget(apps, schema_editor):
    """Going back: what 12345 heard had no row."""
    apps.get_model("requests", "Callback").objects.filter(by_hotline=True).delete()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def text(length, choices, name):
    return models.CharField(blank=True, choices=choices, max_length=length, default="", verbose_name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0015_mixed_categories"),
        ("casework", "0014_limits_in_tallies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RenameModel("ContactAttempt", "Callback"),
        migrations.AlterModelOptions(
            "callback",
            {"ordering": ("ticket", "at"), "verbose_name": "callback", "verbose_name_plural": "callbacks"},
        ),
        migrations.AlterField(
            "callback",
            "ticket",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="callbacks",
                to="requests.ticket",
                verbose_name="ticket",
            ),
        ),
        migrations.AddField(
            "callback",
            "report",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="requests.ticket",
                verbose_name="whose report",
            ),
        ),
        migrations.AddField(
            "callback",
            "by_hotline",
            models.BooleanField(
                default=False, help_text="Entered here, heard by the hotline.", verbose_name="called by 12345"
            ),
        ),
        migrations.AddField("callback", "solved", text(10, SOLVED, "solved, as the resident says"), False),
        migrations.AddField("callback", "satisfaction", text(12, SATISFACTION, "satisfaction"), False),
        migrations.RunPython(take_over, forget, elidable=False),
        migrations.AlterField(
            "callback",
            "report",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="requests.ticket",
                verbose_name="whose report",
            ),
        ),
        migrations.AddConstraint(
            "callback",
            models.CheckConstraint(
                condition=Q(reached=False, solved="", satisfaction="")
                | (Q(reached=True) & ~Q(solved="") & ~Q(satisfaction="")),
                name="requests_callback_answer_when_reached",
            ),
        ),
        migrations.CreateModel(
            name="AnswerTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("path", models.CharField(max_length=17, verbose_name="area code")),
                *((name, models.IntegerField(default=0, verbose_name=label)) for name, label in COUNTERS),
            ],
            options={
                "verbose_name": "tally of answers",
                "verbose_name_plural": "tallies of answers",
                "constraints": [
                    models.UniqueConstraint(fields=["path", "day"], name="requests_answertally_unique")
                ],
            },
        ),
        migrations.RunPython(count, migrations.RunPython.noop, elidable=False),
    ]
