"""A person asks to be erased (本人要求删除)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_drafts_and_mandates'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='erasure_asked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), ('erasure_asked_at__isnull', False)), fields=['erasure_asked_at'], name='people_person_erasure'),
        ),
    ]
