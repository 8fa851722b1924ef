"""The search index of what is public (公示检索): FTS5 on the embedded database, tsvector with GIN on PostgreSQL."""

from django.db import migrations

FORWARD = {
    "sqlite": ["CREATE VIRTUAL TABLE publicity_fts USING fts5(terms, tokenize = 'unicode61 remove_diacritics 0')"],
    "postgresql": [
        "CREATE TABLE publicity_fts (publication_id bigint PRIMARY KEY, terms tsvector NOT NULL)",
        "CREATE INDEX publicity_fts_terms ON publicity_fts USING gin (terms)",
    ],
}


def forward(apps, schema_editor):
    for statement in FORWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backward(apps, schema_editor):
    schema_editor.execute("DROP TABLE publicity_fts")


class Migration(migrations.Migration):
    dependencies = [("publicity", "0001_initial")]

    operations = [migrations.RunPython(forward, backward)]
