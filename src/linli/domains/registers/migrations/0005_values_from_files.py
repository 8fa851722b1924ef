"""Values of other owners come by file, until a day (其他主管的要素值)."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registers", "0004_compared")]

    operations = [
        migrations.AddField("elementvalue", "valid_to", models.DateField(null=True)),
        migrations.AddField("elementvalue", "mark", models.BinaryField(max_length=16, null=True)),
        migrations.AddIndex(
            "elementvalue", models.Index(fields=["element"], name="registers_value_element")
        ),
    ]
