"""Lateness reaches whoever must act at the ticket's level, and the community's officer; edited rows are left alone.

Whistle calls that ended with their ticket no longer stand on its row.
"""

from django.db import migrations

# step, workdays late: as delivered before; what is told as well, with its basis
DESKS = {
    ("handle", -1): ({"handler", "grid_leader"}, {"desk": "临期提醒本级派单人"}),
    ("handle", 0): (
        {"handler", "grid_leader"},
        {"desk": "超期即提醒本级派单人", "community_officer": "超期即提醒社区专干"},
    ),
    ("review", -1): ({"grid_leader"}, {"desk": "临期提醒本级核查人"}),
    ("review", 0): ({"grid_leader", "community_officer"}, {"desk": "核查超时即提醒本级核查人"}),
    ("first_contact", 0): ({"handler"}, {"desk": "未按时首次联系即提醒本级派单人"}),
}


def add(apps, schema_editor):
    EscalationStep = apps.get_model("casework", "EscalationStep")
    for (step, after), (delivered, more) in DESKS.items():
        rows = EscalationStep.objects.filter(kind="ticket", step=step, after_workdays=after)
        if set(rows.values_list("tell", flat=True)) == delivered:
            for tell, basis in more.items():
                EscalationStep.objects.create(
                    kind="ticket", step=step, after_workdays=after, tell=tell, basis=basis
                )


def take_away(apps, schema_editor):
    EscalationStep = apps.get_model("casework", "EscalationStep")
    for (step, after), (_delivered, more) in DESKS.items():
        for tell, basis in more.items():
            EscalationStep.objects.filter(
                kind="ticket", step=step, after_workdays=after, tell=tell, basis=basis
            ).delete()


def drop_ended_calls(apps, schema_editor):
    tickets = apps.get_model("requests", "Ticket").objects.filter(closed_at__isnull=False)
    for ticket in tickets.exclude(whistles={}).only("whistles"):
        ticket.whistles = {key: state for key, state in ticket.whistles.items() if state == "handled"}
        ticket.save(update_fields=["whistles"])


class Migration(migrations.Migration):
    dependencies = [("requests", "0007_topic_limits"), ("casework", "0009_told_in_time")]
    operations = [
        migrations.RunPython(add, take_away),
        migrations.RunPython(drop_ended_calls, migrations.RunPython.noop),
    ]
