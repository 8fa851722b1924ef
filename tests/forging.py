"""What somebody with the database's own password could do (掌握数据库的人能做的): write the whole book anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from linli.base.appendonly import append_only_sql
from linli.kernel.procedures.models import Case
from linli.kernel.records import heads, log
from linli.kernel.records.chain import START, Entry, entry_hash
from linli.kernel.records.models import Head, Leaf, Record, Tree
from linli.kernel.records.tree import STEP, Frontier
from tests.flushing import guarded_tables


@contextmanager
def behind_the_back() -> Iterator[Any]:
    """With all guards lifted, as somebody with the database's own password could."""
    with connection.cursor() as cursor:
        for table in guarded_tables():
            for statement in append_only_sql(table, connection.vendor)[1]:
                cursor.execute(statement)
        yield cursor
        for table, keys in guarded_tables().items():
            for statement in append_only_sql(table, connection.vendor, keys=keys)[0]:
                cursor.execute(statement)


def rewrite(case: Case, cursor: Any, seq: int = 2) -> None:
    """Change a record and write its whole chain and its case anew, so that no chain shows it."""
    prev = START
    for row in Record.objects.filter(case_id=case.pk).order_by("seq"):
        values = {name: getattr(row, name) for name in Entry._fields[1:]}
        if row.seq == seq:
            values["action"] = "decline"
        own = entry_hash(prev, Entry(case.number, **values))
        cursor.execute(
            "UPDATE records_record SET action = %s, prev_hash = %s, hash = %s WHERE id = %s",
            [values["action"], prev, own, row.pk],
        )
        prev = own
    cursor.execute("UPDATE procedures_case SET head_hash = %s WHERE id = %s", [prev, case.pk])


def rewrite_leaves(cursor: Any) -> None:
    """Leaves and kept nodes made anew from the records as they are now."""
    for leaf in Leaf.objects.all():
        cursor.execute(
            "UPDATE records_leaf SET hash = %s WHERE id = %s",
            [bytes(Record.objects.get(pk=leaf.record_id).hash), leaf.pk],
        )
    [tree] = Tree.objects.all()

    def made(name: tuple[int, int], value: bytes) -> None:
        if name[0] % STEP == 0:
            cursor.execute(
                "UPDATE records_node SET hash = %s WHERE level = %s AND place = %s", [value, *name]
            )

    edge = Frontier(log.hashing_of(tree), made=made)
    for leaf in Leaf.objects.order_by("id"):
        edge.push(log.Entry(0, leaf.number, leaf.seq, bytes(leaf.hash)).leaf(log.hashing_of(tree)))


def rewrite_heads(cursor: Any) -> None:
    """Roots made anew too; only the signatures cannot be."""
    [tree] = Tree.objects.all()
    previous = START
    for head in Head.objects.order_by("id"):
        root = log.frontier(tree, head.size).root()
        cursor.execute(
            "UPDATE records_head SET root = %s, previous = %s WHERE id = %s", [root, previous, head.pk]
        )
        head.root, head.previous = root, previous
        previous = log.hashing_of(tree).plain(heads.text_of(head, tree.algorithm))


def drop_case(cursor: Any, pk: int) -> None:
    """Whatever still points to it goes with it."""
    for model in Case._meta.related_objects:
        table, column = model.related_model._meta.db_table, model.field.column
        if model.related_model is Case:
            cursor.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = %s", [pk])
        else:
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [pk])
    cursor.execute("DELETE FROM procedures_case WHERE id = %s", [pk])
