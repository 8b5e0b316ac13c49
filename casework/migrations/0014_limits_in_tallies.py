"""Tallies say how many of the closed cases had a limit of each sort and kept it; counted anew from what is there.

A closed case that was late and was then done again in time has the limit on its row that was missed.
"""

from django.conf import settings
from django.db import migrations, models

SORTS = {
    "acceptance": "d.step = 'accept'",
    "signing": "d.step = 'sign'",
    "contact": "d.step = 'first_contact'",
    "handling": "d.step = 'handle' AND d.limit_step <> 'rework'",
    "rework": "d.step = 'handle' AND d.limit_step = 'rework'",
}
FIRST_MISSED = """
    UPDATE casework_case c SET due_at = missed.due_at FROM (
        SELECT DISTINCT ON (case_id) case_id, due_at FROM casework_deadline
        WHERE step = 'handle' AND result = 'missed' ORDER BY case_id, id
    ) missed
    WHERE missed.case_id = c.id AND c.closed_at IS NOT NULL AND c.due_at IS DISTINCT FROM missed.due_at"""


def count_anew(apps, schema_editor):
    """Each closed case under the status its closing event led to; secret ones are not counted."""
    names = [f"{sort}_{what}" for sort in SORTS for what in ("due", "kept")]
    limits = ", ".join(
        f"coalesce(bool_or({rows}), false)::int AS {sort}_due,"
        f" coalesce(bool_and(d.result = 'met') FILTER (WHERE {rows}), false)::int AS {sort}_kept"
        for sort, rows in SORTS.items()
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FIRST_MISSED)
        cursor.execute("DELETE FROM casework_closedtally")
        cursor.execute(
            f"""INSERT INTO casework_closedtally
                    (path, day, kind, handling_level, status, count, {", ".join(names)})
                SELECT c.path, (c.closed_at AT TIME ZONE %s)::date, c.kind, c.handling_level,
                    coalesce(e.to_status, c.status), count(*), {", ".join(f"sum(l.{name})" for name in names)}
                FROM casework_case c
                LEFT JOIN LATERAL (
                    SELECT to_status FROM casework_caseevent
                    WHERE case_id = c.id AND at = c.closed_at AND to_status <> from_status
                    ORDER BY seq DESC LIMIT 1
                ) e ON true
                CROSS JOIN LATERAL (
                    SELECT {limits} FROM casework_deadline d
                    WHERE d.case_id = c.id AND d.result IN ('met', 'missed')
                ) l
                WHERE c.closed_at IS NOT NULL AND NOT c.is_secret
                GROUP BY 1, 2, 3, 4, 5""",
            [settings.TIME_ZONE],
        )


NAMES = {
    "acceptance": ("with a limit for acceptance", "accepted in time"),
    "signing": ("with a limit for signing", "signed for in time"),
    "contact": ("with a limit for the first contact", "contacted in time"),
    "handling": ("with a handling limit", "handled in time"),
    "rework": ("with a limit for rework", "reworked in time"),
}


class Migration(migrations.Migration):
    dependencies = [("casework", "0013_lines_left_out")]
    operations = [
        migrations.RemoveConstraint(model_name="closedtally", name="casework_tally_unique"),
        migrations.RemoveField(model_name="closedtally", name="on_time"),
        *(
            migrations.AddField(
                model_name="closedtally",
                name=f"{sort}_{what}",
                field=models.IntegerField(default=0, verbose_name=name),
            )
            for sort, names in NAMES.items()
            for what, name in zip(("due", "kept"), names, strict=True)
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop, elidable=False),
        migrations.AddConstraint(
            model_name="closedtally",
            constraint=models.UniqueConstraint(
                fields=("path", "day", "kind", "handling_level", "status"), name="casework_tally_unique"
            ),
        ),
    ]
