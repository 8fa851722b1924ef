"""The search index (检索): FTS5 on the embedded database, tsvector with GIN on PostgreSQL."""

from django.db import migrations

FORWARD = {
    "sqlite": [
        "CREATE VIRTUAL TABLE procedures_case_fts USING fts5(terms, tokenize = 'unicode61 remove_diacritics 0')"
    ],
    "postgresql": [
        "CREATE TABLE procedures_case_fts (case_id bigint PRIMARY KEY, terms tsvector NOT NULL)",
        "CREATE INDEX procedures_case_fts_terms ON procedures_case_fts USING gin (terms)",
    ],
}


def forward(apps, schema_editor):
    for statement in FORWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backward(apps, schema_editor):
    schema_editor.execute("DROP TABLE procedures_case_fts")


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_initial")]

    operations = [migrations.RunPython(forward, backward)]
