"""What applicants are told beyond the kernel's own words (告知申请人)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.notices.templates import template


def register() -> None:
    template(
        "matters.correction",
        Text("材料需要补正：{number}", "Something to correct: {number}"),
        (
            Text(
                "您的申请（编号 {number}）材料需要补正。要补的已经一次写全，请打开查看；以后不会再要别的。",
                "Something in your application ({number}) has to be corrected. All of it is said at once: open it to see. "
                "Nothing more will be asked later.",
            ),
            Text(
                "不方便上网的，把补正的材料送到窗口也可以。",
                "You can also bring the corrections to the window.",
            ),
        ),
        (
            Text(
                "您的申请需要补正，要补的已一次写全。",
                "Your application needs corrections, all said at once.",
            ),
            Text("编号{number}。", "Number {number}."),
        ),
    )
    template(
        "matters.policy_news",
        Text("您关注的政策有新内容：{topics}", "New in what you follow: {topics}"),
        (
            Text("新发布或者有变化的：{matters}。", "Published or changed: {matters}."),
            Text(
                "打开“政策明白卡”就能看。不想再收到，在那一页点“退订”。",
                "Open “Policies in plain words” to read it. To hear no more of it, press “Stop” on that page.",
            ),
        ),
    )
