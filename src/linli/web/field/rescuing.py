"""Rescue files at the desk (导入救急文件): looked at first, then taken in by the verb of the phone."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.kernel.fieldwork import rescue
from linli.kernel.fieldwork.registry import KINDS
from linli.kernel.people.actors import Actor
from linli.web.faces import actor_of
from linli.web.field.desk import lead_only
from linli.web.forms import FieldView

FIELDS = (
    FieldView(
        "file",
        Text("救急文件", "Rescue file"),
        "files",
        required=True,
        accept=".json,application/json",
        hint=Text(
            "手机里“更多 › 导出救急文件”得到的，最大 50 MB。",
            "From “More › Rescue file” on the phone, 50 MB at most.",
        ),
    ),
    FieldView(
        "passphrase",
        Text("口令", "Passphrase"),
        "password",
        hint=Text("导出时设了才填。", "Only if one was set on the phone."),
    ),
)
STATES = {
    rescue.NEW: (Text("新的，会收下", "new: will be taken in"), "jade"),
    rescue.KNOWN: (Text("已经收到过", "here already"), ""),
    rescue.OTHER: (Text("同号但内容不同，两份都留", "same number, other content: both are kept"), "amber"),
    "done": (Text("已办好", "done"), "jade"),
    "kept": (Text("留给您处理", "waits for you"), "amber"),
    "merged": (Text("部分要您选定", "partly waits for you"), "amber"),
    "failed": (Text("没有收下", "not taken in"), "red"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@lead_only
def rescue_file(request: HttpRequest) -> HttpResponse:
    """Bring in what a phone could not send (导入救急文件): first what is new in it, then the same verb as the phone's."""
    actor = actor_of(request)
    if request.method != "POST":
        return _page(request)
    try:
        if name := request.POST.get("kept", ""):
            rescued = rescue.kept(name, by=actor)
            results = rescue.take_in(rescued, by=actor)
            rescue.drop(name)
            rows = [_row(r.entered, r.state, r.said) for r in results]
            return _page(request, rows=rows, taken=True, device=rescued.device)
        content, passphrase = _sent(request), request.POST.get("passphrase", "")
        rescued = rescue.read(content, passphrase, by=actor)
        rows = [_row(each.entered, each.state, _lacking(each.lacking)) for each in rescue.look(rescued)]
        return _page(request, rows=rows, kept=_kept(content, passphrase, actor), device=rescued.device)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        fields = [view.with_value(None, wrong.get(view.code, "")) for view in FIELDS]
        return _page(request, fields=fields, message=error.message, status=error.status)


def _kept(content: bytes, passphrase: str, actor: Actor) -> str:
    return rescue.keep(content, passphrase, by=actor)


def _sent(request: HttpRequest) -> bytes:
    upload: UploadedFile[Any] | None = request.FILES.get("file")
    if upload is None or not upload.size:
        problem = Text("请选择救急文件。", "Choose the rescue file.")
        raise Invalid("field.no_file", problem, fields={"file": problem})
    if upload.size > rescue.LIMIT:
        problem = Text("文件超过 50 MB。", "The file is larger than 50 MB.")
        raise Invalid("field.bad_rescue", problem, fields={"file": problem})
    content: bytes = upload.read()
    return content


def _lacking(n: int) -> Text | None:
    return Text(f"缺 {n} 个文件", f"{n} files are missing") if n else None


def _row(entered: Any, state: str, said: Text | None) -> dict[str, Any]:
    kind = KINDS.get(entered.kind)
    title, tone = STATES[state]
    return {
        "kind": kind.title if kind else entered.kind,
        "made_at": entered.made_at[:16].replace("T", " "),
        "n_files": len(entered.files),
        "state": title,
        "tone": tone,
        "said": said,
        "is_new": state != rescue.KNOWN,
    }


def _page(
    request: HttpRequest,
    *,
    fields: Any = FIELDS,
    rows: list[dict[str, Any]] | None = None,
    message: Text | str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "fields": fields,
        "rows": rows,
        "n_new": sum(1 for row in rows or () if row["is_new"]),
        "message": message,
        "tab": "rescue",
        **more,
    }
    return render(request, "web/field/rescue.html", context, status=status)
