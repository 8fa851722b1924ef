"""The cast of the legal procedures (法定程序的角色): who else sits in the small county of `tests.cast`; fixture `law_cast`.

Plain tables in the manner of `tests.cast`: the prefecture and the province above the county, more organisations, more
staff. A domain adds its own lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.cast import PASSWORD, SECOND_FACTOR, SINCE

if TYPE_CHECKING:
    from tests.cast import Cast

# name: code, Chinese name, English name, level
LAW_AREAS = {
    "prefecture": ("350100000000", "福州市", "Fuzhou", "prefecture"),
    "province": ("350000000000", "福建省", "Fujian", "province"),
}

# name: Chinese name, English name, kind, area
LAW_ORGANISATIONS = {
    "petition_office": ("鼓楼区信访局", "Petition Office of the District", "department", "county"),
    "city_petition_office": ("福州市信访局", "Petition Office of the City", "department", "prefecture"),
    "provincial_petition_office": (
        "福建省信访局",
        "Petition Office of the Province",
        "department",
        "province",
    ),
    "justice": ("鼓楼区司法局", "Justice Bureau of the District", "department", "county"),
    "city_justice": ("福州市司法局", "Justice Bureau of the City", "department", "prefecture"),
    "mediation": ("鼓东街道人民调解委员会", "Gudong Mediation Committee", "village", "township"),
    "licensing": ("鼓楼区行政审批局", "Licensing Bureau of the District", "department", "county"),
    "city_management": ("鼓楼区城市管理局", "City Management of the District", "department", "county"),
}

# name: Chinese name, English name, role (or roles), title, English title, organisation, area
LAW_STAFF = {
    "petition_town": (
        "杨信访",
        "Yang Xinfang",
        "petition_officer",
        "信访工作人员",
        "Petition officer",
        "centre",
        "township",
    ),
    "petition_county": (
        "蔡信访",
        "Cai Xinfang",
        "petition_officer petition_reviewer",
        "信访工作人员",
        "Petition officer",
        "petition_office",
        "county",
    ),
    "petition_city": (
        "邱信访",
        "Qiu Xinfang",
        "petition_reviewer",
        "信访工作人员",
        "Petition officer",
        "city_petition_office",
        "prefecture",
    ),
    "petition_province": (
        "洪信访",
        "Hong Xinfang",
        "petition_reviewer",
        "信访工作人员",
        "Petition officer",
        "provincial_petition_office",
        "province",
    ),
    "mediator": ("赖调解", "Lai Tiaojie", "mediator", "人民调解员", "Mediator", "committee", "village1"),
    "town_mediator": (
        "庄调解",
        "Zhuang Tiaojie",
        "mediator",
        "人民调解员",
        "Mediator",
        "mediation",
        "township",
    ),
    "reconsideration": (
        "傅复议",
        "Fu Fuyi",
        "reconsideration_officer",
        "行政复议人员",
        "Reconsideration officer",
        "justice",
        "county",
    ),
    "city_reconsideration": (
        "卢复议",
        "Lu Fuyi",
        "reconsideration_officer",
        "行政复议人员",
        "Reconsideration officer",
        "city_justice",
        "prefecture",
    ),
    "hearing_officer": (
        "翁听证",
        "Weng Tingzheng",
        "hearing_officer",
        "听证主持人",
        "Hearing officer",
        "justice",
        "county",
    ),
    "municipal_leader": (
        "沈主任",
        "Shen Zhuren",
        "leader",
        "市政中心主任",
        "Head of the centre",
        "municipal",
        "county",
    ),
    "county_leader": ("廖区长", "Liao Quzhang", "leader", "副区长", "Deputy head", "government", "county"),
    "street_handler": ("肖街道", "Xiao Jiedao", "handler", "承办员", "Handler", "street", "township"),
    "county_clerk": ("游窗口", "You Chuangkou", "clerk", "综合窗口", "Window clerk", "justice", "county"),
    "examiner": ("方审批", "Fang Shenpi", "examiner", "审批员", "Licensing officer", "licensing", "county"),
    "garden_examiner": (
        "汤审批",
        "Tang Shenpi",
        "examiner",
        "审批员",
        "Licensing officer",
        "garden",
        "county",
    ),
    "licensing_leader": ("石局长", "Shi Juzhang", "leader", "审批局局长", "Head", "licensing", "county"),
    "care_worker": (
        "江帮扶",
        "Jiang Bangfu",
        "care_worker",
        "帮扶员",
        "Care worker",
        "committee",
        "village1",
    ),
    "other_care_worker": (
        "温帮扶",
        "Wen Bangfu",
        "care_worker",
        "帮扶员",
        "Care worker",
        "street",
        "village2",
    ),
    "child_worker": (
        "丁护童",
        "Ding Hutong",
        "child_worker",
        "儿童主任",
        "Child worker",
        "committee",
        "village1",
    ),
    "care_lead": (
        "邵站长",
        "Shao Zhanzhang",
        "care_lead",
        "社工站站长",
        "Head of care",
        "street",
        "township",
    ),
    "child_lead": (
        "毛督导",
        "Mao Dudao",
        "child_lead",
        "儿童督导员",
        "Head of child care",
        "street",
        "township",
    ),
    "county_care_lead": (
        "薛民政",
        "Xue Minzheng",
        "care_lead",
        "救助科科长",
        "Head of care",
        "government",
        "county",
    ),
    "second_supervisor": (
        "詹督查",
        "Zhan Ducha",
        "supervisor",
        "督查员",
        "Supervisor",
        "government",
        "county",
    ),
    "examiner_and_reviewer": (
        "骆两岗",
        "Luo Lianggang",
        "examiner rating_reviewer",
        "审批员、评价管理员",
        "Licensing and ratings officer",
        "licensing",
        "county",
    ),
    "rating_reviewer": (
        "邹评价",
        "Zou Pingjia",
        "rating_reviewer",
        "评价管理员",
        "Ratings officer",
        "government",
        "county",
    ),
    "licensing_handler": ("童承办", "Tong Chengban", "handler", "承办员", "Handler", "licensing", "county"),
    "officer": ("马执法", "Ma Zhifa", "officer", "执法员", "Officer", "city_management", "county"),
    "second_officer": ("江执法", "Jiang Zhifa", "officer", "执法员", "Officer", "city_management", "county"),
    "third_officer": ("余执法", "Yu Zhifa", "officer", "执法员", "Officer", "city_management", "county"),
    "stranger_officer": ("范执法", "Fan Zhifa", "officer", "执法员", "Officer", "street", "township"),
    "city_leader": ("姜局长", "Jiang Juzhang", "leader", "城管局局长", "Head", "city_management", "county"),
    "city_handler": ("曹承办", "Cao Chengban", "handler", "承办员", "Handler", "city_management", "county"),
    "legal_reviewer": (
        "章法制",
        "Zhang Fazhi",
        "legal_reviewer",
        "法制审核",
        "Legal reviewer",
        "justice",
        "county",
    ),
    "disclosure_officer": (
        "苏公开",
        "Su Gongkai",
        "disclosure_officer",
        "信息公开",
        "Information officer",
        "government",
        "county",
    ),
}


@pytest.fixture
def law_cast(cast: Cast) -> Cast:
    """The cast with the staff of the legal procedures (加上法定程序的人员)."""
    from django.db import transaction

    with transaction.atomic():
        _areas(cast)
        _organisations(cast)
        add_staff(cast, LAW_STAFF)
    return cast


def _areas(cast: Cast) -> None:
    from linli.base.codes import prefix_of
    from linli.kernel.places.models import Area

    for name, (code, zh, en, level) in LAW_AREAS.items():
        cast.areas[name] = Area.objects.create(
            code=code, prefix=prefix_of(code), name=zh, name_en=en, level=level
        )


def _organisations(cast: Cast) -> None:
    from linli.kernel.people.models import Organisation

    for name, (zh, en, kind, area) in LAW_ORGANISATIONS.items():
        cast.organisations[name] = Organisation.objects.create(
            code=f"350102-{name.replace('_', '-')}", name=zh, name_en=en, kind=kind, area=cast.areas[area]
        )


def add_staff(cast: Cast, names: Iterable[str]) -> None:
    """Some of them beside the cast, where the areas above the county would be in the way (只加几个人)."""
    from django.contrib.auth.hashers import make_password

    from linli.kernel.people.models import Account, Appointment, Post

    password = make_password(PASSWORD)
    for name in names:
        zh, en, role, title, title_en, organisation, area = LAW_STAFF[name]
        cast.accounts[name] = Account.objects.create(
            username=name,
            name=zh,
            name_en=en,
            email=f"{name}@example.org",
            password=password,
            second_factor=SECOND_FACTOR,
            second_factor_on=SINCE,
            created_at=SINCE,
        )
        cast.posts[name] = Post.objects.create(
            organisation=cast.organisations[organisation],
            title=title,
            title_en=title_en,
            roles=role.split(),
            area=cast.areas[area],
        )
        Appointment.objects.create(
            post=cast.posts[name], account=cast.accounts[name], from_on=date(2026, 1, 1)
        )
