"""Reminders of rules that have another name since limits are data; without it an inbox that holds one cannot be read."""

from django.db import migrations

FORWARD = "\n".join(
    f"""
    UPDATE {table} SET rule = 'late', facts = facts || '{{"step": "handle", "days": 0}}' WHERE rule = 'overdue';
    UPDATE {table} SET rule = 'unsigned' WHERE rule = 'unsigned_officer';
    """
    for table in ("casework_reminder", "casework_inboxitem")
)


class Migration(migrations.Migration):
    dependencies = [("casework", "0006_field_names")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
