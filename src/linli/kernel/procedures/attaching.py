"""Files that a form named become the case's own (挂接附件)."""

from __future__ import annotations

from linli.kernel.procedures.state import Move
from linli.kernel.records.models import Attachment, Upload

FILES = frozenset({"photos", "files", "voice"})


def attach(move: Move) -> None:
    """Turn the uploads that a form named into the case's own files (挂接附件); an upload is used once."""
    made, used = [], []
    for code in move.data:
        definition = move.procedure.fields[code]
        uploads = move.found.get(code)
        if definition.type not in FILES or not uploads:
            continue
        for upload in uploads:
            used.append(upload.pk)
            made.append(
                Attachment(
                    case_id=move.case.id,
                    seq=move.case.seq,
                    field=code,
                    file_id=upload.file_id,
                    public_file_id=upload.public_file_id,
                    kind=str(definition.options.get("x_kind", "other")),
                    name=upload.name,
                    taken_at=upload.taken_at,
                    lng=upload.lng,
                    lat=upload.lat,
                    account=move.actor.account_id,
                    at=move.at,
                )
            )
    if made:
        Attachment.objects.bulk_create(made)
        Upload.objects.filter(pk__in=used).delete()
