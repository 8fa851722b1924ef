"""The demo's mass organisations (群团组织演示): three bodies with what they do and share and one report each, and some
totals of what was read. All invented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.base.clock import local
from linli.domains.matters import partner_reports, partners, policy_reads
from linli.domains.matters.partner_models import Partner
from linli.domains.matters.policy_models import PolicyRead
from linli.domains.matters.queries import in_force
from linli.domains.matters.spec import TOPICS
from linli.domains.matters.standards import SIGNS
from linli.kernel.people.actors import SYSTEM, Actor, actor_for
from linli.kernel.people.models import Appointment, Organisation
from linli.kernel.people.services import revise_organisation
from linli.kernel.places.models import Area

ENTERED_FOR = timedelta(days=150)
READ_FOR = 90  # days with some totals


@dataclass(frozen=True)
class Told:
    """One body of the demo: its words, its offers, and for each of them how often and for how many."""

    kind: str
    about: str
    phone: str
    address: str
    offers: tuple[tuple[Mapping[str, str], tuple[int, int]], ...]
    done: str
    mend: str


BODIES = {
    "disabled": Told(
        "disabled",
        "办残疾人证，借轮椅、拐杖，送康复上门。",
        "000-55500701",
        "和平路 18 号一楼",
        (
            (
                {"kind": "service", "matter": "device-loan", "for_whom": "有残疾人证的，刚出院、手术后的也可以", "place": "和平路 18 号一楼辅具室", "times": "工作日 8:30—17:00", "how": "网上申请，或者带身份证直接来；来不了的打电话，送上门。"},
                (86, 86),
            ),
            (
                {"kind": "service", "title": "康复训练进村", "title_en": "Rehabilitation in the villages", "for_whom": "行动不便的残疾人和老人", "place": "各村（社区）党群服务中心", "times": "每月第二个星期三上午", "how": "向村里报名，或者打电话。"},
                (24, 203),
            ),
            (
                {"kind": "equipment", "title": "手语翻译预约", "title_en": "Sign language interpreting", "for_whom": "听力、言语残疾人", "place": "医院、法院、学校，约在哪里就到哪里", "times": "提前两天约", "how": "打电话、发短信都行，不收费。"},
                (3, 3),
            ),
        ),
        "辅具借出 86 件，到期归还 79 件；康复训练进村 24 场。",
        "轮椅不够，等了三天以上的有 9 件；下季度再添 10 辆。",
    ),
    "union": Told(
        "union",
        "帮职工维权、渡难关，户外劳动者有地方歇脚。",
        "000-55500702",
        "工业路 6 号工人文化宫",
        (
            (
                {"kind": "service", "title": "欠薪、工伤法律帮助", "title_en": "Legal help with unpaid wages and injuries", "for_whom": "在本区上班的职工，不是会员也可以", "place": "工人文化宫二楼", "times": "工作日 9:00—17:00，星期六上午", "how": "带劳动合同、工资条来；说不清的先打电话。"},
                (41, 57),
            ),
            (
                {"kind": "room", "title": "户外劳动者驿站", "title_en": "Rest stops for outdoor workers", "for_whom": "环卫、快递、外卖、出租车司机，路过的也行", "place": "12 处，地址见驿站门口和地图", "times": "每天 6:00—22:00", "how": "直接进，有热水、微波炉、充电、药箱。"},
                (1104, 15230),
            ),
            (
                {"kind": "venue", "title": "工人文化宫球场", "title_en": "Ball court of the Workers' Palace", "for_whom": "所有居民", "place": "工业路 6 号", "times": "工作日 18:00 以后，周末全天", "how": "提前一天打电话约，不收费。"},
                (96, 1310),
            ),
        ),
        "帮 57 位职工要回工资、办下工伤；驿站新开 2 处。",
        "有 3 处驿站晚上提前关门，已改成两班人看。",
    ),
    "women": Told(
        "women",
        "家庭有难处，妇女儿童受委屈，都可以找。",
        "000-55500703",
        "府前路 3 号二楼",
        (
            (
                {"kind": "service", "title": "家庭矛盾调解和陪伴", "title_en": "Mediation and company in family troubles", "for_whom": "夫妻、婆媳、亲子之间过不去的", "place": "府前路 3 号二楼", "times": "工作日全天，晚上和周末先约", "how": "打电话约，可以不说名字。"},
                (38, 64),
            ),
            (
                {"kind": "hotline", "title": "妇女儿童维权热线", "title_en": "Line for women and children", "for_whom": "妇女、儿童，和替他们着急的人", "times": "每天 24 小时", "how": "拨本会电话转 1；有危险先拨 110。"},
                (112, 112),
            ),
            (
                {"kind": "room", "title": "儿童之家", "title_en": "Children's room", "for_whom": "六岁以上的孩子，放学没人接的优先", "place": "东门社区一楼", "times": "上学日 16:30—19:00", "how": "家长到社区登记一次，以后直接来。"},
                (61, 4),
            ),
        ),
        "调解 38 件，谈成 29 件；热线接 112 次，转公安 2 次。",
        "夜里有 5 次没有及时接，已请两位值班人员轮换。",
    ),
}  # fmt: skip


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Enter the bodies, what they offer and their reports (载入群团组织演示); a repeated run changes nothing."""
    for n, (key, told) in enumerate(BODIES.items(), 1):
        found = Organisation.objects.filter(code=f"{county.prefix}-{key}").first()
        if found is None or Partner.objects.filter(organisation=found).exists():
            continue
        since = at - ENTERED_FOR
        revise_organisation(found, phone=told.phone, address=told.address, by=SYSTEM, at=since)
        body = partners.enter(found, kind=told.kind, about=told.about, by=SYSTEM, at=since)
        if (head := _head(found, at)) is not None:
            _keep(body, told, head, since, at)
        progress(n, len(BODIES))
    _read(county, at, 30 if small else READ_FOR)


def _keep(body: Partner, told: Told, head: Actor, since: datetime, at: datetime) -> None:
    totals: dict[int, tuple[int, int]] = {}
    for said, figures in told.offers:
        if (
            said.get("matter")
            and not in_force(local(since).date()).filter(matter__code=said["matter"]).exists()
        ):
            continue
        totals[partners.keep_offer(body, said, by=head, at=since).number] = figures
    quarter = partner_reports.reportable(local(at).date())[0]
    partner_reports.keep_report(body, quarter, totals, done=told.done, mend=told.mend, by=head, at=at)
    partner_reports.sign_report(body, quarter, by=head, at=at)


def _head(organisation: Organisation, at: datetime) -> Actor | None:
    held = Appointment.objects.filter(post__organisation=organisation).select_related("account", "post")
    return next((actor_for(h.account, at=at) for h in held if SIGNS in h.post.roles), None)


def _read(county: Area, at: datetime, days: int) -> None:
    """Totals of past days, made of their date alone."""
    if PolicyRead.objects.filter(county=county).exists():
        return
    today = local(at).date()
    codes = in_force(today, county).filter(spec__has_key="policy").order_by("matter__code").values_list("matter__code", flat=True)  # fmt: skip
    opened = [(topic, "") for topic in ("", *TOPICS) if topic != "other"] + [("", code) for code in codes]
    PolicyRead.objects.bulk_create(
        PolicyRead(county=county, topic=topic, matter=matter, day=day, n=(7 * n + day.toordinal()) % 11 + 1)
        for back in range(1, days + 1, 3)
        for day in (today - timedelta(days=back),)
        for n, (topic, matter) in enumerate(opened)
    )
    policy_reads.fold(today)
