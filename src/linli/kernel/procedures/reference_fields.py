"""Field types that name something else (引用类字段): an organisation, another case, photos and documents."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli.base.codes import check_uscc
from linli.base.i18n import Text
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import hot, registry
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.fields import FormContext, SimpleType, wrong
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Upload


def _codes(raw: Any) -> list[str]:
    values = raw if isinstance(raw, list | tuple) else [raw]
    return [str(v).strip() for v in values if str(v).strip()]


def _organisations(raw: Any, field: FieldDef, context: FormContext) -> list[str]:
    wanted = list(dict.fromkeys(_codes(raw)))
    found = hot.organisations_in_use(wanted) if wanted else {}
    unknown = [code for code in wanted if code not in found]
    if unknown:
        raise wrong(
            f"没有这个单位，或它已停用：{'、'.join(unknown)}。请从列表里选。",
            f"No such organisation, or no longer active: {', '.join(unknown)}. Choose from the list.",
        )
    context.found[field.code] = [found[code] for code in wanted]
    return wanted


def _organisation(raw: Any, field: FieldDef, context: FormContext) -> str:
    codes = _organisations(raw, field, context)
    if len(codes) != 1:
        raise wrong("请选一个单位。", "Choose one organisation.")
    context.found[field.code] = context.found[field.code][0]
    return codes[0]


def organisation_titles(codes: list[str]) -> list[Text]:
    known = {o.code: o.title for o in Organisation.objects.filter(code__in=codes)}
    return [known.get(code, Text(code, code)) for code in codes]


def _show_organisations(value: Any, _: FieldDef) -> Text:
    titles = organisation_titles(_codes(value))
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))


def _case_number(raw: Any, field: FieldDef, context: FormContext) -> str:
    """Only a case that the person may see can be named; any other does not exist for them."""
    number = str(raw).strip().upper()
    found = visible_to(context.actor).filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise wrong(
            f"没有找到编号为 {number[:40]} 的办件，请核对后再填。",
            f"No case {number[:40]} was found. Check the number.",
        )
    context.found[field.code] = found
    return number


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _uploads(raw: Any, field: FieldDef, context: FormContext) -> list[str]:
    """Uploads are named by their id and belong to whoever sent them (上传归上传人)."""
    wanted = list(dict.fromkeys(_codes(raw)))
    if field.max and len(wanted) > field.max:
        raise wrong(f"最多 {field.max} 个文件。", f"At most {field.max} files.")
    ids = [uid for text in wanted if (uid := _uuid(text))]
    rows = {
        u.uid.hex: u for u in Upload.objects.filter(uid__in=ids, owner=context.owner).select_related("file")
    }
    keys = [w.replace("-", "") for w in wanted]
    if any(key not in rows for key in keys):
        raise wrong("有文件没有传上来，请重新选择。", "A file did not arrive. Please choose it again.")
    context.found[field.code] = [rows[key] for key in keys]
    return [rows[key].file.sha256 for key in keys]


def _voices(raw: Any, field: FieldDef, context: FormContext) -> list[str]:
    """Recordings, from staff in the field (语音只由工作人员现场记录)."""
    names = _uploads(raw, field, context)
    if not context.actor.is_staff or any(
        not upload.file.media_type.startswith("audio/") for upload in context.found[field.code]
    ):
        raise wrong("这里只收工作人员的现场录音。", "Only recordings by staff in the field go here.")
    return names


def _count_files(value: Any, _: FieldDef) -> Text:
    n = len(_codes(value))
    return Text(f"{n} 个文件", f"{n} files" if n != 1 else "1 file")


def register() -> None:
    registry.field_type("organisation", SimpleType("organisation", _organisation, _show_organisations))
    registry.field_type("organisations", SimpleType("organisations", _organisations, _show_organisations))
    registry.field_type("case_number", SimpleType("string", _case_number))
    registry.field_type("uscc", SimpleType("string", lambda raw, _f, _c: check_uscc(str(raw))))
    registry.field_type("photos", SimpleType("photos", _uploads, _count_files))
    registry.field_type("files", SimpleType("files", _uploads, _count_files))
    registry.field_type("voice", SimpleType("voice", _voices, _count_files))
