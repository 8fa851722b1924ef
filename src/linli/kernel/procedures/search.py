"""Finding cases by words (全文检索): character bigrams in FTS5 or tsvector, newest first.

Words are never found in part: two-character words give exact answers on both databases. The index holds title,
place, number and the fields a procedure marks `searchable`; a row goes when its facts are erased.
"""

from __future__ import annotations

from django.db import connection

from linli.base.text import bigrams, search_terms


def add(case_id: int, words: str) -> None:
    terms = " ".join(bigrams(words)[:2000])
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO procedures_case_fts (rowid, terms) VALUES (%s, %s)", [case_id, terms])
        else:
            cursor.execute(
                "INSERT INTO procedures_case_fts (case_id, terms) VALUES (%s, to_tsvector('simple', %s))",
                [case_id, terms],
            )


def remove(case_id: int) -> None:
    key = "rowid" if connection.vendor == "sqlite" else "case_id"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM procedures_case_fts WHERE {key} = %s", [case_id])


def matching_sql(query: str) -> tuple[str, list[str]] | None:
    """A sub-select of the case ids that hold every word of the query; nothing for an empty query."""
    terms = search_terms(query)
    if not terms:
        return None
    if connection.vendor == "sqlite":
        phrase = " ".join('"' + t.replace('"', "") + '"' for t in terms)
        return "SELECT rowid FROM procedures_case_fts WHERE terms MATCH %s", [phrase]
    phrase = " & ".join("'" + t.replace("'", "") + "'" for t in terms)
    return "SELECT case_id FROM procedures_case_fts WHERE terms @@ to_tsquery('simple', %s)", [phrase]


def resembling_sql(text: str, most: int) -> tuple[str, list[str]] | None:
    """A sub-select of the newest case ids that hold any word of a text (用词相近的办件); nothing for an empty text."""
    terms = search_terms(text)
    if not terms:
        return None
    if connection.vendor == "sqlite":
        phrase = " OR ".join('"' + t.replace('"', "") + '"' for t in terms)
        found = "SELECT rowid FROM procedures_case_fts WHERE terms MATCH %s ORDER BY rowid DESC"
    else:
        phrase = " | ".join("'" + t.replace("'", "") + "'" for t in terms)
        found = (
            "SELECT case_id FROM procedures_case_fts WHERE terms @@ to_tsquery('simple', %s) "
            "ORDER BY case_id DESC"
        )
    return f"SELECT * FROM ({found} LIMIT {int(most)}) resembling", [phrase]
