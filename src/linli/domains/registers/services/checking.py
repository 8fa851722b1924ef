"""What the verbs of the registers ask alike (登记共用的核对): who keeps the place, whether a value can be right."""

from __future__ import annotations

from datetime import date, datetime

from linli.base import clock
from linli.base.codes import check_id_number
from linli.base.errors import Invalid, Refused, absent
from linli.base.i18n import Text
from linli.domains.registers.models import RELATIONS, SEXES, Resident
from linli.domains.registers.queries import CLERKS
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.places.models import Area


def keeper(by: Actor, prefix: str) -> Hat | None:
    """The post that keeps the register there (登记岗位); refuses everybody else like what does not exist."""
    if by.kind == "system":
        return None
    hat = next((h for role in sorted(CLERKS) if (h := by.hat_for(role, prefix))), None)
    if hat is None:
        raise absent(Text("居民", "resident"))
    return hat


def kept_here(by: Actor, area: Area) -> None:
    if by.kind != "system" and not any(by.hat_for(role, area.prefix) for role in CLERKS):
        raise wrong_at(
            "registers.area_elsewhere",
            "area",
            "这个地方不归本窗口登记。迁到外地的，请办迁出，再到那里登记。",
            "That place is not registered at this window. If they move away, let them move out here and register there.",
        )


def not_ahead(on: date, at: datetime) -> None:
    if on > clock.local(at).date():
        raise wrong_at("registers.day_ahead", "on", "日期不能在将来。", "The day cannot lie ahead.")


def locked(resident: Resident) -> Resident:
    found = (
        Resident.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(pk=resident.pk, valid_to=None)
        .first()
    )
    if found is None:
        raise moved_already()
    return found


def moved_already() -> Refused:
    return Refused(
        "registers.moved_already",
        Text("已经办过迁出，没有改动。", "They moved out already; nothing was changed."),
    )


def wrong_at(code: str, field: str, zh: str, en: str) -> Invalid:
    words = Text(zh, en)
    return Invalid(code, words, fields={field: words})


def as_the_card_says(id_number: str, said: dict[str, str], today: date) -> dict[str, str]:
    """Date of birth and sex as the ID number says them (以证件号码为准); refuses what says something else."""
    try:
        found = check_id_number(id_number, today=today)
    except Invalid as error:
        raise Invalid(error.code, error.message, fields={"id_number": error.message}) from error
    told = checked_on(today, **said)
    faults = {}
    if told.get("birth_date") and told["birth_date"] != found.birth_date.isoformat():
        faults["birth_date"] = Text(
            "出生日期与证件号码里的不一致。", "The date of birth is not the one in the ID number."
        )
    if told.get("sex") and told["sex"] != found.sex:
        faults["sex"] = Text("性别与证件号码里的不一致。", "The sex is not the one in the ID number.")
    if faults:
        raise Invalid("registers.not_as_the_card", next(iter(faults.values())), fields=faults)
    return {"birth_date": found.birth_date.isoformat(), "sex": found.sex}


def checked(at: datetime, **values: str) -> dict[str, str]:
    """Whether these values can be right (核对取值); refuses like `correct`."""
    return checked_on(clock.local(at).date(), **values)


def checked_on(today: date, **values: str) -> dict[str, str]:
    faults: dict[str, Text] = {}
    checked = dict(values)
    for name, table in (("sex", SEXES), ("relation", RELATIONS)):
        value = values.get(name, "")
        code = next((c for c, title in table.items() if value in {c, title.zh, title.en}), None)
        if value and code is None:
            words = (
                "、".join(title.zh for title in table.values()),
                ", ".join(title.en for title in table.values()),
            )
            faults[name] = Text(f"请写：{words[0]}。", f"Write one of: {words[1]}.")
        elif code:
            checked[name] = code
    if birth := values.get("birth_date", ""):
        try:
            late = date.fromisoformat(birth) > today
        except ValueError:
            late = True
        if late:
            faults["birth_date"] = Text(
                "出生日期写成 1980-05-06，不能在将来。", "Write the date like 1980-05-06; not in the future."
            )
    if len(values.get("address", "")) > 200:
        faults["address"] = Text("地址不超过 200 个字。", "An address has 200 characters at most.")
    if faults:
        raise Invalid("registers.invalid", next(iter(faults.values())), fields=faults)
    return checked
