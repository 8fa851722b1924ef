from django.db import migrations

from linli.base.appendonly import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [AppendOnly("records_record", keys=[("case_id", "seq")])]
