from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("casework", "0004_running_limits")]
    operations = [migrations.RemoveField(model_name="case", name="limit_from")]
