"""Which fields are taken for personal data, and which are not (个人信息的识别)."""

from __future__ import annotations

import pytest

from linli.base.i18n import Text
from linli.kernel.procedures.checks.personalwords import forbidden, plainly_personal
from linli.kernel.procedures.definitions import FieldDef


def field(code: str, zh: str, en: str, kind: str = "string") -> FieldDef:
    return FieldDef(code=code, title=Text(zh, en), type=kind)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("applicant_name", "申请人", "Applicant"),
        ("who", "姓名", "Name"),
        ("who", "称呼", "How to call you"),
        ("shop_owner", "经营者姓名", "Owner"),
        ("mobile", "手机", "Mobile"),
        ("c1", "联系方式", "How to reach you"),
        ("id_card", "身份证号码", "ID card number"),
        ("home_address", "家庭住址", "Home address"),
        ("born", "出生日期", "Date of birth"),
        ("date_of_birth", "生辰", "Born"),
        ("mail", "电子邮箱", "E-mail"),
        ("bank_account", "收款账户", "Account"),
        ("health_condition", "身体情况", "Condition"),
        ("disability", "残疾类别", "Kind of disability"),
    ],
)
def test_plainly_personal(code: str, zh: str, en: str) -> None:
    assert plainly_personal(field(code, zh, en)) is not None


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("organisation_name", "单位名称", "Name of the organisation"),
        ("shop_name", "店铺名称", "Name of the shop"),
        ("project_name", "项目名称", "Project name"),
        ("road_name", "路名", "Name of the road"),
        ("office_phone", "办公电话", "Office phone"),
        ("hotline", "服务热线", "Hotline"),
        ("contact", "单位联系电话", "Phone of the company"),
        ("address", "地址", "Address"),
        ("place", "事发地点", "Where it happened"),
        ("shop_address", "店铺地址", "Address of the shop"),
        ("uscc", "统一社会信用代码", "Unified social credit code"),
        ("officer_number", "执法证号", "Officer's certificate"),
        ("health_hazard", "是否影响公共卫生", "A danger to public health"),
        ("fault_diagnosis_needed", "故障情况", "What is broken"),
        ("n_people", "人数", "How many people"),
        ("birth_of_idea", "起因", "How it began"),
        ("village_account", "村级收支", "Accounts of the village"),
        ("file_name", "文件名", "File name"),
        ("name", "名称", "Name"),
        ("signal", "手机信号情况", "Reception"),
        ("tree", "树木病情", "State of the tree"),
    ],
)
def test_nobodys_personal_data(code: str, zh: str, en: str) -> None:
    assert plainly_personal(field(code, zh, en)) is None
    assert forbidden(field(code, zh, en)) is None


def test_what_names_something_else_is_never_personal() -> None:
    assert plainly_personal(field("applicant_name", "申请人", "Applicant", "organisation")) is None


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("ethnicity", "族别", "Group"),
        ("x", "民族", "Group"),
        ("religion", "信教", "Faith held"),
        ("x", "宗教信仰", "Church"),
        ("political_status", "面貌", "Status"),
        ("x", "政治面貌", "Status"),
        ("face_photo", "照片", "Photo"),
        ("x", "人脸照片", "Photo"),
        ("fingerprint", "印记", "Print"),
        ("x", "步态特征", "Way of walking"),
        ("person_risk_score", "分值", "Value"),
        ("x", "重点人员风险等级", "Level"),
        ("credit_score", "信用", "Value"),
    ],
)
def test_what_is_refused(code: str, zh: str, en: str) -> None:
    assert forbidden(field(code, zh, en)) is not None


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("face_to_face", "是否当面", "Face to face"),
        ("surface", "路面情况", "Road surface"),
        ("risk_level", "隐患风险等级", "Level of the hazard"),
        ("language", "需要少数民族语言服务", "Needs another language"),
        ("religious_site", "宗教活动场所编号", "Number of the site"),
        ("policy", "政策依据", "Policy"),
        ("race_track", "跑道编号", "Track"),
        ("score", "满意度", "Satisfaction"),
        ("credit_code", "信用代码", "Credit code"),
    ],
)
def test_what_is_not_refused(code: str, zh: str, en: str) -> None:
    assert forbidden(field(code, zh, en)) is None
