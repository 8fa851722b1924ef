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
