"""Finding what is public by words (公示检索): character pairs in FTS5 or tsvector, as cases are found."""

from __future__ import annotations

from django.db import connection

from linli.base.text import bigrams, search_terms
from linli.kernel.publicity.models import Publication


def words_of(row: Publication) -> str:
    facts = " ".join(f"{fact['value']['zh']} {fact['value']['en']}" for fact in row.facts)
    organisation = row.organisation.title if row.organisation else ""
    area = row.area.title
    return f"{row.name.zh} {row.title_en} {row.case_number} {area.zh} {area.en} {organisation} {facts}"


def add(row: Publication) -> None:
    terms = " ".join(bigrams(words_of(row))[:2000])
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO publicity_fts (rowid, terms) VALUES (%s, %s)", [row.pk, terms])
        else:
            cursor.execute(
                "INSERT INTO publicity_fts (publication_id, terms) VALUES (%s, to_tsvector('simple', %s))",
                [row.pk, terms],
            )


def renew(row: Publication) -> None:
    """Found by what is still to be read, and by nothing else (重建检索)."""
    key = "rowid" if connection.vendor == "sqlite" else "publication_id"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM publicity_fts WHERE {key} = %s", [row.pk])
    add(row)


def matching_sql(query: str) -> tuple[str, list[str]] | None:
    """A sub-select of the ids that hold every word of the query; nothing for an empty query."""
    terms = search_terms(query)
    if not terms:
        return None
    if connection.vendor == "sqlite":
        phrase = " ".join(f'"{term}"{"*" if _alone(term) else ""}' for term in _bare(terms, '"'))
        return "SELECT rowid FROM publicity_fts WHERE terms MATCH %s", [phrase]
    phrase = " & ".join(f"'{term}'{':*' if _alone(term) else ''}" for term in _bare(terms, "'"))
    return "SELECT publication_id FROM publicity_fts WHERE terms @@ to_tsquery('simple', %s)", [phrase]


def _bare(terms: list[str], quote: str) -> list[str]:
    return [term.replace(quote, "") for term in terms]


def _alone(term: str) -> bool:
    """A single character, as in `5号`: found where a pair begins with it (单字按词首找)."""
    return len(term) == 1 and not term.isascii()
