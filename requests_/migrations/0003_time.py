from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests", "0002_reference_data"), ("casework", "0005_drop_limit_from")]
    operations = [
        migrations.AddField(
            model_name='ticket',
            name='extension_count',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='extensions granted'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='first_contact_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='first contact at'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='pending_request',
            field=models.CharField(blank=True, choices=[('extension', 'Extension asked for'), ('suspension', 'Suspension proposed')], max_length=12, verbose_name='waits for a decision'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='whistles',
            field=models.JSONField(blank=True, default=dict, help_text='State by organisation.', verbose_name='open whistle calls'),
        ),
        migrations.AlterField(
            model_name='category',
            name='basis',
            field=models.CharField(blank=True, max_length=200, verbose_name='basis'),
        ),
    ]
