"""Files as other counties write them (外县程序文件), each with one slip: it is named, on its line, and nothing else is."""

from __future__ import annotations

import pytest

from linli.kernel.procedures.checks import Finding
from linli.kernel.procedures.examination import LARGEST, Source, examine, read_source

SUBSIDY = """\
code = "housing-subsidy"
prefix = "ZB"
title = { zh = "住房租赁补贴", en = "Housing subsidy" }
basis = ["公共租赁住房管理办法 7–9"]
channels = ["web", "window"]
confidential = "parties"
opened_by = ["resident", "clerk@township"]
limit = { by = "track", urgent = "20 working days", plain = "45 working days" }
[emergency]
limit = "12 hours"
steps = { checking = "4 hours" }
[open]
form = ["holder", "track"]
[fields.holder]
title = { zh = "申请人", en = "Applicant" }
type = "string"
public = true
masked = true
personal = { purpose = "subsidy", basis = "样例 9", seen_by = ["clerk"], keep = "3 years after end" }
[fields.track]
title = { zh = "缓急", en = "Track" }
type = "radio"
required = true
public = true
choices = { urgent = { zh = "急", en = "Urgent" }, plain = { zh = "一般", en = "Plain" } }
[steps.checking]
title = { zh = "核对", en = "Checking" }
kind = "joint"
join = "2 of 3"
actor = "clerk@township"
within = "5 working days"
[steps.checking.actions.fit]
title = { zh = "符合条件", en = "Eligible" }
to = "shown"
[steps.checking.actions.unfit]
title = { zh = "不符合条件", en = "Not eligible" }
form = ["reason", "legal_basis"]
adverse = true
remedy = "subsidy-review"
notifies = ["applicant"]
to = "serving"
[steps.shown]
title = { zh = "公示", en = "On show" }
kind = "publicity"
actor = "clerk@township"
days = "7 working days"
statutory_days = 7
publishes = ["holder"]
objection = "subsidy-review"
timeout = "over"
[steps.shown.actions.over]
title = { zh = "期满", en = "Over" }
by = ["system"]
to = "granted"
[steps.shown.actions.look_again]
title = { zh = "异议成立", en = "Looked at again" }
form = ["reason"]
withdraws = true
to = "checking"
[steps.serving]
title = { zh = "送达", en = "Serving" }
actor = "clerk@township"
within = "1 working day"
[steps.serving.actions.serve]
title = { zh = "已送达", en = "Served" }
notifies = ["applicant"]
to = "refused"
[steps.granted]
title = { zh = "已批准", en = "Granted" }
kind = "end"
outcome = "granted"
[steps.refused]
title = { zh = "未批准", en = "Not granted" }
kind = "end"
outcome = "not_granted"
[steps.withdrawn]
title = { zh = "撤回", en = "Withdrawn" }
kind = "end"
outcome = "withdrawn"
[anywhere.withdraw]
title = { zh = "撤回", en = "Withdraw" }
by = ["applicant"]
to = "withdrawn"
"""
REVIEW = """\
code = "subsidy-review"
prefix = "ZF"
title = { zh = "复核", en = "Review" }
basis = ["样例 15"]
opened_by = ["resident"]
limit = "10 working days"
[steps.reviewing]
title = { zh = "复核", en = "Under review" }
actor = "supervisor@county"
within = "10 working days"
[steps.reviewing.actions.uphold]
title = { zh = "成立", en = "Upheld" }
to = "upheld"
[steps.upheld]
title = { zh = "成立", en = "Upheld" }
kind = "end"
outcome = "upheld"
"""
COUNTY = 'extends = "housing-subsidy"\njurisdiction = "350102"\nbasis = ["样例 4"]\n'


def examined(**files: str) -> list[Finding]:
    read = [read_source(name, text.encode()) for name, text in files.items()]
    found = [r for r in read if isinstance(r, Finding)]
    return found + examine([r for r in read if isinstance(r, Source)], beside={}).findings


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def line_of(text: str, marker: str) -> int:
    assert text.count(marker) == 1, marker
    return text[: text.index(marker)].count("\n") + 1


