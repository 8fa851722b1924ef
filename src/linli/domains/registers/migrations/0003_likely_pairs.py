"""Entries that may be one person are noted when they are written (查重); those that are there are compared once, in batches."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

BATCH = 2000


def fill(apps: Any, schema_editor: Any) -> None:
    from linli.domains.registers.nameparts import ALIKE, alike
    from linli.kernel.people.keys import current_vault

    Resident = apps.get_model("registers", "Resident")
    last = 0
    find = None
    while rows := list(Resident.objects.filter(pk__gt=last).select_related("person").order_by("pk")[:BATCH]):
        find = find or current_vault().finder(ALIKE)
        for r in rows:
            r.alike_birth = alike(r.person.name, r.birth_date, find)
            r.alike_phone = alike(r.person.name, r.person.phone, find)
        Resident.objects.bulk_update(rows, ["alike_birth", "alike_phone"], batch_size=300)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("registers", "0002_name_parts")]

    operations = [
        migrations.AddField("resident", "alike_birth", models.BigIntegerField(null=True)),
        migrations.AddField("resident", "alike_phone", models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="LikelyPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("why", models.CharField(max_length=5)),
                ("prefix", models.CharField(max_length=20)),
                ("apart_at", models.DateTimeField(null=True)),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registers.resident"
                    ),
                ),
                (
                    "two",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registers.resident"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("one", "two"), name="registers_pair_once")
                ],
                "indexes": [
                    models.Index(
                        fields=["prefix", "id"],
                        name="registers_pair_area",
                        condition=Q(apart_at__isnull=True),
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
