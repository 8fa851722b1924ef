"""Forms that are not yet sent, and one person acting for another (草稿、代办授权)."""

import django.db.models.deletion
import linli.base.ids
import linli.kernel.people.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_organisation_contact'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.BinaryField(max_length=32)),
                ('kind', models.CharField(max_length=40)),
                ('content', linli.kernel.people.fields.SealedField(context='people.keptdraft.content')),
                ('updated_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('holder', 'kind'), name='people_draft_once')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=linli.base.ids.uuid7, editable=False, unique=True)),
                ('scope', models.CharField(max_length=10)),
                ('procedure', models.CharField(blank=True, max_length=60)),
                ('case_number', models.CharField(blank=True, max_length=40)),
                ('rates', models.BooleanField(default=False)),
                ('from_on', models.DateField()),
                ('to_on', models.DateField()),
                ('how', models.CharField(max_length=6)),
                ('made_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('clerk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('grantor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates_given', to='people.person')),
                ('helper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates_held', to='people.person')),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.post')),
            ],
            options={
                'indexes': [models.Index(fields=['helper', '-id'], name='people_mandate_helper'), models.Index(fields=['grantor', '-id'], name='people_mandate_grantor')],
            },
        ),
    ]
