"""A county at work (各环节都有事的一个县): a case at every step, so that every page has something to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from linli.base.clock import now, today
from linli.domains.matters import partner_reports, partners, shipped
from linli.domains.matters import services as catalogue
from linli.domains.matters.applying import apply
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import reveal_fact
from linli.kernel.procedures.models import Case
from tests import servicecast
from tests.cast import Cast
from tests.events import event_at, reported
from tests.exchanging import Neighbour
from tests.exchanging import catalogue as neighbours_catalogue
from tests.journeys import acts

#: What people wrote themselves and names without an English form: the only Chinese that an English page may show.
WRITTEN = (
    "北门三盏路灯不亮。晚上看不见路。",
    "北门三盏路灯不亮",
    "晚上看不见路",
    "三盏灯都亮了。",
    "换了灯头。",
    "到场看过，都亮了。",
    "是哪三盏灯？",
    "已经进入诉讼。",
    "不予受理清单第 2 项",
    "电话核对是哪几盏灯",
    "市政设施管理条例",
    "测试目录",
    "北门右手边",
    "“路灯”",
    "中文",
    "授权书请签字。",
    "轮椅 07 号",
    "和平路 12 号",
    "完好",
    "林小样",
    "林老邻",
    "林小邻",
    "王路人",
    "借轮椅、办残疾人证。",
    "有残疾人证的居民",
    "和平路 18 号",
    "工作日上午",
    "打电话约。",
    "借出 24 件。",
    "轮椅不够，再添 10 辆。",
)


def cited() -> set[str]:
    """Laws, standards and holidays go by their Chinese names in either language (法规、标准、节日名)."""
    from linli.kernel.calendar.models import DayOff
    from linli.kernel.indicators.definitions import all_indicators
    from linli.kernel.procedures.versions import current_procedures

    found = {indicator.basis for indicator in all_indicators()}
    for procedure in current_procedures():
        found |= {*procedure.basis, *(f.personal.basis for f in procedure.fields.values() if f.personal)}
        limits = [procedure.limit, procedure.statutory_limit, *(s.within for s in procedure.steps.values())]
        found |= {limit.basis for limit in limits if limit}
        found |= {rule.basis for rule in (procedure.challenge, procedure.extend) if rule}
    found.discard("")
    return found | set(DayOff.objects.values_list("name", flat=True))


@dataclass
class World:
    """Cases by what they are there for (按用途取办件)."""

    cast: Cast
    cases: dict[str, Case] = field(default_factory=dict)
    look: AccessEntry | None = None

    def number(self, name: str) -> str:
        return self.cases[name].number


def build_world(cast: Cast) -> World:
    """Everything through the verbs; it began two days ago, so that something is late."""
    acts.lamps_are_municipal(cast)
    start = now() - timedelta(days=2)
    world = World(cast)
    for step in ("dispatching", "assigned", "handling", "verifying", "evaluating", "closed"):
        world.cases[step] = event_at(cast, step, at=start)
    world.cases["reported"] = reported(cast, at=start, contact="13900000001", reporter_name="林小邻")
    world.cases["new"] = reported(cast, by="outsider", grid="grid3", at=now())
    asked = world.cases["asked"] = event_at(cast, "handling", at=start)
    engine.act(asked, "ask", {"question": "是哪三盏灯？"}, by=cast.actor("handler"))
    declined = world.cases["declined"] = reported(cast, at=start)
    reasons = {"reason": "已经进入诉讼。", "legal_basis": "不予受理清单第 2 项"}
    engine.act(declined, "decline", reasons, by=cast.actor("dispatcher"))
    reveal_fact(world.cases["reported"], "contact", by=cast.actor("dispatcher"), purpose="电话核对是哪几盏灯")
    world.look = cast.person("resident").accesses.get()
    matters_for_the_disabled(cast)
    mass_organisation(cast)
    world.cases |= applications(cast)
    Neighbour().admitted()
    neighbours_catalogue("no-crime-record")
    return world


def matters_for_the_disabled(cast: Cast) -> None:
    """A life event with its matters in force, one of them with a draft that has to be mended (事项目录)."""
    county, since = cast.area("county"), today() - timedelta(days=40)
    servicecast.staff(cast)
    servicecast.household(cast)
    event = next(e for e in shipped.shipped(shipped.bundle_files()) if e["code"] == "disability")
    wanted = {part["code"] for part in event["matters"]}
    for raw in shipped.shipped(shipped.matter_files()):
        if raw["code"] in wanted:
            catalogue.adopt(county, raw, from_on=since, by=SYSTEM)
    catalogue.adopt_life_event(county, event, by=SYSTEM)
    loan = next(r for r in shipped.shipped(shipped.matter_files()) if r["code"] == "device-loan")
    catalogue.save_draft(county, {**loan, "channels": ["window", "web"]}, by=SYSTEM)


def mass_organisation(cast: Cast) -> None:
    """The federation of disabled people with a service, a room, a published report and a draft (群团组织)."""
    words = {
        "for_whom": "有残疾人证的居民",
        "place": "和平路 18 号",
        "times": "工作日上午",
        "how": "打电话约。",
    }
    head = cast.actor("disabled_leader")
    body = partners.enter(
        cast.organisation("disabled"), kind="disabled", about="借轮椅、办残疾人证。", by=SYSTEM
    )
    partners.keep_offer(body, {**words, "kind": "service", "matter": "device-loan"}, by=head)
    partners.keep_offer(body, {**words, "kind": "room", "title": "活动室", "title_en": "A room"}, by=head)
    for quarter in partner_reports.reportable(today())[:2]:
        done, mend = "借出 24 件。", "轮椅不够，再添 10 辆。"
        partner_reports.keep_report(body, quarter, {1: (24, 24), 2: (3, 4)}, done=done, mend=mend, by=head)
    partner_reports.sign_report(body, quarter, by=head)


def applications(cast: Cast) -> dict[str, Case]:
    """A device that is asked for with a paper missing, and one that came back and was archived (申请)."""
    asked = {"device": "wheelchair", "until": (today() + timedelta(days=30)).isoformat()}
    start = now() - timedelta(hours=3)

    def applied() -> Case:
        receipt = apply(
            "device-loan",
            by=cast.actor("resident"),
            area=cast.area("village1"),
            channel="web",
            answers=asked,
            papers={"loan": "bring"},
            applicant=cast.person("resident"),
            at=start,
        )
        return Case.objects.get(number=receipt.number)

    examiner, missing, returned = cast.actor("disabled_examiner"), applied(), applied()
    engine.act(missing, "ask_correction", {"missing": "授权书请签字。", "lacking": ["loan"]}, by=examiner)
    lent = {"device": "轮椅 07 号", "condition": "完好", "lent_until": asked["until"], "delivery": "window"}
    engine.act(returned, "take_papers", {"handed": ["loan"]}, by=examiner)
    engine.act(returned, "lend", lent, by=examiner)
    engine.act(returned, "give_back", {"condition": "完好"}, by=examiner)
    return {"missing": missing, "returned": returned}
