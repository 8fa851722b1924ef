"""Whole names are found by a keyed hash (按姓名检索值查找); those that are there already get theirs, in batches."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

BATCH = 2000


def fill(apps: Any, schema_editor: Any) -> None:
    from linli.kernel.people.services.residents import name_hash

    Person = apps.get_model("people", "Person")
    last = 0
    while rows := list(
        Person.objects.filter(pk__gt=last, name__isnull=False, name_hash=None).order_by("pk")[:BATCH]
    ):
        for person in rows:
            person.name_hash = name_hash(person.name) if person.name else None
        Person.objects.bulk_update(rows, ["name_hash"], batch_size=500)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("people", "0006_erasure")]

    operations = [
        migrations.AddField("person", "name_hash", models.BinaryField(max_length=32, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "person", "name_hash", models.BinaryField(db_index=True, max_length=32, null=True)
        ),
    ]