FIT = '[steps.checking.actions.fit]\ntitle = { zh = "符合条件", en = "Eligible" }\n'
LEAVES = '[steps.shown.actions.agree]\ntitle = { zh = "提前通过", en = "Agree early" }\n'
AFTER = 'by = ["system"]\nafter = ["subsidy-review:upheld"]\n'
# rule, what is changed, and what stands on the line that is named.
SLIPS = {
    "leaves a publicity for the next step": ("PC408", [("[steps.serving]\n", LEAVES + 'to = "granted"\n[steps.serving]\n')], LEAVES),
    "goes back without taking down": ("PC408", [("withdraws = true\n", "")], "[steps.shown.actions.look_again]"),
    "follows an objection": (
        "PC408",
        [("[steps.serving]\n", LEAVES + AFTER + 'to = "checking"\n[steps.serving]\n')],
        LEAVES,
    ),
    "follows an objection from anywhere": (
        "PC408",
        [("[anywhere.withdraw]\n", "[anywhere.agree]\n" + LEAVES.partition("\n")[2] + AFTER + 'to = "checking"\n[anywhere.withdraw]\n')],
        "[anywhere.agree]",
    ),
    "keeps the reason from the person": (
        "PC301",
        [("[fields.track]\n", '[fields.reason]\ntitle = { zh = "理由", en = "Reason" }\ntype = "text"\nrequired = true\ninternal = true\n[fields.track]\n')],
        "internal = true",
    ),
    "is its own remedy": ("PC303", [('remedy = "subsidy-review"', 'remedy = "housing-subsidy"')], 'remedy = "housing'),
    "has a remedy and is not marked": ("PC305", [("adverse = true\n", "")], "[steps.checking.actions.unfit]"),
    "refuses under a milder word": ("PC305", [(FIT, FIT.replace("fit", "no") + 'to = "refused"\n' + FIT)], "[steps.checking.actions.no]"),
    "needs four of three": ("PC606", [('join = "2 of 3"', 'join = "4 of 3"')], "join ="),
    "has more time in an emergency than the case": ("PC205", [('checking = "4 hours"', 'checking = "20 hours"')], "steps = {"),
    "goes by a sealed field": (
        "PC211",
        [('type = "radio"\nrequired = true\npublic = true\n', 'type = "radio"\nrequired = true\n')],
        "limit = { by",
    ),
    "goes by what nobody asks": ("PC211", [('form = ["holder", "track"]', 'form = ["holder"]')], "limit = { by"),
    "asks for religion in a question": (
        "PC506",
        [("[fields.track]\n", '[fields.f1]\ntitle = { zh = "您信什么教", en = "What is your religion" }\ntype = "string"\n[fields.track]\n')],
        "[fields.f1]",
    ),
    "asks for ethnicity by its choices": ("PC506", [('{ zh = "急", en = "Urgent" }', '{ zh = "少数民族", en = "Minority" }')], "[fields.track]"),
    "has a kind that is none": ("PC606", [('title = { zh = "已批准", en = "Granted" }\nkind = "end"', 'title = { zh = "已批准", en = "Granted" }\nkind = "ende"')], 'kind = "ende"'),
    "misspells adverse": ("PC603", [("adverse = true", "adverese = true")], "adverese"),
    "misspells within": ("PC603", [('within = "1 working day"', 'witin = "1 working day"')], "witin"),
    "has a field in double brackets": ("PC604", [("[fields.holder]", "[[fields.holder]]")], "[[fields.holder]]"),
    "declares personal = true": (
        "PC604",
        [('personal = { purpose = "subsidy", basis = "样例 9", seen_by = ["clerk"], keep = "3 years after end" }', "personal = true"), ('type = "string"\npublic = true\nmasked = true', 'type = "phone"\npublic = true\nmasked = true')],
        "personal = true",
    ),
    "has a value whose period cannot be read": ("PC604", [('urgent = "20 working days"', 'urgent = "20 wrking days"')], "limit = { by"),
}  # fmt: skip


