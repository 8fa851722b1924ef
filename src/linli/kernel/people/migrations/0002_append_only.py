from django.db import migrations

from linli.base.appendonly import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        AppendOnly("people_accessentry", keys=[["uid"]]),
        AppendOnly("people_auditentry"),
    ]
