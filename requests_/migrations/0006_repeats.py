"""Repeats of a matter, and the topics that many of them raise. Existing tickets stay first reports."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0005_drop_limit_from'),
        ('requests', '0005_drop_plain_hours'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ticket',
            name='caller_digits',
            field=models.GeneratedField(db_persist=True, expression=models.Func(models.F('caller_phone'), models.Value('[^0-9]'), models.Value(''), models.Value('g'), function='regexp_replace'), output_field=models.CharField(max_length=20), verbose_name='digits of the phone'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='repeat_of',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Always the first report of the matter.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeats', to='requests.ticket', verbose_name='repeats'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='repeat_number',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='times reported'),
        ),
        migrations.CreateModel(
            name='ProactiveTopic',
            fields=[
                ('case_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='casework.case')),
                ('place_key', models.CharField(help_text='Building, compound or micro-grid (requests_/repeats.py).', max_length=30, verbose_name='place')),
                ('counted_from', models.DateTimeField(verbose_name='reports from')),
                ('counted_until', models.DateTimeField(blank=True, help_text='Empty: further reports still join.', null=True, verbose_name='reports until')),
                ('plan', models.TextField(blank=True, max_length=1000, verbose_name='what will be done')),
                ('result', models.TextField(blank=True, max_length=2000, verbose_name='result')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests.category', verbose_name='category')),
            ],
            options={
                'verbose_name': 'proactive topic',
                'verbose_name_plural': 'proactive topics',
            },
            bases=('casework.case',),
        ),
        migrations.AddField(
            model_name='ticket',
            name='topic',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='requests.proactivetopic', verbose_name='proactive topic'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('caller_digits', ''), _negated=True), fields=['caller_digits', 'category'], name='requests_ticket_caller'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.UniqueConstraint(condition=models.Q(('repeat_of__isnull', False)), fields=('repeat_of', 'repeat_number'), name='requests_ticket_repeat_once'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('repeat_number', 1), ('repeat_of__isnull', True)), models.Q(('repeat_number__gte', 2), ('repeat_of__isnull', False)), _connector='OR'), name='requests_ticket_repeat_counted'),
        ),
        migrations.AddConstraint(
            model_name='proactivetopic',
            constraint=models.UniqueConstraint(condition=models.Q(('counted_until__isnull', True)), fields=('place_key', 'category'), name='requests_topic_one_open'),
        ),
        migrations.AddConstraint(
            model_name='proactivetopic',
            constraint=models.CheckConstraint(condition=models.Q(('counted_until__isnull', True), ('counted_until__gte', models.F('counted_from')), _connector='OR'), name='requests_topic_valid_period'),
        ),
    ]
