"""The hashes get their indexes, then all entries are compared once (查重)."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

BATCH = 2000


def compare(apps: Any, schema_editor: Any) -> None:
    from linli.domains.registers.likely import find

    Resident = apps.get_model("registers", "Resident")
    last = 0
    while rows := list(Resident.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        find(rows, pairs=apps.get_model("registers", "LikelyPair"))
        last = rows[-1]


class Migration(migrations.Migration):
    dependencies = [("registers", "0003_likely_pairs")]

    operations = [
        migrations.AddIndex(
            "resident",
            models.Index(
                fields=["alike_birth", "person"],
                name="registers_alike_birth",
                condition=models.Q(alike_birth__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "resident",
            models.Index(
                fields=["alike_phone", "person"],
                name="registers_alike_phone",
                condition=models.Q(alike_phone__isnull=False),
            ),
        ),
        migrations.RunPython(compare, migrations.RunPython.noop),
    ]
