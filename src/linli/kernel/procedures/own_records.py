"""The kernel's own records (内核自己的留痕): acts that no procedure file declares, with their words for staff and parties."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Action, FieldDef, Personal, Procedure

WORDS, ORGANISATION, LINKED_CASE = "supervision_words", "supervision_organisation", "linked_case"
NOTE_WORDS = "note_words"
OFFICES_ALONE = "offices_alone"  # of a linked case that was between offices: its end is not for the party
HELPER_NAME, HELPER_PHONE = "helper_name", "helper_phone"
HELPER = Personal(
    purpose="case-contact",
    basis="个人信息保护法 13",
    seen_by=("clerk", "dispatcher", "call_back", "handler"),
    keep="1 year after end",
)

# What is written in these acts. Internal: a party reads that something was done, never these words.
OWN_FIELDS = {
    WORDS: FieldDef(
        WORDS,
        Text("督办意见", "Supervisor's words"),
        "text",
        required=True,
        max=500,
        internal=True,
        hint=Text("承办人会看到。不写个人信息。", "Whoever has the case reads this. No personal data."),
    ),
    ORGANISATION: FieldDef(
        ORGANISATION,
        Text("改由哪个单位办", "Which organisation takes it"),
        "organisation",
        public=True,
        internal=True,
        hint=Text("不选就是您自己的单位。", "Your own where none is chosen."),
    ),
    NOTE_WORDS: FieldDef(
        NOTE_WORDS,
        Text("备注", "Note"),
        "text",
        required=True,
        max=1000,
        internal=True,
        hint=Text(
            "经办的同事都会看到，当事人看不到。写 @ 和姓名可以提醒同事。不写个人信息。",
            "Colleagues on the case read it, its parties do not. Write @ and a name to tell a colleague. No personal data.",
        ),
    ),
    # Of whoever brings it for somebody else (帮办代办): with the person's own name on the record of the opening.
    HELPER_NAME: FieldDef(
        HELPER_NAME,
        Text("代办人姓名", "Helper's name"),
        "string",
        required=True,
        max=40,
        personal=HELPER,
        keep=HELPER.keep,
    ),
    HELPER_PHONE: FieldDef(
        HELPER_PHONE, Text("代办人电话", "Helper's phone"), "phone", personal=HELPER, keep=HELPER.keep
    ),
    LINKED_CASE: FieldDef(LINKED_CASE, Text("编号", "Number"), "case_number", public=True),
}
URGE = Action(
    "supervise.urge",
    Text("催办", "Urge"),
    form=(WORDS,),
    public_words=Text("上级已催办", "Urged from above"),
)
TAKE_OVER = Action(
    "supervise.take_over",
    Text("接办", "Take over"),
    form=(WORDS,),
    optional=(ORGANISATION,),
    public_words=Text("上级决定改由别的单位办理", "Given to another organisation from above"),
)
REPORT_UP = Action("supervise.report_up", Text("上报", "Report up"), form=(WORDS,))
SETTLE = Action("supervise.settle", Text("督办了结", "Settle"), form=(WORDS,))
NOTED = Action("case.noted", Text("内部备注", "Internal note"), form=(NOTE_WORDS,))
MOVED = Action(
    "version.moved",
    Text("按新的程序版本办理", "Goes on under a newer version of the procedure"),
    public_words=Text("办理规定有更新，按新规定继续办理", "The rules changed; it goes on under the new ones"),
)
RECOUNTED = Action(
    "recounted",
    Text("按公布的放假安排重算时限", "Counted anew by the published days off"),
    public_words=Text("放假安排公布后，时限重新计算", "Counted anew, now that the days off are published"),
)
RESUMED = Action(
    "resumed",
    Text("中止期满，自动恢复计时", "The pause was over: the clock runs on"),
    notifies=("applicant", "lead"),
    public_words=Text("暂停期满，恢复计时", "The pause was over, the clock runs on"),
)
# Of a case that came out of this one; the procedure's title and how it ended stand in the note.
REMEDY_OPENED = Action(
    "remedy.opened",
    Text("提出了“{x}”", "“{x}” was sought"),
    public_words=Text("提出了“{x}”", "“{x}” was sought"),
)
LINKED_ENDED = Action(
    "linked.ended",
    Text("“{x}”已办结：{how}", "“{x}” has ended: {how}"),
    public_words=Text("“{x}”已办结：{how}", "“{x}” has ended: {how}"),
)
JOINED = Action(
    "joined",
    Text("又有人遇到同一件事", "One more person met the same"),
    public_words=Text("又有一位邻居也遇到了", "One more neighbour met the same"),
)
# Two entries of the party in the register became one, or were told apart again; nobody's name stands in it.
PARTY_MERGED = Action("party.merged", Text("当事人的两条登记已合并", "Two entries of the party became one"))
PARTY_PARTED = Action(
    "party.parted", Text("当事人的登记合并已撤销", "Two entries of the party were told apart again")
)
OWN_ACTIONS = {
    a.code: a
    for a in (
        URGE,
        TAKE_OVER,
        REPORT_UP,
        SETTLE,
        NOTED,
        MOVED,
        RECOUNTED,
        RESUMED,
        REMEDY_OPENED,
        LINKED_ENDED,
        JOINED,
        PARTY_MERGED,
        PARTY_PARTED,
    )
}


def field_named(procedure: Procedure, code: str) -> FieldDef | None:
    """A field of the procedure's file, else one of the kernel's own (按代码取字段)."""
    return procedure.fields.get(code) or OWN_FIELDS.get(code)