def test_the_file_is_right_as_it_stands() -> None:
    assert examined(subsidy=SUBSIDY, review=REVIEW) == []


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_named_once_on_its_line(slip: str) -> None:
    rule, changes, marker = SLIPS[slip]
    text = changed(SUBSIDY, *changes)
    found = [(f.rule, f.file, f.line) for f in examined(subsidy=text, review=REVIEW)]
    assert found == [(rule, "subsidy", line_of(text, marker))]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([('timeout = "over"\n', ""), ("withdraws = true\n", ""), ('by = ["system"]\nto = "granted"', 'to = "granted"')], id="a person ends it in time"),
        pytest.param([("[steps.serving]\n", '[steps.shown.actions.give_up]\ntitle = { zh = "放弃", en = "Give up" }\nby = ["applicant"]\nto = "withdrawn"\n[steps.serving]\n')], id="the applicant gives up"),
        pytest.param([('form = ["reason"]\nwithdraws = true\n', AFTER + 'optional = ["reason"]\nwithdraws = true\n')], id="the system takes it down"),
        pytest.param([("[anywhere.withdraw]\n", '[anywhere.cancel]\ntitle = { zh = "终止", en = "Stop" }\nby = ["clerk@township"]\nto = "withdrawn"\n[anywhere.withdraw]\n')], id="open anywhere, and has to wait here"),
    ],
)  # fmt: skip
def test_a_publicity_may_be_left_so(changes: list[tuple[str, str]]) -> None:
    assert examined(subsidy=changed(SUBSIDY, *changes), review=REVIEW) == []


@pytest.mark.parametrize(
    ("change", "rule", "meant"),
    [
        ('[steps.chekcing]\nwithin = "3 working days"\n', "PC814", "'checking'"),
        ('[steps.checking.actions.unfitt]\nnotifies = ["applicant"]\n', "PC814", "'unfit'"),
        ("[fields.holdr]\nmax = 10\n", "PC814", "'holder'"),
        ('[anywhere.withdrw]\nby = ["applicant"]\n', "PC814", "'withdraw'"),
        ('[steps.shown]\nobjection = ""\n', "PC811", "objection"),
    ],
)
def test_a_county_s_slip_is_named_with_what_was_meant(change: str, rule: str, meant: str) -> None:
    default = SUBSIDY + '[anywhere.tell]\ntitle = { zh = "告知", en = "Tell" }\nopens = "subsidy-review"\n'
    (finding,) = examined(subsidy=default, review=REVIEW, county=COUNTY + change)
    assert (finding.rule, finding.file) == (rule, "county")
    assert meant in finding.message.en + finding.mend.en


def test_what_cannot_be_read_is_named_with_its_key_as_the_file_has_it() -> None:
    text = changed(SUBSIDY, ('outcome = "granted"', "outcome = true"))
    (finding,) = examined(subsidy=text, review=REVIEW)
    assert finding.message.en == "What is written for 'outcome' cannot be read: true."


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ('title = { zh = "核对" }', "has no English"),
        ('title = { en = "Checking" }', "has no Chinese"),
        ('title = "核对"', "in one language alone"),
        ("", "'title' is missing here"),
    ],
)
def test_a_title_says_which_language_it_lacks(title: str, said: str) -> None:
    text = changed(SUBSIDY, ('title = { zh = "核对", en = "Checking" }', title))
    (finding,) = examined(subsidy=text, review=REVIEW)
    assert said in finding.message.en


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "nothing in this file"),
        ("\n  \n# 空\n", 1, "nothing in this file"),
        ("# " + "x" * LARGEST, 1, "larger than 1 MB"),
        ('code = "x"\nlimit.' + "a." * 900 + 'b = "3 days"\n', 2, "nested too deeply"),
        ('code = "x"\nversion = ' + "[" * 60 + "]" * 60, 2, "nested too deeply"),
        ('code = "x"\nx = ' + "[" * 20_000 + "]" * 20_000 + '\nprefix = "X"\n', 2, "nested too deeply"),
    ],
)
def test_a_file_that_is_none_is_told_in_words(text: str, line: int, said: str) -> None:
    (finding,) = examined(odd=text)
    assert (finding.rule, finding.line) == ("PC600", line)
    assert said in finding.message.en


def test_a_prefix_that_another_procedure_has_is_taken_for_a_file_alone_too() -> None:
    source = read_source("review", REVIEW.replace('"ZF"', '"ZB"').encode())
    beside = read_source("subsidy", SUBSIDY.encode())
    assert isinstance(source, Source)
    assert isinstance(beside, Source)
    (finding,) = examine([source], beside={"housing-subsidy": beside.raw}).findings
    assert (finding.rule, finding.line) == ("PC609", 2)
