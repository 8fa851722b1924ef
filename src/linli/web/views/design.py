"""The visual language on one living page (设计页): every token and component, in all states, drawn by the real templates."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.base.clock import now
from linli.base.i18n import Text
from linli.web import tokens
from linli.web.forms import Choice, FieldView

WHERE = (
    Choice("home", Text("家门口", "At home"), Text("楼道、院子、门前", "Stairs, yard, front door")),
    Choice("road", Text("路上", "On the road")),
)
FIELDS = (
    FieldView(
        "what",
        Text("发生了什么", "What happened"),
        "text",
        required=True,
        hint=Text("什么地方、什么样子、多久了。", "Where, what it looks like, since when."),
    ),
    FieldView("name", Text("怎么称呼您", "Your name"), max=40, value=Text("林小邻", "Lin Xiaolin")),
    FieldView("phone", Text("手机号", "Phone number"), "phone", required=True, value="1380013000",
              error=Text("手机号应为 11 位，少了 1 位。请补上。", "A phone number has 11 digits; one is missing. Add it.")),
    FieldView("where", Text("在哪里", "Where"), "radio", required=True, choices=WHERE, value="home"),
    FieldView("told", Text("怎么通知您", "How to tell you"), "checkboxes", choices=(
        Choice("sms", Text("短信", "Text message")), Choice("call", Text("打电话", "A call"))), value=["sms"]),
    FieldView("unit", Text("哪个单位", "Which office"), "choice", choices=(
        Choice("a", Text("市政所", "Municipal works")), Choice("b", Text("物业", "Estate management")))),
    FieldView("on", Text("哪一天", "Which day"), "date"),
    FieldView("photos", Text("照片", "Photos"), "files", multiple=True, capture=True),
    FieldView("agree", Text("我知道回复会公开，名字不公开", "I know that the answer is published, without my name"), "boolean"),
    FieldView("rating", Text("办得怎么样", "How was it handled"), "rating", required=True),
)  # fmt: skip
SECTIONS = (
    ("looks", Text("四种样子", "Four looks")),
    ("colours", Text("颜色", "Colours")),
    ("text", Text("字和间距", "Text and space")),
    ("icons", Text("图标", "Icons")),
    ("buttons", Text("按钮和链接", "Buttons and links")),
    ("time", Text("标签和时间", "Tags and time")),
    ("said", Text("提示、空、等、坏", "Notices; nothing there, on its way, failed")),
    ("rows", Text("行、经过、事实、表", "Rows, story, facts, tables")),
    ("figures", Text("数字和图", "Figures and charts")),
    ("forms", Text("表单", "Forms")),
    ("demand", Text("展开、标签页、对话框、侧栏", "Folds, tabs, dialogs, panels")),
    ("pictures", Text("地图、照片、二维码", "Maps, photos, codes")),
)


def design(request: HttpRequest) -> HttpResponse:
    """Shows the visual language (设计页): public, nothing of anybody's, works without scripts."""
    moment = now()
    due = SimpleNamespace(
        late=moment - timedelta(minutes=18),
        soon=moment + timedelta(minutes=12, seconds=30),
        days=moment + timedelta(days=5),
    )
    context = {
        "sections": [(code, title, f"web/design/{code}.html") for code, title in SECTIONS],
        "tokens": tokens.all_tokens(),
        "icons": tokens.icons(),
        "pairs": [
            (scheme, [(one, ground, f"{found:.1f}", f"{least:g}") for one, ground, found, least in tokens.pairs(scheme)])
            for scheme in ("light", "dark")
        ],
        "fields": FIELDS,
        "due": due,
        "moment": moment,
        "columns": [(n, 40 * n + 8, 70 - tall, tall) for n, tall in enumerate((18, 30, 24, 42, 36, 54, 48))],
    }  # fmt: skip
    return render(request, "web/design/page.html", context)
