from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests", "0004_limits_as_data")]
    operations = [
        migrations.DeleteModel(name="Parameter"),
        migrations.RemoveIndex(model_name="ticket", name="requests_ticket_sign"),
        migrations.RemoveField(model_name="category", name="handle_hours"),
        migrations.RemoveField(model_name="category", name="sign_hours"),
        migrations.RemoveField(model_name="ticket", name="sign_due_at"),
    ]
