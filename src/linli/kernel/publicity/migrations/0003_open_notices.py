"""The notices that one may still object to, by their end (在公示的，按截止时间)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_organisation_contact'),
        ('places', '0001_initial'),
        ('publicity', '0002_search'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('kind', 'notice'), ('state', 'shown')), fields=['until_at'], name='publicity_until'),
        ),
    ]
