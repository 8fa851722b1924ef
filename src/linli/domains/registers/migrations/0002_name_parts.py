"""Residents are found by a part of the name (按部分姓名查找); those who live here already get theirs, in batches."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

BATCH = 2000


def fill(apps: Any, schema_editor: Any) -> None:
    from linli.domains.registers.nameparts import KIND, parts
    from linli.kernel.people.keys import current_vault

    Resident, NamePart = apps.get_model("registers", "Resident"), apps.get_model("registers", "NamePart")
    last = 0
    find = None
    while rows := list(
        Resident.objects.filter(pk__gt=last, valid_to=None).select_related("person").order_by("pk")[:BATCH]
    ):
        find = find or current_vault().finder(KIND)
        NamePart.objects.bulk_create(
            (
                NamePart(resident_id=r.pk, part=part, prefix=r.prefix)
                for r in rows
                for part in parts(r.person.name, find)
            ),
            batch_size=500,
        )
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="NamePart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "resident_id",
                        "part",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("part", models.BigIntegerField()),
                ("prefix", models.CharField(max_length=20)),
                (
                    "resident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="name_parts",
                        to="registers.resident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["part", "prefix", "resident"], name="registers_name_part")
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
